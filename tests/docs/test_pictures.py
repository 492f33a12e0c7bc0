"""Documents show every picture there is, and none that is not; their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.places import ROOT

TOP = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
DOCUMENTS = [*(ROOT / name for name in TOP), *sorted((ROOT / "docs").glob("*.md"))]

PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#([^)\s]+))?\)")


def test_every_picture_is_shown() -> None:
    there = set((ROOT / "docs" / "images").iterdir())
    shown = {
        (document.parent / address).resolve()
        for document in DOCUMENTS
        for _, address in PICTURE.findall(document.read_text(encoding="utf-8"))
    }
    assert there - shown == set(), "no document shows these"
    assert there, "there are pictures"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for address, anchor in LINK.findall(text):
        target = (document.parent / address).resolve()
        assert target.exists(), f"{document.name}: {address}"
        if anchor:
            assert anchor in anchors(target), f"{document.name}: {address}#{anchor}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_pictures_have_words(document: Path) -> None:
    assert all(words for words, _ in PICTURE.findall(document.read_text(encoding="utf-8")))


def anchors(document: Path) -> set[str]:
    """Names of a document's headings, as they are linked to."""
    headings = re.findall(r"(?m)^#+ (.+)$", document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
