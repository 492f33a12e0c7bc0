"""What the engine tells, row by row, with names. Pure.

The kernel writes rows of dtype `detector.engine.state.EVENT`, whose columns mean other things for
each kind of row; here each kind has its own record. Places are engine samples (250 Hz).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.engine.resample import FS
from detector.engine.state import MASK_STEP, PEAK, QUALITY_STEP, READY, SECOND, TICK
from ecg_monitor.core.compiled import njit


class PeakRow(NamedTuple):
    """A beat has been found.

    Attributes:
        slot: device, as `detector.engine.engine.Engine.add` gave it.
        k: its R peak.
        decided: sample that the engine had reached.
        rr_s: RR interval before it, s; None: it is the first of an unbroken stretch, or a hole in
            the signal may hide a beat in it.
        amplitude_mv: peak of its QRS complex on the lead that shows it best, mV.
    """

    slot: int
    k: int
    decided: int
    rr_s: float | None
    amplitude_mv: float


class BeatRow(NamedTuple):
    """All that the label of a beat may depend on is there.

    The signal around it is the next one of `EngineOutput.windows`, and the next per lead of
    `EngineOutput.strips`.

    Attributes:
        slot: as above.
        k: its R peak.
        decided: sample that the engine had reached.
        before: the R peak before it in the same unbroken stretch, or -1; also where a hole may
            hide one between them.
        after: the R peak after it, or -1.
        usable: bit mask of leads on which it can be classified.
        whole: bit mask of leads that are alive and have no hole near it.
        hidden: holes in the signal alone keep it from being classified.
        cut: on a lead, holes lie in its QRS complex.
    """

    slot: int
    k: int
    decided: int
    before: int
    after: int
    usable: int
    whole: int = 0
    hidden: bool = False
    cut: bool = False


class TickRow(NamedTuple):
    """Half a second has passed.

    Attributes:
        slot: as above.
        k: where it lies.
        decided: the same.
        rate_bpm: heart rate, bpm; None: unknown.
        silent_s: seconds since the last R peak, or since the stretch began, that were seen.
        quality: code of `detector.engine.state`.
        unseen_s: seconds of the last second that holes hid on all leads.
    """

    slot: int
    k: int
    decided: int
    rate_bpm: float | None
    silent_s: float
    quality: int
    unseen_s: float = 0.0


class SecondRow(NamedTuple):
    """A whole second of an unbroken stretch is there, the next one of `EngineOutput.seconds`.

    Attributes:
        slot: as above.
        k: its last sample.
        decided: the same.
        wrong: bit mask of the leads whose voltages cannot be those of an ECG.
        span_mv: what the worst of those spans, mV.
        leadoff: bit mask of leads that are missing for most of it.
        holed: bit mask of leads with so many holes that its waveform must not be judged.
    """

    slot: int
    k: int
    decided: int
    wrong: int
    span_mv: float
    leadoff: int
    holed: int = 0


Row = PeakRow | BeatRow | TickRow | SecondRow


@njit
def in_turns(rows: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return the places of rows in an order that does the same for many devices one after another.

    First comes the first row of every device, kind by kind (peaks, beats, seconds, ticks), then the
    second, and so on: each device's rows stay in their order. What a processor has just done it
    does again more quickly.

    Args:
        rows: dtype `detector.engine.state.EVENT`, shape (n,).

    Returns:
        shape (n,).
    """
    last = 0
    for row in rows:
        last = max(last, row.slot)
    turns = np.zeros(last + 1, np.int64)
    keys = np.empty(rows.size, np.int64)
    for place in range(rows.size):
        slot, kind = rows[place].slot, rows[place].kind
        rank = 0 if kind == PEAK else 1 if kind == READY else 2 if kind == SECOND else 3
        keys[place] = 4 * turns[slot] + rank
        turns[slot] += 1
    return np.argsort(keys, kind="mergesort")


def named(rows: npt.NDArray[Any]) -> list[Row]:
    """Return records of rows, dtype `detector.engine.state.EVENT`, shape (n,), in their order."""
    found: list[Row] = []
    for kind, slot, k, decided, a, b, c in rows.tolist():
        if kind == TICK:
            unseen, quality = divmod(int(c), QUALITY_STEP)
            rate = None if math.isnan(a) else a
            found.append(TickRow(slot, k, decided, rate, b, quality, unseen / FS))
        elif kind == PEAK:
            found.append(PeakRow(slot, k, decided, None if math.isnan(a) else a, b))
        elif kind == READY:
            rest, usable = divmod(int(c), MASK_STEP)
            holes, whole = divmod(rest, MASK_STEP)
            hidden, cut = bool(holes & 1), bool(holes & 2)
            row = BeatRow(slot, k, decided, int(a), int(b), usable, whole, hidden=hidden, cut=cut)
            found.append(row)
        elif kind == SECOND:
            holed, leadoff = divmod(int(c), MASK_STEP)
            found.append(SecondRow(slot, k, decided, int(a), b, leadoff, holed))
    return found
