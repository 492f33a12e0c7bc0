"""The whole of compose.yaml as a project of its own, and what can be done to it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.containers.engine import DOCKER
from tests.support.places import ROOT
from tests.support.waiting import allowed_s, wait_until

GIT = shutil.which("git") or "git"
PROJECT = "ecg-monitor-tested"
ADDRESS = "127.0.0.7"
"""Where its ports are published: no other service of the machine is in the way."""
WORKS_S = 600.0
"""Longest start of all containers, s."""
RETENTION_S = "7200"
"""All packets of a run are kept, so that they can be analysed anew."""
RECEIVER = """
import http.server, json, sys, threading
one_line = threading.Lock()  # several posts come at once
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        names = ("X-ECG-Delivery", "X-ECG-Timestamp", "X-ECG-Signature")
        heads = {name: self.headers[name] for name in names}
        with one_line:
            print(json.dumps({"body": body, **heads}), flush=True)
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args):
        pass
http.server.ThreadingHTTPServer(("", 9000), Receiver).serve_forever()
"""
ACCOUNT = """
import asyncio, dataclasses, json, os
from ecg_monitor.core import store
from ecg_monitor.core.settings import load
from workbench.faults.account import account
async def main():
    settings = load()
    client = store.connect(settings.require("redis_url"))
    for partition in range(settings.partitions):
        print(json.dumps(dataclasses.asdict(await account(client, partition))), flush=True)
    await client.aclose()
asyncio.run(main())
"""
WITH_REDIS = 'ECG_REDIS_URL="redis://:$(cat /run/secrets/redis_password)@redis:6379/0" exec "$@"'


@dataclass
class System:
    """The containers of the project.

    Attributes:
        host: address of the Docker daemon.
        folder: a copy of the checkout, with secrets of its own.
        files: names of the compose files.
        profiles: profiles that are on.
        environ: variables that compose.yaml takes.
    """

    host: str
    folder: Path
    files: tuple[str, ...] = ("compose.yaml", "tested.yaml")
    profiles: tuple[str, ...] = ()
    environ: dict[str, str] = field(default_factory=dict)

    def docker(self, *words: str, check: bool = True, within_s: float = WORKS_S) -> str:
        """Run a command of docker; return what it printed, on both streams."""
        done = subprocess.run(
            (DOCKER, "--host", self.host, *words),
            cwd=self.folder,
            env=os.environ | self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=allowed_s(within_s),
        )
        if check:
            assert done.returncode == 0, f"docker {' '.join(words)[:200]}: {done.stdout[-4000:]}"
        return done.stdout

    def compose(self, *words: str, check: bool = True, within_s: float = WORKS_S) -> str:
        """Run a command of docker compose on the project."""
        files = [word for name in self.files for word in ("--file", name)]
        profiles = [word for name in self.profiles for word in ("--profile", name)]
        options = ("--project-name", PROJECT, *files, *profiles)
        return self.docker("compose", *options, *words, check=check, within_s=within_s)

    def up(self, *words: str) -> None:
        """Start what is not there, and wait until all of it is healthy."""
        self.compose("up", "--detach", "--no-build", *words)
        try:
            wait_until(self.healthy, WORKS_S, why=lambda: str(self.states()))
        except AssertionError as error:
            told = "\n".join(self.logs(name)[-1500:] for name in self.unwell())
            raise AssertionError(f"{error}\n{told}") from None

    def containers(self) -> list[dict[str, Any]]:
        """Return what docker says of each container of the project."""
        label = f"label=com.docker.compose.project={PROJECT}"
        ids = self.docker("ps", "--all", "--quiet", "--filter", label).split()
        found: list[dict[str, Any]] = json.loads(self.docker("inspect", *ids)) if ids else []
        return [
            one for one in found if one["Config"]["Labels"]["com.docker.compose.oneoff"] == "False"
        ]

    def states(self) -> dict[str, str]:
        """Return each container's state by its name: ``healthy``, ``running``, ``exited`` ..."""
        return {_name(one): _state(one) for one in self.containers()}

    def unwell(self) -> list[str]:
        """Return the names of the containers that are not healthy, nor running without a check."""
        return [
            name for name, state in self.states().items() if state not in ("healthy", "running")
        ]

    def healthy(self) -> bool:
        """Return whether there are containers, all of them well."""
        return bool(self.states()) and not self.unwell()

    def one(self, service: str, number: int = 1) -> dict[str, Any]:
        """Return what docker says of one container of a service."""
        name = f"{PROJECT}-{service}-{number}"
        return next(one for one in self.containers() if _name(one) == name)

    def runs(self, service: str) -> bool:
        """Return whether the first container of a service is there and runs."""
        return self.states().get(f"{PROJECT}-{service}-1") in ("healthy", "running", "starting")

    def logs(self, name: str) -> str:
        """Return what a container has printed."""
        return self.docker("logs", name)

    def kill(self, service: str, number: int = 1) -> float:
        """Kill a container's processes as a crash does, and wait until it is well again.

        ``docker kill`` would count as an order to stop, after which nothing starts again.

        Returns:
            After how many seconds it was running or, if it has a check, healthy again.
        """
        pid = self.one(service, number)["State"]["Pid"]
        began = time.monotonic()
        os.kill(pid, signal.SIGKILL)

        def back() -> bool:
            now = self.one(service, number)
            return bool(now["State"]["Pid"] not in (0, pid)) and _state(now) in (
                "healthy",
                "running",
            )

        wait_until(back, WORKS_S, why=lambda: self.logs(f"{PROJECT}-{service}-{number}")[-2000:])
        return time.monotonic() - began

    def run_in(self, service: str, *words: str, check: bool = True) -> str:
        """Run a command in the container of a service, through the image's entry point."""
        start = "/opt/ecg-monitor/entrypoint.sh"
        return self.compose("exec", "--no-TTY", service, start, *words, check=check)

    def account(self) -> dict[str, int]:
        """Return what was stored, lost and doubled in all partitions (`workbench.faults`)."""
        words = ("sh", "-c", WITH_REDIS, "-", "python", "-c", ACCOUNT)
        lines = self.compose("exec", "--no-TTY", "work", *words).splitlines()
        parts = [json.loads(line) for line in lines if line.startswith("{")]
        return {name: sum(part[name] for part in parts) for name in parts[0]}

    def posts(self) -> list[dict[str, Any]]:
        """Return what the webhook's receiver was sent: headers, and ``body`` as text."""
        lines = self.logs(f"{PROJECT}-receiver-1").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def _name(container: Mapping[str, Any]) -> str:
    return str(container["Name"]).lstrip("/")


