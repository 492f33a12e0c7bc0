"""docs/WHERE.md and docs/GLOSSARY.md name files that exist, one a row, and in which the word is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WHERE = (ROOT / "docs" / "WHERE.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "GLOSSARY.md").read_text(encoding="utf-8")
ROW = re.compile(r"(?m)^\| (.+) \|$")
HEADINGS = {"where ...", "word"}
NAMED = re.compile(r"`([^`]+)`")
PACKAGES = ("ecg_monitor", "ingest", "simulator", "models", "detector", "dashboard", "gateway")


def rows(text: str) -> list[list[str]]:
    """Cells of each row of each table, without the head and the rule below it."""
    cells = [row.split(" | ") for row in ROW.findall(text)]
    return [row for row in cells if row[0] not in HEADINGS and not set(row[0]) <= set("-|")]


@pytest.mark.parametrize("row", rows(WHERE), ids=lambda row: row[0])
def test_a_question_has_one_file_that_exists(row: list[str]) -> None:
    question, answer = row
    assert question.startswith("... ")
    assert question.endswith("?")
    (name,) = NAMED.findall(answer)
    assert answer == f"`{name}`", "one file and nothing else"
    assert (ROOT / name).is_file(), name


def test_questions_lead_into_every_package() -> None:
    questions = [question for question, _ in rows(WHERE)]
    assert len(questions) > 50
    assert len(set(questions)) == len(questions)
    for package in (*PACKAGES, "workbench"):
        assert f"`{package}/" in WHERE, package


@pytest.mark.parametrize("row", rows(GLOSSARY), ids=lambda row: row[0])
def test_a_word_is_explained_and_is_in_its_file(row: list[str]) -> None:
    word, meaning, answer = row
    assert meaning[0].isupper() or meaning[0].isdigit()
    assert meaning.endswith(".")
    (name,) = NAMED.findall(answer)
    text = plain((ROOT / name).read_text(encoding="utf-8"))
    assert any(plain(one) in text for one in word.split(", ")), f"{name} does not say {word}"


def plain(text: str) -> str:
    return re.sub(r"[\s_+-]+", "", text.lower())


def test_there_are_enough_words() -> None:
    words = [word for word, *_ in rows(GLOSSARY)]
    assert 30 <= len(words) == len(set(words))
