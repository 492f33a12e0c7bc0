# mypy: allow-untyped-calls
"""What an expert measures on a twelve-lead ECG: rate, rhythm, intervals, axis, heights, ST levels.

R peaks come from the engine that runs live; the waves of the median beat are found by the function
that delineates averages live (`detector.delineation.waves`). Heights are in units of the limb
leads' common size, which every recording has, and in mV beside that, which not all have.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

import heartbeats
from detector.delineation.waves import (
    P_OFF,
    P_ON,
    P_PEAK,
    QRS_OFF,
    QRS_ON,
    T_OFF,
    T_PEAK,
    delineate,
)
from detector.engine.resample import FS
from models.diagnosis import inputs
from models.diagnosis.data.collection import Collection
from models.diagnosis.leads import INDEPENDENT, LIMB, STANDARD, FloatArray

BEFORE, AFTER = 75, 125
"""Samples of the median beat around its R peak: 300 ms ahead, 500 ms after."""
USUAL_SIZE_MV = 0.15
"""Size (rms) that the limb leads of a recording without voltages are given for the detector."""
ST_AT = 15
"""The ST level is read so many samples (60 ms) after the end of the QRS complex."""
ALIKE = 0.9
"""Correlation with the median beat under which a beat is another kind."""
RHYTHM = (
    "beats", "rate", "rr_sd", "rmssd", "rr_least", "rr_largest", "rr_turns", "odd_beats", "early",
)  # fmt: skip
INTERVALS = ("pr_ms", "qrs_ms", "qt_ms", "qtc_ms", "p_ms", "p_share", "axis_sin", "axis_cos")
PER_LEAD = ("r", "s", "net", "st", "t", "p", "r_mv", "s_mv", "st_mv", "t_mv")
VOLTAGE = ("sokolow_lyon_mv", "cornell_mv")
NAMES = (
    *RHYTHM,
    *INTERVALS,
    *(f"{name}_{lead}" for lead in STANDARD for name in PER_LEAD),
    *VOLTAGE,
    *inputs.ABOUT,
)
"""Names of the features, in their order."""


def features_of(
    ecg: npt.NDArray[np.float32], about: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Measure one window.

    Args:
        ecg: twelve leads at 100 Hz, in mV or scaled, shape (12, SAMPLES).
        about: as of `models.diagnosis.inputs.about`; its first says whether they are in mV.

    Returns:
        float32, shape (len(NAMES),), NaN where there is nothing to measure.
    """
    from scipy.signal import resample_poly  # noqa: PLC0415  # slow to load

    voltage = bool(about[0])
    size = float(np.sqrt((ecg[:LIMB].std(axis=1) ** 2).mean())) or 1.0
    fine = resample_poly(ecg.astype(np.float64), FS, inputs.FS, axis=1)
    millivolts = fine if voltage else fine * (USUAL_SIZE_MV / size)
    rows = [STANDARD.index(name) for name in INDEPENDENT]
    peaks = heartbeats.r_peaks(millivolts[rows], FS, leads=INDEPENDENT)
    values = dict.fromkeys(NAMES, math.nan)
    values |= dict(zip(inputs.ABOUT, map(float, about), strict=True))
    inner = peaks[(peaks >= BEFORE) & (peaks < fine.shape[1] - AFTER)]
    values["beats"] = float(len(peaks))
    if len(inner) < 2:
        return np.array([values[name] for name in NAMES], np.float32)
    beats = np.stack([millivolts[:, at - BEFORE : at + AFTER] for at in inner])
    middle = np.median(beats, axis=0)
    rr = np.diff(peaks) / FS
    values |= _rhythm(rr, beats, middle)
    values |= _waves(middle, float(np.median(rr)) if len(rr) else 0.8, size, voltage)
    return np.array([values[name] for name in NAMES], np.float32)


