"""Acts of reviewers: what they are, and which of them are in effect. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self

import orjson

from ecg_monitor.core.errors import ReviewError

SYMBOLS = ("N", "S", "V", "F", "Q", "/")
"""What a reviewer may call a beat: the AAMI classes, and a paced beat by its WFDB symbol."""
RHYTHMS = (
    "(N", "(SBR", "(ST", "(AFIB", "(AFL", "(SVTA", "(B", "(T", "(VT", "(VFIB", "(IVR",
    "(AB", "(BI", "(BII", "(B3", "(NOD", "(P", "(PREX", "(ASYS", "(U",
)  # fmt: skip
"""Rhythms as WFDB writes them (https://physionet.org/physiotools/wag/annot-5.htm), those of the
MIT-BIH Malignant Ventricular Ectopy Database (BI, B3, ASYS, VFIB), and ``(ST``, sinus tachycardia,
which is our own."""
VERDICTS = ("true", "false")
LONGEST_TEXT = 2000
"""Most characters of a note or of a reason: a page of writing."""
LONGEST_INTERVAL_S = 86_400.0
"""Longest stretch of one act, s: a day."""
MOST_BEATS = 20_000
"""Most beats of one act: an hour at the highest rate that a heart reaches."""


class ActKind(StrEnum):
    """What a reviewer did."""

    LABEL = "label"
    DELETE = "delete"
    INSERT = "insert"
    VERDICT = "verdict"
    RHYTHM = "rhythm"
    NOTE = "note"
    UNDO = "undo"
    REDO = "redo"


OF_BEATS = frozenset({ActKind.LABEL, ActKind.DELETE, ActKind.INSERT})
OF_ACTS = frozenset({ActKind.UNDO, ActKind.REDO})


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a reviewer.

    Attributes:
        what: the act.
        device: device whose record it is about.
        boot: power-up that ``samples`` count from.
        samples: indices of beats; of a rhythm or note the first and one past the last.
        start: Unix time of the first of what it is about, s.
        end: Unix time of the last, s.
        by: who did it.
        at: when, Unix s.
        value: symbol of a beat, rhythm, or verdict.
        text: reason, or note.
        alarm: identity of the alert that a verdict is about.
        target: number of the act that is undone or done again.
        before: what it replaced, in words of the record (``N``, or ``N 12, S 3`` of many beats).
        id: its number; 0 before it is written.
    """

    what: ActKind
    device: str
    boot: str
    samples: tuple[int, ...]
    start: float
    end: float
    by: str
    at: float
    value: str = ""
    text: str = ""
    alarm: str = ""
    target: int = 0
    before: str = ""
    id: int = 0

    def to_json(self) -> bytes:
        """Return what the journal keeps of it, but for its number."""
        fields = asdict(self)
        del fields["id"]
        return orjson.dumps(fields)

    @classmethod
    def from_json(cls, content: bytes, number: int) -> Self:
        """Read an act of the journal.

        Raises:
            ReviewError: it is malformed.
        """
        try:
            fields: dict[str, Any] = orjson.loads(content)
            fields["samples"] = tuple(fields["samples"])
            return replace(cls(**fields | {"what": ActKind(fields["what"])}), id=number)
        except (KeyError, TypeError, ValueError) as error:
            raise ReviewError("act {number} cannot be read: {why}", number=number, why=error) from (
                error
            )


def in_effect(acts: Iterable[Act]) -> list[Act]:
    """Return the acts that hold, in order: those that are not undone, or done again since."""
    ordered = sorted(acts, key=lambda act: act.id)
    undone: set[int] = set()
    for act in ordered:
        if act.what is ActKind.UNDO:
            undone.add(act.target)
        elif act.what is ActKind.REDO:
            undone.discard(act.target)
    return [act for act in ordered if act.what not in OF_ACTS and act.id not in undone]


def to_undo(acts: Iterable[Act], by: str) -> Act | None:
    """Return the newest act of somebody that holds; None without any."""
    return next((act for act in reversed(in_effect(acts)) if act.by == by), None)


def to_redo(acts: Iterable[Act], by: str) -> Act | None:
    """Return the act that somebody undid last and nothing of theirs came after; None without any.

    As in an editor, something new ends what could be done again.
    """
    undone: list[int] = []
    by_number: dict[int, Act] = {}
    for act in sorted(acts, key=lambda act: act.id):
        by_number[act.id] = act
        if act.by != by:
            continue
        if act.what is ActKind.UNDO:
            undone.append(act.target)
        elif act.what is ActKind.REDO:
            undone = [one for one in undone if one != act.target]
        else:
            undone = []
    return by_number.get(undone[-1]) if undone else None


def plain(text: str) -> str:
    """Return a note as it is kept: one line without control characters.

    Raises:
        ReviewError: it is too long.
    """
    if len(text) > LONGEST_TEXT:
        raise ReviewError(
            "a note has at most {most} characters, this one {count}: write a shorter one",
            most=LONGEST_TEXT,
            count=len(text),
        )
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
