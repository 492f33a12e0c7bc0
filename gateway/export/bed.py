"""An interval of what a bed has recorded, read from the archive."""

from __future__ import annotations

import dataclasses
import math
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ecg_monitor.archive.annotations.acts import OF_BEATS, Act, ActKind
from ecg_monitor.archive.annotations.reviewing import ReviewedInterval, with_review
from ecg_monitor.archive.kept.index import Index
from ecg_monitor.archive.reading import Interval, read_interval
from ecg_monitor.core.errors import ExportError
from ecg_monitor.core.types import Beat, BeatLabel
from ecg_monitor.records.labels import AAMI_LABELS
from ecg_monitor.records.recording import Recording
from gateway.export.excerpt import AlarmMark, Excerpt, Review, ReviewAct

_LATE_S = 1.0
"""An interval that begins later than asked by less than this is not worth a note, s."""


def time_of(option: str, text: str | None, now: float | None = None) -> float | None:
    """Return the Unix time that an option of a bed's interval names, s.

    Args:
        option: ``--start`` or ``--end``, for the error.
        text: an ISO 8601 time, in UTC unless it says otherwise, or how many seconds ago.
        now: Unix time, s; None: now.

    Raises:
        ExportError: it is neither, or lies in the future.
    """
    if text is None:
        return None
    now = time.time() if now is None else now
    try:
        ago = float(text)
    except ValueError:
        ago = math.nan
        try:
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return moment.timestamp()
        except (ValueError, OverflowError):
            pass
    if not math.isfinite(ago) or ago < 0:
        raise ExportError(
            f"{option}: must be an ISO 8601 time as 2026-11-29T08:00:00, or seconds ago, "
            f"got {text!r}"
        )
    return now - ago


def read_bed(root: Path, device: str, start: str | None, end: str | None) -> Excerpt:
    """Read what was recorded of a bed.

    Args:
        root: folder of the archive.
        device: id of the device at the bed.
        start: where the interval begins, see `time_of`; None: with what is kept.
        end: where it ends, likewise.

    Raises:
        ExportError: the times are wrong, or the interval holds the signals of two patients.
        ArchiveError: nothing is kept of that time.
        ReviewError: the journal of reviews cannot be read.
    """
    low, high = time_of("--start", start), time_of("--end", end)
    if low is not None and high is not None and high <= low:
        raise ExportError("--end: does not lie after --start")
    interval = read_interval(root, device, low, high)
    stays = [stay for stay in interval.stays if stay]
    if len(stays) > 1:
        raise ExportError(
            f"--start: {device} had {len(stays)} patients in this time; choose the time of one"
        )
    notes = interval.notes
    if low is not None and interval.start - low > _LATE_S:
        notes = (*notes, f"what is kept begins at {datetime.fromtimestamp(interval.start, UTC)}")
    length = interval.recording.n_samples / interval.recording.fs
    reviewed = with_review(root, interval)
    review = _review(reviewed)
    if review is not None and review.by:
        who = ", ".join(f"{name} {count}" for name, count in review.by)
        notes = (*notes, f"{review.corrected} beats are as reviewers called them: {who}")
    return Excerpt(
        dataclasses.replace(reviewed.recording, notes=()),
        alarms=tuple(
            AlarmMark(
                one.kind,
                one.priority,
                one.onset_s,
                _end(one.end_s, length),
                *_verdict(reviewed, one.id),
            )
            for one in interval.alarms
            if one.onset_s < length
        ),
        start=interval.start,
        device=device,
        patient=_patient(root, interval) if stays else None,
        pulses=interval.pulses,
        notes=notes,
        review=review,
    )


def _review(reviewed: ReviewedInterval) -> Review | None:
    if not reviewed.acts:
        return None
    recording = reviewed.interval.recording
    return Review(
        recording.beats,
        recording.rhythms,
        tuple(
            (min(max(0, act.samples[0]), recording.n_samples - 1), f"{act.by}: {act.text}")
            for act in reviewed.acts
            if act.what in (ActKind.NOTE, ActKind.RHYTHM) and act.text
        ),
        reviewed.corrected,
        reviewed.confirmed,
        tuple(sorted(reviewed.reviewers().items())),
        tuple(_act(reviewed, act) for act in reviewed.acts),
    )


def _act(reviewed: ReviewedInterval, act: Act) -> ReviewAct:
    fs, start = reviewed.recording.fs, reviewed.interval.start
    times = tuple(sample / fs for sample in act.samples)
    known = (act.start - start, act.end - start) if act.what is ActKind.VERDICT else times
    return ReviewAct(
        str(act.what),
        act.by,
        act.at,
        min(known, default=0.0),
        max(known, default=0.0),
        act.value,
        act.before,
        act.text,
        times if act.what in OF_BEATS else (),
    )


def _verdict(reviewed: ReviewedInterval, alarm: str) -> tuple[str, tuple[str, ...]]:
    said = reviewed.verdicts.get(alarm, ())
    words = tuple(f"{act.by}: {act.value}" + (f", {act.text}" if act.text else "") for act in said)
    return (said[-1].value if said else ""), words


def _end(end_s: float | None, length_s: float) -> float | None:
    return end_s if end_s is not None and end_s < length_s else None


def _patient(root: Path, interval: Interval) -> str | None:
    """Return the hospital's number of the one patient of an interval."""
    index = Index.open(root)
    try:
        end = interval.start + interval.recording.duration_s
        rows = index.segments(interval.device, interval.start, end)
        numbers = {row.stream.patient for row in rows if row.stream.patient}
    finally:
        index.close()
    return numbers.pop() if len(numbers) == 1 else None


def beats_of(recording: Recording) -> list[Beat]:
    """Return the beats that were found at the bed, with their RR intervals.

    An interval is not known where all leads are without a value in between.
    """
    fs = recording.fs
    silent = np.concatenate(([0], np.cumsum(~recording.valid().any(axis=0))))
    beats: list[Beat] = []
    for mark in recording.beats:
        label: BeatLabel = AAMI_LABELS[mark.symbol]
        rr = None
        if beats and silent[mark.sample] == silent[beats[-1].n]:
            rr = (mark.sample - beats[-1].n) / fs
        beats.append(Beat(mark.sample, label, {}, None, rr, mark.sample))
    return beats
