"""Threads for database work: things of one room in their order, several rooms side by side."""

import logging
import queue
import threading
from collections.abc import Callable

from flask import Flask

from app.live.link import LinkLost

logger = logging.getLogger(__name__)


class Lanes:
    """A few threads, each with a queue; a room always uses the same one."""

    def __init__(self, app: Flask, count: int) -> None:
        self._app = app
        self._queues: list[queue.SimpleQueue[Callable[[], None] | None]] = [
            queue.SimpleQueue() for _ in range(count)
        ]
        self._threads = [
            threading.Thread(target=self._work, args=(jobs,), daemon=True) for jobs in self._queues
        ]
        for thread in self._threads:
            thread.start()

    def run(self, room: str, job: Callable[[], None]) -> None:
        """Do something after whatever else was ordered for the same room."""
        self._queues[hash(room) % len(self._queues)].put(job)

    def close(self) -> None:
        """Finish what was ordered and end the threads."""
        for jobs in self._queues:
            jobs.put(None)
        for thread in self._threads:
            thread.join(timeout=5)

    def _work(self, jobs: "queue.SimpleQueue[Callable[[], None] | None]") -> None:
        while (job := jobs.get()) is not None:
            try:
                # A context of its own gives each job a fresh session, closed at its end.
                with self._app.app_context():
                    job()
            except LinkLost:
                logger.info("The engine is gone; an order to it is moot")
            except Exception:
                logger.exception("A job of the registrar failed")
