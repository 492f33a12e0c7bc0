"""The image holds all that its commands need: what is sent to its build is listed by hand."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from ecg_monitor.cli import COMMANDS, build_parser
from tests.support.places import ROOT
from tests.support.waiting import PATIENCE_S, allowed_s


@pytest.fixture(scope="module")
def sent() -> set[str]:
    """What `.dockerignore` lets through to the build."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[0] == "*", "everything that is not named is left out"
    return {line[1:] for line in lines if line.startswith("!")}


def test_every_package_is_sent_to_the_build(sent: set[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {pattern.rstrip("*") for pattern in patterns} <= sent


def test_every_command_is_in_the_image(sent: set[str]) -> None:
    assert {command.module.partition(".")[0] for command in COMMANDS.values()} <= sent


def test_what_the_image_copies_is_sent(sent: set[str]) -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    folders = {name.partition("*")[0] for name in sent if "*" in name}
    for name in set(copied) - {"."}:
        assert name in sent or any(name.startswith(folder) for folder in folders), name


@pytest.fixture
def starts(tmp_path: Path) -> Callable[[int], list[str]]:
    """Start so many containers at once on one volume; give where each looks for compiled code."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "ecg-monitor"
    command.write_text('#!/bin/sh\necho "$NUMBA_CACHE_DIR"\n')
    command.chmod(0o755)
    (tmp_path / "image" / "20260101T000000" / "engine").mkdir(parents=True)
    (tmp_path / "image" / "20260101T000000" / "engine" / "kernel.nbc").write_bytes(b"compiled")
    environ = {
        "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
        "ECG_CACHE": str(tmp_path / "volume"),
        "ECG_COMPILED": str(tmp_path / "image"),
    }

    def start(count: int) -> list[str]:
        words = ["/bin/sh", str(ROOT / "deploy" / "entrypoint.sh"), "detect"]
        children = [
            subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, text=True)
            for _ in range(count)
        ]
        told = [child.communicate(timeout=allowed_s(PATIENCE_S))[0].strip() for child in children]
        assert [child.returncode for child in children] == [0] * count
        return told

    return start


def test_what_is_compiled_with_the_image_is_laid_into_the_volume(
    starts: Callable[[int], list[str]], tmp_path: Path
) -> None:
    """However many containers start at once, and whatever an image before it has left there."""
    kept = tmp_path / "volume" / "compiled"
    former, recent = kept / "20250101T000000", kept / "20251231T000000"
    for folder in (former, recent):
        folder.mkdir(parents=True)
    os.utime(former, (1.0, 1.0))
    assert set(starts(8)) == {str(kept / "20260101T000000")}
    assert (kept / "20260101T000000" / "engine" / "kernel.nbc").read_bytes() == b"compiled"
    assert {path.name for path in kept.iterdir()} == {"20260101T000000", recent.name}
    assert set(starts(1)) == {str(kept / "20260101T000000")}


@pytest.mark.parametrize(
    ("told", "hosts"),
    [
        ({}, ("redis:6379/0", "mqtt:1884")),
        ({"REDIS_ADDRESS": "r:1/2", "MQTT_ADDRESS": "m:3"}, ("r:1/2", "m:3")),
        (
            {"REDIS_ADDRESS": "r:1/2,s:3/0", "MQTT_ADDRESS": "m:3,n:4"},
            (
                "r:1/2,redis://:secret-of-redis_password@s:3/0",
                "m:3,mqtt://ecg-ingest:secret-of-mqtt_ecg-ingest@n:4",
            ),
        ),
    ],
    ids=["compose", "elsewhere", "several"],
)
def test_a_part_finds_redis_and_broker(
    told: dict[str, str], hosts: tuple[str, str], tmp_path: Path
) -> None:
    """Where compose.yaml has them unless the container is told otherwise, with its own password."""
    script = (ROOT / "deploy" / "entrypoint.sh").read_text()
    for former, own in (("/run/secrets", str(tmp_path)), ('exec ecg-monitor "$@"', "env")):
        assert former in script
        script = script.replace(former, own)
    for name in ("redis_password", "mqtt_ecg-ingest"):
        (tmp_path / name).write_text(f"secret-of-{name}")
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        env={"PATH": "/usr/bin:/bin", "MQTT_USER": "ecg-ingest", "ECG_CACHE": str(tmp_path)} | told,
        capture_output=True,
        text=True,
        check=False,
    )
    assert {
        f"ECG_REDIS_URL=redis://:secret-of-redis_password@{hosts[0]}",
        f"ECG_MQTT_URL=mqtt://ecg-ingest:secret-of-mqtt_ecg-ingest@{hosts[1]}",
    } <= set(done.stdout.splitlines())


def test_several_of_each_are_parts_with_known_commands() -> None:
    """compose.scale.yaml adds to compose.yaml: what it extends is there, commands are parsed."""
    parts = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    text = (ROOT / "compose.scale.yaml").read_text().replace("!reset", "")
    names = []
    for name, service in yaml.safe_load(text)["services"].items():
        extends = service.get("extends", {"file": "compose.yaml", "service": name})
        assert extends["service"] in parts or name == "front", name
        if "command" in service:
            assert extends["service"] == service["command"][0]
            args = build_parser().parse_args([str(word) for word in service["command"]])
            names += [args.name] if args.command == "ingest" else []
    assert len(set(names)) == len(names) == 2, "the broker keeps packets by that name"


@pytest.mark.parametrize("name", ["docs/OPERATION.md", "docs/SECURITY.md", "deploy/acl"])
def test_nobody_is_told_to_signal_a_container_by_the_engine(name: str) -> None:
    """The engine takes that for an order to stop, even HUP: nothing would start it again."""
    assert not re.search(r"docker (compose )?kill", (ROOT / name).read_text())
