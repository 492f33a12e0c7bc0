"""From the heart's dipole and the electrodes to the leads of the electrocardiogram.

The dipole is given in Frank's axes, in mV: x to the patient's left, y to the feet, z to the back.
Dower's matrix turns it into the eight independent leads (Dower 1968; coefficients as printed by
Edenbrandt and Pahlm, J Electrocardiol 21:361-367, 1988, doi:10.1016/0022-0736(88)90113-6). The
other four follow from Einthoven's and Goldberger's definitions, so that any set of leads agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import ScenarioError

FloatArray = npt.NDArray[np.float64]

_DOWER = {
    "I": (0.632, -0.235, 0.059),
    "II": (0.235, 1.066, -0.132),
    "V1": (-0.515, 0.157, -0.917),
    "V2": (0.044, 0.164, -1.387),
    "V3": (0.882, 0.098, -1.277),
    "V4": (1.213, 0.127, -0.601),
    "V5": (1.125, 0.127, -0.086),
    "V6": (0.831, 0.076, 0.230),
}

_LIMB_FROM_I_II = {
    "III": (-1.0, 1.0),
    "aVR": (-0.5, -0.5),
    "aVL": (1.0, -0.5),
    "aVF": (-0.5, 1.0),
}

_LIMB_FROM_ELECTRODES = {
    "I": {"LA": 1.0, "RA": -1.0},
    "II": {"LL": 1.0, "RA": -1.0},
    "III": {"LL": 1.0, "LA": -1.0},
    "aVR": {"RA": 1.0, "LA": -0.5, "LL": -0.5},
    "aVL": {"LA": 1.0, "RA": -0.5, "LL": -0.5},
    "aVF": {"LL": 1.0, "RA": -0.5, "LA": -0.5},
}

LIMB_ELECTRODES = ("RA", "LA", "LL")

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The standard leads."""

_ALIASES = {"MLII": "II"}

LEAD_NAMES = (*LEADS, *_ALIASES)
"""Names that a synthetic patient accepts: the standard leads, and MLII for II."""


ALL = "12"
"""Stands for all of `LEADS` where leads are named."""


def read_leads(field: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the leads that names mean.

    Args:
        field: what they are given for, for errors.
        names: of leads, or `ALL` alone.

    Raises:
        ScenarioError: a name is not known, or comes twice.
    """
    leads = LEADS if tuple(names) == (ALL,) else tuple(names)
    check_leads(field, leads)
    return leads


def check_leads(field: str, leads: tuple[str, ...]) -> None:
    """Check the leads of a synthetic patient.

    Raises:
        ScenarioError: there is none, or one is not known or comes twice.
    """
    if not leads:
        raise ScenarioError(f"{field}: at least one is needed")
    for lead in leads:
        if lead not in LEAD_NAMES:
            near = get_close_matches(str(lead), LEAD_NAMES, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ScenarioError(
                f"{field}: {lead!r} is not known{hint}; known: {', '.join(LEAD_NAMES)}, "
                f"or {ALL} for all twelve"
            )
    if len(set(leads)) < len(leads):
        raise ScenarioError(f"{field}: must differ, got {', '.join(leads)}")


def standard_name(lead: str) -> str:
    """Return the standard lead that an accepted name means."""
    return _ALIASES.get(lead, lead)


def dipole_matrix(leads: tuple[str, ...]) -> FloatArray:
    """Return the matrix, shape (n_leads, 3), that projects a dipole (mV) on the leads (mV)."""
    return np.array([_dipole_row(standard_name(lead)) for lead in leads], dtype=np.float64)


def electrode_matrix(leads: tuple[str, ...]) -> tuple[tuple[str, ...], FloatArray]:
    """Return the electrodes that the leads need and how the leads follow from their potentials.

    Returns:
        Names of the electrodes, and a matrix of shape (n_leads, n_electrodes).
    """
    rows = [_electrode_row(standard_name(lead)) for lead in leads]
    electrodes = tuple(dict.fromkeys(name for row in rows for name in row))
    matrix = np.array([[row.get(name, 0.0) for name in electrodes] for row in rows])
    return electrodes, matrix


def _dipole_row(lead: str) -> FloatArray:
    if lead in _DOWER:
        return np.array(_DOWER[lead])
    one, two = _LIMB_FROM_I_II[lead]
    return one * np.array(_DOWER["I"]) + two * np.array(_DOWER["II"])


def _electrode_row(lead: str) -> dict[str, float]:
    if lead in _LIMB_FROM_ELECTRODES:
        return _LIMB_FROM_ELECTRODES[lead]
    return {lead: 1.0, **dict.fromkeys(LIMB_ELECTRODES, -1 / 3)}
