"""Pods of the Helm chart run by Docker, with what a node of a cluster would give each of them.

It is no cluster: nothing schedules, no policy is in force, a Service is a name that leads to its
pod.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.containers.helm import Document, pods
from tests.support.containers.system import System

NETWORK = "ecg-monitor-chart"


@dataclass
class Node:
    """One machine, and the pods of a release on it.

    Attributes:
        system: the Docker daemon.
        folder: where files of objects and volumes lie.
        documents: objects of the release.
        names: pods that run here.
    """

    system: System
    folder: Path
    documents: list[Document]
    names: list[str] = field(default_factory=list)

    def run(self, name: str, pod: Document) -> None:
        """Start a pod's container: its user, mounts, limit, environment and command."""
        spec, (container,) = pod["spec"], pod["spec"]["containers"]
        context = spec["securityContext"]
        user = str(context["runAsUser"])
        if "runAsGroup" in context:
            user += f":{context['runAsGroup']}"
        words = ["run", "--detach", "--restart", "always", "--user", user]
        if spec.get("shareProcessNamespace"):
            words.append("--init")
        words += ["--group-add", str(context["fsGroup"]), "--name", self.called(name)]
        words += ["--network", NETWORK, "--cap-drop", "ALL"]
        words += ["--security-opt", "no-new-privileges:true"]
        if container["securityContext"]["readOnlyRootFilesystem"]:
            words.append("--read-only")
        words += ["--memory", container["resources"]["limits"]["memory"].removesuffix("i")]
        for service in self._of("Service"):
            if service["spec"]["selector"].items() <= pod["metadata"]["labels"].items():
                words += ["--network-alias", service["metadata"]["name"]]
        for one in container.get("env", []):
            words += ["--env", f"{one['name']}={one['value']}"]
        volumes = {one["name"]: one for one in spec["volumes"]}
        for mount in container["volumeMounts"]:
            words += self._mounted(name, mount, volumes.get(mount["name"]), context["fsGroup"])
        command = container.get("command", [])
        words += ["--entrypoint", command[0]] if command else []
        self.system.docker(*words, container["image"], *command[1:], *container.get("args", []))
        self.names.append(name)

    def _of(self, kind: str) -> list[Document]:
        return [one for one in self.documents if one["kind"] == kind]

    def _data(self, kind: str, name: str) -> dict[str, str]:
        found: dict[str, str] = next(
            one["data"] for one in self._of(kind) if one["metadata"]["name"] == name
        )
        return found

    def _mounted(
        self, pod: str, mount: Document, volume: Document | None, group: int
    ) -> tuple[str, ...]:
        """Return the options that mount a volume; one without a declaration is the pod's claim."""
        place = self.folder / pod / mount["name"]
        match volume:
            case {"emptyDir": {"medium": "Memory"}}:
                return "--tmpfs", f"{mount['mountPath']}:mode=1777"
            case {"secret": {"secretName": name, "items": items, "defaultMode": mode}}:
                data = self._data("Secret", name)
                for item in items:
                    text = base64.b64decode(data[item["key"]]).decode()
                    _write(place / item["path"], text, mode, group)
            case {"configMap": {"name": name}}:
                for key, text in self._data("ConfigMap", name).items():
                    _write(place / key, text, 0o644, group)
            case {"persistentVolumeClaim": {"claimName": name}}:
                place = self.folder / name
        place.mkdir(parents=True, exist_ok=True)
        if not mount.get("readOnly"):
            os.chown(place, -1, group)
            place.chmod(0o2775)
        return "--volume", f"{place}:{mount['mountPath']}:{'ro' if mount.get('readOnly') else 'rw'}"

    def answers(self, name: str, probe: Document) -> bool:
        """Whether a pod answers a probe as Kubernetes would ask it."""
        if "exec" in probe:
            words = probe["exec"]["command"]
            asked = ("exec", self.called(name), "sh", "-c", '"$@" >&2 && echo is-well', "-", *words)
            return "is-well" in self.system.docker(*asked, check=False)
        kind = "httpGet" if "httpGet" in probe else "tcpSocket"
        address = (self.address(name), self.port(name, probe[kind]["port"]))
        try:
            if kind == "tcpSocket":
                socket.create_connection(address, 10).close()
                return True
            return self.fetched(address, probe[kind]["path"])[0] == 200
        except OSError:
            return False

    def fetched(self, address: tuple[str, int], path: str, **headers: str) -> tuple[int, str]:
        """Status and text of a pod's page."""
        connection = http.client.HTTPConnection(*address, timeout=30)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def called(self, name: str) -> str:
        """Return the name of a pod's container."""
        return f"{NETWORK}-{name}"

    def _told(self, name: str) -> dict[str, Any]:
        (found,) = json.loads(self.system.docker("inspect", self.called(name)))
        return dict(found)

    def host(self, name: str) -> str:
        """Return the host name that a pod's processes see."""
        return str(self._told(name)["Config"]["Hostname"])

    def address(self, name: str) -> str:
        """Return the address of a pod."""
        return str(self._told(name)["NetworkSettings"]["Networks"][NETWORK]["IPAddress"])

    def port(self, name: str, called: str) -> int:
        """Return the number of a named port of a pod."""
        (container,) = pods(self.documents)[name]["spec"]["containers"]
        (port,) = (one["containerPort"] for one in container["ports"] if one["name"] == called)
        return int(port)

    def secret(self, key: str) -> str:
        """Return a password of the release."""
        (one,) = self._of("Secret")
        return base64.b64decode(one["data"][key]).decode()

    def unwell(self) -> dict[str, list[str]]:
        """Return pods that do not answer, and which of their probes."""
        found: dict[str, list[str]] = {}
        for name in self.names:
            (container,) = pods(self.documents)[name]["spec"]["containers"]
            probes: dict[str, Any] = {k: v for k, v in container.items() if k.endswith("Probe")}
            if lacking := [kind for kind, probe in probes.items() if not self.answers(name, probe)]:
                found[name] = lacking
        return found

    def logs(self, name: str) -> str:
        """Return what a pod has printed."""
        return self.system.docker("logs", self.called(name))


def _write(path: Path, text: str, mode: int, group: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.chown(path, -1, group)
    path.chmod(mode)


@contextmanager
def node(system: System, folder: Path, documents: list[Document]) -> Iterator[Node]:
    """Run all pods of a release; in the end nothing is left of them."""
    one = Node(system, folder, documents)
    system.docker("network", "create", NETWORK)
    try:
        for name, pod in pods(documents).items():
            one.run(name, pod)
        yield one
    finally:
        for name in one.names:
            system.docker("rm", "--force", "--volumes", one.called(name), check=False)
        system.docker("network", "rm", NETWORK)
