"""Figures in documents are those of docs/figures/, and no score stands there by hand."""

import re

import pytest

from workbench.results.figures import FOLDER, ROOT, read
from workbench.results.quotes import DOCUMENTS, KINDS, kinds_of_statements, unquoted, written

FILES = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_quotes_are_the_figures(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert written(text) == text, "run make figures-docs"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_score_stands_there_by_hand(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert unquoted(text) == []
    assert kinds_of_statements(text) <= KINDS.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_figures_say_where_they_come_from(path) -> None:
    found = read(path)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found.date)
    assert found.command
    if found.carried_over_from:
        assert found.state
    else:
        assert re.fullmatch(r"[0-9a-f]{9}\+?", found.commit)
        assert found.machine


def test_every_file_is_quoted() -> None:
    texts = " ".join((ROOT / name).read_text(encoding="utf-8") for name in DOCUMENTS)
    assert len(FILES) > 3
    assert [path.stem for path in FILES if f"{path.stem}:" not in texts] == []
