"""Machines of a network on this one: namespaces of their own, cables that can be cut.

A switch (a bridge) has a namespace of its own as well, so that no address and no interface of this
machine is touched: the addresses are private and exist within the namespaces alone. It takes root
and iproute2. All goes at the end; what a run that was killed has left goes when the next
begins.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import psutil

from ecg_monitor.launch.services import programs

SWITCH = "10.99.0.1"
"""Address of the switch's namespace, where what all machines need listens."""
_PROGRAM = programs.find("ip") or ""


def missing() -> str:
    """Return why there can be no such network here; empty: there can."""
    if sys.platform != "linux":
        return "network namespaces are Linux's"
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not _PROGRAM:
        return "iproute2 (the program `ip`) is not installed"
    name = f"ecg-try-{os.getpid()}"
    tried = _ip("netns", "add", name)
    if tried.returncode:
        return f"`ip netns add` fails: {tried.stderr.strip()}"
    try:
        tried = _ip("-n", name, "link", "add", "switch", "type", "bridge")
        return (
            f"`ip link add type bridge` fails: {tried.stderr.strip()}" if tried.returncode else ""
        )
    finally:
        _ip("netns", "del", name)


class Network:
    """A switch, and machines at it. Make it with `network`."""

    def __init__(self) -> None:
        self._prefix = f"ecg-{os.getpid()}"
        self._numbers = itertools.count(2)
        self._ports: dict[str, str] = {}
        self._made: list[str] = []

    def open(self) -> None:
        """Make the switch."""
        _clear_out()
        self._add("switch")
        self._do("switch", "link", "add", "switch", "type", "bridge")
        self._do("switch", "addr", "add", f"{SWITCH}/24", "dev", "switch")
        self._do("switch", "link", "set", "switch", "up")

    def plug_in(self, machine: str) -> None:
        """Give a machine a namespace, an address and a cable; nothing if it has."""
        if machine in self._ports:
            return
        number = next(self._numbers)
        port = self._ports[machine] = f"port{number}"
        self._add(machine)
        cable = ("type", "veth", "peer", "name", "eth0", "netns", self._name(machine))
        self._do("switch", "link", "add", port, *cable)
        self._do("switch", "link", "set", port, "master", "switch", "up")
        self._do(machine, "addr", "add", f"10.99.0.{number}/24", "dev", "eth0")
        self._do(machine, "link", "set", "eth0", "up")

    def cut(self, machine: str) -> None:
        """Cut a machine's cable: nothing is refused, and nothing comes back."""
        self._do("switch", "link", "set", self._ports[machine], "down")

    def mend(self, machine: str) -> None:
        """Mend the cable."""
        self._do("switch", "link", "set", self._ports[machine], "up")

    def within(self, machine: str = "switch") -> list[str]:
        """Return the words before a command that make it run on a machine."""
        return [_PROGRAM, "netns", "exec", self._name(machine)]

    def remove(self) -> None:
        """Remove all; what runs there must have ended."""
        for name in reversed(self._made):
            _ip("netns", "del", name)
        self._made.clear()

    def _add(self, machine: str) -> None:
        name = self._name(machine)
        _checked("netns", "add", name)
        self._made.append(name)
        self._do(machine, "link", "set", "lo", "up")

    def _name(self, machine: str) -> str:
        return f"{self._prefix}-{machine}"

    def _do(self, machine: str, *words: str) -> None:
        _checked("-n", self._name(machine), *words)


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """Make a network for as long as the block lasts."""
    one = Network()
    try:
        one.open()
        yield one
    finally:
        one.remove()


def _clear_out() -> None:
    """Remove what belongs to processes that are gone."""
    for name in re.findall(r"^ecg-\d+-\S+", _ip("netns", "list").stdout, re.MULTILINE):
        if not psutil.pid_exists(int(name.split("-")[1])):
            _ip("netns", "del", name)


def _checked(*words: str) -> None:
    done = _ip(*words)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"


def _ip(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([_PROGRAM, *words], capture_output=True, text=True, check=False)
