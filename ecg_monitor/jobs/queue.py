"""The queue of jobs in Redis (rq): whose turn it is, how far a job is, whether its worker lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import redis
from rq import Queue, Worker
from rq.command import send_stop_job_command
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job, JobStatus

from ecg_monitor.core.servers.places import urls_of
from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs.folders import JobFolder

NAME = "ecg-jobs"
WORK = "gateway.jobs.task.run"
"""What a worker calls, by name: whoever queues does not load it."""
SERIALIZER = "json"
"""What is in Redis is read as data, never as code."""
HEARTBEAT_S = 5
"""How often a worker says that it is still at a job, s."""
LOST_S = 30.0
"""A worker that has not said so for this long is gone, s."""
KEPT_S = 3600
"""How long the queue remembers a job that is over, s; its folder tells the outcome."""
GRACE_S = 30
"""How much longer than its own limit a job may take before it is ended from outside, s."""
LOST = "the worker that was at it is gone; send it again"
FORGOTTEN = "the queue has lost it; send it again"

State = Literal["queued", "running", "finished", "failed"]


@dataclass(frozen=True, slots=True)
class JobState:
    """How a job is.

    Attributes:
        state: ``queued``, ``running``, ``finished`` or ``failed``.
        progress: share that is done, 0 .. 1.
        ahead: jobs that come before it; None unless it waits.
        error: why it has failed; None otherwise.
    """

    state: State
    progress: float
    ahead: int | None = None
    error: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether the job does not change any more."""
        return self.state in ("finished", "failed")


class JobQueue:
    """The queue; all methods wait for Redis, and belong in a thread.

    Args:
        settings: address of Redis, longest analysis.
    """

    def __init__(self, settings: Settings) -> None:
        self._client = redis.Redis.from_url(
            urls_of(settings.require("redis_url"))[0], socket_timeout=10, socket_connect_timeout=3
        )
        self._queue = Queue(NAME, connection=self._client, serializer=SERIALIZER)
        self._limit_s = round(settings.api_work_s) + GRACE_S

    def put(self, folder: JobFolder) -> None:
        """Put a job at the end of the queue.

        Raises:
            redis.RedisError: Redis does not take it.
        """
        self._queue.enqueue_call(
            WORK,
            args=(str(folder.path),),
            job_id=folder.path.name,
            timeout=self._limit_s,
            result_ttl=KEPT_S,
            failure_ttl=KEPT_S,
        )

    def look(self, folder: JobFolder) -> JobState:
        """Return how a job is.

        Raises:
            redis.RedisError: Redis does not answer.
        """
        return _outcome(folder) or self._waits(folder)

    def _waits(self, folder: JobFolder) -> JobState:
        """Return how a job is that had no outcome when its folder was looked at."""
        try:
            job = Job.fetch(folder.path.name, connection=self._client, serializer=SERIALIZER)
            status = job.get_status(refresh=False)
        except (NoSuchJobError, InvalidJobOperation):
            return JobState("failed", 0.0, error=FORGOTTEN)
        if status == JobStatus.QUEUED:
            return JobState("queued", 0.0, self._queue.get_job_position(job.id))
        progress = float(job.meta.get("progress", 0.0))
        if status == JobStatus.STARTED and not _is_silent(job):
            return JobState("running", progress)
        # The outcome may have been written since.
        return _outcome(folder) or JobState("failed", progress, error=LOST)

    def remove(self, job: str) -> None:
        """Take a job out of the queue, or stop it.

        Raises:
            redis.RedisError: Redis does not answer.
        """
        try:
            held = Job.fetch(job, connection=self._client, serializer=SERIALIZER)
            if held.get_status(refresh=False) == JobStatus.STARTED:
                send_stop_job_command(self._client, job, serializer=SERIALIZER)
            else:
                held.delete()
        except (NoSuchJobError, InvalidJobOperation):
            return

    def workers(self) -> int:
        """Return how many workers there are.

        Raises:
            redis.RedisError: Redis does not answer.
        """
        return int(Worker.count(connection=self._client, queue=self._queue))

    def close(self) -> None:
        """End the connections."""
        self._client.close()


def _outcome(folder: JobFolder) -> JobState | None:
    """Return what has become of a job; None: nothing yet."""
    if folder.result.exists():
        return JobState("finished", 1.0)
    error = folder.error()
    return None if error is None else JobState("failed", 0.0, error=error)


def _is_silent(job: Job) -> bool:
    heard = job.last_heartbeat
    if heard is None:
        return False
    heard = heard if heard.tzinfo else heard.replace(tzinfo=UTC)
    return (datetime.now(UTC) - heard).total_seconds() > LOST_S
