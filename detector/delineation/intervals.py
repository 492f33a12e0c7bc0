"""Intervals and ST levels from the wave boundaries of all leads.

Boundaries of several leads are joined by the rule of Laguna et al. (Comput Biomed Res 27:45-60,
1994) after that of the CSE working party: the earliest onset and the latest end that another lead
confirms. Correction of QT for rate: Fridericia (Acta Med Scand 53:469-486, 1920), QT / RR^(1/3),
which Rautaharju et al. prefer (AHA/ACCF/HRS recommendations, Circulation 119:e241-e250, 2009), and
Bazett (Heart 7:353-370, 1920), QT / RR^(1/2), which is in wide use. ST levels are taken 60 ms after
the J point (Drew et al., AHA practice standards, Circulation 110:2721-2746, 2004) against the level
just ahead of the QRS complex.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.delineation.waves import P_ON, QRS_OFF, QRS_ON, T_OFF
from detector.engine.resample import FS

Floats = npt.NDArray[np.float64]

MS = 1000.0 / FS
CONFIRMED = 3.0
"""A boundary is confirmed by another lead's within so many samples (12 ms)."""
T_CONFIRMED = 6.0
MANY = 7
"""Leads from which two others must confirm a boundary."""
P_LOCKED = 10.0
"""A PR interval is told if the P wave stands out so far (see `detector.delineation.p_wave`): on the
odd records of the Lobachevsky database that holds for 98 % of averages in sinus rhythm. Less is a
PR interval that changes from beat to beat, or fibrillation that happened to be in step."""
P_PART = 0.25
"""A lead has no say on the P wave if its own stands out less than this part of the clearest."""
ST_AFTER = 15
"""Samples from the J point to where the ST level is taken."""
ISOELECTRIC = (-5, -1)
"""Samples before the QRS complex whose mean is the level that ST is held against."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """What one average of all leads shows.

    Attributes:
        qrs_ms: width of the QRS complex.
        pr_ms: onset of the P wave to onset of the QRS complex; None without a P wave.
        qt_ms: onset of the QRS complex to end of the T wave; None if that cannot be told.
        qtc_ms: corrected after Fridericia; None without QT or RR.
        qtc_bazett_ms: corrected after Bazett likewise.
        st_mv: ST level of each lead, nan where it was not measured, shape (leads,).
    """

    qrs_ms: float
    pr_ms: float | None
    qt_ms: float | None
    qtc_ms: float | None
    qtc_bazett_ms: float | None
    st_mv: Floats


def earliest(values: Floats, trust: Floats, tolerance: float) -> float:
    """Return the earliest of the leads' onsets that others confirm; nan without any.

    Of two to six leads one other must confirm it, of more two others. If none is confirmed, the
    lead that is trusted most decides.

    Args:
        values: one per lead, nan: none, shape (leads,).
        trust: of each lead, shape (leads,).
        tolerance: how much later the others may be.
    """
    has = ~np.isnan(values)
    if not has.any():
        return math.nan
    known = np.sort(values[has])
    others = min(len(known) - 1, 1 if len(known) < MANY else 2)
    confirmed = known[others:] - known[: len(known) - others] <= tolerance
    if confirmed.any():
        return float(known[np.argmax(confirmed)])
    return float(values[np.argmax(np.where(has, trust, -1.0))])


def latest(values: Floats, trust: Floats, tolerance: float) -> float:
    """Return the latest of the leads' ends that others confirm; see `earliest`."""
    return -earliest(-values, trust, tolerance)


def intervals(marks: Floats, levels: Floats, trust: Floats, rr: float) -> Intervals | None:
    """Measure an average.

    Args:
        marks: `detector.delineation.waves.MARKS` of each lead, samples, shape (leads, 8).
        levels: the averages, mV, shape (leads, n).
        trust: of each lead the height of its QRS complex, and how far its P wave stands out, shape
            (leads, 2).
        rr: mean RR interval in samples, nan: unknown.

    Returns:
        None if no lead was measured.
    """
    height, clear = trust[:, 0], trust[:, 1]
    on = earliest(marks[:, QRS_ON], height, CONFIRMED)
    off = latest(marks[:, QRS_OFF], height, CONFIRMED)
    if math.isnan(on) or math.isnan(off):
        return None
    locked = clear >= max(P_LOCKED, P_PART * float(clear.max()))
    p_on = earliest(np.where(locked, marks[:, P_ON], np.nan), clear, CONFIRMED)
    t_off = latest(marks[:, T_OFF], height, T_CONFIRMED)
    qt_ms = (t_off - on) * MS
    rr_s = rr / FS
    return Intervals(
        qrs_ms=(off - on) * MS,
        pr_ms=_known((on - p_on) * MS),
        qt_ms=_known(qt_ms),
        qtc_ms=_known(qt_ms / rr_s ** (1 / 3)),
        qtc_bazett_ms=_known(qt_ms / rr_s**0.5),
        st_mv=st_levels(levels, round(on), round(off)),
    )


def st_levels(levels: Floats, on: int, off: int) -> Floats:
    """Return the ST level of each lead in mV, shape (leads,).

    Args:
        levels: beats, mV, shape (leads, n).
        on: onset of the QRS complex, sample.
        off: its end, the J point.
    """
    low, high = (max(0, on + edge) for edge in ISOELECTRIC)
    at = off + ST_AFTER
    st: Floats = levels[:, at - 1 : at + 2].mean(axis=1) - levels[:, low:high].mean(axis=1)
    return st


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 1)
