"""Why an alert came, as whoever acknowledged it saw it: one choice, a few words, or both. Pure.

A reason is never asked for before the acknowledgement: that silences, and must not wait. What
staff say of alarms is what a ward learns from (which of them were of use; Cvach, Biomed Instrum
Technol 46:268-277, 2012, doi:10.2345/0899-8205-46.4.268), and what the next shift is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ecg_monitor.core.errors import AlertError

MAX_TEXT = 200
"""Characters of what is said in free words; more is a note on the patient."""


class AckReason(StrEnum):
    """What whoever looked found."""

    REAL = "real"
    """The condition was there, and somebody has seen to it."""
    ARTEFACT = "artefact"
    """The signal misled: noise, a loose electrode, a T wave taken for a beat."""
    CARE = "care"
    """The patient moved, or was being cared for."""
    KNOWN = "known"
    """The condition is there, known, and treated or accepted."""


@dataclass(frozen=True, slots=True)
class GivenReason:
    """A reason that somebody gave for an alert.

    Attributes:
        by: who.
        at: when, Unix s.
        seq: number of the reason of this alert; the latest holds, all are in the audit trail.
        reason: one of `AckReason`, or empty: in free words alone.
        text: free words, at most `MAX_TEXT` characters, or empty.
    """

    by: str
    at: float
    seq: int
    reason: str
    text: str

    def join(self, other: GivenReason) -> GivenReason:
        """Keep the latest."""
        return max(self, other, key=lambda one: (one.seq, one.at, one.by))


def checked_reason(reason: Any, text: Any) -> tuple[str, str]:
    """Return a reason and its free words, without space around them.

    Args:
        reason: one of `AckReason`, or empty.
        text: free words in one line, or empty.

    Raises:
        AlertError: the reason is unknown, the text too long, not of one line, or both are empty.
    """
    choices = [one.value for one in AckReason]
    if reason not in ("", *choices):
        raise AlertError(
            "reason must be one of {choices}, or empty; got {value}",
            choices=", ".join(choices),
            value=f"{reason!r:.40}",
        )
    if not isinstance(text, str):
        raise AlertError("text must be a text")
    words = text.strip()
    if len(words) > MAX_TEXT:
        raise AlertError(
            "text must have at most {most} characters, got {count}; write a note on the patient",
            most=MAX_TEXT,
            count=len(words),
        )
    if not words.isprintable():
        raise AlertError("text must be of one line, with printable characters only")
    if reason == "" and words == "":
        raise AlertError("give a reason, a text, or both")
    return str(reason), words
