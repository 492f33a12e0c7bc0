"""What ``ecg-monitor cluster`` says and refuses before any machine starts; against a real Redis."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from detector.cluster import register
from detector.cluster.register import Cluster
from ecg_monitor.cli import main
from ecg_monitor.core import keys, store
from ecg_monitor.core.settings import Settings

DETECTOR = {"pid": 7, "version": "1", "memory_mb": 321, "disk_mb": 9}
STATE = {
    "detectors": {
        "detector-0": {**DETECTOR, "node": "icu-a", "owned": [0, 2]},
        "detector-1": {**DETECTOR, "node": "icu-b", "owned": [], "disk_mb": 9000},
    },
    "leaving": ["icu-b"],
    "refused": {"detector-2": "another version"},
    "by_hand": True,
}


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, redis_url: str) -> None:
    monkeypatch.setenv("ECG_REDIS_URL", redis_url)
    monkeypatch.setenv("ECG_SECRET", "for tests only, and long")

    async def empty() -> None:
        async with store.answering(redis_url) as client:
            await client.delete(keys.CLUSTER, keys.CLUSTER_ORDERS)

    asyncio.run(empty())


def registered(redis_url: str, version: str | None = None) -> Cluster:
    """A cluster that is there already."""
    cluster = Cluster.begin("10.0.0.1:6390", Settings())
    if version is not None:
        cluster = dataclasses.replace(cluster, version=version)

    async def tell() -> None:
        async with store.answering(redis_url) as client:
            assert await register.renew(client, cluster, STATE)

    asyncio.run(tell())
    return cluster


def start(tmp_path: Path, *words: str) -> int:
    return main(["cluster", "start", "--host", "127.0.0.1", "--temp", str(tmp_path), *words])


def test_status_says_who_owns_what(redis_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    cluster = registered(redis_url)
    assert main(["cluster", "status"]) == 0
    said = capsys.readouterr().out
    assert f"Cluster {cluster.id} at 10.0.0.1:6390" in said
    assert "icu-a  detector-0  partitions: 0 2  (321 MB, only 9 MB free on its disk)" in said
    assert "icu-b  detector-1  partitions: none  (321 MB, is being drained)" in said
    assert "detector-2 does not start: another version" in said
    assert "as they were moved by hand" in said
    assert "Nobody of the cluster owns 1, 3 now." in said


@pytest.mark.parametrize("words", [["status"], ["move", "3", "icu-b"], ["drain", "icu-b"]])
def test_without_a_cluster_it_says_how_to_begin_one(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cluster", *words]) == 2
    assert "`ecg-monitor cluster start` begins one" in capsys.readouterr().err


def test_a_second_cluster_is_refused(
    tmp_path: Path, redis_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster = registered(redis_url)
    assert start(tmp_path) == 2
    said = capsys.readouterr().err
    assert f"the cluster {cluster.id} at 10.0.0.1:6390 works on this Redis" in said
    assert "--join" in said


def test_a_machine_of_another_version_is_refused(
    tmp_path: Path, redis_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    registered(redis_url, version="99.0")
    assert start(tmp_path, "--join") == 2
    assert "10.0.0.1:6390 has 99.0: all machines" in capsys.readouterr().err


def test_without_a_secret_nothing_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ECG_SECRET")
    assert start(tmp_path) == 2
    assert "ECG_SECRET is missing" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert start(tmp_path / "file") == 2
    assert f"{tmp_path / 'file'}: File exists; see --temp" in capsys.readouterr().err


@pytest.mark.parametrize("count", ["0", "1000000", "many"])
def test_a_senseless_number_of_detectors_is_refused(
    count: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["cluster", "start", "--detectors", count])
    assert "--detectors" in capsys.readouterr().err
