"""Lua beside the modules that use it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.store import Store

ROOT = Path(__file__).resolve().parents[4]
PACKAGES = ("dashboard", "detector", "ecg_monitor", "gateway", "ingest")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.lua"))


def test_scripts_are_joined_in_order() -> None:
    module = "ecg_monitor.ward.patients.actions"
    common, note = lua(module, "common"), lua(module, "note")
    assert lua(module, "common", "note") == common + note
    assert "redis.call('TIME')" in common


def test_what_there_is_not_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        lua("ecg_monitor.ward.patients.actions", "nothing")


def test_every_file_is_used_by_a_module_beside_it() -> None:
    assert len(FILES) > 15
    for path in FILES:
        text = "".join(one.read_text(encoding="utf-8") for one in path.parent.glob("*.py"))
        assert re.search(rf'lua\(__name__, [^)]*"{path.stem}"|"{path.name}"', text), path


def test_no_script_stands_in_python() -> None:
    modules = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert len(modules) > 200
    assert [path for path in modules if "redis.call(" in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_redis_compiles_it(path: Path, redis_client: Store) -> None:
    assert await redis_client.script_load(path.read_text(encoding="utf-8"))
