"""The signal of a study and its beats, kept so that a strip of it is read in a moment.

Two arrays in the folder of a job, which are mapped and not loaded: ``trace.npy`` holds the ADC
values, int16, shape (leads, samples), `INVALID_SAMPLE` where there is none; ``beats.npy`` a row
a beat: sample of the R peak, index of its class in `CLASSES`, anomaly in thousandths or -1.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.records.recording import INVALID_SAMPLE, Recording

TRACE, BEATS = "trace.npy", "beats.npy"
CLASSES = "NSVFQ"
_UNKNOWN = -1

Strip = dict[str, Any]
"""In the shape of `ecg_monitor.ward.alerts.evidence`: what the dashboard draws."""


def keep(folder: Path, recording: Recording, beats: Sequence[dict[str, Any]]) -> None:
    """Write signal and beats into a folder.

    Args:
        folder: of the job.
        recording: the signal.
        beats: maps with ``sample``, ``label`` and ``anomaly`` (0 .. 1 or None), in order of time.

    Raises:
        OSError: the disk does not take them.
    """
    kept = np.lib.format.open_memmap(
        folder / TRACE, mode="w+", dtype=np.int16, shape=recording.samples.shape
    )
    kept[:] = recording.samples
    for lead, start, end in recording.invalid:
        kept[lead, start:end] = INVALID_SAMPLE
    kept.flush()
    rows = [
        (one["sample"], CLASSES.index(one["label"]), _thousandths(one["anomaly"])) for one in beats
    ]
    np.save(folder / BEATS, np.array(rows, np.int64).reshape(-1, 3))


def strip(folder: Path, about: dict[str, Any], first_s: float, length_s: float) -> Strip | None:
    """Return a stretch of what is kept.

    Args:
        folder: of the job.
        about: ``fs``, ``leads``, ``gain`` and ``baseline`` of the study.
        first_s: where it begins, s from the first sample.
        length_s: its length, s.

    Returns:
        the strip; what lies outside of the recording is a gap. None if nothing is kept.

    Raises:
        OSError: the disk does not give it.
    """
    try:
        samples = np.load(folder / TRACE, mmap_mode="r")
        beats = np.load(folder / BEATS, mmap_mode="r")
    except (FileNotFoundError, ValueError):
        return None
    fs = float(about["fs"])
    first, length = round(first_s * fs), max(1, round(length_s * fs))
    a, b = max(0, first), min(samples.shape[1], first + length)
    if a >= b:
        return None
    shown = np.asarray(samples[:, a:b])
    valid = shown != INVALID_SAMPLE
    there = np.zeros(length, np.bool_)
    there[a - first : b - first] = valid.any(axis=0)
    at, end = np.searchsorted(beats[:, 0], (a, b))
    return {
        "boot": "",
        "fs": fs,
        "start": first_s,
        "from_n": first,
        "to_n": first + length,
        "leads": [
            {
                "name": name,
                "gain": about["gain"][i],
                "baseline": about["baseline"][i],
                "segments": [
                    {"n": a + start, "adc": shown[i, start:stop].tolist()}
                    for start, stop in _stretches(valid[i])
                ],
            }
            for i, name in enumerate(about["leads"])
        ],
        "gaps": [[first + start, first + stop] for start, stop in _stretches(~there)],
        "beats": [
            {"n": int(n), "label": CLASSES[label], "anomaly": None if at < 0 else at / 1000}
            for n, label, at in beats[at:end].tolist()
        ],
    }


def _thousandths(anomaly: float | None) -> int:
    return _UNKNOWN if anomaly is None else round(1000 * anomaly)


def _stretches(values: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return where values are true, each stretch as its first index and one past its last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], values, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