def _state(container: Mapping[str, Any]) -> str:
    state = container["State"]
    if state["Status"] == "running" and "Health" in state:
        return str(state["Health"]["Status"])
    return str(state["Status"])


@contextmanager
def system(host: str, folder: Path) -> Iterator[System]:
    """Copy what is needed of the checkout, with secrets; in the end remove all of the project."""
    copy(folder)
    one = System(host, folder)
    one.environ = {
        "MQTT_BIND": ADDRESS,
        "PAGE_BIND": ADDRESS,
        "API_BIND": ADDRESS,
        "TLS_BIND": ADDRESS,
        "PUBLIC_URL": f"http://{ADDRESS}:8050",
        "WEBHOOK_URL": "http://receiver:9000/",
        "LINKS": "on",
        "DOCKER_BUILDKIT": "1",
    }
    try:
        yield one
    finally:
        one.profiles = ("demo", "tls", "api")
        if os.environ.get("KEEP") != "1":
            one.compose("down", "--volumes", "--remove-orphans", "--timeout", "10")
            assert one.containers() == []


def copy(folder: Path) -> None:
    """Copy files of the checkout, make secrets, write what the test adds to compose.yaml."""
    names = subprocess.run(
        [GIT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.split(b"\0")
    tops = {".dockerignore", "Dockerfile"} | {path.name for path in ROOT.glob("compose*.yaml")}
    tops |= {
        line[1:].split("/")[0]
        for line in (ROOT / ".dockerignore").read_text().split()
        if line[0] == "!"
    }
    for name in filter(None, map(os.fsdecode, names)):
        if name.split("/")[0] in tops and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    subprocess.run(
        ["/bin/sh", "deploy/make-secrets.sh"], cwd=folder, check=True, capture_output=True
    )
    write_additions(folder)


def write_additions(folder: Path) -> None:
    """Write what the test adds to the parts: how they are built, and a receiver of alerts."""
    added = {
        "build": {"context": ".", "network": "host"},
        "environment": {"ECG_WAVE_RETENTION_S": RETENTION_S},
        # A machine that does much else must not fail a check by being slow.
        "healthcheck": {"timeout": "2m", "retries": 10, "start_period": "10m"},
    }
    receiver = {"image": "ecg-monitor", "entrypoint": ["python", "-c", RECEIVER], "init": True}
    for name, more in (("compose.yaml", {"receiver": receiver}), ("compose.scale.yaml", {})):
        services = yaml.safe_load((folder / name).read_text().replace("!reset", ""))["services"]
        parts = {
            one: added
            for one, service in services.items()
            if service.get("image") == "ecg-monitor" or "extends" in service
        }
        text = yaml.safe_dump({"services": parts | more})
        (folder / name.replace("compose", "tested")).write_text(text)
