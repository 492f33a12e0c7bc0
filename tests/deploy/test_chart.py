"""The Helm chart by itself: linted, valid for Kubernetes, whole, and closed to the network."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml

from dashboard.web.exposition import exposition
from ecg_monitor.core.settings import load
from tests.support.containers.helm import CHART, SEVERAL, Document, helm, pods, rendered, said
from tests.support.places import ROOT

EVERYTHING: Document = {
    "image": {"pullSecrets": [{"name": "registry"}]},
    "settings": {"ECG_EVENT_RETENTION_S": "43200"},
    "ingress": {"host": "monitor.example.org"},
    "trustedProxy": "10.42.0.0/16",
    "webhook": {"url": "https://example.org/alerts"},
    "mqtt": {
        "devices": {"service": "LoadBalancer", "from": [{"ipBlock": {"cidr": "10.20.0.0/16"}}]}
    },
    "recordings": {"url": "s3://ward/ecg"},
    "api": {"enabled": True},
    "simulate": {"enabled": True},
    "autoscaling": {"enabled": True, "pagesPerHub": 50},
    "monitoring": {"scrape": True, "rules": True, "labels": {"release": "prometheus"}},
    "networkPolicy": {"browsers": [{"namespaceSelector": {"matchLabels": {"name": "edge"}}}]},
    "nodeSelector": {"disk": "fast"},
}
OUTSIDE: Document = {
    "mqtt": {"enabled": False, "address": "broker.example.org:1884"},
    "redis": {"enabled": False, "address": "redis.example.org:6379/0"},
    "secrets": {"existing": "ward-secrets"},
    "networkPolicy": {"enabled": False},
    "recordings": {"storage": {"accessMode": "ReadWriteMany"}},
}
CASES: dict[str, Document] = {"default": {}, "everything": EVERYTHING, "outside": OUTSIDE}
OF_OTHERS = {"ServiceMonitor", "PrometheusRule"}
"""Kinds of the Prometheus operator, of which Kubernetes has no schema."""


@pytest.fixture(scope="module", params=CASES)
def documents(request: pytest.FixtureRequest) -> list[Document]:
    """The chart's objects with one set of values."""
    return rendered(SEVERAL, values=CASES[request.param])


def of(documents: list[Document], *kinds: str) -> list[Document]:
    return [one for one in documents if one["kind"] in kinds]


def fits(selector: Document, labels: Document) -> bool:
    """Whether a selector of Kubernetes takes a pod with these labels."""
    exact = selector.get("matchLabels", {}).items() <= labels.items()
    return exact and all(
        labels.get(one["key"]) in one["values"] and one["operator"] == "In"
        for one in selector.get("matchExpressions", [])
    )


def test_lint_has_nothing_to_say() -> None:
    done = helm("lint", str(CHART), "--strict", values=EVERYTHING)
    lines = [line for line in done.stdout.splitlines() if re.match(r"\[(WARN|ERROR)", line)]
    assert (done.returncode, lines) == (0, []), done.stderr
    assert said(done) == []


@pytest.mark.parametrize("version", ["1.27", "1.36"])
def test_every_object_is_valid(documents: list[Document], version: str) -> None:
    """For the oldest Kubernetes that the chart takes, and for one of today."""
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["kubeVersion"].startswith(">=1.27")
    for document in documents:
        if document["kind"] not in OF_OTHERS:
            kubernetes_validate.validate(document, version, strict=True)


def test_names_are_there_once(documents: list[Document]) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in documents]
    assert len(set(names)) == len(names)


def test_what_a_pod_names_is_there(documents: list[Document]) -> None:
    there = {(one["kind"], one["metadata"]["name"]) for one in documents}
    for name, pod in pods(documents).items():
        for volume in pod["spec"]["volumes"]:
            wanted = {
                ("ConfigMap", volume.get("configMap", {}).get("name")),
                ("PersistentVolumeClaim", volume.get("persistentVolumeClaim", {}).get("claimName")),
                ("Secret", volume.get("secret", {}).get("secretName")),
            }
            wanted = {one for one in wanted if one[1] not in (None, "ward-secrets")}
            assert wanted <= there, name
        mounted = {one["name"] for one in pod["spec"]["containers"][0]["volumeMounts"]}
        templates = {"data"} if name in ("mqtt", "redis") else set()
        assert mounted == {one["name"] for one in pod["spec"]["volumes"]} | templates, name


