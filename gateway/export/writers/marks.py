"""What several formats write alike: marks in order of time, numbers as text. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecg_monitor.archive.kept.marks import NOTE, PULSE, RHYTHM, Mark
from ecg_monitor.records.recording import RhythmMark
from ecg_monitor.ward.alarms.catalogue import KINDS
from gateway.export.excerpt import AlarmMark, Excerpt

UNNAMED = "(U"
"""A rhythm that the analysis has no name for."""


def marks_of(excerpt: Excerpt) -> list[Mark]:
    """Return everything that is marked in an excerpt, in order of time.

    An alarm is a comment at its onset, ``alarm vt high``, and one at its end, ``alarm vt ends``;
    one that was present before the excerpt is marked at sample 0 with ``(since before)``. What
    reviewers noted are comments as well, ``note A. Doctor: ...``, and so is what they said of an
    alarm, ``alarm vt judged A. Doctor: false, artefact``.
    """
    recording = excerpt.recording
    beats = [Mark(beat.sample, beat.symbol) for beat in recording.beats]
    rhythms = [Mark(mark.sample, RHYTHM, mark.aux) for mark in recording.rhythms]
    pulses = [Mark(at, PULSE) for at in excerpt.pulses]
    noted = () if excerpt.review is None else excerpt.review.notes
    notes = [Mark(at, NOTE, f"note {text}") for at, text in noted]
    found = [*beats, *rhythms, *pulses, *_alarms(excerpt), *notes]
    return sorted(found, key=lambda mark: mark.sample)


def rhythms_of(alarms: Sequence[AlarmMark], fs: float, n_samples: int) -> tuple[RhythmMark, ...]:
    """Return the changes of rhythm that alarms tell of: of those present the gravest counts.

    Args:
        alarms: of an excerpt.
        fs: its sampling rate, Hz.
        n_samples: its length.
    """
    spans = [
        (round(alarm.onset_s * fs), n_samples if alarm.end_s is None else alarm.end_s * fs, kind)
        for alarm in alarms
        if (kind := KINDS.get(alarm.kind)) is not None and kind.wfdb_rhythm
    ]
    edges = {0} | {round(at) for start, end, _ in spans for at in (start, end)}
    found: list[RhythmMark] = []
    for at in sorted(edge for edge in edges if 0 <= edge < n_samples):
        present = [kind for start, end, kind in spans if start <= at < end]
        name = min(present, key=lambda kind: kind.rank).wfdb_rhythm if present else UNNAMED
        if not found or found[-1].aux != name:
            found.append(RhythmMark(at, name))
    return tuple(found)


def number(value: float) -> str:
    """Return the shortest text that reads back as the same number, without an empty ``.0``."""
    return str(int(value)) if value == int(value) else repr(value)


def _alarms(excerpt: Excerpt) -> Iterator[Mark]:
    fs, last = excerpt.recording.fs, excerpt.recording.n_samples - 1
    for alarm in excerpt.alarms:
        before = " (since before)" if alarm.onset_s < 0 else ""
        at = min(max(0, round(alarm.onset_s * fs)), last)
        yield Mark(at, NOTE, f"alarm {alarm.kind} {alarm.priority}{before}")
        for said in alarm.said:
            yield Mark(at, NOTE, f"alarm {alarm.kind} judged {said}")
        if alarm.end_s is not None:
            yield Mark(min(max(0, round(alarm.end_s * fs)), last), NOTE, f"alarm {alarm.kind} ends")
