"""The container files agree with the program: commands, settings, files, broker options."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from rq import Queue, Worker

from ecg_monitor.cli import COMMANDS
from ecg_monitor.core import keys
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import load
from ecg_monitor.core.store import Store
from ecg_monitor.jobs.queue import NAME
from ecg_monitor.launch import processes
from ecg_monitor.launch.services import programs
from ingest.broker.session import acking_client
from tests.support.places import ROOT
from tests.support.waiting import PATIENCE_S, allowed_s, wait_until


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The parsed compose file."""
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return parsed


def _parts(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: service
        for name, service in compose["services"].items()
        if service["image"] == "ecg-monitor"
    }


def test_every_part_is_a_command_with_known_settings(compose: dict[str, Any]) -> None:
    parts = _parts(compose)
    always = {"ingest", "detect", "deliver", "explain", "dashboard", "hub", "record"}
    assert set(parts) == always | {"simulate", "api", "work"}
    for service in parts.values():
        assert service["command"][0] in COMMANDS
        environ = {
            name: value
            for name, value in service.get("environment", {}).items()
            if not name.endswith("_FILE") and "${" not in value
        }
        load(environ)


def test_files_and_secrets_that_are_named_exist(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert (ROOT / source).is_file() if source[0] == "." else source in compose["volumes"]
    made = (ROOT / "deploy" / "make-secrets.sh").read_text()
    for secret in compose["secrets"].values():
        assert Path(secret["file"]).name in made


def test_only_the_demo_has_simulated_patients(compose: dict[str, Any]) -> None:
    profiles = {name: s.get("profiles", []) for name, s in compose["services"].items()}
    assert profiles["simulate"] == ["demo"]
    assert profiles["tls"] == ["tls"]
    assert profiles["api"] == ["api"]
    asked_for = ("simulate", "tls", "api")
    assert all(not found for name, found in profiles.items() if name not in asked_for)


def test_all_that_must_always_run_restart_and_are_checked(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["restart"] == "unless-stopped"
        if not service.get("profiles"):
            assert service["healthcheck"]["test"], name


def test_no_container_takes_the_machine(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["mem_limit"], name
        assert 0 < service["pids_limit"] <= 512, name
        assert service["logging"]["options"].keys() >= {"max-size", "max-file"}, name
        assert "no-new-privileges:true" in service.get("security_opt", []) or name == "tls"
    assert "maxmemory-policy noeviction" in (ROOT / "deploy" / "valkey.conf").read_text()


def test_redis_of_the_containers_has_a_bound(tmp_path: Path) -> None:
    """The script that starts it writes the bound and the password into what the server reads."""
    script = (ROOT / "deploy" / "valkey.sh").read_text()
    (tmp_path / "password").write_text("secret")
    for former, own in (
        ("/etc/valkey/valkey.conf", str(ROOT / "deploy" / "valkey.conf")),
        ("/run/secrets/redis_password", str(tmp_path / "password")),
        ("exec valkey-server", "cat"),
    ):
        assert former in script
        script = script.replace(former, own)
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        env={"REDIS_MEMORY": "3gb", "PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert {"maxmemory 3gb", "requirepass secret"} <= set(done.stdout.splitlines())


def test_behind_the_proxy_browsers_keep_their_addresses() -> None:
    lines = (ROOT / "deploy" / "tls.env").read_text().splitlines()
    assert "TRUSTED_PROXY=tls" in lines, "the name of the proxy's service in compose.yaml"


def test_secrets_are_made_once(tmp_path: Path) -> None:
    script = tmp_path / "make-secrets.sh"
    script.write_text((ROOT / "deploy" / "make-secrets.sh").read_text())
    texts = []
    for _ in range(2):
        subprocess.run(["/bin/sh", str(script)], check=True, capture_output=True)
        texts.append({p.name: p.read_text() for p in (tmp_path / "secrets").glob("[a-z]*")})
    assert texts[0] == texts[1]
    parsed = yaml.safe_load((ROOT / "compose.yaml").read_text())
    assert set(texts[0]) == set(parsed["secrets"])
    assert all(len(text) == 64 for text in texts[0].values())
    assert len(set(texts[0].values())) == len(texts[0])


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").glob("*.sh")), ids=lambda p: p.name)
def test_scripts_are_valid_shell(script: Path) -> None:
    subprocess.run(["/bin/sh", "-n", str(script)], check=True)
    assert script.stat().st_mode & 0o111


@pytest.fixture
def container_broker(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Addresses, for parts and for devices, of a broker configured and started as in containers."""
    server, tool = programs.find("mosquitto"), programs.find("mosquitto_passwd")
    if server is None or tool is None:
        pytest.skip("mosquitto is not installed")
    port, outer = processes.free_port(), processes.free_port()
    for name in ("mosquitto.conf", "acl"):
        text = (ROOT / "deploy" / name).read_text().replace("/mosquitto/config/", f"{tmp_path}/")
        text = text.replace("/mosquitto/data", str(tmp_path))
        text = text.replace("listener 1883", f"listener {outer} 127.0.0.1")
        (tmp_path / name).write_text(text.replace("listener 1884", f"listener {port} 127.0.0.1"))
    # Started as root, it would change to a user that may not read this folder.
    with (tmp_path / "mosquitto.conf").open("a") as conf:
        conf.write("user root\n")
    passwords = tmp_path / "passwords"
    passwords.touch()
    for user in ("ecg-ingest", "ecg-deliver", "simulator", "bed-1", "bed-2"):
        words = [tool, "-b", str(passwords), user, "right"]
        subprocess.run(words, check=True, capture_output=True)
    log = tmp_path / "log"
    child = processes.start((server, "-c", str(tmp_path / "mosquitto.conf")), log=log)
    wait_until(lambda: processes.answers("127.0.0.1", port), why=log.read_text)
    yield f"127.0.0.1:{port}", f"127.0.0.1:{outer}"
    processes.stop([child], 3.0)


def _url(user: str, broker: tuple[str, str]) -> str:
    inner, outer = broker
    return f"mqtt://{user}:right@{outer if user.startswith('bed') else inner}"


async def test_no_device_can_take_the_session_of_another(container_broker: tuple[str, str]) -> None:
    """Neither ingest's nor another device's: its client id is its user name, whatever it says."""
    ingest_id, topic = "ecg-ingest-1", keys.wave_topic("bed-2")
    async with (
        acking_client(
            _url("ecg-ingest", container_broker), identifier=ingest_id, in_flight=10
        ) as ingest,
        mqtt.connect(_url("bed-2", container_broker), identifier="bed-2") as victim,
    ):
        await ingest.subscribe(keys.WAVE_FILTER)
        for taken in (ingest_id, "bed-2"):
            async with mqtt.connect(_url("bed-1", container_broker), identifier=taken) as bed:
                await bed.publish(keys.wave_topic("bed-1"), b"attacker", qos=1)
        await victim.publish(topic, b"still there", qos=1)
        heard: set[bytes] = set()
        async with asyncio.timeout(allowed_s(PATIENCE_S)):
            while b"still there" not in heard:
                heard |= {message.payload for message in await ingest.batch(10)}


async def test_a_device_hears_its_own_receipts_alone(container_broker: tuple[str, str]) -> None:
    async with (
        mqtt.connect(_url("ecg-ingest", container_broker)) as ingest,
        mqtt.connect(_url("bed-1", container_broker)) as bed,
    ):
        await bed.subscribe("ecg/v1/+/receipt")
        for device in ("bed-2", "bed-1"):
            await ingest.publish(keys.receipt_topic(device), device.encode(), qos=1)
        async with asyncio.timeout(allowed_s(PATIENCE_S)):
            message = await anext(aiter(bed.messages))
        assert message.payload == b"bed-1"


async def test_broker_lets_everyone_do_only_their_part(container_broker: tuple[str, str]) -> None:
    def url(user: str) -> str:
        return _url(user, container_broker)

    async with (
        acking_client(url("ecg-ingest"), identifier="in", in_flight=10) as ingest,
        mqtt.connect(url("ecg-ingest")) as reader,
        mqtt.connect(url("simulator")) as simulator,
        mqtt.connect(url("bed-1")) as bed,
    ):
        await ingest.subscribe("$share/ingest/ecg/v1/+/wave")
        await reader.publish("ecg/v1/bed-1/wave", b"ingest must not publish", qos=1)
        await bed.publish("ecg/v1/bed-2/wave", b"not itself", qos=1)
        await bed.publish("ecg/v1/bed-1/wave", b"itself", qos=1)
        await simulator.publish("ecg/v1/sim-1/wave", b"simulated", qos=1)
        received = [*await ingest.batch(10)]
        while len(received) < 2:
            received += await ingest.batch(10)
        assert {message.payload for message in received} == {b"itself", b"simulated"}


async def test_only_delivery_tells_alerts(container_broker: tuple[str, str]) -> None:
    """Neither a device, simulated or real, nor ingest can forge one, of a bed or of the system."""
    heard: list[tuple[str, bytes]] = []
    topics = (keys.SYSTEM_TOPIC, keys.alert_topic("bed-1"))
    async with (
        mqtt.connect(_url("ecg-deliver", container_broker)) as delivery,
        mqtt.connect(_url("ecg-ingest", container_broker)) as ingest,
        mqtt.connect(_url("simulator", container_broker)) as simulator,
        mqtt.connect(_url("bed-1", container_broker)) as bed,
    ):
        await ingest.subscribe("ecg/v1/#", qos=1)
        senders = ((simulator, b"sim"), (bed, b"bed"), (ingest, b"ingest"), (delivery, b"us"))
        for topic in topics:
            for client, name in senders:
                await client.publish(topic, name, qos=1)
        async with asyncio.timeout(allowed_s(PATIENCE_S)):
            async for message in ingest.messages:
                heard.append((str(message.topic), bytes(message.payload)))
                if len(heard) == len(topics):
                    break
    assert heard == [(topic, b"us") for topic in topics]


async def test_broker_of_the_containers_lets_nobody_in_unnamed(
    container_broker: tuple[str, str],
) -> None:
    for address in container_broker:
        with pytest.raises(ServiceError, match="ECG_MQTT_URL"):
            async with mqtt.connect(f"mqtt://{address}"):
                pass


def _healthy(part: str, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ecg_monitor.cli", "health", part],
        env=os.environ | {"ECG_REDIS_URL": url, "ECG_PARTITIONS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


async def test_health_of_ingest_is_a_recent_report(redis_client: Store, redis_url: str) -> None:
    assert _healthy("ingest", redis_url).stdout == "no ingest has reported within 15 s\n"
    for age_s, status in ((60, 1), (1, 0)):
        report = json.dumps({"role": "ingest", "t": time.time() - age_s})
        await redis_client.hset(keys.THROUGHPUT, "in", report)
        assert _healthy("ingest", redis_url).returncode == status


async def test_ingest_without_the_broker_is_not_healthy(
    redis_client: Store, redis_url: str
) -> None:
    for away_s, status in ((5.0, 0), (40.0, 1)):
        report = {"role": "ingest", "t": time.time(), "broker_away_s": away_s}
        await redis_client.hset(keys.THROUGHPUT, "in", json.dumps(report))
        assert _healthy("ingest", redis_url).returncode == status


async def test_nothing_is_healthy_while_redis_takes_no_writes(
    redis_client: Store, redis_url: str
) -> None:
    now = time.time()
    for role in ("ingest", "detect", "record"):
        report = json.dumps({"role": role, "t": now + 3600})
        await redis_client.hset(keys.THROUGHPUT, role, report)
    for name in (keys.WATCHED, keys.EXPLAIN_ALIVE):
        await redis_client.set(name, "1")
    await redis_client.execute_command("REPLICAOF", "127.0.0.1", "1")
    try:
        for part in ("ingest", "detect", "deliver", "explain", "record", "work"):
            found = _healthy(part, redis_url)
            assert found.returncode == 1
            assert found.stdout.startswith("Redis takes no writes: ")
    finally:
        await redis_client.execute_command("REPLICAOF", "NO", "ONE")
    assert _healthy("detect", redis_url).returncode == 0


async def test_health_of_the_detector_is_its_lag(redis_client: Store, redis_url: str) -> None:
    assert _healthy("detect", redis_url).stdout == "no detector has reported within 15 s\n"
    await redis_client.set(keys.STARTING, "0.5")
    assert _healthy("detect", redis_url).returncode == 0  # it is being compiled
    await redis_client.xadd(keys.wave(0), {"d": "bed"}, id="65000-0")
    assert _healthy("detect", redis_url).returncode == 0  # the first packet has just come
    await redis_client.xadd(keys.wave(0), {"d": "bed"}, id="100000-0")
    assert _healthy("detect", redis_url).stdout == "partition 0 is 35 s behind\n"
    for position, status in ((b"60000-0", 1), (b"99000-5", 0)):
        await redis_client.hset(keys.lag(0), "position", position)
        assert _healthy("detect", redis_url).returncode == status


def test_health_without_redis_or_with_a_wrong_setting_is_one_line() -> None:
    away = _healthy("detect", "redis://127.0.0.1:1")
    assert (away.returncode, away.stderr) == (1, "")
    assert "127.0.0.1:1" in away.stdout
    wrong = _healthy("detect", "")
    assert (wrong.returncode, wrong.stderr) == (1, "")
    assert wrong.stdout.startswith("ECG_REDIS_URL is missing")


async def test_health_of_delivery_is_its_cursor(redis_client: Store, redis_url: str) -> None:
    assert _healthy("deliver", redis_url).stdout == "delivery does not watch the system\n"
    await redis_client.set(keys.WATCHED, "1")
    assert _healthy("deliver", redis_url).returncode == 0  # nothing to do
    old = int(time.time() * 1000) - 60_000
    await redis_client.xadd(keys.alertlog(0), {"e": "{}"}, id=f"{old}-0")
    for position, status in ((f"{old - 1}-0", 1), (f"{old}-0", 0)):
        await redis_client.hset(keys.cursors(0), "mqtt", position)
        assert _healthy("deliver", redis_url).returncode == status


async def test_health_of_the_recorder_is_its_space(redis_client: Store, redis_url: str) -> None:
    assert _healthy("record", redis_url).stdout == "no recorder has reported within 15 s\n"
    report = {"role": "record", "t": time.time() + 3600, "recording_held": ""}
    await redis_client.hset(keys.THROUGHPUT, "record", json.dumps(report))
    assert _healthy("record", redis_url).returncode == 0
    report["recording_held"] = "the disk is full"
    await redis_client.hset(keys.THROUGHPUT, "record", json.dumps(report))
    assert _healthy("record", redis_url).stdout == "nothing is recorded: the disk is full\n"


async def test_health_of_the_workers_is_that_one_is_there(
    redis_client: Store, redis_url: str
) -> None:
    await redis_client.flushall()
    assert _healthy("work", redis_url).stdout == "no worker for files has reported lately\n"
    with redis.Redis.from_url(redis_url) as client:
        worker = Worker([Queue(NAME, connection=client)], connection=client)
        worker.register_birth()
        assert _healthy("work", redis_url).returncode == 0
        worker.register_death()
    assert _healthy("work", redis_url).returncode == 1
