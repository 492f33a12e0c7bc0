"""Lets one machine take part in a cluster, in the foreground, until it is told to end.

Ray runs in processes of its own, which end with this one. What others must not reach is closed:
Ray asks every caller for a token that follows from ``ECG_SECRET``; it sends no telemetry, and its
page is not served.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import hmac
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import psutil

from detector.cluster import register
from detector.cluster.register import DISK, NODE, RESOURCE, Cluster
from ecg_monitor.core import store
from ecg_monitor.core.errors import EcgMonitorError, ServiceError, SettingsError
from ecg_monitor.core.servers.places import urls_of
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import StoreError
from ecg_monitor.launch import processes

LEAST_DISK_MB = 200
"""Free space that Ray's sockets and logs need at the start, MB."""
OBJECTS_BYTES = 80_000_000
"""Ray's store of objects at its smallest: nothing of ours goes through it."""
CLAIM_S = 600.0
"""How long the first machine may compile until the supervisor speaks for the cluster, s."""
LOOK_S = 0.2
STOP_S = 8.0
"""Longest time for Ray to end by itself, s."""
RAY: Mapping[str, str] = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "token",
    # A machine that is lost is known after three seconds; without, after fifteen and more.
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
    # Detectors go on when the first machine is lost, until somebody has seen to it.
    "RAY_gcs_rpc_server_reconnect_timeout_s": "604800",
    "RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S": "0",  # we have drained
    "RAY_memory_monitor_refresh_ms": "0",  # a detector is never ended to make room
    "RAY_prestart_worker_first_driver": "0",  # no process that has nothing to do
    "RAY_OBJECT_STORE_ALLOW_SLOW_STORAGE": "1",  # a container's /dev/shm is small
}
"""Ray's own settings, in the environment of all its processes."""


def start(args: argparse.Namespace, settings: Settings) -> int:
    """Take part until SIGINT or SIGTERM; returns the exit status.

    Raises:
        SettingsError: this machine is not as the cluster is, or Ray is not installed.
        ServiceError: another cluster works on this Redis, or Ray does not start.
    """
    if importlib.util.find_spec("ray") is None:
        raise SettingsError("Ray is not installed: pip install 'ecg-monitor[cluster]'")
    temp = Path(args.temp or Path(tempfile.gettempdir()) / f"ecg-ray-{os.getuid()}")
    _check_disk(temp)
    environ = _environ(args.name, temp, settings)
    with processes.stop_signals() as received:
        cluster = asyncio.run(_enter(args, settings, received))
        if cluster is None:
            return 0
        try:
            # Here, where it harms nobody: no detector of the cluster may compile.
            _run([sys.executable, "-m", "detector.analyzer.warm"], environ, "compiling the engine")
            log = temp / f"{args.name}.log"
            log.unlink(missing_ok=True)
            with _ray(_ray_start(args, cluster, temp), log, environ) as child:
                if not args.join:
                    _wait_for_ray(child, cluster, log)
                    made = orjson.dumps(asdict(cluster)).decode()
                    begin = [sys.executable, "-m", "detector.cluster.begin", made]
                    _run(begin, environ, "starting the supervisor")
                return asyncio.run(_stay(args.name, settings, child, log, received))
        finally:
            if not args.join:  # without its first machine a cluster is over
                asyncio.run(_withdraw(settings, cluster))


def _check_disk(temp: Path) -> None:
    """Make Ray's folder.

    Raises:
        ServiceError: its disk is full, or it cannot be made.
    """
    try:
        temp.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ServiceError(f"{temp}: {error.strerror}; see --temp") from error
    free_mb = shutil.disk_usage(temp).free / 1e6
    if free_mb < LEAST_DISK_MB:
        raise ServiceError(
            f"{temp}: {free_mb:.0f} MB are free there, {LEAST_DISK_MB} are needed; "
            "make room, or name another folder by --temp"
        )


def _environ(name: str, temp: Path, settings: Settings) -> dict[str, str]:
    secret = settings.require("secret").encode()
    token = hmac.new(secret, b"ecg-monitor cluster", hashlib.sha256).hexdigest()
    return {**os.environ, **RAY, "RAY_AUTH_TOKEN": token, NODE: name, DISK: str(temp)}