def _rhythm(rr: FloatArray, beats: FloatArray, middle: FloatArray) -> dict[str, float]:
    changes = np.diff(rr)
    usual = float(np.median(rr))
    complexes = beats[:, :, BEFORE - 25 : BEFORE + 25].reshape(len(beats), -1)
    likeness = [np.corrcoef(one, middle[:, BEFORE - 25 : BEFORE + 25].ravel())[0, 1]
                for one in complexes]  # fmt: skip
    return {
        "rate": 60 / usual,
        "rr_sd": float(rr.std()),
        "rmssd": float(np.sqrt((changes**2).mean())) if len(changes) else math.nan,
        "rr_least": float(rr.min()) / usual,
        "rr_largest": float(rr.max()) / usual,
        "rr_turns": float((changes[1:] * changes[:-1] < 0).mean()) if len(changes) > 1 else 0.0,
        "odd_beats": float((np.array(likeness) < ALIKE).mean()),
        "early": float((rr < 0.85 * usual).mean()),
    }


def _waves(middle: FloatArray, rr: float, size: float, voltage: bool) -> dict[str, float]:
    every = np.full((len(STANDARD), 8), np.nan)
    for i, row in enumerate(middle):
        if row.std() > 0:
            delineate(np.ascontiguousarray(row), BEFORE, int(rr * FS), int(rr * FS), every[i])
    marks = _medians(every)
    values: dict[str, float] = {"p_share": float(np.isfinite(every[:, P_PEAK]).mean())}
    on, off = (int(marks[at]) if np.isfinite(marks[at]) else default
               for at, default in ((QRS_ON, BEFORE - 12), (QRS_OFF, BEFORE + 12)))  # fmt: skip
    values["qrs_ms"] = (off - on) * 1000 / FS
    values["pr_ms"] = (on - marks[P_ON]) * 1000 / FS
    values["p_ms"] = (marks[P_OFF] - marks[P_ON]) * 1000 / FS
    values["qt_ms"] = (marks[T_OFF] - on) * 1000 / FS
    values["qtc_ms"] = values["qt_ms"] / max(rr, 0.3) ** (1 / 3)
    nets = np.zeros(len(STANDARD))
    for i, (name, row) in enumerate(zip(STANDARD, middle, strict=True)):
        level = row[max(on - 4, 0) : on + 1].mean()
        inside = row[on : off + 1] - level
        measured = {
            "r": inside.max(),
            "s": inside.min(),
            "net": inside.sum(),
            "st": row[min(off + ST_AT, len(row) - 1)] - level,
            "t": row[int(marks[T_PEAK])] - level if np.isfinite(marks[T_PEAK]) else math.nan,
            "p": row[int(marks[P_PEAK])] - level if np.isfinite(marks[P_PEAK]) else math.nan,
        }
        nets[i] = measured["net"]
        scale = 1 / size if voltage else 1 / USUAL_SIZE_MV
        values |= {f"{key}_{name}": float(value * scale) for key, value in measured.items()}
        if voltage:
            values |= {f"{key}_mv_{name}": float(measured[key]) for key in ("r", "s", "st", "t")}
    angle = math.atan2(nets[STANDARD.index("aVF")] * 2 / math.sqrt(3), nets[0])
    values["axis_sin"], values["axis_cos"] = math.sin(angle), math.cos(angle)
    if voltage:
        values["sokolow_lyon_mv"] = max(values["r_mv_V5"], values["r_mv_V6"]) - values["s_mv_V1"]
        values["cornell_mv"] = values["r_mv_aVL"] - values["s_mv_V3"]
    return values


def _medians(marks: FloatArray) -> FloatArray:
    """Return the median of each mark over the leads that have it, NaN where none has."""
    return np.array(
        [np.median(one[np.isfinite(one)]) if np.isfinite(one).any() else np.nan for one in marks.T]
    )


def table(data: Collection, chosen: Sequence[int] | Iterable[int] | None = None) -> FloatArray:
    """Return the features of a collection's rows, float64, shape (n, len(NAMES))."""
    rows = range(len(data)) if chosen is None else chosen
    return np.array([features_of(data.ecg[i], data.about[i]) for i in rows], np.float64)
