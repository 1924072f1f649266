"""Jobs, enqueued by name."""

import pytest
from rq import Queue

from app import bus, queue
from app.extensions import transaction


@pytest.fixture
def waiting(context):
    """The jobs that wait in the default queue."""
    found = Queue("patchbay-default", connection=bus.raw(context.config["SETTINGS"]))
    found.empty()
    yield found
    found.empty()
    found.connection.close()


def test_a_job_is_queued_when_the_transaction_commits(waiting):
    with transaction():
        queue.enqueue("recordings.finish", "r1")
        assert waiting.jobs == []

    (job,) = waiting.jobs
    assert (job.func_name, job.args) == ("app.jobs.recordings.finish", ("r1",))
    assert job.retries_left is None


def test_a_transaction_that_fails_queues_nothing(waiting):
    with pytest.raises(ZeroDivisionError), transaction():
        queue.enqueue("recordings.finish", "r1")
        raise ZeroDivisionError

    assert waiting.jobs == []


def test_outside_of_a_transaction_a_job_is_queued_at_once(waiting):
    queue.enqueue("recordings.finish", "r1", retries=2)

    assert waiting.jobs[0].retries_left == 2
    assert waiting.jobs[0].retry_intervals == [10, 60]
