"""Which signals of a recording are ECG, judged by their unit and name.

Only ECG may reach the detector: the pulse in a blood pressure or a breath in a belt looks enough
like a heartbeat to be counted as one. Polysomnograms give EEG, EOG and EMG in microvolts, some
monitors give even the plethysmogram in "mV"; so the unit alone does not decide.
"""

from __future__ import annotations

import re

PER_MV = {
    "mv": 1.0, "millivolt": 1.0, "millivolts": 1.0,
    "uv": 1e3, "µv": 1e3, "μv": 1e3, "microvolt": 1e3, "microvolts": 1e3,
    "v": 1e-3, "volt": 1e-3, "volts": 1e-3, "nv": 1e6,
}  # fmt: skip
"""Units per millivolt, by the unit's name in lower case."""

_ECG = {
    "ecg", "ekg", "i", "ii", "iii", "avr", "avl", "avf", "v", "mli", "mlii", "mliii", "mcl",
    "lead", "cm", "cs", "nasa",
}  # fmt: skip
"""Words, without digits at their end, that name ECG leads in PhysioNet's databases and EDF+."""
_OTHER = {
    "abp", "ap", "art", "bp", "cvp", "iabp", "icp", "lap", "nbp", "pap", "rap", "uap", "uvp",
    "pleth", "plethysmogram", "ppg", "spo", "sao", "so", "pulse", "bvp",
    "resp", "respiration", "rsp", "breath", "abdo", "thor", "thorax", "airflow", "flow", "nasal",
    "cannula", "snore", "imp", "impedance", "co", "etco", "pcg", "phono", "sound", "mic",
    "eeg", "eog", "emg", "chin", "leg", "tib", "loc", "roc",
    "temp", "temperature", "gsr", "eda", "scg", "bcg", "icg", "acc", "accel", "gyro", "position",
    "hr", "heartrate", "marker", "event", "trigger", "status", "battery", "light",
}  # fmt: skip
"""Words, without digits at their end, as PhysioNet's databases and EDF+ label other signals."""
_BETWEEN_WORDS = re.compile(r"[^a-z]+")


def per_mv(unit: str | None) -> float | None:
    """Return how many of the unit make 1 mV; None if it is no voltage. No unit means mV (WFDB)."""
    return PER_MV.get((unit or "mV").strip().lower())


def why_not_ecg(name: str, unit: str | None) -> str:
    """Return why a signal is left out.

    Args:
        name: as the file has it, ``"MLII"``, ``"Resp (sum)"``.
        unit: as the file has it.

    Returns:
        The reason in words; empty for an ECG, and for a voltage with a name that is not known.

    >>> why_not_ecg("ECG1", "mV"), why_not_ecg("ABP", "mmHg"), why_not_ecg("RESP", "mV")
    ('', 'mmHg is no voltage', 'by its name no ECG')
    """
    if per_mv(unit) is None:
        return f"{unit} is no voltage"
    words = words_of(name)
    return "by its name no ECG" if words & _OTHER and not words & _ECG else ""


def words_of(name: str) -> set[str]:
    """Return the words of a signal's name in lower case, without digits: ``"POL EKG1"`` has ekg."""
    return set(_BETWEEN_WORDS.split(name.lower()))
