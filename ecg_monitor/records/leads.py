"""The twelve standard leads: their names in the files of the field, and what follows from what.

Any two of the six limb leads determine the other four (Einthoven 1912, Goldberger 1942), so a
recording of I, II and V1 .. V6 has all twelve.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

STANDARD = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""Names and order of the leads, as on paper."""
LIMB = 6
"""The first so many of `STANDARD` are limb leads."""
INDEPENDENT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
"""The leads that an electrocardiograph records; the other four follow from them."""

FROM_I_AND_II: FloatArray = np.array(
    [[1, 0], [0, 1], [-1, 1], [-0.5, -0.5], [1, -0.5], [-0.5, 1]], dtype=np.float64
)
"""Limb leads as sums of I and II, shape (LIMB, 2): III = II - I, aVR = -(I + II) / 2 ..."""

_FILLERS = {"", "ecg", "ekg", "lead", "mdc", "ch", "channel", "pol", "derivation"}
_ALIASES = {
    **{name.lower(): name for name in STANDARD},
    **{f"ml{name.lower()}": name for name in ("I", "II", "III")},
    **{f"d{name.lower()}": name for name in ("I", "II", "III")},
    **{f"d{number}": name for number, name in enumerate(("I", "II", "III"), start=1)},
    **{f"c{number}": f"V{number}" for number in range(1, 7)},
    **{f"mcl{number}": f"V{number}" for number in range(1, 7)},
    "r": "aVR", "l": "aVL", "f": "aVF",
}  # fmt: skip
"""Standard lead by what files call it, in lower case: MLII and DII are II, C1 and MCL1 are V1."""


def standard_lead(name: str) -> tuple[str, int] | None:
    """Return which standard lead a name means and its sign, or None if it is none of them.

    >>> standard_lead("MLII"), standard_lead("ECG lead avr"), standard_lead("-aVR")
    (('II', 1), ('aVR', 1), ('aVR', -1))
    >>> standard_lead("Resp") is None, standard_lead("ECG1") is None
    (True, True)
    """
    sign = -1 if re.match(r"\W*[-\u2212]\s*a?v", name.strip(), re.IGNORECASE) else 1
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word not in _FILLERS]
    found = _ALIASES.get("".join(words))
    return None if found is None else (found, sign)


@dataclass(frozen=True, slots=True, eq=False)
class TwelveLeads:
    """A signal in the order of `STANDARD`.

    Attributes:
        signal: same unit as the source, NaN where a lead has no value, float64, shape (12, n).
        present: whether a lead was in the source or follows from it, bool, shape (12,).
        derived: names of leads that were calculated from others.
        ignored: names, as the source has them, that are no standard lead, or come twice.
    """

    signal: FloatArray
    present: npt.NDArray[np.bool_]
    derived: tuple[str, ...]
    ignored: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the leads that are neither there nor follow from those that are."""
        return tuple(n for n, there in zip(STANDARD, self.present, strict=True) if not there)


def arrange(signal: npt.NDArray[np.floating], names: Sequence[str]) -> TwelveLeads:
    """Bring leads into the standard order, by name, and calculate what follows from them.

    Args:
        signal: shape (n_leads, n), NaN where there is no value; a row that is NaN throughout
            counts as missing.
        names: one per row, as the file has them.
    """
    rows = np.full((len(STANDARD), signal.shape[1]), np.nan)
    ignored: list[str] = []
    for row, name in zip(signal, names, strict=True):
        found = standard_lead(name)
        at = -1 if found is None else STANDARD.index(found[0])
        if found is None or np.isfinite(rows[at]).any():
            ignored.append(name)
            continue
        rows[at] = found[1] * np.asarray(row, np.float64)
    given = np.isfinite(rows).any(axis=1)
    derived = derive(rows, given)
    present = given.copy()
    present[[STANDARD.index(name) for name in derived]] = True
    return TwelveLeads(rows, present, derived, tuple(ignored))


def derive(rows: FloatArray, given: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    """Fill the limb leads that follow from two given ones, in place; return their names.

    Args:
        rows: shape (12, n), any one unit.
        given: which rows hold a lead, bool, shape (12,).
    """
    known = np.flatnonzero(given[:LIMB])
    if len(known) < 2:
        return ()
    pair = known[:2]
    both = np.linalg.solve(FROM_I_AND_II[pair], rows[pair])
    absent = np.flatnonzero(~given[:LIMB])
    rows[absent] = FROM_I_AND_II[absent] @ both
    return tuple(STANDARD[i] for i in absent)
