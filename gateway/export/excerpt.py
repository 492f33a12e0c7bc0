"""The stretch of a recording that an export or a report is about. Pure."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ecg_monitor.core.errors import ExportError
from ecg_monitor.records.recording import BeatMark, InvalidStretch, Recording, RhythmMark


@dataclass(frozen=True, slots=True)
class AlarmMark:
    """An alarm condition within an excerpt.

    Attributes:
        kind: name of the kind, a key of `ecg_monitor.ward.alarms.catalogue.KINDS`.
        priority: ``high``, ``medium``, ``low`` or ``technical``.
        onset_s: when it began, seconds from the first sample of the excerpt; negative if it was
            present before.
        end_s: when it ended, likewise; None: it was present at the end of the excerpt.
        verdict: ``true`` or ``false``, as the newest reviewer called it; empty: nobody did.
        said: what reviewers said of it, each with their name.
    """

    kind: str
    priority: str
    onset_s: float
    end_s: float | None
    verdict: str = ""
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewAct:
    """What a reviewer did about an excerpt, and it holds.

    Attributes:
        what: ``label``, ``delete``, ``insert``, ``verdict``, ``rhythm`` or ``note``.
        by: who did it.
        at: when, Unix s.
        onset_s: where what it is about begins, seconds from the first sample of the excerpt.
        end_s: where it ends, likewise.
        value: symbol of beats, rhythm, or verdict.
        before: what it replaced, in words of the record.
        text: reason, or note.
        beats: times of the beats that it is about, likewise.
    """

    what: str
    by: str
    at: float
    onset_s: float
    end_s: float
    value: str = ""
    before: str = ""
    text: str = ""
    beats: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """What reviewers made of an excerpt; beats and rhythms of the excerpt hold after it.

    Attributes:
        beats: beats as they were found.
        rhythms: rhythms as they were found.
        notes: sample and text of each note.
        corrected: beats that are not as they were found.
        confirmed: beats that a reviewer called what they were called.
        by: reviewers, and how many beats are not as they were found by what each said.
        acts: what was done, in the order in which it was.
    """

    beats: tuple[BeatMark, ...]
    rhythms: tuple[RhythmMark, ...]
    notes: tuple[tuple[int, str], ...] = ()
    corrected: int = 0
    confirmed: int = 0
    by: tuple[tuple[str, int], ...] = ()
    acts: tuple[ReviewAct, ...] = ()

    def people(self) -> list[tuple[str, int, float]]:
        """Return who reviewed it, by name: how many beats are as they said, and when last, Unix s.

        Who judged an alarm or wrote a note alone is among them.
        """
        corrected = dict(self.by)
        last: dict[str, float] = {}
        for act in self.acts:
            last[act.by] = max(act.at, last.get(act.by, act.at))
        return [(name, corrected.get(name, 0), last[name]) for name in sorted(last)]


@dataclass(frozen=True, slots=True, eq=False)
class Excerpt:
    """A stretch of signal with everything that is known of it.

    Attributes:
        recording: samples of all leads, with beats, rhythms and stretches without a value counted
            from the first sample of the excerpt.
        alarms: alarm conditions that were present in it, in order of their onset.
        offset_s: where the excerpt begins in its source, s.
        start: Unix time of its first sample, s; None where the source does not say.
        device: id of the device that recorded it; None: unknown.
        patient: reference of the patient; None: unknown.
        unit: care unit; None: unknown.
        pulses: samples of pacemaker pulses that the device found.
        notes: what had to be assumed or was left out, for the user.
        review: what reviewers made of it; None: nobody has reviewed it.
    """

    recording: Recording
    alarms: tuple[AlarmMark, ...] = ()
    offset_s: float = 0.0
    start: float | None = None
    device: str | None = None
    patient: str | None = None
    unit: str | None = None
    pulses: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    review: Review | None = None

    @property
    def duration_s(self) -> float:
        """Length of the excerpt, s."""
        return self.recording.n_samples / self.recording.fs


def bounds(
    fs: float, n_samples: int, start_s: float | None, end_s: float | None
) -> tuple[int, int, tuple[str, ...]]:
    """Return the first sample of an interval, one past its last, and what to tell the user.

    Args:
        fs: sampling rate, Hz.
        n_samples: length of the recording.
        start_s: where the interval begins, seconds from sample 0; None: at sample 0.
        end_s: where it ends; None: with the recording. What lies past the recording is cut off,
            and the notes say so.

    Raises:
        ExportError: the times are no numbers, negative, in the wrong order, or hold no sample.
    """
    length = n_samples / fs
    for option, value in (("--start", start_s), ("--end", end_s)):
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise ExportError(f"{option}: must be a number of seconds from 0 on, got {value:g}")
    first = 0 if start_s is None else round(start_s * fs)
    last = n_samples if end_s is None else round(end_s * fs)
    if start_s is not None and first >= n_samples:
        raise ExportError(
            f"--start: {start_s:g} s lies after the end of the recording, which is {length:.3f} s "
            "long"
        )
    if start_s is not None and end_s is not None and end_s <= start_s:
        raise ExportError(f"--end: {end_s:g} s does not lie after --start {start_s:g} s")
    if last <= first:
        raise ExportError("--end: the interval holds no sample; choose a longer one")
    notes: tuple[str, ...] = ()
    if last > n_samples:
        notes = (f"the recording ends at {length:.3f} s: the interval was cut there",)
    return first, min(last, n_samples), notes


def cut(recording: Recording, first: int, last: int) -> Recording:
    """Return samples ``first`` .. ``last`` (exclusive) of a recording with their marks.

    The samples are a view, not a copy. The rhythm that holds at the first sample is marked there.
    """
    rhythms = tuple(
        RhythmMark(mark.sample - first, mark.aux)
        for mark in recording.rhythms
        if first < mark.sample < last
    )
    held = recording.rhythm_at(first)
    return dataclasses.replace(
        recording,
        samples=recording.samples[:, first:last],
        beats=tuple(
            BeatMark(mark.sample - first, mark.symbol)
            for mark in recording.beats
            if first <= mark.sample < last
        ),
        rhythms=((RhythmMark(0, held),) if held else ()) + rhythms,
        invalid=tuple(
            InvalidStretch(span.lead, max(span.start, first) - first, min(span.end, last) - first)
            for span in recording.invalid
            if span.start < last and span.end > first
        ),
    )


def alarms_of(
    analysis: Sequence[dict[str, Any]], offset_s: float, duration_s: float
) -> tuple[AlarmMark, ...]:
    """Return the alarms of an analysis that were present in an interval.

    Args:
        analysis: ``alarms`` of the outcome of `detector.analyzer.offline.analyze`.
        offset_s: where the interval begins, s.
        duration_s: its length, s.
    """
    marks = []
    for alarm in analysis:
        onset = alarm["onset_s"] - offset_s
        end = None if alarm["cleared_s"] is None else alarm["cleared_s"] - offset_s
        if onset < duration_s and (end is None or end > 0):
            within = end is not None and end < duration_s
            marks.append(
                AlarmMark(alarm["kind"], alarm["priority"], onset, end if within else None)
            )
    return tuple(sorted(marks, key=lambda mark: mark.onset_s))