def test_each_owner_has_its_pods_and_no_others(documents: list[Document]) -> None:
    made = pods(documents)
    for owner in of(documents, "Deployment", "StatefulSet"):
        taken = [
            name
            for name, pod in made.items()
            if fits(owner["spec"]["selector"], pod["metadata"]["labels"])
        ]
        assert taken == [owner["metadata"]["name"].removeprefix("ward-ecg-monitor-")]


def test_each_service_leads_to_a_port(documents: list[Document]) -> None:
    for service in of(documents, "Service"):
        found = [
            pod["spec"]["containers"][0]
            for pod in pods(documents).values()
            if fits({"matchLabels": service["spec"]["selector"]}, pod["metadata"]["labels"])
        ]
        assert len(found) == 1, service["metadata"]["name"]
        ports = {one["name"]: one["containerPort"] for one in found[0]["ports"]}
        for port in service["spec"]["ports"]:
            assert ports[port["targetPort"]] == port["port"]


def test_pods_keep_to_the_restricted_standard(documents: list[Document]) -> None:
    """What the Pod Security Standard `restricted` asks for, and nothing of the cluster besides."""
    for name, pod in pods(documents).items():
        spec = pod["spec"]
        assert spec["enableServiceLinks"] is False, "its variables would begin with the release"
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        kinds = {kind for one in spec["volumes"] for kind in one if kind != "name"}
        assert kinds <= {"secret", "configMap", "emptyDir", "persistentVolumeClaim"}, name
        (container,) = spec["containers"]
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


def test_what_owns_something_never_runs_twice(documents: list[Document]) -> None:
    """A new detector beside the old one, and each would take the partitions from the other."""
    for owner in of(documents, "Deployment"):
        component = owner["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"]
        beside = owner["spec"]["strategy"]["type"] == "RollingUpdate"
        assert beside == (component in ("dashboard", "hub", "api"))


def test_who_shares_a_volume_of_one_node_runs_there() -> None:
    for case, together in ((EVERYTHING, True), (OUTSIDE, False)):
        for name, pod in pods(rendered(values=case)).items():
            claims = [v for v in pod["spec"]["volumes"] if "persistentVolumeClaim" in v]
            terms = pod["spec"].get("affinity", {}).get("podAffinity", {})
            asked = terms.get("requiredDuringSchedulingIgnoredDuringExecution", [])
            own = pod["metadata"]["labels"]
            takes = [one for one in asked if fits(one["labelSelector"], own)]
            # The first of them must be allowed to run where nobody is yet: it fits its own rule.
            assert takes == asked
            recordings = [v for v in claims if v["name"] == "archive"]
            assert len(asked) == (len(claims) if together else len(claims) - len(recordings)), name


def reaches(documents: list[Document], source: Document, target: Document, port: str) -> bool:
    """Whether the policies let one pod open a connection to another's port."""

    def allowed(side: str, peer_key: str, own: Document, peer: Document) -> bool:
        kind = {"egress": "Egress", "ingress": "Ingress"}[side]
        of_own = [
            one["spec"]
            for one in of(documents, "NetworkPolicy")
            if kind in one["spec"]["policyTypes"] and fits(one["spec"]["podSelector"], own)
        ]
        return not of_own or any(
            any(entry["port"] in (port, number) for entry in rule.get("ports", [{"port": port}]))
            and any(
                fits(entry["podSelector"], peer) if "podSelector" in entry else False
                for entry in rule[peer_key]
            )
            if peer_key in rule
            else any(entry["port"] in (port, number) for entry in rule.get("ports", []))
            for policy in of_own
            for rule in policy.get(side, [])
        )

    ports = {one["name"]: one["containerPort"] for one in target["spec"]["containers"][0]["ports"]}
    number = ports[port]
    own, other = source["metadata"]["labels"], target["metadata"]["labels"]
    return allowed("egress", "to", own, other) and allowed("ingress", "from", other, own)


