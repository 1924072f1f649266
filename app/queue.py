"""Jobs, enqueued by name after the commit."""

from typing import Any

from rq import Queue
from rq.job import Job, Retry

from app import bus
from app.config import settings
from app.extensions import after_commit


def enqueue(name: str, *arguments: Any, queue: str = "default", retries: int = 0) -> None:
    """Queue `app.jobs.<name>` once the transaction has committed; at once outside of one.

    >>> enqueue("recordings.finish", recording_id)  # doctest: +SKIP
    """
    retry = Retry(max=retries, interval=[10, 60, 300][:retries]) if retries else None
    after_commit(lambda: _queue(queue).enqueue(f"app.jobs.{name}", args=arguments, retry=retry))


def _queue(name: str) -> Queue:
    # RQ stores pickles, so it needs a connection that does not decode.
    return Queue(f"patchbay-{name}", connection=bus.raw(settings()), job_class=Job)
