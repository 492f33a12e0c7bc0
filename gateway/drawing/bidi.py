"""The order in which a line of mixed directions is drawn (Unicode UAX #9). Pure.

Limitations:
    Explicit embeddings and isolates count as neutral letters, and pairs of brackets are not
    matched (rule N0): lines of a report have neither.
"""

from __future__ import annotations

import unicodedata
from itertools import groupby
from typing import NamedTuple

_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
LEFT_TO_RIGHT = "\u200e"
"""The mark that keeps a value of Latin letters and digits in its order within Arabic."""
_MARKS = "\u200e\u200f\u061c"
_NO_MARKS = dict.fromkeys(map(ord, _MARKS))
_STRONG = frozenset({"L", "R"})
_NUMBERS = frozenset({"EN", "AN"})


class Run(NamedTuple):
    """Neighbouring letters of one direction.

    Attributes:
        text: in the order of reading.
        is_rtl: whether it is drawn from right to left.
    """

    text: str
    is_rtl: bool

    @property
    def mirrored(self) -> str:
        """The text of a run without letters from right to left, in the order of drawing."""
        return self.text[::-1].translate(_MIRRORED) if self.is_rtl else self.text


def has_rtl(text: str) -> bool:
    """Return whether a text holds letters that are written from right to left."""
    return any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)


def visual_runs(text: str, *, rtl: bool) -> list[Run]:
    """Return the runs of a line from left to right.

    Args:
        text: the line, in the order of reading.
        rtl: whether its paragraph is written from right to left.
    """
    if not text:
        return []
    levels = _levels(_resolved([unicodedata.bidirectional(c) for c in text], rtl), rtl)
    runs = [
        (level, "".join(text[i] for i in places))
        for level, places in ((key, list(group)) for key, group in _grouped(levels))
    ]
    for level in range(max(levels), 0, -1):  # rule L2, on runs
        runs = _reversed_from(runs, level)
    drawn = [(level, part.translate(_NO_MARKS)) for level, part in runs]
    return [Run(part, level % 2 == 1) for level, part in drawn if part]


def _grouped(levels: list[int]) -> groupby[int, int]:
    return groupby(range(len(levels)), key=levels.__getitem__)


def _reversed_from(runs: list[tuple[int, str]], level: int) -> list[tuple[int, str]]:
    out: list[tuple[int, str]] = []
    for high, group in groupby(runs, key=lambda run: run[0] >= level):
        some = list(group)
        out += some[::-1] if high else some
    return out


def _resolved(kinds: list[str], rtl: bool) -> list[str]:
    """Resolve weak and neutral letters to L, R, EN or AN (rules W1 to W7, N1, N2)."""
    base = "R" if rtl else "L"
    strong = previous = base
    for i, kind in enumerate(kinds):
        if kind == "NSM":
            kind = previous  # noqa: PLW2901
        elif kind == "EN" and strong == "AL":
            kind = "AN"  # noqa: PLW2901
        if kind in ("L", "R", "AL"):
            strong = kind
        kinds[i] = previous = kind
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    _join_numbers(kinds)
    strong = base
    for i, kind in enumerate(kinds):
        if kind == "EN" and strong == "L":
            kinds[i] = "L"
        if kinds[i] in _STRONG:
            strong = kinds[i]
    _settle_neutrals(kinds, base)
    return kinds


def _join_numbers(kinds: list[str]) -> None:
    """Make signs within and beside numbers part of them (W4, W5); others are neutral (W6)."""
    for i in range(1, len(kinds) - 1):
        around = kinds[i - 1]
        if around == kinds[i + 1] and (
            (kinds[i] == "CS" and around in _NUMBERS) or (kinds[i] == "ES" and around == "EN")
        ):
            kinds[i] = around
    for order in (range(len(kinds)), range(len(kinds) - 1, -1, -1)):
        last = ""
        for i in order:
            if kinds[i] == "ET" and last == "EN":
                kinds[i] = "EN"
            last = kinds[i]
    for i, kind in enumerate(kinds):
        if kind not in _STRONG | _NUMBERS:
            kinds[i] = "ON"


def _settle_neutrals(kinds: list[str], base: str) -> None:
    at = 0
    while at < len(kinds):
        end = at
        while end < len(kinds) and kinds[end] == "ON":
            end += 1
        if end > at:
            before = _side(kinds[at - 1]) if at else base
            after = _side(kinds[end]) if end < len(kinds) else base
            kinds[at:end] = [before if before == after else base] * (end - at)
        at = max(end, at + 1)


def _side(kind: str) -> str:
    return "R" if kind in _NUMBERS else kind


def _levels(kinds: list[str], rtl: bool) -> list[int]:
    """Return the embedding level of each letter (I1, I2)."""
    if rtl:
        return [1 if kind == "R" else 2 for kind in kinds]
    return [{"L": 0, "R": 1}.get(kind, 2) for kind in kinds]
