"""The image holds all that its commands need: what is sent to its build is listed by hand."""

from __future__ import annotations

import re
import tomllib

import pytest

from ecg_monitor.cli import COMMANDS
from tests.support.places import ROOT


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
