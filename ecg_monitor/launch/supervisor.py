"""Keeps a set of child processes running: restarts what dies, stops all of them in order.

Servers (the broker, Redis) are looked after in the same way, but start before and stop after the
others, by who brought them (`ecg_monitor.launch.services.start`).
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ecg_monitor.core.errors import EcgMonitorError
from ecg_monitor.core.remote.backoff import Backoff
from ecg_monitor.launch import processes

FIRST_PAUSE_S = 0.5
MOST_PAUSE_S = 15.0
SETTLED_S = 30.0
"""A child that ran this long counts as healthy: the next restart is quick again."""
USER_ERROR = 2
"""Exit status of a command that was asked for something impossible. That is final where it comes
first: what has run once, or comes while a server is away, is tried again."""


@dataclass(slots=True)
class Child:
    """One supervised process.

    Attributes:
        name: for the user, and name of its log.
        command: program and arguments.
        log: file for what it writes to standard error.
        may_end: whether ending with status 0 is all right.
        spawn: starts it instead of ``command``.
        has_time: whether it starts only with `Supervisor.start_rest`: nobody waits for it.
        process: its process, while it runs.
        starts: how often it has been started here.
    """

    name: str
    command: Sequence[str]
    log: Path
    may_end: bool = False
    spawn: Callable[[], subprocess.Popen[bytes]] | None = None
    has_time: bool = False
    process: subprocess.Popen[bytes] | None = None
    backoff: Backoff = field(default_factory=lambda: Backoff(FIRST_PAUSE_S, MOST_PAUSE_S))
    started: float = 0.0
    starts: int = 0
    start_at: float | None = None


class GaveUpError(Exception):
    """A child that cannot run at all; the text names it and the reason."""


class Supervisor:
    """Runs children until `stop` is called.

    Args:
        children: in the order in which to start them; they stop in reverse order.
        environ: environment of all of them.
        report: called with one line of text for the user when something happened.
        servers: children that run already, and are stopped by others.
    """

    def __init__(
        self,
        children: Sequence[Child],
        environ: Mapping[str, str],
        report: Callable[[str], None],
        servers: Sequence[Child] = (),
    ) -> None:
        self._children = children
        self._servers = servers
        self._environ = environ
        self._report = report

    def start(self) -> None:
        """Start the children but for those that have time; look after the servers as well."""
        for server in self._servers:
            server.started = time.monotonic()
        for child in self._children:
            child.log.unlink(missing_ok=True)
            if not child.has_time:
                self._start(child)

    def start_rest(self) -> None:
        """Start the children that had time; once they have been started nothing more is done."""
        for child in self._children:
            if child.has_time and child.starts == 0:
                self._start(child)

    def check(self) -> None:
        """Look after the children once; call it several times per second.

        Raises:
            GaveUpError: a child refuses to run.
        """
        for child in (*self._servers, *self._children):
            if child.process is not None and child.process.poll() is not None:
                self._handle_exit(child, child.process.returncode)
            elif child.start_at is not None and time.monotonic() >= child.start_at:
                child.start_at = None
                self._start(child)

    def stop(self, within_s: float) -> None:
        """Stop the children, the last one started first; kill those that take too long."""
        deadline = time.monotonic() + within_s
        running = [child for child in reversed(self._children) if child.process is not None]
        for position, child in enumerate(running):
            # Each may take its share of what is left, so that one that hangs leaves time for all.
            share = (deadline - time.monotonic()) / (len(running) - position)
            if child.process is not None:
                processes.stop([child.process], max(0.0, share))
                child.process = None

    def _start(self, child: Child) -> None:
        child.started = time.monotonic()
        child.starts += 1
        if child.spawn is not None:
            try:
                child.process = child.spawn()
            except (OSError, EcgMonitorError) as error:
                self._try_again(child, f"{child.name} cannot be started: {error}")
            return
        child.process = processes.start(
            child.command, log=child.log, environ=self._environ, keep_stdout=True
        )

    def _handle_exit(self, child: Child, status: int) -> None:
        child.process = None
        ran_s = time.monotonic() - child.started
        end = processes.tail(child.log)
        if status == 0 and child.may_end:
            self._report(f"{child.name} has finished")
            return
        first = child.starts == 1 and child.spawn is None and ran_s < SETTLED_S
        if status == USER_ERROR and first and not any(one.starts for one in self._servers):
            raise GaveUpError(end or f"{child.name} ended with status {status}")
        if ran_s >= SETTLED_S:
            child.backoff.reset()
        how = f"signal {-status}" if status < 0 else f"status {status}"
        last = end.splitlines()[-1] if end else "nothing in its log"
        self._try_again(child, f"{child.name} died after {ran_s:.1f} s ({how}: {last})")

    def _try_again(self, child: Child, why: str) -> None:
        pause = child.backoff.next_s()
        child.start_at = time.monotonic() + pause
        self._report(f"{why}; starting it again in {pause:g} s; its log: {child.log}")
