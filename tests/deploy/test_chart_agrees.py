"""The Helm chart says what compose.yaml says: images, commands, secrets, limits, checks, users."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

import ecg_monitor
from detector.runner.command import parse_partitions
from ecg_monitor.cli import build_parser
from ecg_monitor.core.settings import load
from tests.support.containers.helm import CHART, SEVERAL, Document, pods, refused, rendered
from tests.support.places import ROOT

ALL = {"simulate": {"enabled": True}, "api": {"enabled": True}}
SPARE = "detect-standby"
"""Kubernetes takes minutes to see that a node is gone: here one detector waits from the first."""
UNITS = {"m": 1 << 20, "g": 1 << 30, "Mi": 1 << 20, "Gi": 1 << 30}
AT_PORT = re.compile(r"http://127\.0\.0\.1:(\d+)(/\w+)")


@pytest.fixture(scope="module")
def compose() -> Document:
    """The parsed compose file, without the proxy, whose place the Ingress takes."""
    services: Document = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return {name: service for name, service in services.items() if name != "tls"}


@pytest.fixture(scope="module")
def made() -> dict[str, Document]:
    """The pods of the chart with everything that can be on."""
    return pods(rendered(values=ALL))


@pytest.fixture
def both(
    compose: Document, made: dict[str, Document]
) -> list[tuple[str, Document, Document, Document]]:
    """Name, service of compose.yaml, pod and its container, of each part."""
    return [
        (name, compose[name], made[name]["spec"], made[name]["spec"]["containers"][0])
        for name in compose
    ]


def octets(text: str) -> int:
    """How many bytes a limit of docker or Kubernetes is."""
    number, unit = re.fullmatch(r"(?:\$\{\w+:-)?(\d+)([a-zA-Z]+)\}?", text).groups()
    return int(number) * UNITS[unit]


def environ(container: Mapping[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in container.get("env", [])}


def test_the_same_parts_run(compose: Document, made: dict[str, Document]) -> None:
    assert set(made) == set(compose) | {SPARE}


def test_without_asking_neither_demo_nor_api_run(compose: Document) -> None:
    always = {name for name, service in compose.items() if not service.get("profiles")}
    assert set(pods(rendered())) == always | {SPARE}


def test_images_are_the_same(both: list[tuple[str, Document, Document, Document]]) -> None:
    for name, service, _, container in both:
        image = container["image"].removesuffix(f":{ecg_monitor.__version__}")
        assert image == service["image"], name


def test_limits_and_time_to_end_are_the_same(
    both: list[tuple[str, Document, Document, Document]],
) -> None:
    for name, service, pod, container in both:
        limit = container["resources"]["limits"]["memory"]
        assert octets(limit) == octets(service["mem_limit"]), name
        assert container["resources"]["requests"]["memory"] == limit
        if grace := service.get("stop_grace_period"):
            assert f"{pod['terminationGracePeriodSeconds']}s" == grace, name


def test_the_same_are_their_pods_first_process(
    both: list[tuple[str, Document, Document, Document]],
) -> None:
    """The broker is told of a new device by a signal to the first process; it is that itself."""
    for name, service, pod, _ in both:
        assert pod.get("shareProcessNamespace", False) == service.get("init", False), name


def test_redis_holds_as_much(compose: Document, made: dict[str, Document]) -> None:
    held = environ(made["redis"]["spec"]["containers"][0])["REDIS_MEMORY"]
    assert compose["redis"]["environment"]["REDIS_MEMORY"] == f"${{REDIS_MEMORY:-{held}}}"


def test_secrets_are_the_same(both: list[tuple[str, Document, Document, Document]]) -> None:
    for name, service, pod, container in both:
        (volume,) = (one["secret"] for one in pod["volumes"] if one["name"] == "secrets")
        assert {item["path"] for item in volume["items"]} == set(service["secrets"]), name
        assert all(item["path"] == item["key"] for item in volume["items"])
        mounts = {one["name"]: one for one in container["volumeMounts"]}
        assert mounts["secrets"]["mountPath"] == "/run/secrets"


def test_commands_are_the_same(both: list[tuple[str, Document, Document, Document]]) -> None:
    for name, service, _, container in both:
        if "entrypoint" in service:
            assert container["command"] == service["entrypoint"]
        elif name == "ingest":
            # Shared from the first, so that a second one needs no change of the first.
            assert container["args"] == ["ingest", "--shared", "--name", "ecg-ingest"]
        else:
            assert container["args"] == [str(word) for word in service["command"]], name


def test_folders_are_the_same(both: list[tuple[str, Document, Document, Document]]) -> None:
    for name, service, _, container in both:
        mounted = {one["mountPath"] for one in container["volumeMounts"]}
        kept = {v.split(":")[1] for v in service["volumes"] if not v.startswith("./")}
        assert kept <= mounted, name
        others = {"/run/secrets", "/mosquitto/config", "/etc/valkey", "/etc/ecg-monitor"}
        assert mounted - kept - others == {"/tmp"}, name  # noqa: S108


def test_users_are_the_same(both: list[tuple[str, Document, Document, Document]]) -> None:
    (own,) = re.findall(r"--uid (\d+)", (ROOT / "Dockerfile").read_text())
    for name, service, pod, _ in both:
        context = pod["securityContext"]
        who = service.get("user", own).split(":")
        assert [str(context[k]) for k in ("runAsUser", "runAsGroup")[: len(who)]] == who, name


def test_checks_ask_the_same(both: list[tuple[str, Document, Document, Document]]) -> None:
    for name, service, _, container in both:
        probe = container.get("readinessProbe")
        words = service.get("healthcheck", {}).get("test")
        if words is None:
            assert probe is None
        elif "exec" in probe:
            own = probe["exec"]["command"]
            asked = [own[2].replace("$", "$$")] if own[0] == "sh" else own
            assert asked == words[1:], name
            times = (f"{probe['periodSeconds']}s", f"{probe['timeoutSeconds']}s")
            check = service["healthcheck"]
            assert (*times, probe["failureThreshold"]) == (
                check["interval"],
                check["timeout"],
                check["retries"],
            )
        else:
            port, path = AT_PORT.search(words[-1]).groups()
            kind = "httpGet" if "httpGet" in probe else "tcpSocket"
            (named,) = (p for p in container["ports"] if p["name"] == probe[kind]["port"])
            assert str(named["containerPort"]) == port
            assert probe[kind].get("path", path) == path


def test_variables_are_settings_and_those_of_compose(
    both: list[tuple[str, Document, Document, Document]],
) -> None:
    for name, service, _, container in both:
        given = environ(container)
        load({key: value for key, value in given.items() if not key.endswith("_FILE")})
        asked = service.get("environment", {})
        assert set(asked) <= set(given), name
        for key, value in asked.items():
            assert given[key] == re.sub(r"\$\{\w+:-(.*)\}", r"\1", value), (name, key)
            if key.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]


def test_what_the_chart_and_compose_share_is_one_file() -> None:
    shared = [path for path in (CHART / "files").iterdir() if path.is_symlink()]
    assert {path.name for path in shared} > {"acl", "mosquitto.conf", "valkey.conf", "config.toml"}
    for path in shared:
        assert path.resolve() == ROOT / "deploy" / path.name


def test_the_chart_is_of_the_program_that_runs() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert chart["appVersion"] == ecg_monitor.__version__


def test_several_are_as_many_as_in_compose() -> None:
    text = (ROOT / "compose.scale.yaml").read_text().replace("!reset", "")
    services = yaml.safe_load(text)["services"]
    del services["front"]  # Services and the Ingress take its place
    parts = {
        document["metadata"]["name"].removeprefix("ward-ecg-monitor-"): document["spec"]
        for document in rendered(SEVERAL)
        if document["kind"] == "Deployment"
    }
    for name, service in services.items():
        spec = parts[SPARE if name == "detect-spare" else name]
        args = spec["template"]["spec"]["containers"][0]["args"]
        replicas = service.get("deploy", {}).get("replicas", "1")
        assert spec["replicas"] == int(re.sub(r"\$\{\w+:-(.*)\}", r"\1", replicas))
        if "command" in service and name != "ingest":
            assert args == service["command"]
        build_parser().parse_args(args)


@pytest.mark.parametrize("lists", [["0-1", "2-3"], ["0,2", "1,3"], [0, "1-3"]], ids=str)
def test_detectors_share_all_partitions(lists: list[str | int]) -> None:
    owned: list[int] = []
    for name, pod in pods(rendered(values={"detect": {"lists": lists}})).items():
        if name.startswith("detect") and name != SPARE:
            owned += parse_partitions(pod["spec"]["containers"][0]["args"][2], 4)
    assert sorted(owned) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("lists", "why"),
    [
        (["0-2", "2-3"], "partition 2 is named twice"),
        (["0-2"], "no detector has partition 3"),
        (["0-4"], "there is no partition 4"),
        (["0-x"], "does not match pattern"),
    ],
    ids=str,
)
def test_partitions_of_two_detectors_or_none_are_refused(lists: list[str], why: str) -> None:
    assert why in refused({"detect": {"lists": lists}})


def test_a_value_that_nobody_reads_is_refused() -> None:
    assert "additional properties 'memry'" in refused({"deliver": {"memry": "2Gi"}})
    assert "mqtt.address" in refused({"mqtt": {"enabled": False}})
