"""A worker: takes one job after the other, each in a process of its own; tells if one dies."""

from __future__ import annotations

import logging
import os
import signal
from functools import cache
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, Worker
from rq.job import Job

from ecg_monitor.core.errors import EcgMonitorError, ServiceError
from ecg_monitor.core.servers.places import urls_of
from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs.folders import JobFolder, JobFolders
from ecg_monitor.jobs.queue import HEARTBEAT_S, NAME, SERIALIZER

log = logging.getLogger("jobs")

TIDY_EVERY_S = 60
FORGOTTEN_AFTER_S = 75
"""A worker that has not been heard of for this long is taken for gone, s."""
END_S = 3.0
"""How long Redis may take to hear that a worker ends, s; rq itself waits for over a minute."""
NICENESS = 5
"""Patients who are followed live go before files, also while the engine is made ready."""
KILLED = "it was ended by the system: it took too much memory, or was killed"


def work(settings: Settings, *, lazy: bool = False) -> None:
    """Work until SIGTERM or Ctrl-C.

    Args:
        settings: address of Redis, state folder, bounds of a job.
        lazy: load the engine with the first job.

    Raises:
        ServiceError: Redis cannot be reached at the start.
        SettingsError: a setting is missing or wrong.
    """
    url = urls_of(settings.require("redis_url"))[0]  # the queue is no partition's
    client = redis.Redis.from_url(url, socket_connect_timeout=3)
    try:
        client.dbsize()
    except redis.RedisError as error:
        raise ServiceError(
            f"cannot reach Redis: {error}; is it where ECG_REDIS_URL says?"
        ) from error
    os.nice(NICENESS)
    if not lazy:
        _load_engine(settings)
    queue = Queue(NAME, connection=client, serializer=SERIALIZER)
    worker = AnalysisWorker(
        [queue],
        connection=client,
        serializer=SERIALIZER,
        job_monitoring_interval=HEARTBEAT_S,
        maintenance_interval=TIDY_EVERY_S,
        worker_ttl=FORGOTTEN_AFTER_S,
        work_horse_killed_handler=_killed,
        log_job_description=False,
    )
    worker.settings = settings
    worker.folders = JobFolders(settings)
    worker.last_words = redis.Redis.from_url(
        url, socket_connect_timeout=END_S, socket_timeout=END_S, retry=Retry(NoBackoff(), 0)
    )
    log.info("ready for uploads")
    try:
        worker.work(logging_level="WARNING")
    except redis.RedisError as error:
        if not worker.ends:
            raise ServiceError(f"Redis has gone away: {error}") from error
        log.warning("Redis does not hear that this worker ends: %s", error)


class AnalysisWorker(Worker):
    """A worker whose end gives the job back that it was at.

    Attributes:
        settings: of the jobs.
        folders: where the jobs are.
        last_words: tells Redis that this worker ends.
        ends: whether it has been told to end.
    """

    settings: Settings
    folders: JobFolders
    last_words: redis.Redis
    ends = False

    def request_stop(self, signum: Any, frame: Any) -> None:
        """Take note that this process is to end."""
        self.ends = True
        self.connection = self.last_words
        super().request_stop(signum, frame)

    def handle_warm_shutdown_request(self) -> None:
        """End the job that is under way: nobody waits for minutes until this process stops."""
        if self.horse_pid:
            self.kill_horse(signal.SIGKILL)

    def handle_work_horse_killed(self, job: Job, retpid: Any, ret_val: Any, rusage: Any) -> None:
        """Say why there is no analysis, unless this process itself has ended it."""
        if not self.ends:
            super().handle_work_horse_killed(job, retpid, ret_val, rusage)

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Do a job; if this process is being stopped meanwhile, put it back in front."""
        _load_engine(self.settings)  # here, and not in the process of each job
        super().execute_job(job, queue)
        if self.ends and _is_open(job):
            queue.enqueue_job(job, at_front=True)
            log.info("job %s goes back to the queue", job.id)

    def run_maintenance_tasks(self) -> None:
        """Tidy the queue, and remove what is too old."""
        super().run_maintenance_tasks()
        self.folders.sweep()


@cache
def _load_engine(settings: Settings) -> None:
    from detector.analyzer.warm import warm  # noqa: PLC0415 - takes seconds
    from gateway.jobs.rehearsal import rehearse  # noqa: PLC0415

    warm()
    try:
        rehearse(settings)
    except (EcgMonitorError, OSError) as error:
        log.warning("the first part of each job takes longer: the rehearsal failed: %s", error)


def _killed(job: Job, retpid: Any, ret_val: Any, rusage: Any) -> None:  # noqa: ARG001
    how = f"signal {os.WTERMSIG(ret_val)}" if ret_val and os.WIFSIGNALED(ret_val) else str(ret_val)
    log.error("job %s ended its process: %s", job.id, how)
    _folder_of(job).fail(EcgMonitorError(KILLED))


def _is_open(job: Job) -> bool:
    folder = _folder_of(job)
    return folder.path.is_dir() and not folder.result.exists() and folder.error() is None


def _folder_of(job: Job) -> JobFolder:
    return JobFolder(Path(job.args[0]))
