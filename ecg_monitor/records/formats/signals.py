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
    "v": 1e-3, "volt": 1e-3, "volts": 1e-3, "nv": 1e6, "nanovolt": 1e6, "nanovolts": 1e6,
}  # fmt: skip
"""Units per millivolt, by the unit's name in lower case."""

_ECG = {
    "ecg", "ekg", "i", "ii", "iii", "avr", "avl", "avf", "v", "mli", "mlii", "mliii", "mcl",
    "lead", "cm", "cs", "nasa", "ecgraw", "rawecg", "ecgfiltered",
}  # fmt: skip
"""Words, without digits at their end, that name ECG leads in PhysioNet's databases and EDF+."""
_OTHER = {
    "abp", "ap", "art", "bp", "cvp", "iabp", "icp", "lap", "nbp", "pap", "rap", "uap", "uvp",
    "pleth", "plethysmogram", "ppg", "spo", "sao", "so", "pulse", "bvp",
    "resp", "respiration", "rsp", "breath", "abdo", "thor", "thorax", "airflow", "flow", "nasal",
    "cannula", "snore", "imp", "impedance", "co", "etco", "pcg", "phono", "sound", "mic",
    "eeg", "eog", "emg", "chin", "leg", "tib", "loc", "roc",
    "temp", "temperature", "gsr", "eda", "scg", "bcg", "icg", "acc", "accel", "gyro", "position",
    "hr", "heartrate", "marker", "event", "trigger", "status", "battery", "light", "quality",
    "rr", "ibi", "label", "class", "annotation", "symbol", "counter", "count", "packet", "seq",
    "checksum", "rssi", "lon", "lat", "altitude", "speed", "steps", "humidity", "pressure",
    "magnetometer", "mag", "quaternion", "pitch", "roll", "yaw", "ir", "red", "green", "peak",
    "timestamp", "time", "date", "datetime", "unix", "epoch", "age", "sex", "id",
}  # fmt: skip
"""Words, without digits at their end, as PhysioNet's databases and EDF+ label other signals."""
_ECG_NAMES = {"di", "dii", "diii", "d1", "d2", "d3"}
"""Whole names of limb leads in Romance languages; DI0 is a digital input."""
_OTHER_BEGINS = (
    "acc", "gyro", "ppg", "pleth", "resp", "eeg", "eog", "emg", "temp", "batt", "packet",
    "timestamp", "magnet", "spo2",
)  # fmt: skip
"""Beginnings of words that name other signals: ``accX``, ``PPGgreen``, ``Accelerometer``."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+")
"""A word within a name: ``accX`` has acc and x, ``PPGgreen`` has ppg and green (see `words_of`)."""


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
    return "by its name no ECG" if names_other(name) else ""


def words_of(name: str) -> set[str]:
    """Return the words of a signal's name in lower case, without digits: ``"POL EKG1"`` has ekg.

    Words joined by capitals are taken apart as well, and kept whole too.

    >>> sorted(words_of("accX")), sorted(words_of("MLII"))
    (['acc', 'accx', 'x'], ['mlii'])
    """
    whole = set(re.split(r"[^a-z]+", name.lower()))
    return (whole | {word.lower() for word in _WORD.findall(name)}) - {""}


def names_ecg(name: str) -> bool:
    """Return whether a name says that a signal is an ECG."""
    words = words_of(name)
    if name.strip().lower() in _ECG_NAMES:
        return True
    return bool(words & _ECG) or any(word.startswith(("ecg", "ekg")) for word in words)


def names_other(name: str) -> bool:
    """Return whether a name says that a signal is something else, and does not say ECG."""
    words = words_of(name)
    begins = any(word.startswith(_OTHER_BEGINS) for word in words)
    return (bool(words & _OTHER) or begins) and not names_ecg(name)
