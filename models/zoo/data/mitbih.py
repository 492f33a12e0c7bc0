"""Beats of 187 samples built from the MIT-BIH Arrhythmia Database, after Kachuee 2018.

Source: Kachuee M, Fazeli S, Sarrafzadeh M. ECG heartbeat classification: a deep transferable
representation. arXiv:1805.00794 (2018). Lead II at 125 Hz; from the R peak on, 1.2 times the median
interval between beats of the ten seconds around; scaled to 0 .. 1; zeros up to 187 samples. Ours
takes the R peaks of the annotators, where the paper finds them by height, so no beat is left out.

Two splits. ``mixed`` is the customary one: beats drawn at random, so that each patient stands on
both sides, and figures are better than a new patient would give. ``patients`` is de Chazal's: DS1
to train and choose on, DS2 to report on. EC57 leaves the four paced records out, and with them Q.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import signal

from ecg_monitor.core.errors import RecordError, SettingsError
from ecg_monitor.records import read_record
from ecg_monitor.records.recording import Recording
from models.scoring.databases import DE_CHAZAL, DS1, DS2, MITDB
from models.zoo.data.examples import DataOptions, Examples, Floats, SplitData
from models.zoo.data.files import digest

FS = 125
SAMPLES = 187
WINDOW = 1.2
"""Length of a beat in median intervals between beats."""
AROUND_S = 5.0
"""The median interval is of the beats within so many seconds before and after."""
LABELS = ("N", "S", "V", "F", "Q")
LEAD = "MLII"
TEST_PART = 0.2
"""Part of the beats that the split ``mixed`` reports on, as in the tables of Kachuee 2018."""
VALIDATION_PART = 0.1
"""Part of the training side that decides when to stop."""
HELD_OUT = ("118", "203", "220", "223")
"""Records of DS1 that decide when to stop: all of N, S, V and F are among their beats."""
REPORTED_WITHOUT_Q = "Q is left out: EC57 leaves out the paced records, which hold nearly all of it"


def load(folder: Path, options: DataOptions) -> SplitData:
    """Build the beats of a folder of MIT-BIH records.

    Raises:
        RecordError: records are missing or damaged.
        SettingsError: there is no such split.
    """
    split = options.split or "mixed"
    if split not in ("mixed", "patients"):
        raise SettingsError(f"--split: no {split} of MIT-BIH; choose mixed or patients")
    names = [name for name in MITDB if (folder / f"{name}.hea").is_file()]
    if not names:
        raise RecordError(f"{folder}: has no record of MIT-BIH; `ecg-monitor data fetch` gets it")
    missing = sorted(set(MITDB) - set(names))
    if split == "patients":
        names = [name for name in names if name in DS1 + DS2]
        missing = sorted(set(DS1 + DS2) - set(names))
    parts = [beats(read_record(folder / name)) for name in names]
    all_beats = Examples(
        np.concatenate([part.inputs for part in parts]),
        np.concatenate([part.targets for part in parts]),
        np.concatenate([part.groups for part in parts]),
    )
    files = [file for name in names for file in folder.glob(f"{name}.*")]
    notes = [f"not there: {', '.join(missing)}"] if missing else []
    rows = divide(all_beats.groups, split, options.seed)
    labels: tuple[str, ...] = LABELS
    if split == "patients":
        labels = LABELS[:-1]
        notes.append(REPORTED_WITHOUT_Q)
        rows = [part[all_beats.targets[part] < len(labels)] for part in rows]
    train, validation, test = (all_beats[part] for part in rows)
    judged_by: Literal["loss", "f1"] = "f1" if split == "patients" else "loss"
    return SplitData(
        split, labels, train, validation, test, digest(files), tuple(notes), judged_by=judged_by
    )


def divide(groups: npt.NDArray[np.str_], split: str, seed: int) -> list[npt.NDArray[np.int64]]:
    """Return the rows of the training, validation and test part.

    Args:
        groups: record of each beat, shape (n,).
        split: ``mixed`` or ``patients``.
        seed: of what is drawn.
    """
    if split == "patients":
        held_out, tested = np.isin(groups, HELD_OUT), np.isin(groups, DS2)
        masks = (~held_out & ~tested, held_out, tested)
        return [np.flatnonzero(mask) for mask in masks]
    order = np.random.default_rng(seed).permutation(len(groups))
    tested_count = round(TEST_PART * len(order))
    rest = order[tested_count:]
    chosen = round(VALIDATION_PART * len(rest))
    return [np.sort(rest[chosen:]), np.sort(rest[:chosen]), np.sort(order[:tested_count])]


def beats(recording: Recording) -> Examples:
    """Return the beats of a recording, shape (n, 1, 187), each from its R peak on.

    The first and the last beat have too little around them and are left out.
    """
    lead = recording.leads.index(LEAD) if LEAD in recording.leads else 0
    volts = (
        recording.samples[lead].astype(np.float64) - recording.baseline[lead]
    ) / recording.gain[lead]
    ratio = Fraction(FS / recording.fs).limit_denominator(1000)
    slow = signal.resample_poly(volts, ratio.numerator, ratio.denominator)
    marks = [mark for mark in recording.beats if mark.symbol in DE_CHAZAL]
    times = np.array([mark.sample for mark in marks]) / recording.fs
    inside = slice(1, -1)
    cut = np.array([cut_beat(slow, times, number) for number in range(1, len(times) - 1)])
    classes = np.array([LABELS.index(DE_CHAZAL[mark.symbol]) for mark in marks], np.int64)[inside]
    groups = np.full(len(classes), recording.name)
    return Examples(cut.reshape(-1, 1, SAMPLES).astype(np.float32), classes, groups)


def cut_beat(slow: npt.NDArray[np.float64], times: npt.NDArray[np.float64], number: int) -> Floats:
    """Return one beat, shape (187,).

    Args:
        slow: the lead at 125 Hz, shape (n,).
        times: of all R peaks in s, rising.
        number: which of them.
    """
    near = times[
        np.searchsorted(times, times[number] - AROUND_S) : np.searchsorted(
            times, times[number] + AROUND_S, side="right"
        )
    ]
    if len(near) < 2:
        near = times[max(number - 1, 0) : number + 2]
    length = min(round(WINDOW * float(np.median(np.diff(near))) * FS), SAMPLES)
    start = round(times[number] * FS)
    piece = slow[start : start + max(length, 1)]
    whole = np.zeros(SAMPLES, np.float32)
    low, high = piece.min(initial=np.inf), piece.max(initial=-np.inf)
    if high > low:
        whole[: len(piece)] = (piece - low) / (high - low)
    return whole
