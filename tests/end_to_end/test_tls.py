"""Devices and ingest over TLS, with a certificate authority of our own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.launch import processes
from ecg_monitor.launch.services import programs
from tests.support.waiting import allowed_s, wait_until

PASSWORD = "a device's p@ssword"
URL_PASSWORD = "a%20device's%20p%40ssword"


def openssl(folder: Path, *words: str) -> None:
    program = shutil.which("openssl")
    assert program is not None, "openssl is missing; on Debian: apt-get install openssl"
    subprocess.run([program, *words], cwd=folder, check=True, capture_output=True)


def authority(folder: Path, name: str) -> Path:
    """Make a certificate authority; return its certificate."""
    openssl(
        folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem",
    )  # fmt: skip
    return folder / f"{name}.pem"


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, a certificate of 127.0.0.1 that it signed, and a stranger."""
    folder = tmp_path_factory.mktemp("tls")
    authority(folder, "ca")
    authority(folder, "stranger")
    (folder / "ext").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl(
        folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker",
        "-keyout", "broker.key", "-out", "broker.csr",
    )  # fmt: skip
    openssl(
        folder, "x509", "-req", "-in", "broker.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
        "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", "broker.pem",
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def broker(keyring: Path) -> Iterator[int]:
    """Port of a mosquitto that takes TLS and one user only."""
    mosquitto = programs.find("mosquitto")
    if mosquitto is None:
        pytest.skip("mosquitto is not installed, and no other broker here speaks TLS")
    tool = programs.find("mosquitto_passwd")
    assert tool is not None
    subprocess.run([tool, "-b", "-c", str(keyring / "users"), "ward", PASSWORD], check=True)
    port = processes.free_port()
    conf = keyring / "mosquitto.conf"
    conf.write_text(
        f"user {os.environ.get('USER', 'root')}\n"
        f"listener {port} 127.0.0.1\n"
        f"certfile {keyring}/broker.pem\nkeyfile {keyring}/broker.key\n"
        f"allow_anonymous false\npassword_file {keyring}/users\n"
    )
    process = processes.start([mosquitto, "-c", str(conf)], log=keyring / "mosquitto.log")
    try:
        wait_for_port(port, process)
        yield port
    finally:
        processes.stop([process], 5.0)


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    def answers() -> bool:
        assert process.poll() is None, "mosquitto has ended"
        return processes.answers("127.0.0.1", port)

    wait_until(answers)


def environ(settings: Settings, trusted: Path) -> dict[str, str]:
    return {**os.environ, **to_environ(settings), "SSL_CERT_FILE": str(trusted)}


def simulate(settings: Settings, trusted: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ecg_monitor.cli", "simulate", "--scenario", "sinus", "--once",
         "--duration", "3", "--speed", "5"],
        env=environ(settings, trusted), capture_output=True, text=True, timeout=allowed_s(120),
        check=False,
    )  # fmt: skip


def accepted(url: str) -> int:
    client = redis.Redis.from_url(url)
    try:
        return sum(client.xlen(keys.wave(partition)) for partition in range(4))
    finally:
        client.close()


def test_packets_arrive_over_tls(broker, keyring, redis_url, tmp_path):
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    client.close()
    url = f"mqtts://ward:{URL_PASSWORD}@127.0.0.1:{broker}"
    settings = Settings(mqtt_url=url, redis_url=redis_url, state=str(tmp_path))
    ingest = processes.start(
        [sys.executable, "-m", "ecg_monitor.cli", "ingest"],
        log=tmp_path / "ingest.log",
        environ=environ(settings, keyring / "ca.pem"),
    )
    try:
        done = simulate(settings, keyring / "ca.pem")
        assert done.returncode == 0, done.stderr
        wait_until(lambda: accepted(redis_url) >= 10, 60)
    finally:
        processes.stop([ingest], 5.0)


def said_by_ingest(settings: Settings, trusted: Path, told: str, folder: Path) -> str:
    """Run ingest until it has said ``told``; return all it said."""
    log = folder / "ingest.log"
    ingest = processes.start(
        [sys.executable, "-m", "ecg_monitor.cli", "ingest"],
        log=log,
        environ=environ(settings, trusted),
    )
    try:
        wait_until(lambda: told in log.read_text(), 60)
    finally:
        processes.stop([ingest], 5.0)
    return log.read_text()


@pytest.mark.parametrize(
    ("password", "trusted", "told"),
    [
        (URL_PASSWORD, "stranger.pem", "certificate verify failed"),
        ("wrong", "ca.pem", "refuses the user or password in ECG_MQTT_URL"),
    ],
)
def test_who_is_not_trusted_is_told_so(
    broker, keyring, redis_url, tmp_path, password, trusted, told
):
    url = f"mqtts://ward:{password}@127.0.0.1:{broker}"
    settings = Settings(mqtt_url=url, redis_url=redis_url, state=str(tmp_path))
    said = said_by_ingest(settings, keyring / trusted, told, tmp_path)
    assert "Traceback" not in said
    assert "p@ssword" not in said
    assert URL_PASSWORD not in said
