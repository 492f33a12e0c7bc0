"""A day of two leads in an archive: records of MIT-BIH joined, to measure what pages make of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ecg_monitor.archive.history import add_recording, boot_of
from ecg_monitor.records import Recording, read_record
from ecg_monitor.records.recording import BeatMark, RhythmMark
from ecg_monitor.ward.alerts.model import Alert

RECORDS = ("208", "203", "101", "119", "201", "223", "106", "215")
"""Of DS1: sinus rhythm, ectopic beats, bigeminy, runs, atrial fibrillation (201, 203)."""
HALF_HOURS = 48
FIBRILLATION = "(AFIB"
_LEADS = ("II", "V1")


def joined_day(folder: Path, half_hours: int = HALF_HOURS) -> Recording:
    """Return records one after the other, each as it is, under the names of two leads.

    Args:
        folder: MIT-BIH.
        half_hours: how many records of half an hour; they begin anew after the last.

    Raises:
        RecordError: a record is missing.
    """
    known = {name: read_record(folder / name) for name in RECORDS}
    parts: list[np.ndarray] = []
    beats: list[BeatMark] = []
    rhythms: list[RhythmMark] = []
    at = 0
    for i in range(half_hours):
        one = known[RECORDS[i % len(RECORDS)]]
        parts.append(one.samples[:2])
        beats += [BeatMark(at + beat.sample, beat.symbol) for beat in one.beats]
        rhythms += [RhythmMark(at + rhythm.sample, rhythm.aux) for rhythm in one.rhythms]
        at += one.n_samples
    first = known[RECORDS[0]]
    return Recording(
        "joined", first.fs, _LEADS, first.gain[:2], first.baseline[:2],
        np.concatenate(parts, axis=1), tuple(beats), tuple(rhythms),
    )  # fmt: skip


def fibrillation(recording: Recording, device: str, start: float) -> list[Alert]:
    """Return an alarm for each stretch of atrial fibrillation that is annotated.

    Args:
        recording: with its rhythms.
        device: the bed.
        start: Unix time of its first sample, s.
    """
    boot, fs = boot_of(recording.name, start), recording.fs
    edges = [*recording.rhythms, RhythmMark(recording.n_samples, "")]
    found = []
    for i, rhythm in enumerate(recording.rhythms):
        if rhythm.aux != FIBRILLATION:
            continue
        n, ended = rhythm.sample, edges[i + 1].sample
        onset, over = start + n / fs, start + ended / fs
        alert = Alert(
            id=f"{device}/{boot}/af/{n}", device=device, boot=boot, kind="af", priority="medium",
            n=n, value=None, limit=None, present=False, onset_at=onset, raised_at=onset,
            cleared_at=over, announced_at=onset, decided_n=n, latching=False, ended_n=ended,
        )  # fmt: skip
        found.append(alert)
    return found


def archive_day(
    root: Path, folder: Path, device: str, start: float, half_hours: int = HALF_HOURS
) -> tuple[Recording, list[Alert]]:
    """Put such a day into an archive, with its annotations, and alarms of fibrillation.

    Args:
        root: folder of the archive.
        folder: MIT-BIH.
        device: the bed.
        start: Unix time of the first sample, s.
        half_hours: its length.

    Raises:
        RecordError: a record is missing.
        ArchiveError: something of that time is kept already.
    """
    recording = joined_day(folder, half_hours)
    alarms = fibrillation(recording, device, start)
    add_recording(root, device, recording, start, alarms=alarms)
    return recording, alarms
