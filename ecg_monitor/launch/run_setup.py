"""What `run` settles before it starts anything: the secret, the ports, the parts' commands."""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import sys
from dataclasses import replace
from pathlib import Path

from ecg_monitor.core.errors import ServiceError, SettingsError
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch import processes
from ecg_monitor.launch.detectors import numbered, shares
from ecg_monitor.launch.services import Services
from ecg_monitor.launch.supervisor import Child

PORTS_TRIED = 50
_HAVE_TIME = frozenset({"explain", "record", "work", "detect-spare"})
"""Parts that the first traces do not need."""
_WORDS = {"work": ["--lazy"]}
"""Arguments of parts; a system that nobody sends files to spares the memory of a second engine."""


def with_secret(settings: Settings) -> Settings:
    """Return settings with a secret: the configured one, else one kept in the state folder.

    Raises:
        SettingsError: the secret can be neither read nor written.
    """
    if settings.secret:
        return settings
    path = settings.state_dir / "secret"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            # Written whole before it gets its name: a crash leaves no half a secret.
            draft = path.with_name(f"secret.{os.getpid()}")
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
            try:
                os.link(draft, path)
            finally:
                draft.unlink()
        secret = path.read_text().strip()
    except OSError as error:
        raise SettingsError(
            f"cannot keep a secret in {path}: {error}; set ECG_SECRET, or another folder in "
            "ECG_STATE"
        ) from error
    if not secret:
        raise SettingsError(f"{path} is empty; remove it, and a new secret is made")
    return replace(settings, secret=secret)


def with_ports(settings: Settings, asked: int | None) -> Settings:
    """Return settings with ports for dashboard and hub that are free.

    Args:
        settings: as configured.
        asked: port from the command line, or None. A port that was asked for, there or in
            ECG_PORT, is used or refused; the default one moves to the next that are free.

    Raises:
        SettingsError: a port that was asked for is no port.
        ServiceError: a port that was asked for is taken, or none is free.
    """
    if asked is not None and not 0 <= asked <= 65_535:
        raise SettingsError(f"--port must be 0 .. 65535, got {asked}")
    host = settings.host
    wanted = settings.port if asked is None else asked
    if wanted == 0:
        port = processes.free_port(host)
        hub = settings.hub_port or processes.free_port(host)
        return replace(settings, port=port, hub_port=hub)
    moves = asked is None and wanted == Settings().port
    for port in range(wanted, min(65_535, wanted + 2 * PORTS_TRIED) if moves else wanted + 1, 2):
        hub = settings.hub_port or port + 1
        taken = [number for number in (port, hub) if not processes.is_free(host, number)]
        if not taken:
            return replace(settings, port=port, hub_port=hub)
        if not moves or settings.hub_port in taken:
            name = "port" if taken[0] == port else "hub port"
            raise ServiceError(
                f"{name} {taken[0]} of {host} is taken by another program; choose another with "
                "--port, or ECG_HUB_PORT for the hub"
            )
    raise ServiceError(f"no free port of {host} from {wanted} on; choose one with --port")


def with_api_port(settings: Settings) -> Settings:
    """Return settings with a port for the HTTP API that is free; the default one may move.

    Raises:
        ServiceError: the port that was asked for is taken, or none is free.
    """
    host, wanted, others = settings.api_host, settings.api_port, (settings.port, settings.hub_port)
    moves = wanted == Settings().api_port
    for port in range(wanted, min(65_535, wanted + PORTS_TRIED) if moves else wanted + 1):
        if port not in others and processes.is_free(host, port):
            return replace(settings, api_port=port)
    raise ServiceError(f"port {wanted} of {host} is taken; choose another with ECG_API_PORT")


def parts(args: argparse.Namespace, partitions: int, logs: Path) -> list[Child]:
    """Return the system's own processes, in the order in which they start.

    The simulator comes after them: the session in which the broker queues packets must exist
    before the first packet does. Last comes a second detector, which stands by. What the first
    traces do not need leaves the processor to them for a moment.

    Args:
        args: of the command.
        partitions: how many there are for the detectors.
        logs: folder of the logs.

    Raises:
        SettingsError: there are more detectors than partitions.
    """
    children = [_part("ingest", [], logs)]
    detectors = numbered("detect", args.detectors)
    for name, share in zip(detectors, shares(partitions, args.detectors), strict=True):
        words = ["--standby", "--partitions", share]
        children.append(_part("detect", words, logs, as_name=name))
    names = ["deliver", "explain", "hub", "dashboard"]
    if not args.no_record:
        names.append("record")
    names += ["api"] * args.api + ["work"] * (not args.no_work)
    children += [_part(name, _WORDS.get(name, []), logs) for name in names]
    if not args.no_simulator:
        words = ["--beds", str(args.beds), "--speed", f"{args.speed:g}"]
        if args.records is not None:
            words += ["--records", args.records]
        if args.data:
            words += ["--data", args.data]
        children.append(_part("simulate", words, logs, may_end=True))
    if not args.no_spare:
        children.append(_part("detect", ["--standby"], logs, as_name="detect-spare"))
    return children


def server_children(services: Services) -> list[Child]:
    """Return the servers that were started here, to be looked after like the parts."""
    return [
        Child(one.name, (), one.log, spawn=one.restart, process=one.process)
        for one in (services.redis, services.mqtt)
        if one.process is not None and one.log is not None
    ]


def _part(
    name: str, words: list[str], logs: Path, *, may_end: bool = False, as_name: str = ""
) -> Child:
    command = (sys.executable, "-m", "ecg_monitor.cli", name, *words)
    shown = as_name or name
    return Child(shown, command, logs / f"{shown}.log", may_end, has_time=shown in _HAVE_TIME)
