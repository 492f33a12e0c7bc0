"""The broker's certificate is replaced while everything runs: by a bad one, then by a good one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.settings import Settings, to_environ
from ecg_monitor.core.store import Store
from ecg_monitor.launch import processes
from ecg_monitor.launch.services import programs
from tests.support.waiting import eventually, wait_until

DEVICE = "tls-bed"


def openssl(folder: Path, *words: str) -> None:
    program = shutil.which("openssl")
    assert program is not None, "openssl is missing; on Debian: apt-get install openssl"
    subprocess.run([program, *words], cwd=folder, check=True, capture_output=True)


def sign(folder: Path, name: str, days: int, subject: str) -> None:
    """Make a certificate for the broker's key; valid for so many days, from now."""
    (folder / "ext").write_text(f"subjectAltName={subject}\n")
    openssl(
        folder, "x509", "-req", "-in", "broker.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
        "-CAcreateserial", "-days", str(days), "-extfile", "ext", "-out", f"{name}.pem",
    )  # fmt: skip


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority and certificates that it signed: good, expired, elsewhere."""
    folder = tmp_path_factory.mktemp("certificates")
    for words in (
        ("-x509", "-days", "2", "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem"),
        ("-x509", "-days", "2", "-subj", "/CN=x", "-keyout", "x.key", "-out", "stranger.pem"),
        ("-subj", "/CN=broker", "-keyout", "broker.key", "-out", "broker.csr"),
    ):
        openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", *words)
    sign(folder, "good", 2, "IP:127.0.0.1")
    sign(folder, "expired", -1, "IP:127.0.0.1")
    sign(folder, "elsewhere", 2, "DNS:other.example")
    return folder


@dataclass
class Broker:
    """A mosquitto whose certificate can be replaced."""

    folder: Path
    certificates: Path
    port: int = field(default_factory=processes.free_port)
    process: subprocess.Popen[bytes] | None = None

    def use(self, name: str) -> None:
        """Put a certificate in place, and have it read."""
        shutil.copy(self.certificates / f"{name}.pem", self.folder / "broker.pem")
        if self.process is not None:
            self.process.send_signal(signal.SIGHUP)

    def start(self) -> None:
        conf = self.folder / "mosquitto.conf"
        conf.write_text(
            f"user {os.environ.get('USER', 'root')}\n"
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
            f"certfile {self.folder}/broker.pem\nkeyfile {self.certificates}/broker.key\n"
        )
        program = programs.find("mosquitto")
        assert program is not None
        self.process = processes.start([program, "-c", str(conf)], log=self.folder / "broker.log")
        wait_until(
            lambda: processes.answers("127.0.0.1", self.port),
            why=(self.folder / "broker.log").read_text,
        )

    def stop(self) -> None:
        if self.process is not None:
            processes.stop([self.process], 3.0)
        self.process = None


@pytest.fixture
def broker(certificates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    """A broker with a good certificate, whose authority all processes trust."""
    if programs.find("mosquitto") is None:
        pytest.skip("mosquitto is not installed, and no other broker here speaks TLS")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.pem"))
    one = Broker(tmp_path, certificates)
    one.use("good")
    one.start()
    yield one
    one.stop()


def packet(seq: int) -> bytes:
    return json.dumps(
        {
            "v": 1, "boot": "b", "seq": seq, "n0": 90 * seq, "t0": 1.7e9, "fs": 360,
            "gain": 200, "baseline": 0, "leads": {"II": [0] * 90},
        }
    ).encode()  # fmt: skip


async def test_a_certificate_is_replaced_while_connected(
    broker: Broker, redis_client: Store, redis_url: str, tmp_path: Path
) -> None:
    url = f"mqtts://127.0.0.1:{broker.port}"
    settings = Settings(mqtt_url=url, redis_url=redis_url, partitions=1)
    log = tmp_path / "ingest.log"
    ingest = processes.start(
        [sys.executable, "-m", "ecg_monitor.cli", "ingest"],
        log=log,
        environ=os.environ | to_environ(settings),
    )

    async def arrived(count: int) -> bool:
        return await redis_client.xlen(keys.wave(0)) >= count

    async def said(text: str) -> bool:
        return text in log.read_text()

    try:
        await eventually(lambda: said("receiving from the broker"))
        async with mqtt.connect(url) as publisher:
            await publisher.publish(keys.wave_topic(DEVICE), packet(0), qos=1)
            await eventually(lambda: arrived(1))
            broker.use("expired")
            await publisher.publish(keys.wave_topic(DEVICE), packet(1), qos=1)
            await eventually(lambda: arrived(2))  # who is connected stays so
        broker.stop()
        broker.start()
        await eventually(lambda: said("certificate has expired"))
        await eventually(lambda: said("(mosquitto: certfile"))
        assert ingest.poll() is None
        broker.use("good")
        await eventually(lambda: _receiving_again(log))
        async with mqtt.connect(url) as publisher:
            await publisher.publish(keys.wave_topic(DEVICE), packet(2), qos=1)
        await eventually(lambda: arrived(3))
        assert "Traceback" not in log.read_text()
    finally:
        processes.stop([ingest], 5.0)


async def _receiving_again(log: Path) -> bool:
    return log.read_text().count("receiving from the broker") == 2


@pytest.mark.parametrize(
    ("certificate", "trusted", "told"),
    [
        ("good", "stranger.pem", r"not signed by an authority in .*stranger.pem \(SSL_CERT_FILE\)"),
        ("good", "nowhere.pem", "SSL_CERT_FILE names .*nowhere.pem, which cannot be read"),
        ("expired", "ca.pem", "certificate has expired; put a certificate that is valid now"),
        ("elsewhere", "ca.pem", "IP address mismatch.*; connect by a name that it has"),
    ],
)
async def test_the_error_names_the_file_and_the_mend(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, certificate: str, trusted: str, told: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(broker.certificates / trusted))
    broker.use(certificate)
    broker.stop()
    broker.start()
    with pytest.raises(ServiceError, match=told):
        async with mqtt.connect(f"mqtts://127.0.0.1:{broker.port}"):
            pass
