"""The whole of compose.yaml, built, started, used, harmed and upgraded: `make test-containers`.

Not part of `make test`: it needs root and Docker, and takes half an hour. Each check goes on where
the one before it ended, so they run together and in this order.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ecg_monitor.ward.alerts.exchange.messages import signature
from tests.support.containers.system import ADDRESS, PROJECT, System
from tests.support.pages import flawless
from tests.support.places import ARTIFACTS, ROOT
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.serial, pytest.mark.timeout(7200)]

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PREFIX = "ward"
DEVICE = f"{PREFIX}-01"
PASSWORD = "correct-horse"
ALWAYS = (
    "mqtt",
    "redis",
    "ingest",
    "detect",
    "deliver",
    "explain",
    "record",
    "work",
    "hub",
    "dashboard",
)
HOG = "x = b'x' * (1 << 31); print('all of it')"
"""Takes 2 GiB."""
MANY = """
import subprocess
started = []
try:
    while len(started) < 999:
        started.append(subprocess.Popen(["sleep", "60"]))
except OSError:
    print("stopped at", len(started))
"""
"""Starts more processes than a part may have."""


def told(text: str) -> None:
    """Print what was found: it goes into docs/CONTAINERS.md."""
    print(f"\n    {text}", end="", flush=True)


def said_by_device(whole: System) -> Path:
    """File of what the device outside the containers prints."""
    return whole.folder / "device.log"


@pytest.fixture(scope="module")
def device(whole: System) -> Iterator[subprocess.Popen[bytes]]:
    """A device outside the containers, with its own account, whose patient has runs of VT."""
    words = ("simulate", "--beds", "1", "--scenario", "vt-run", "--device-prefix", PREFIX)
    log = said_by_device(whole).open("wb")
    child = subprocess.Popen(
        [sys.executable, "-m", "ecg_monitor.cli", *words, "--no-progress", "--no-truth"],
        cwd=ROOT,
        env={
            "ECG_MQTT_URL": f"mqtt://{DEVICE}:{PASSWORD}@{ADDRESS}:1883",
            "HOME": str(whole.folder),
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
        },
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    log.close()
    yield child
    child.terminate()
    child.wait()


def alerts(whole: System) -> list[dict[str, Any]]:
    """Alerts that the receiver was told of, as they were when they were raised."""
    bodies = [json.loads(post["body"]) for post in whole.posts()]
    # What is told of the system has no event of a bed.
    return [body["alert"] for body in bodies if body.get("event", {}).get("what") == "raised"]


def of_device(whole: System) -> list[dict[str, Any]]:
    return [alert for alert in alerts(whole) if alert["device"] == DEVICE]


def fetched(port: int, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Status and text that a published port answers with."""
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=30)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def metrics(whole: System) -> str:
    """What the dashboard tells Prometheus."""
    token = (whole.folder / "deploy" / "secrets" / "metrics_token").read_text()
    status, text = fetched(8050, "/metrics", {"Authorization": f"Bearer {token}"})
    assert status == 200, text
    return text


def behind(whole: System) -> dict[str, float]:
    """How far analysis is behind by partition, s, as metrics tell it: what a scaler looks at."""
    pattern = r'^ecg_detector_behind_seconds{partition="(\d+)"} (\S+)'
    found = re.findall(pattern, metrics(whole), re.MULTILINE)
    return {partition: float(value) for partition, value in found}


def test_images_are_built(whole: System) -> None:
    began = time.monotonic()
    whole.compose("build", within_s=3600.0)
    size = json.loads(whole.docker("image", "inspect", "ecg-monitor"))[0]["Size"]
    told(f"image of the parts: {size / 1e6:.0f} MB, built in {time.monotonic() - began:.0f} s")


def test_all_containers_become_healthy(whole: System) -> None:
    began = time.monotonic()
    whole.profiles = ("demo", "api")
    whole.up()
    states = whole.states()
    told(f"{len(states)} containers well after {time.monotonic() - began:.0f} s")
    assert set(states) >= {f"{PROJECT}-{name}-1" for name in (*ALWAYS, "simulate", "api")}


def test_a_device_gets_an_account(whole: System) -> None:
    words = ("mosquitto_passwd", "-b", "/mosquitto/data/passwords", DEVICE, PASSWORD)
    whole.compose("exec", "--no-TTY", "mqtt", *words)
    # `docker kill` would count as an order to stop, even with HUP: nothing would start again then.
    whole.compose("exec", "--no-TTY", "mqtt", "sh", "-c", "kill -HUP 1")
    # A device that is not let in at first gives up.
    signs_in = ("mosquitto_pub", "-u", DEVICE, "-P", PASSWORD, "-q", "1")
    says = ("-t", f"ecg/v1/{DEVICE}/status", "-m", "x")
    tried = ("exec", "--no-TTY", "mqtt", "sh", "-c", '"$@" && echo let in', "-", *signs_in, *says)
    wait_until(
        lambda: "let in" in whole.compose(*tried, check=False),
        60.0,
        why=lambda: whole.logs(f"{PROJECT}-mqtt-1")[-2000:],
    )


