"""A Docker daemon of the tests' own, and base images made on the spot: nothing is pulled.

The base images bear the names that the Dockerfile and compose.yaml use, and hold Debian's packages
of the same programs. What they do not show: bugs of the published images themselves, and of
Alpine's C library.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.places import ARTIFACTS, ROOT
from tests.support.waiting import wait_until

KEPT = ARTIFACTS / "containers"
"""What is kept from run to run: images and layers of the daemon, wheels. Hundreds of MB."""
PYTHON = "python:3.11-slim"
SERVERS = ("eclipse-mosquitto:2", "valkey/valkey:8-alpine", "caddy:2-alpine")
DOCKER = shutil.which("docker") or "docker"
NEEDED = ("dockerd", "docker", "mmdebstrap")
DEBIAN = "apt-get install docker.io mmdebstrap; docker-compose of Debian 13, or the compose plugin"
START_S = 60.0
SMALL = (
    "--quiet",
    "--variant=minbase",
    '--aptopt=Acquire::Languages "none"',
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
)


@dataclass(frozen=True)
class Base:
    """A root file system, and the images that are made of it.

    Attributes:
        names: images.
        suite: release of Debian that has the versions wanted.
        packages: what is installed.
        hooks: what is done to the file system, as options of mmdebstrap.
        changes: what the images say besides, as `docker import --change` takes it.
    """

    names: tuple[str, ...]
    suite: str
    packages: tuple[str, ...]
    hooks: tuple[str, ...]
    changes: tuple[str, ...]


def bases(wheels: Path) -> tuple[Base, ...]:
    """Return the base images; pip finds its packages in a folder of one of them."""
    return (
        Base(
            (PYTHON,),
            "bookworm",
            ("python3", "python3-venv", "ca-certificates"),
            (
                '--customize-hook=ln -s /usr/bin/python3 "$1/usr/local/bin/python"',
                f"--customize-hook=copy-in {wheels} /",
            ),
            ("ENV PIP_NO_INDEX=1", f"ENV PIP_FIND_LINKS=/{wheels.name}", 'CMD ["python3"]'),
        ),
        Base(
            SERVERS,
            "trixie",
            ("mosquitto", "mosquitto-clients", "valkey-server", "valkey-tools", "caddy"),
            # Folders that volumes are mounted at, with the owners that the published images give
            # them.
            (
                '--customize-hook=mkdir -p "$1/data" "$1/mosquitto/config" "$1/mosquitto/data"',
                '--customize-hook=chown 999:1000 "$1/data"',
                '--customize-hook=chmod 755 "$1/etc/valkey"',
                '--customize-hook=chown 1883:1883 "$1/mosquitto/data"',
            ),
            (
                "ENV XDG_DATA_HOME=/data",
                'CMD ["caddy","run","--config","/etc/caddy/Caddyfile","--adapter","caddyfile"]',
            ),
        ),
    )


def missing() -> str:
    """Return what is needed and is not there, with what brings it; empty if all is."""
    absent = [name for name in NEEDED if shutil.which(name) is None]
    if not absent:
        asked = subprocess.run([DOCKER, "compose", "version"], capture_output=True, check=False)
        absent = [] if asked.returncode == 0 else ["docker compose"]
    if absent:
        return f"not installed: {', '.join(absent)} ({DEBIAN})"
    return "" if os.geteuid() == 0 or "DOCKER_HOST" in os.environ else "must run as root"


@contextmanager
def daemon() -> Iterator[str]:
    """Run a daemon of our own, or use that of DOCKER_HOST; yields its address.

    It takes neither the place nor the bridge of one that the machine runs already.
    """
    if "DOCKER_HOST" in os.environ:
        yield os.environ["DOCKER_HOST"]
        return
    KEPT.mkdir(parents=True, exist_ok=True)
    address = f"unix://{KEPT}/docker.sock"
    words = (
        "dockerd",
        *("--host", address),
        *("--data-root", str(KEPT / "data")),
        *("--exec-root", str(KEPT / "exec")),
        *("--pidfile", str(KEPT / "docker.pid")),
        *("--bridge", "none"),
    )
    log = KEPT / "dockerd.log"
    with log.open("wb") as file:
        child = subprocess.Popen(words, stdout=file, stderr=subprocess.STDOUT)
    try:
        wait_until(
            lambda: child.poll() is not None or _answers(address), START_S, why=log.read_text
        )
        assert child.poll() is None, log.read_text()[-2000:]
        yield address
    finally:
        child.terminate()
        child.wait()


def _answers(address: str) -> bool:
    asked = subprocess.run([DOCKER, "--host", address, "version"], capture_output=True, check=False)
    return asked.returncode == 0


def make_bases(address: str) -> list[str]:
    """Make the base images that the daemon lacks; return their names.

    Raises:
        CalledProcessError: packages could not be had.
    """
    made = []
    wheels = KEPT / "wheels"
    for base in bases(wheels):
        absent = [name for name in base.names if not _has(address, name)]
        if not absent:
            continue
        if wheels.as_posix() in " ".join(base.hooks):
            fetch_wheels(wheels)
        KEPT.mkdir(parents=True, exist_ok=True)
        archive = KEPT / f"{base.suite}.tar"
        include = f"--include={','.join(base.packages)}"
        _run("mmdebstrap", *SMALL, include, *base.hooks, base.suite, str(archive))
        changes = [word for change in base.changes for word in ("--change", change)]
        for name in absent:
            _run(DOCKER, "--host", address, "import", *changes, str(archive), name)
        archive.unlink()
        made += absent
    return made


def _has(address: str, image: str) -> bool:
    asked = subprocess.run(
        [DOCKER, "--host", address, "image", "inspect", image], capture_output=True, check=False
    )
    return asked.returncode == 0


def fetch_wheels(folder: Path) -> None:
    """Fetch what the image installs, with the pip and the package index of this machine.

    Raises:
        CalledProcessError: something cannot be had.
    """
    # Debian's Python 3.11.2 needs what 3.11.3 no longer does.
    of_python = ("setuptools", "wheel", "async-timeout")
    words = ("pip", "download", "--quiet", "--dest", str(folder))
    constraints = ("--constraint", str(ROOT / "constraints.txt"))
    _run(sys.executable, "-m", *words, *constraints, str(ROOT), *of_python)


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{_short(words)}: {done.stderr[-3000:]}"


def _short(words: Sequence[str]) -> str:
    return " ".join(words)[:200]
