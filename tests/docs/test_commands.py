"""What documents tell people to type exists: commands, options, targets, settings, files."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecg_monitor.cli import COMMANDS, build_parser
from ecg_monitor.core.settings import PREFIX, Settings
from tests.support.places import ROOT

TOP = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "compose.yaml")
DOCUMENTS = [
    *(ROOT / name for name in TOP),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(p for p in (ROOT / "deploy").rglob("*.*") if p.suffix not in (".sh", ".py")),
    *sorted(path for part in ("models", "detector") for path in (ROOT / part).rglob("*_CARD.md")),
]
QUOTED = re.compile(r"```\w*\n(.*?)```|`([^`]+)`", re.DOTALL)
CALL = re.compile(r"(?:^|[\s/=])(?:ecg-monitor|entrypoint\.sh) ([a-z]+)(?=\s|$)([^\n]*)")
TARGET = re.compile(r"\bmake ([a-z-]+)")
VARIABLE = re.compile(r"\bECG_[A-Z_]+[A-Z]\b(?!_?\*)")
FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|js|toml|md|sh|yaml|lua|html|css))`")


def calls(text: str) -> Iterator[tuple[str, list[str]]]:
    """Commands of ours in a text: name, and words as the shell would split them."""
    for name, rest in CALL.findall(text):
        # A comment, a pipe, or what only looks on (two spaces) ends the command.
        words = re.split(r"\s#|\s\||\s>|\s{2,}|…|`|&&", rest, maxsplit=1)[0]
        yield name, [word for word in shlex.split(words) if word not in ("...", "up")]


def documented() -> list[tuple[str, str, tuple[str, ...]]]:
    found = set()
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        parts = [a or b.replace("\n", " ") for a, b in QUOTED.findall(text)]
        for part in parts if path.suffix == ".md" else [text]:
            found |= {(path.name, name, tuple(words)) for name, words in calls(part)}
    for name, command in COMMANDS.items():
        module = __import__(command.module, fromlist=["__doc__"])
        for called, words in calls(module.__doc__ or ""):
            found.add((f"{name} --help", called, tuple(words)))
    return sorted(found)


@pytest.mark.parametrize("call", documented(), ids=lambda call: f"{call[0]}: {call[1]}")
def test_commands_are_understood(call: tuple[str, str, tuple[str, ...]]) -> None:
    where, name, words = call
    assert name in COMMANDS, f"{where}: there is no command {name}"
    if not words or any("|" in word or word in ("MODEL", "COMMAND", "PART") for word in words):
        return
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        try:
            build_parser(only=name).parse_args([name, *words])
        except SystemExit as end:
            missing_only = "the following arguments are required" in said.getvalue()
            assert end.code == 0 or missing_only, f"{where}: {said.getvalue()}"


def test_there_is_much_to_check() -> None:
    assert len(documented()) > 80


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_targets_settings_and_files_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()))
    quoted = " ".join(a or b for a, b in QUOTED.findall(text))
    assert set(TARGET.findall(quoted)) <= targets
    settings = {PREFIX + name.upper() for name in Settings.__slots__}
    files = {f"{name}_FILE" for name in settings if "SECRET" in name or "TOKEN" in name}
    assert set(VARIABLE.findall(text)) <= settings | files
    for name in FILE.findall(text):
        places = [ROOT, path.parent, ROOT / "dashboard", ROOT / "detector"]
        assert any((place / name).exists() for place in places), f"{path.name}: {name}"


def test_every_setting_is_on_the_page_of_settings() -> None:
    text = (ROOT / "docs" / "SETTINGS.md").read_text(encoding="utf-8")
    for name in Settings.__slots__:
        assert f"{PREFIX}{name.upper()}" in text, name


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_within_a_document_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    headings = re.findall(r"(?m)^#+ (.+)$", text)
    names = {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
    assert set(re.findall(r"\]\(#([^)\s]+)\)", text)) <= names
