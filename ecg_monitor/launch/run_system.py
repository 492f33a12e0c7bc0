"""Runs the system on one machine: services, parts, and what is printed about them."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.store import StoreError
from ecg_monitor.launch.first_packets import LiveBeds
from ecg_monitor.launch.processes import stop_signals
from ecg_monitor.launch.run_setup import (
    parts,
    server_children,
    with_api_port,
    with_ports,
    with_secret,
)
from ecg_monitor.launch.services import Service, start_services
from ecg_monitor.launch.services.start import PRIVATE
from ecg_monitor.launch.supervisor import Child, GaveUpError, Supervisor

CHECK_EVERY_S = 0.1
STOP_PARTS_WITHIN_S = 3.0
"""Longest time for the parts to stop, s: with the services' share (see
`ecg_monitor.launch.services.start`) `run` ends within 5 s."""
WATCH_FIRST_PACKETS_S = 60.0
COMPILING_SHOWS_S = 25.0
"""Time for which a start looks for compiling, s: by then the detector has begun to compile, if it
has to (`detector.analyzer.starting`)."""

REST_AFTER_S = 3.0
"""How long parts that have time leave the processors to the first page, s, once it answers and the
beds are live: on a busy machine that takes long itself."""
REST_AT_S = 25.0
"""When they start at the latest, s: a bed may never come."""

LOG_FOLDER = "log"
"""Folder of the logs within the state folder: one per part, begun anew with every start."""


def run_system(args: argparse.Namespace, settings: Settings) -> int:
    """Start everything, look after it, stop everything; return the exit status.

    Raises:
        ServiceError: a service cannot be used or started, or a part refuses to run.
        SettingsError: a setting or an argument is wrong.
    """
    console = Console(soft_wrap=True, highlight=False, markup=False)
    os.umask(PRIVATE)
    with stop_signals() as received:
        asked = settings.port if args.port is None else args.port
        settings = with_ports(with_secret(settings), args.port)
        if args.api:
            settings = with_api_port(settings)
        if asked not in (0, settings.port):
            console.print(f"Port {asked} is taken; using {settings.port}.", style="yellow")
        with start_services(settings, use_local=args.use_local) as services:
            _show_service(console, "MQTT broker", services.mqtt)
            _show_service(console, "Redis", services.redis)
            settings = services.configure(settings)
            if not args.no_simulator:
                settings = replace(settings, max_devices=max(settings.max_devices, args.beds))
            logs = settings.state_dir / LOG_FOLDER
            logs.mkdir(parents=True, exist_ok=True)
            logs.chmod(0o700)
            servers = server_children(services)
            return _look_after(args, settings, logs, console, received, servers)


def _look_after(
    args: argparse.Namespace,
    settings: Settings,
    logs: Path,
    console: Console,
    received: list[int],
    servers: list[Child],
) -> int:
    children = parts(args, settings.partitions, logs)
    supervisor = Supervisor(
        children,
        os.environ | to_environ(settings),
        lambda text: console.print(text, style="red"),
        servers,
    )
    progress = _Progress(settings, console, 0 if args.no_simulator else args.beds)
    try:
        supervisor.start()
        console.print(f"  starting {', '.join(child.name for child in children)}; logs in {logs}")
        if args.api:
            console.print(f"  HTTP API at {_api_address(settings)}; `ecg-monitor tokens add` first")
        while not received:
            supervisor.check()
            progress.check()
            if progress.rest_may_start:
                supervisor.start_rest()
            time.sleep(CHECK_EVERY_S)
    except GaveUpError as error:
        raise ServiceError(f"a part cannot run:\n{error}") from error
    finally:
        console.print("Stopping ...")
        supervisor.stop(STOP_PARTS_WITHIN_S)
    return 0


class _Progress:
    """Watches a start, and prints when the page answers and the patients' packets flow."""

    def __init__(self, settings: Settings, console: Console, beds: int) -> None:
        self._settings = settings
        self._console = console
        self._beds = beds
        self._began = time.monotonic()
        self._page_answers = False
        self._compiling_shown = False
        self._look_again_s = 0.0
        self._ready_s: float | None = None
        self._live = LiveBeds(settings, since_ms=int(time.time() * 1000))

    @property
    def rest_may_start(self) -> bool:
        """Whether a page that was opened with the link has had the time to show its traces."""
        after_s = time.monotonic() - self._began
        since_s = 0.0 if self._ready_s is None else after_s - self._ready_s
        return since_s >= REST_AFTER_S or after_s >= REST_AT_S

    def check(self) -> None:
        """Look once."""
        after_s = time.monotonic() - self._began
        if not self._page_answers and _page_answers(self._settings):
            self._page_answers = True
            self._print_link(after_s)
        if self._ready_s is None and self._page_answers and self._beds == 0:
            self._ready_s = after_s
        waits = self._beds > 0 and after_s < WATCH_FIRST_PACKETS_S
        may_compile = not self._compiling_shown and after_s < COMPILING_SHOWS_S
        if waits or (may_compile and after_s >= self._look_again_s):
            self._look_again_s = after_s + 1.0
            try:
                live = asyncio.run(self._live.count())
            except StoreError:
                return  # it is being restarted; the parts say so in their logs
            if self._live.compiling and not self._compiling_shown:
                self._compiling_shown = True
                self._console.print(
                    "  the engine is being compiled, once after an update: beats, numbers and "
                    "alarms follow in a minute or two",
                    style="yellow",
                )
            if 0 < self._beds <= live:
                self._console.print(
                    f"  {live} bed{'s' * (live > 1)} live after {after_s:.1f} s", style="green"
                )
                self._beds = 0

    def _print_link(self, after_s: float) -> None:
        from ecg_monitor.ward import access  # noqa: PLC0415 - loads only when needed

        links = self._settings.links == "on"
        address = (access.sign_in_link if links else access.public_url)(self._settings)
        self._console.print(f"  dashboard answers after {after_s:.1f} s", style="green")
        self._console.print(f"\nOpen  {address}\n", style="bold")
        for line in _exports(self._settings):
            self._console.print(line, style="dim")
        self._console.print("Ctrl-C stops everything.")


def _exports(settings: Settings) -> list[str]:
    """Return what other terminals need, to be pasted there; nothing that holds a password."""
    urls = {"ECG_MQTT_URL": settings.mqtt_url, "ECG_REDIS_URL": settings.redis_url}
    if any("@" in url for url in urls.values()):
        return []
    words = " ".join(f"{name}={url}" for name, url in urls.items())
    return ["For `ecg-monitor` in other terminals:", f"export {words}", ""]


def _api_address(settings: Settings) -> str:
    host = f"[{settings.api_host}]" if ":" in settings.api_host else settings.api_host
    return f"http://{host}:{settings.api_port}/v1"


def _page_answers(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    try:
        with urllib.request.urlopen(f"http://{host}:{settings.port}/", timeout=1):
            return True
    except urllib.error.HTTPError as error:
        # "Sign in first" is an answer too.
        with error:
            return True
    except OSError:
        return False


def _show_service(console: Console, role: str, service: Service) -> None:
    took = "" if service.started_s is None else f", started in {service.started_s:.2f} s"
    # No password in the terminal.
    address = service.url.rsplit("@", 1)[-1].split("://", 1)[-1]
    console.print(f"  {role}: {service.name} at {address} ({service.why}{took})")
