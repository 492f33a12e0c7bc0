"""Quotes of figures in documents: they are written from `docs/figures/`, never by hand.

A single figure stands between two comments, of which the first says where it comes from::

    <!-- =ludb-delineation:boundaries/QRS_ON/sd_ms|.1f -->16.8<!-- / -->

A table or a paragraph is generated from the template in the comment above it::

    <!-- figures
    | QRS onset | {ludb-delineation:boundaries/QRS_ON/mean_ms|.1f} ms |
    -->
    | QRS onset | -0.2 ms |
    <!-- /figures -->

A reference is ``FILE:PATH|FORMAT``: ``FILE`` a file of `docs/figures/` without ``.json``; ``PATH``
keys joined by ``/``, numbers for places in a list; ``FORMAT`` as Python has it, ``.2p`` for a
fraction in percent without the sign, ``table`` for a whole table kept as ``columns`` and ``rows``.
``FILE:@source`` says where the figures come from, ``@date`` when they were measured, ``@command``
by what.

What is no quote but states a number that was once measured (a log of looks at test data, what was
tried and left out, what others published) stands between ``<!-- stated: KIND, why -->`` and
``<!-- /stated -->``; `KINDS` lists what it may be.

  python -m workbench.results.quotes            write the quotes of all documents
  python -m workbench.results.quotes --check    name those that differ; exit status 1 if any does
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from workbench.results.figures import FOLDER, ROOT, Figures, FiguresError, read

CONSTANTS_ONLY: Mapping[str, str] = {
    "docs/ALARMS.md": "limits of alarms, which a test compares with the limits in force",
    "docs/GLOSSARY.md": "definitions",
    "docs/PYTHON.md": "constants of an interface",
    "docs/SIMULATOR.md": "examples of options",
}
"""Documents whose numbers are chosen, not measured: they are not searched for quotes; and why."""
DOCUMENTS = (
    "README.md",
    "ARCHITECTURE.md",
    *sorted(
        name
        for name in (f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))
        if name not in CONSTANTS_ONLY
    ),
    "detector/engine/MODEL_CARD.md",
    "detector/rhythm/MODEL_CARD.md",
    "models/autoencoder/MODEL_CARD.md",
    "models/beats/MODEL_CARD.md",
    "models/diagnosis/MODEL_CARD.md",
    *sorted(
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "models" / "zoo" / "cards").glob("*.MODEL_CARD.md")
    ),
)
"""The documents that quote figures, or state none."""
KINDS: Mapping[str, str] = {
    "history": "what was measured on the way, with code or a model that has changed since",
    "look": "the log of a look at test data: it stands as it was printed then",
    "published": "what others have published",
    "goal": "what is aimed at",
    "method": "constants, sizes and protocols, which are chosen and not measured",
    "carried over": "measured before figures were kept in files; the text says with what",
}
"""What a number outside a quote may be, and what that means."""

_INLINE = re.compile(r"<!-- =(?P<reference>[^>]+?) -->(?P<text>.*?)<!-- / -->", re.DOTALL)
_BLOCK = re.compile(
    r"<!-- figures\n(?P<template>.*?)\n-->\n(?P<text>.*?)<!-- /figures -->", re.DOTALL
)
_REFERENCE = re.compile(r"\{([\w-]+:[^{}]+)\}")
_STATED = re.compile(
    r"<!-- stated: (?P<kind>[a-z ]+)(?P<why>[^>]*) -->.*?<!-- /stated -->", re.DOTALL
)
_CODE = re.compile(r"```.*?```|`[^`]*`|\]\([^)]*\)|Python \d+\.\d+", re.DOTALL)
_SCORE = re.compile(r"(?<![\w.])[-±]?\d+\.\d+(?![\w.]|\.\d)|\b\d+(?:\.\d+)? ?%")
"""A number as scores have it: with a decimal point, or in percent."""


@cache
def figures(name: str) -> Figures:
    """Return the figures of a file of `docs/figures/` by its name without ``.json``.

    Raises:
        FiguresError: there is no such file.
    """
    return read(FOLDER / f"{name}.json")


def quote(reference: str) -> str:
    """Return what a reference stands for.

    Raises:
        FiguresError: the file or the figure does not exist, or the format does not suit it.
    """
    place, _, form = reference.partition("|")
    name, _, path = place.partition(":")
    found = figures(name)
    if path == "@source":
        return found.source()
    if path == "@date":
        return found.date
    if path == "@command":
        return found.command
    value: Any = found.values
    for key in path.split("/"):
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise FiguresError("{reference}: no {key}", reference=reference, key=key) from error
    return _formatted(value, form, reference)


def written(text: str) -> str:
    """Return a document with all its quotes as the figures are now.

    Raises:
        FiguresError: a quote refers to what does not exist.
    """

    def block(match: re.Match[str]) -> str:
        template = match["template"]
        filled = _REFERENCE.sub(lambda one: quote(one[1]), template)
        return f"<!-- figures\n{template}\n-->\n{filled}\n<!-- /figures -->"

    def inline(match: re.Match[str]) -> str:
        return f"<!-- ={match['reference']} -->{quote(match['reference'])}<!-- / -->"

    return _INLINE.sub(inline, _BLOCK.sub(block, text))


def unquoted(text: str) -> list[str]:
    """Return the lines that state a score which is no quote and stands in no marked passage."""

    def blank(match: re.Match[str]) -> str:
        return "\n" * match[0].count("\n")

    for pattern in (_BLOCK, _INLINE, _STATED, _CODE):
        text = pattern.sub(blank, text)
    return [
        f"{number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        if _SCORE.search(line)
    ]


def kinds_of_statements(text: str) -> set[str]:
    """Return the kinds that a document gives for its marked passages."""
    return {match["kind"].strip() for match in _STATED.finditer(text)}


def _formatted(value: Any, form: str, reference: str) -> str:
    try:
        if form == "table":
            return _table(value["columns"], value["rows"])
        if form.endswith("p"):
            return format(100.0 * value, f"{form[:-1]}f")
        # "z": no minus before zero.
        return format(value, f"z{form}" if form.startswith(".") else form)
    except (KeyError, TypeError, ValueError) as error:
        raise FiguresError("{reference}: {error}", reference=reference, error=error) from error


def _table(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> int:
    """Write or check all documents; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args().check
    stale = []
    for name in DOCUMENTS:
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        now = written(text)
        if now != text:
            stale.append(name)
            if not check:
                path.write_text(now, encoding="utf-8")
    print("stale:" if check else "written:", ", ".join(stale) or "none")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
