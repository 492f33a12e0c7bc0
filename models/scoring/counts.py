"""The table of reference against test labels, and the scores that EC57 draws from it.

Written as in EC57 and WFDB's documents, capital letter for the reference, small for the test:
``Nv`` counts reference N beats that the test called V. O is a beat that is not there, X one that
is not there because the annotator was shut down.

===========  =====================  ==========================  ============================
scored       true positives         false negatives             false positives
===========  =====================  ==========================  ============================
QRS          every N S V F Q pair   columns o and x             rows O and X
VEB          Vv                     Vn + Vs + Vf + Vq + Vo +Vx  Nv + Sv + Ov + Xv
SVEB         Ss                     Sn + Sv + Sf + Sq + So +Sx  Ns + Vs + Fs + Os + Xs
===========  =====================  ==========================  ============================

EC57's beat-by-beat comparison excuses a test that calls a fusion of ventricular and normal beat
(``Fv``) or an unclassifiable beat (``Qv``, ``Qs``) ectopic: there is no right answer to hold
against it. ``Fs`` is an error, since a fusion beat is not supraventricular.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

CLASSES = ("N", "S", "V", "F", "Q", "O", "X")
"""Rows (reference) and columns (test) of a `Confusion`."""

_BEATS = ("N", "S", "V", "F", "Q")
_ABSENT = ("O", "X")

Table = tuple[tuple[int, ...], ...]

_EMPTY: Table = tuple((0,) * len(CLASSES) for _ in CLASSES)


@dataclass(frozen=True, slots=True)
class Score:
    """Hits and errors for one kind of beat.

    Attributes:
        tp: true positives.
        fn: false negatives.
        fp: false positives.
        seconds: length of the signal scored, in s.
    """

    tp: int
    fn: int
    fp: int
    seconds: float

    @property
    def se(self) -> float | None:
        """Sensitivity, tp / (tp + fn); None without reference beats."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def ppv(self) -> float | None:
        """Positive predictivity (+P), tp / (tp + fp); None without test beats."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of `se` and `ppv`, 2 tp / (2 tp + fn + fp); None without any beats."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fn + self.fp)

    @property
    def fp_per_hour(self) -> float | None:
        """False positives per hour of signal; None without signal."""
        return _ratio(self.fp * 3600, self.seconds)


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often each reference label met each test label.

    Attributes:
        table: counts, 7 rows (reference) of 7 columns (test) in the order of `CLASSES`.
        seconds: length of the signal scored, in s.
    """

    table: Table = _EMPTY
    seconds: float = 0.0

    def __getitem__(self, cell: tuple[str, str]) -> int:
        """Return the count of (reference label, test label)."""
        reference, test = cell
        return self.table[CLASSES.index(reference)][CLASSES.index(test)]

    def __add__(self, other: Confusion) -> Confusion:
        """Pool two recordings (EC57: gross statistics)."""
        table = tuple(
            tuple(a + b for a, b in zip(mine, theirs, strict=True))
            for mine, theirs in zip(self.table, other.table, strict=True)
        )
        return Confusion(table, self.seconds + other.seconds)

    @staticmethod
    def total(confusions: Iterable[Confusion]) -> Confusion:
        """Pool any number of recordings; an empty table for none."""
        return sum(confusions, Confusion())

    @property
    def qrs(self) -> Score:
        """Detection of beats, whatever their label."""
        return self._score(
            tp=self._sum(_BEATS, _BEATS),
            fn=self._sum(_BEATS, _ABSENT),
            fp=self._sum(_ABSENT, _BEATS),
        )

    @property
    def veb(self) -> Score:
        """Detection of ventricular ectopic beats (V); see the module for the rule."""
        return self._ectopic("V", faulted_by=("N", "S", "O", "X"))

    @property
    def sveb(self) -> Score:
        """Detection of supraventricular ectopic beats (S); see the module for the rule."""
        return self._ectopic("S", faulted_by=("N", "V", "F", "O", "X"))

    def _ectopic(self, label: str, faulted_by: tuple[str, ...]) -> Score:
        others = tuple(test for test in CLASSES if test != label)
        return self._score(
            tp=self[label, label],
            fn=self._sum((label,), others),
            fp=self._sum(faulted_by, (label,)),
        )

    def _sum(self, references: tuple[str, ...], tests: tuple[str, ...]) -> int:
        return sum(self[reference, test] for reference in references for test in tests)

    def _score(self, tp: int, fn: int, fp: int) -> Score:
        return Score(tp, fn, fp, self.seconds)

    def to_map(self) -> dict[str, dict[str, int]]:
        """Return the counts as ``{reference label: {test label: count}}``."""
        return {
            reference: dict(zip(CLASSES, row, strict=True))
            for reference, row in zip(CLASSES, self.table, strict=True)
        }


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