@pytest.mark.usefixtures("device")
def test_a_bed_is_on_the_page(whole: System) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    printed = whole.run_in("dashboard", "dashboard", "--link", "--user", "A. Nurse")
    link = re.search(r"http://\S+/signin\?token=\S+", printed)
    assert link, printed
    began = time.monotonic()
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with flawless(chromium, 1280, 720) as context:
            page = context.new_page()
            page.goto(link[0])
            rate = page.locator(f".tile[data-device='{DEVICE}'] .rate")

            def why() -> str:
                shown = page.locator(".tile").count()
                said, ingest = said_by_device(whole).read_text(), whole.logs(f"{PROJECT}-ingest-1")
                return f"{shown} beds are shown; device: {said[-1500:]}; ingest: {ingest[-1500:]}"

            wait_until(
                lambda: any(text.strip().isdigit() for text in rate.all_inner_texts()),
                240.0,
                why=why,
            )
            told(f"the device's heart rate is on the wall after {time.monotonic() - began:.0f} s")
            (ARTIFACTS / "containers").mkdir(parents=True, exist_ok=True)
            page.screenshot(path=ARTIFACTS / "containers" / "wall.png")
        chromium.close()


def test_an_alarm_arrives_at_a_webhook(whole: System) -> None:
    wait_until(lambda: of_device(whole), 180.0)
    alert = of_device(whole)[0]
    told(f"the webhook got {alert['kind']} of {alert['device']}")
    secret = (whole.folder / "deploy" / "secrets" / "webhook_secret").read_text()
    for post in whole.posts():
        signed = signature(secret, post["X-ECG-Timestamp"], post["body"].encode())
        assert post["X-ECG-Signature"] == signed


def test_the_api_answers(whole: System) -> None:
    assert fetched(8060, "/health")[0] == 200


def test_limits_are_in_force(whole: System) -> None:
    for one in whole.containers():
        limits, name = one["HostConfig"], one["Name"]
        if name.endswith("receiver-1"):
            continue
        assert limits["Memory"] > 0, name
        assert 0 < limits["PidsLimit"] <= 512, name
        assert limits["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "5"}, name
    run = ("run", "--rm", "--no-deps", "--no-TTY", "--entrypoint", "python", "ingest", "-c")
    assert "all of it" not in whole.compose(*run, HOG, check=False)
    stopped = re.search(r"stopped at (\d+)", whole.compose(*run, MANY))
    assert stopped is not None
    assert int(stopped[1]) < 256
    assert "Read-only file system" in whole.compose(*run, "open('/opt/x', 'w')", check=False)
    told(f"2 GiB in 1 GiB: killed; processes: refused after {stopped[1]}; nothing can be written")


@pytest.mark.parametrize("service", [*ALWAYS, "api", "simulate"])
def test_what_is_killed_comes_back(whole: System, service: str) -> None:
    took_s = whole.kill(service)
    told(f"{service}: well again after {took_s:.0f} s")
    wait_until(whole.healthy, why=lambda: str(whole.states()))


def test_upgrade_loses_no_alert(whole: System) -> None:
    before = len(of_device(whole))
    version = whole.folder / "ecg_monitor" / "__init__.py"
    text = version.read_text()
    newer = re.sub(r'__version__ = "[^"]+"', '__version__ = "9.9.9"', text)
    assert newer != text
    version.write_text(newer)
    began = time.monotonic()
    whole.compose("build", within_s=3600.0)
    built = time.monotonic()
    told(f"built anew in {built - began:.0f} s")
    old = {one["Id"] for one in whole.containers()}
    whole.up()
    told(f"all containers replaced and well after {time.monotonic() - built:.0f} s")
    kept = {one["Name"] for one in whole.containers() if one["Id"] in old}
    assert kept <= {f"/{PROJECT}-{name}-1" for name in ("mqtt", "redis", "receiver")}
    assert "9.9.9" in whole.run_in("ingest", "--version")
    wait_until(lambda: len(of_device(whole)) > before, 180.0)


def test_the_page_is_behind_tls(whole: System) -> None:
    whole.profiles = ("demo", "api", "tls")
    whole.environ |= {
        "SITE": "localhost",
        "PUBLIC_URL": "https://localhost",
        "HUB_URL": "wss://localhost/hub",
        "TRUSTED_PROXY": "tls",
    }
    whole.up()
    read = ("exec", "--no-TTY", "tls", "cat", "/data/caddy/pki/authorities/local/root.crt")
    # It has no health check: when it runs, it has yet to make its certificates.
    wait_until(
        lambda: "END CERTIFICATE" in whole.compose(*read, check=False),
        120.0,
        why=lambda: whole.logs(f"{PROJECT}-tls-1")[-2000:],
    )
    context = ssl.create_default_context(cadata=whole.compose(*read))

    def is_served() -> bool:
        try:
            return encrypted("/healthz")[0] == 200
        except OSError:
            return False

    def encrypted(path: str) -> tuple[int, str]:
        with (
            socket.create_connection((ADDRESS, 443), 30) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            words = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            connection.sendall(words.encode())
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return answer.status, answer.getheader("Strict-Transport-Security", "")

    wait_until(is_served, 120.0, why=lambda: whole.logs(f"{PROJECT}-tls-1")[-2000:])
    assert encrypted("/healthz") == (200, "max-age=31536000")
    assert encrypted("/hub/healthz")[0] == 200


def test_nothing_was_lost_or_doubled(whole: System, device: subprocess.Popen[bytes]) -> None:
    device.terminate()
    device.wait()
    whole.compose("stop", "simulate")
    wait_until(lambda: set(behind(whole).values()) == {0.0}, 120.0, why=lambda: str(behind(whole)))
    found = whole.account()
    told(", ".join(f"{name} {number}" for name, number in found.items()))
    assert found["alerts"] > 0
    wrong = {name: n for name, n in found.items() if name.endswith(("lost", "doubled")) and n}
    assert wrong == {}
