"""Ventricular standstill: P waves go on, no QRS complex follows, and the P waves are not beats.

A QRS detector that has lost its complexes lowers its threshold until it finds something, and what
it finds is the P wave. So each lead remembers how steep and how high its complexes usually are:
what is a fraction of that, on every lead that can be used, is no complex. When nothing else has
come for nearly as long as makes an asystole, the beats found since the last complex are denied.
Complexes that have kept their shape and lost their height (an electrode dries out) stay beats.

P waves have up to 0.3 mV and 120 ms (Surawicz et al., AHA/ACCF/HRS recommendations, Circulation
119:e235-e240, 2009), hence a slope of a tenth of a QRS complex's.

Limitations: a lead whose P wave is higher than two fifths of its QRS complex shows nothing here. A
heart that stands still before its complexes were learnt does not either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
FloatArray = npt.NDArray[np.float64]

RATE = 250
REACH = 31
"""Samples on either side of an R peak that belong to its complex (124 ms)."""
STEEP, HIGH = 0.25, 0.4
"""Parts of the usual slope and height of which a QRS complex has at least one."""
SHRUNK = 0.15
"""Part of the usual slope of which a complex of a familiar shape has at least so much."""
USUAL = 0.25
"""Quantile of the last beats that is usual: where ectopic beats are the larger ones, not theirs."""
KEPT, LEARNT = 41, 16
"""Beats that are remembered, and that must be before anything is judged. P waves that are counted
until they are denied are too few to become usual."""
EARLIER_S = 1.0
"""Beats are denied so long before an asystole would be told."""
SMOOTH = 4
"""Samples that are averaged, so that noise has no slope."""
FLAT_MV = 0.01
"""A beat that is no higher on a lead teaches it nothing."""


@dataclass(slots=True)
class Standstill:
    """How large each lead's complexes are, and when the last one came.

    Attributes:
        steepness: of the last beats, by lead: root of the energy of the derivative, oldest first.
        heights: of the same, trough to peak, mV.
        last_n: sample index of the last second's end up to which complexes have come.
        onset_n: R peak of the last complex, while beats are denied; None: they are not.
    """

    steepness: list[list[float]] = field(default_factory=list)
    heights: list[list[float]] = field(default_factory=list)
    last_n: int | None = None
    onset_n: int | None = None

    def on_beat(self, n: int, window: Samples, peak: int, *, familiar: bool) -> None:
        """Learn from a labelled beat.

        Args:
            n: sample index of its R peak.
            window: mV at 250 Hz without baseline wander, useless leads 0, shape (n_leads, m).
            peak: where its R peak is in it.
            familiar: some lead knows its shape (`detector.rhythm.likeness`).
        """
        if self.onset_n is not None or not REACH < peak < window.shape[1] - REACH - SMOOTH:
            return
        if len(self.steepness) != len(window):
            self.steepness = [[] for _ in window]
            self.heights = [[] for _ in window]
        for lead, row in enumerate(window):
            part = _smooth(row[peak - REACH - 1 : peak + REACH + SMOOTH].astype(np.float64))
            height = float(np.ptp(part))
            if height > FLAT_MV:
                steepness = float(np.sqrt(np.sum(np.diff(part) ** 2)))
                if familiar and self._usually(lead) * SHRUNK <= steepness:
                    self.last_n = max(n, self.last_n or 0)
                self.steepness[lead].append(steepness)
                self.heights[lead].append(height)
                del self.steepness[lead][:-KEPT], self.heights[lead][:-KEPT]

    def on_second(
        self,
        n: int,
        window: Samples,
        peaks: Sequence[int],
        fs: float,
        asystole_s: float,
        *,
        fibrillates: bool = False,
    ) -> bool:
        """Look for complexes in the newest second.

        Args:
            n: sample index one past it.
            window: as above, up to ``n``.
            peaks: R peaks found, oldest first.
            fs: sampling rate of the device, Hz.
            asystole_s: the patient's limit.
            fibrillates: the waveform may be fibrillation, which has a rule of its own.

        Returns:
            whether beats are denied from now on that were not a second ago.
        """
        newest = window[:, -(RATE + 2 * REACH + SMOOTH - 1) :].astype(np.float64)
        complexes = None if fibrillates else self._complexes(newest)
        if complexes is None or complexes.size:
            back = 0 if complexes is None else newest.shape[1] - int(complexes[-1])
            self.last_n = max(n - round(back * fs / RATE), self.last_n or 0)
            self.onset_n = None
            return False
        if self.last_n is None or self.onset_n is not None or not peaks:
            return False
        onset = max((peak for peak in peaks if peak <= self.last_n), default=peaks[0])
        if n - onset < (asystole_s - EARLIER_S) * fs:
            return False
        self.onset_n = onset
        return True

    def silent_s(self, n: int, found: float, fs: float) -> float:
        """Return the seconds without a complex: those since the last beat found, or more."""
        return found if self.onset_n is None else max(found, (n - self.onset_n) / fs)

    def denies(self, n: int) -> bool:
        """Tell whether an R peak found at sample index ``n`` is none."""
        return self.onset_n is not None and n > self.onset_n

    def forget(self) -> None:
        """A stretch ends; another may come from other electrodes."""
        self.steepness, self.heights = [], []
        self.last_n = self.onset_n = None

    def save(self) -> dict[str, Any]:
        """Return the state as a CBOR-ready map."""
        return {
            "steepness": self.steepness,
            "heights": self.heights,
            "last_n": self.last_n,
            "onset_n": self.onset_n,
        }

    def load(self, saved: Mapping[str, Any]) -> None:
        """Put a saved state back."""
        self.steepness = [list(values) for values in saved["steepness"]]
        self.heights = [list(values) for values in saved["heights"]]
        self.last_n, self.onset_n = saved["last_n"], saved["onset_n"]

    def _usually(self, lead: int) -> float:
        known = self.steepness[lead]
        return float(np.quantile(known, USUAL)) if known else 0.0

    def _complexes(self, window: FloatArray) -> npt.NDArray[np.int64] | None:
        """Return where some lead shows a complex; None: no lead can be judged."""
        found = np.zeros(0, np.int64)
        judged = False
        for lead, (row, heights) in enumerate(zip(window, self.heights, strict=False)):
            if len(heights) < LEARNT or row.size < 2 * REACH + 2 or not row.any():
                continue
            judged = True
            smooth = _smooth(row)
            energy = np.convolve(np.diff(smooth) ** 2, np.ones(2 * REACH + 1), "valid")
            spans = np.lib.stride_tricks.sliding_window_view(smooth, 2 * REACH + 1)
            steep = np.sqrt(energy) >= STEEP * self._usually(lead)
            high = np.ptp(spans, axis=1)[1:] >= HIGH * np.quantile(heights, USUAL)
            found = np.union1d(found, np.flatnonzero(steep | high) + REACH + 1)
        return found if judged else None


def _smooth(row: FloatArray) -> FloatArray:
    return np.convolve(row, np.full(SMOOTH, 1.0 / SMOOTH), "valid")