def secrets_of(pod: Document) -> set[str]:
    (volume,) = (one["secret"] for one in pod["spec"]["volumes"] if one["name"] == "secrets")
    return {item["key"] for item in volume["items"]}


def test_parts_reach_what_they_have_a_password_for_and_no_more() -> None:
    found = rendered(SEVERAL, values=EVERYTHING)
    made = pods(found)
    for name, pod in made.items():
        if name in ("mqtt", "redis"):
            continue
        has = secrets_of(pod)
        assert reaches(found, pod, made["redis"], "redis") == ("redis_password" in has), name
        publishes = any(one.startswith("mqtt_") for one in has)
        assert reaches(found, pod, made["mqtt"], "parts") == publishes, name
        assert not reaches(found, pod, made["mqtt"], "devices"), name
    assert not reaches(found, made["mqtt"], made["redis"], "redis")


def test_no_pod_is_without_a_policy_either_way() -> None:
    found = rendered(values=EVERYTHING)
    (first, *_) = of(found, "NetworkPolicy")
    assert set(first["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    assert "ingress" not in first["spec"]
    assert [port["port"] for rule in first["spec"]["egress"] for port in rule["ports"]] == [53, 53]
    for name, pod in pods(found).items():
        assert fits(first["spec"]["podSelector"], pod["metadata"]["labels"]), name


def test_passwords_are_made_where_none_are_named() -> None:
    script = (ROOT / "deploy" / "make-secrets.sh").read_text().replace("\\\n", " ")
    (names,) = re.findall(r"^for name in (.*); do", script, re.MULTILINE)
    made = [of(rendered(), "Secret")[0]["data"] for _ in range(2)]
    assert set(made[0]) == set(names.split())
    texts = [base64.b64decode(text).decode() for one in made for text in one.values()]
    assert len(set(texts)) == len(texts)
    assert all(re.fullmatch(r"[A-Za-z0-9]{64}", text) for text in texts)
    assert of(rendered(values=OUTSIDE), "Secret") == []


def test_addresses_of_pages_are_those_of_the_ingress() -> None:
    found = rendered(values=EVERYTHING)
    (ingress,) = of(found, "Ingress")
    (rule,) = ingress["spec"]["rules"]
    assert ingress["spec"]["tls"][0]["hosts"] == [rule["host"]]
    env = pods(found)["hub"]["spec"]["containers"][0]["env"]
    settings = load({e["name"]: e["value"] for e in env if not e["name"].endswith("_FILE")})
    assert settings.public_url == f"https://{rule['host']}"
    assert settings.hub_url == f"wss://{rule['host']}{rule['http']['paths'][0]['path']}"
    assert settings.event_retention_s == 43200


def expressions(text: str) -> Iterator[str]:
    """Expressions of Prometheus in the first column of a table."""
    for line in text.splitlines():
        if (found := re.match(r"\| `(.*ecg_.*?)` \|", line)) and re.search("[=><(]", found[1]):
            yield found[1]


def test_what_is_worth_an_alarm_is_what_the_page_says() -> None:
    (rules,) = of(rendered(values=EVERYTHING), "PrometheusRule")
    told = [rule["expr"] for group in rules["spec"]["groups"] for rule in group["rules"]]
    page = list(expressions((ROOT / "docs" / "OPERATION.md").read_text()))
    assert len(page) > 5
    assert told[: len(page)] == page
    assert told[len(page) :] == ['ecg_process_cpu_ratio{role=~"ingest|detect"} > 0.6']


def test_it_grows_by_figures_that_are_told() -> None:
    figures: dict[str, Any] = {"processes": [{"role": "hub", "host": "h", "pid": 1, "clients": 3}]}
    text = exposition(figures)
    for scaler in of(rendered(values=EVERYTHING), "HorizontalPodAutoscaler"):
        for metric in scaler["spec"]["metrics"]:
            name = metric.get("external", {}).get("metric", {}).get("name", "")
            assert f"\n{name}{{" in text or metric["type"] == "Resource"
    grown = {
        one["metadata"]["name"]
        for one in of(rendered(values=EVERYTHING), "Deployment")
        if "replicas" not in one["spec"]
    }
    assert grown == {"ward-ecg-monitor-hub", "ward-ecg-monitor-dashboard"}