async def _enter(
    args: argparse.Namespace, settings: Settings, received: Sequence[int]
) -> Cluster | None:
    """Return the cluster to take part in; None if told to end meanwhile."""
    host = args.host or _own_address(settings.require("redis_url"))
    async with store.answering(settings.redis_url) as client:
        if not args.join:
            cluster = Cluster.begin(f"{host}:{args.port}", settings)
            if await register.renew(client, cluster, _NOTHING, CLAIM_S):
                return cluster
            found = await register.find(client)
            other = f"{found[0].id} at {found[0].address}" if found else "another"
            raise ServiceError(
                f"the cluster {other} works on this Redis: take part in it with --join. "
                f"If it has just been ended, try again in {register.HELD_S:.0f} s"
            )
        told = False
        while not received:
            found = await register.find(client)
            if found is not None:
                found[0].check(settings)
                return found[0]
            if not told:
                print("Waiting for the first machine: `ecg-monitor cluster start`", flush=True)
                told = True
            await asyncio.sleep(LOOK_S)
    return None


_NOTHING: register.State = {"detectors": {}, "leaving": [], "refused": {}, "by_hand": False}


def _own_address(redis_url: str) -> str:
    """Return this machine's address as Redis sees it: the first server, of several."""
    url = urlsplit(urls_of(redis_url)[0])
    if not url.hostname:
        return "127.0.0.1"  # a socket of this machine
    with socket.create_connection((url.hostname, url.port or 6379), timeout=3.0) as connection:
        return str(connection.getsockname()[0])


def _ray_start(args: argparse.Namespace, cluster: Cluster, temp: Path) -> list[str]:
    host, port = cluster.address.rsplit(":", 1)
    if args.join:
        place = ["--address", cluster.address]
        place += ["--node-ip-address", args.host] if args.host else []
    else:
        place = ["--head", "--port", port, "--node-ip-address", host]
        place += ["--include-dashboard", "false"]
    size = ["--num-cpus", "0", "--resources", json.dumps({RESOURCE: args.detectors})]
    size += ["--object-store-memory", str(OBJECTS_BYTES)]
    silence = ["--disable-usage-stats", "--include-log-monitor", "false"]
    named = ["--node-name", args.name, "--temp-dir", str(temp)]
    ray = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block"]
    return [*ray, *place, *named, *size, *silence]


def _run(command: list[str], environ: Mapping[str, str], what: str) -> None:
    done = subprocess.run(
        command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise ServiceError(f"{what} has failed: {said[-1] if said else 'without a word'}")


def _wait_for_ray(child: subprocess.Popen[bytes], cluster: Cluster, log: Path) -> None:
    """Wait until the first machine's Ray answers.

    Raises:
        ServiceError: it has ended instead.
    """
    host, port = cluster.address.rsplit(":", 1)
    while not processes.answers(host, int(port)):
        if child.poll() is not None:
            raise ServiceError(f"Ray does not start: {processes.tail(log, 3)}")
        time.sleep(LOOK_S)


async def _stay(
    name: str,
    settings: Settings,
    child: subprocess.Popen[bytes],
    log: Path,
    received: Sequence[int],
) -> int:
    """Wait for the end: a signal, after which the machine is drained, or that of Ray."""
    client = store.connect(settings.redis_url)
    there = False
    try:
        while not received:
            if child.poll() is not None:
                raise ServiceError(_why_ended(log))
            if not there:
                there = await _is_there(client, name)
            await asyncio.sleep(LOOK_S)
        with contextlib.suppress(EcgMonitorError, StoreError):  # then others take over, later
            await register.drain(client, name)
    finally:
        await client.aclose()
    return 130 if received[0] == signal.SIGINT else 0


def _why_ended(log: Path) -> str:
    said = processes.tail(log, 3)
    if "AuthenticationError" in said:
        return "the cluster does not let this machine in: it has another ECG_SECRET"
    return f"Ray has ended on this machine: {said}"


async def _is_there(client: store.Store, name: str) -> bool:
    """Say once that a detector of this machine is at work."""
    with contextlib.suppress(StoreError):
        found = await register.find(client)
        if found is not None and name in {one["node"] for one in found[1]["detectors"].values()}:
            print(f"{name} takes part in the cluster {found[0].id}.", flush=True)
            return True
    return False


async def _withdraw(settings: Settings, cluster: Cluster) -> None:
    """Make room for another cluster."""
    with contextlib.suppress(EcgMonitorError, StoreError):  # then what was said runs out
        async with store.answering(settings.redis_url) as client:
            await register.withdraw(client, cluster)


@contextlib.contextmanager
def _ray(
    command: Sequence[str], log: Path, environ: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run Ray on this machine, and stop it with all that it has started."""
    child = processes.start(command, log=log, environ=environ, death_signal=signal.SIGTERM)
    try:
        yield child
    finally:
        family: list[psutil.Process] = []
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(child.pid).children(recursive=True)
        processes.stop([child], STOP_S)
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
