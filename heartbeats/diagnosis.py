"""Findings of a twelve-lead array, by the networks that `ecg-monitor diagnose` asks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy.typing as npt

from detector.twelve_lead.diagnose import Diagnosis
from detector.twelve_lead.diagnose import diagnose as diagnose_recording
from heartbeats.arrays import recording_of
from models.diagnosis import release
from models.diagnosis.inference import DiagnosisNetwork


def diagnose(
    signal: npt.ArrayLike,
    fs: float,
    *,
    leads: str | Sequence[str],
    unit: str = "mV",
    gain: float | Sequence[float] | None = None,
    baseline: float | Sequence[float] = 0.0,
    age: float | None = None,
    sex: str | None = None,
    model: str = release.DEFAULT,
) -> Diagnosis:
    """Say which findings one or more of the twelve standard leads show, with a probability each.

    Args:
        signal: voltages, shape (n_samples,) or (n_leads, n_samples), 2.5 s or more, NaN where
            there is no value.
        fs: sampling rate in Hz, 100 .. 2000.
        leads: which standard lead each row is (``["I", "II", "V1"]``).
        unit: of the values: mV, µV (``"uV"``), nV or V.
        gain: units of the converter per mV, in place of ``unit``.
        baseline: value of the converter at 0 mV.
        age: years, if known.
        sex: ``"F"`` or ``"M"``, if known.
        model: name of the network.

    Returns:
        ``record``, ``model``, ``labels``, ``decisions``, ``windows``, ``quality``, as
        docs/TWELVE_LEADS.md explains them.

    Raises:
        SignalError: the array is no ECG, or what is said about it is wrong; names the argument.
        RecordError: it is too short or too slow, or lacks leads that the network needs.
        SettingsError: there is no network of that name.
    """
    recording = recording_of(signal, fs, leads=leads, unit=unit, gain=gain, baseline=baseline)
    return diagnose_recording(recording, _network(model), age=age, sex=sex)


@cache
def _network(name: str) -> DiagnosisNetwork:
    return DiagnosisNetwork.load(name)
