"""The RQ worker, inside an app context; nothing else."""

import contextlib
import signal
import threading
from types import FrameType

import redis
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.job import Job

from app import bus, create_app, logs
from app.config import settings
from app.run.leash import die_with_parent

QUEUES = ("patchbay-default",)
_RETRY_SECONDS = 1.0


class PatientWorker(Worker):
    """A worker that outlives a Redis that goes away and comes back.

    RQ's own stops working as soon as a heartbeat cannot be written.
    """

    told_to_stop = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        type(self).told_to_stop = True
        try:
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's.
        except redis.RedisError:
            # It wanted to look up in Redis whether a job is at hand; without Redis there is none.
            raise StopRequested from None

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        die_with_parent(signal.SIGKILL)  # A job whose worker is gone runs again elsewhere.
        super().main_work_horse(job, queue)


def main() -> None:
    """Work until told to stop; a second signal also ends the job at hand."""
    app = create_app()
    with app.app_context():
        logs.configure(settings().log_level)
        # RQ sets its own later, when it has already put its name on the list of workers.
        signal.signal(signal.SIGTERM, _stop)
        while not PatientWorker.told_to_stop:
            with contextlib.suppress(redis.RedisError, StopRequested):
                _work()


def _stop(_signum: int, _frame: FrameType | None) -> None:
    PatientWorker.told_to_stop = True
    raise StopRequested


def _work() -> None:
    """Take jobs until told to stop, or until Redis goes away; then wait a moment."""
    worker = PatientWorker(QUEUES, connection=bus.raw(settings()), log_job_description=False)
    # The scheduler brings failed jobs back when their wait is over.
    worker.work(with_scheduler=True, logging_level="WARNING")
    if not PatientWorker.told_to_stop:
        threading.Event().wait(_RETRY_SECONDS)


if __name__ == "__main__":
    main()
