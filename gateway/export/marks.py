"""What several formats write alike: marks in order of time, numbers as text. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gateway.export.excerpt import Excerpt


class Mark(NamedTuple):
    """Something that happened in an excerpt.

    Attributes:
        sample: its place, samples from the beginning of the excerpt.
        symbol: WFDB annotation code: of a beat its own, ``+`` a change of rhythm, ``"`` a comment.
        text: the rhythm (``"(AFIB"``) or the comment; empty for a beat.
    """

    sample: int
    symbol: str
    text: str


def marks_of(excerpt: Excerpt) -> list[Mark]:
    """Return everything that is marked in an excerpt, in order of time.

    An alarm is a comment at its onset, ``alarm vt high``, and one at its end, ``alarm vt ends``;
    one that was present before the excerpt is marked at sample 0 with ``(since before)``.
    """
    recording = excerpt.recording
    beats = [Mark(beat.sample, beat.symbol, "") for beat in recording.beats]
    rhythms = [Mark(mark.sample, "+", mark.aux) for mark in recording.rhythms]
    return sorted([*beats, *rhythms, *_alarms(excerpt)], key=lambda mark: mark.sample)


def number(value: float) -> str:
    """Return the shortest text that reads back as the same number, without an empty ``.0``."""
    return str(int(value)) if value == int(value) else repr(value)


def _alarms(excerpt: Excerpt) -> Iterator[Mark]:
    fs, last = excerpt.recording.fs, excerpt.recording.n_samples - 1
    for alarm in excerpt.alarms:
        before = " (since before)" if alarm.onset_s < 0 else ""
        at = min(max(0, round(alarm.onset_s * fs)), last)
        yield Mark(at, '"', f"alarm {alarm.kind} {alarm.priority}{before}")
        if alarm.end_s is not None:
            yield Mark(min(max(0, round(alarm.end_s * fs)), last), '"', f"alarm {alarm.kind} ends")
