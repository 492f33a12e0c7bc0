"""Child processes that never outlive their parent, and how to stop them.

Linux sends a child the signal it asked for (``prctl(PR_SET_PDEATHSIG)``) when the thread that
forked it ends, even if the parent was killed with SIGKILL. So start children from the main
thread. A program that changes its user clears the request; start it as the user it will run as.

Elsewhere than on Linux children are stopped by `stop` alone.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>."""

_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

_FREE_PORTS = range(20_000, 32_000)
"""Below the ports that Linux (from 32768) and others (RFC 6335: from 49152) lend to connections."""
_PORTS = itertools.islice(itertools.cycle(_FREE_PORTS), random.randrange(len(_FREE_PORTS)), None)


def start(
    command: Sequence[str],
    *,
    log: Path | None = None,
    environ: Mapping[str, str] | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    keep_stdout: bool = False,
    keep_open: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child process in a process group of its own, tied to the life of this one.

    In a group of its own it does not see the terminal's Ctrl-C: the parent decides who stops when.

    Args:
        command: program and arguments.
        log: file that the child's output is appended to; None discards it.
        environ: environment; None hands on this process's own.
        death_signal: what the child receives if this process dies.
        keep_stdout: leave standard output on ours; only standard error goes to ``log``.
        keep_open: file descriptors that the child inherits.

    Raises:
        OSError: the program cannot be started.
    """
    with _open_log(log) as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=None if keep_stdout else output,
            stderr=output,
            env=environ,
            pass_fds=keep_open,
            process_group=0,
            preexec_fn=die_with(os.getpid(), death_signal),  # noqa: PLW1509 - takes no lock
        )


def stop(processes: Sequence[subprocess.Popen[bytes]], within_s: float) -> None:
    """Ask processes to end, and kill those that have not after ``within_s`` seconds."""
    deadline = time.monotonic() + within_s
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def tail(log: Path, lines: int = 12) -> str:
    """Return the last lines of a log, for an error message; empty if there is no log."""
    try:
        text = log.read_bytes()[-16_384:].decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.rstrip().splitlines()[-lines:])


def free_port(host: str = "127.0.0.1", ports: Iterator[int] = _PORTS) -> int:
    """Return a TCP port that nothing listens on now, and that was not returned here before.

    Who is given a port binds it later. A port that the system chooses could meanwhile go to an
    outgoing connection or to another server. These go to nobody but those who ask here, and each
    process starts at a place by chance and goes on from there.

    Args:
        host: the address that it will be bound to.
        ports: those that are tried, in order.

    Raises:
        OSError: the address is not one of this machine's, or no port is free.
    """
    for _ in _FREE_PORTS:
        port = next(ports)
        with socket.socket(_family(host)) as probe:
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                return port
    raise OSError(errno.EADDRINUSE, f"no port of {host} from {_FREE_PORTS} is free")


def is_free(host: str, port: int) -> bool:
    """Return whether a server could listen on this address."""
    with socket.socket(_family(host)) as probe:
        # As servers do: a connection of a former server that lingers is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def answers(host: str, port: int, timeout_s: float = 0.25) -> bool:
    """Return whether something accepts TCP connections at this address."""
    try:
        with socket.create_connection((host, port), timeout_s):
            return True
    except OSError:
        return False


@contextlib.contextmanager
def stop_signals() -> Iterator[list[int]]:
    """Collect SIGINT and SIGTERM in the list that it yields, instead of dying of them.

    They are handled, not blocked: a block would be inherited by children, and make them deaf.
    """
    received: list[int] = []

    def collect(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    former = {number: signal.signal(number, collect) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _open_log(log: Path | None) -> contextlib.AbstractContextManager[IO[bytes] | int]:
    if log is None:
        return contextlib.nullcontext(subprocess.DEVNULL)
    return log.open("ab")


def die_with(parent: int, death_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what a child runs after its fork to end with its parent; None where that cannot be.

    Args:
        parent: process id of the parent.
        death_signal: what the child receives when the parent dies.
    """
    if _LIBC is None:
        return None
    libc = _LIBC

    def request() -> None:
        if libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) != 0:
            os._exit(127)
        if os.getppid() != parent:  # it died before we asked: no signal would ever come
            os._exit(127)

    return request
