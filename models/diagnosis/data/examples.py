"""Twelve-lead data in the form that the trainer of the zoo takes: the superclasses, or the nine."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError, SettingsError
from models.diagnosis.data import folders, sources
from models.diagnosis.data.collection import Part
from models.diagnosis.inputs import filled
from models.diagnosis.labels import NINE, SUPERCLASSES
from models.diagnosis.leads import FloatArray
from models.zoo.data.examples import DataOptions, Examples, SplitData
from models.zoo.network import Network

SPLIT = "patients"
"""The one split there is: PTB-XL's official folds, or recordings apart."""
LEAST_FS = 100.0
"""Least sampling rate that recordings may be brought to, Hz, as for the other networks."""


def load(folder: Path, network: Network, options: DataOptions) -> SplitData:
    """Build the examples that a network sees.

    Raises:
        RecordError: the data set that the network's labels come from is not in the folder.
        SettingsError: another split, rate or choice of leads is asked for than there is.
    """
    if options.split not in ("", SPLIT):
        raise SettingsError(f"--split: twelve leads have the split {SPLIT} alone")
    if options.leads:
        raise SettingsError(f"--leads: {network.name} sees all twelve; ecg-diagnosis takes any")
    names = tuple(label.name for label in SUPERCLASSES)
    if network.labels != names:
        return _nine(folder, network, options.fs or network.sees.fs)
    if options.fs not in (None, network.sees.fs):
        raise SettingsError(f"--fs: {network.name} sees {network.sees.fs:g} Hz")
    return _ptbxl(folder, names)


def _ptbxl(folder: Path, names: tuple[str, ...]) -> SplitData:
    found = sources.read_ptbxl(folder)
    if found is None:
        raise RecordError(
            f"{folder}: no PTB-XL: neither ptbxl_database.csv nor {sources.COMPACT[0]} beside "
            f"{sources.LABELS}"
        )
    data = found[0]
    columns = [data.names.index(name) for name in names]

    def part(name: Part) -> Examples:
        rows = data.of(name)
        return Examples(rows.ecg, rows.labels[:, columns], rows.record)

    notes = ("PTB-XL, official folds: 1 to 8 train, 9 stops, 10 is reported on",)
    return SplitData(
        SPLIT,
        names,
        part("train"),
        part("validation"),
        part("test"),
        sources.digest(data),
        notes,
    )


def _nine(folder: Path, network: Network, fs: float) -> SplitData:
    """Build recordings as long as the network sees them, at a rate that may be another, in Hz."""
    if not LEAST_FS <= fs <= network.sees.fs:
        raise SettingsError(
            f"--fs: {network.name} sees {network.sees.fs:g} Hz, or less down to {LEAST_FS:g}"
        )
    samples = round(network.sees.samples * fs / network.sees.fs)
    places = sources.challenge_folders(folder)
    if not places:
        raise RecordError(f"{folder}: no .hea files with a #Dx: line, as CPSC2018 has them")
    headers = [header for place in places for header in folders.read_headers(place)]
    names = tuple(label.name for label in NINE)
    signals = np.stack(
        [window(*folders.millivolts(header.path), fs, samples) for header in headers]
    )
    marks = np.array([[name in h.labels for name in names] for h in headers], np.float32)
    groups = np.array([h.name for h in headers])
    parts = np.array([folders.part_of(number) for number in range(len(headers))])

    def part(name: Part) -> Examples:
        rows = parts == name
        return Examples(signals[rows], marks[rows], groups[rows])

    notes = [f"{len(headers)} recordings: every fifth is reported on, every fifth stops"]
    if fs != network.sees.fs:
        notes.append(f"{samples} samples at {fs:g} Hz in place of {network.sees.fs:g} Hz")
    listing = sources.listing_digest(headers)
    return SplitData(
        SPLIT,
        names,
        part("train"),
        part("validation"),
        part("test"),
        listing,
        tuple(notes),
        {"fs": f"{fs:g}"},
    )


def window(rows: FloatArray, fs: float, rate: float, samples: int) -> npt.NDArray[np.float32]:
    """Return a recording at another rate, cut or filled with 0 ahead to a fixed length.

    Args:
        rows: mV, NaN where there is no value, shape (12, n).
        fs: Hz.
        rate: sampling rate asked for, Hz.
        samples: length asked for.
    """
    from scipy.signal import resample_poly  # noqa: PLC0415  # slow to load

    signal = filled(rows)
    ratio = Fraction(rate / fs).limit_denominator(1000)
    if ratio != 1:
        signal = resample_poly(signal, ratio.numerator, ratio.denominator, axis=-1)
    signal = signal[:, :samples]
    return np.pad(signal, ((0, 0), (samples - signal.shape[1], 0))).astype(np.float32)
