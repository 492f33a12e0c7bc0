"""Pairs the beats of two annotators, and counts the pairs.

The rules are those of ANSI/AAMI EC57's beat-by-beat comparison as WFDB's ``bxb`` applies them.
Its counts for two detectors on the 48 records of the MIT-BIH Arrhythmia Database pin down the
match window to the sample, and that a beat gives way to a neighbour which fits its partner better.
They leave open what becomes of exact ties and of pairs that straddle the end of the learning
period, which no record contains; here a tie goes to the earlier beat, and a pair belongs to the
stretch that its reference beat lies in, so that no window edge makes up an error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from models.scoring.beats import END_OF_TIME, Beats, inside
from models.scoring.counts import CLASSES, Confusion

MATCH_WINDOW_S = 0.150
"""Largest distance of two beats that count as one, as EC57 sets it."""

NONE = -1
"""Stands for the beat that is not there."""

_CODE = {label: code for code, label in enumerate(CLASSES)}
_O, _X = _CODE["O"], _CODE["X"]


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """Which beats of two annotators belong together, in order of time.

    Beats within the reference's ventricular flutter appear nowhere.

    Attributes:
        reference: what is true.
        test: what is to be scored.
        fs: sampling rate in Hz.
        reference_at: indices into the reference's beats, `NONE` for an extra beat of the test;
            int64, shape (n_pairs,).
        test_at: indices into the test's beats, `NONE` for a missed beat; int64, shape (n_pairs,).
    """

    reference: Beats
    test: Beats
    fs: float
    reference_at: npt.NDArray[np.int64]
    test_at: npt.NDArray[np.int64]

    def count(self, start_s: float, duration_s: float) -> Confusion:
        """Count the pairs from ``start_s`` on by their labels.

        Args:
            start_s: what to leave out at the start, in s.
            duration_s: length of the recording, in s. The time scored is what of it lies after
                ``start_s`` and outside the reference's flutter.
        """
        scored = self._from(start_s)
        truth, found = self.reference, self.test
        rows = _codes(truth, self.reference_at, found.samples, self.test_at)
        columns = _codes(found, self.test_at, truth.samples, self.reference_at)
        table = np.zeros((len(CLASSES), len(CLASSES)), dtype=np.int64)
        np.add.at(table, (rows[scored], columns[scored]), 1)
        flutter_s = sum(
            max(0.0, min(last / self.fs, duration_s) - max(first / self.fs, start_s))
            for first, last in truth.flutter
        )
        seconds = max(0.0, duration_s - start_s - flutter_s)
        return Confusion(tuple(tuple(row) for row in table.tolist()), seconds)

    def late_ms(self, start_s: float) -> npt.NDArray[np.float64]:
        """Return by how much the paired test beats are late, in ms, shape (n_matched,).

        Args:
            start_s: what to leave out at the start, in s.
        """
        paired = self._from(start_s) & (self.reference_at != NONE) & (self.test_at != NONE)
        late: npt.NDArray[np.int64] = (
            self.test.samples[self.test_at[paired]]
            - self.reference.samples[self.reference_at[paired]]
        )
        return np.multiply(late, 1000.0 / self.fs, dtype=np.float64)

    def _from(self, start_s: float) -> npt.NDArray[np.bool_]:
        """Tell which pairs lie at or after ``start_s``, by the reference beat if there is one."""
        at = np.where(
            self.reference_at != NONE,
            _take(self.reference.samples, self.reference_at),
            _take(self.test.samples, self.test_at),
        )
        return at >= start_s * self.fs


def match(reference: Beats, test: Beats, fs: float, window_s: float = MATCH_WINDOW_S) -> Match:
    """Pair the beats of a reference and a test annotator.

    Both lists are walked together. The earlier of the two beats at hand is paired with the other
    if they are within the window and the later one has no better partner to come, or if the
    partner to come fits its own next neighbour better; else it stays alone. Beats within the
    reference's flutter are left out on both sides beforehand; what the test calls flutter is not,
    so that no detector can hide from being scored.

    Args:
        reference: what is true.
        test: what is to be scored.
        fs: sampling rate in Hz.
        window_s: match window in s.

    Raises:
        RecordError: the sampling rate is not a positive number.
    """
    if not (math.isfinite(fs) and fs > 0):
        raise RecordError(f"fs: {fs} is no sampling rate; give Hz, above 0")
    # The epsilon keeps 0.15 s x 360 Hz at 54 samples, whatever the rounding of the product.
    window = math.floor(window_s * fs + 1e-6)
    truth_at = np.flatnonzero(~inside(reference.samples, reference.flutter)).tolist()
    found_at = np.flatnonzero(~inside(test.samples, reference.flutter)).tolist()
    truth = reference.samples[truth_at].tolist()
    found = test.samples[found_at].tolist()
    n_truth, n_found = len(truth), len(found)
    truth += [END_OF_TIME, END_OF_TIME]  # sentinels: the next, and the one after
    found += [END_OF_TIME, END_OF_TIME]
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < n_truth or j < n_found:
        if found[j] < truth[i]:
            paired = _belong(found[j], truth[i], found[j + 1], truth[i + 1], window)
        else:
            paired = _belong(truth[i], found[j], truth[i + 1], found[j + 1], window)
        takes_truth = paired or truth[i] <= found[j]
        takes_found = paired or not takes_truth
        pairs.append((truth_at[i] if takes_truth else NONE, found_at[j] if takes_found else NONE))
        i += takes_truth
        j += takes_found
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Match(reference, test, fs, table[:, 0], table[:, 1])


def _belong(early: int, late: int, after_early: int, after_late: int, window: int) -> bool:
    """Tell whether two beats are one.

    Args:
        early: the earlier beat.
        late: the later beat, of the other annotator.
        after_early: the next beat of the annotator of ``early``: a rival for ``late``.
        after_late: the next beat of the annotator of ``late``, which that rival may prefer.
        window: the match window. All in samples.
    """
    distance = late - early
    rival = abs(after_early - late)
    return distance <= window and (distance <= rival or abs(after_early - after_late) < rival)


def compare(
    reference: Beats,
    test: Beats,
    fs: float,
    *,
    start_s: float = 0.0,
    duration_s: float,
    window_s: float = MATCH_WINDOW_S,
) -> Confusion:
    """Match and count in one step: `match`, then `Match.count`."""
    return match(reference, test, fs, window_s).count(start_s, duration_s)


def _take(values: npt.NDArray[np.int64], index: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """``values[index]``, with 0 where the index is `NONE`."""
    return np.append(values, 0)[index]


def _codes(
    own: Beats,
    index: npt.NDArray[np.int64],
    other_samples: npt.NDArray[np.int64],
    other_index: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """Return the place in `CLASSES` of one side of each pair; O or X where it has no beat."""
    codes = np.array([*(_CODE[label] for label in own.labels.tolist()), _O], dtype=np.int64)[index]
    blind = (index == NONE) & inside(_take(other_samples, other_index), own.shutdown)
    codes[blind] = _X
    return codes
