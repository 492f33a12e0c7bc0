"""DICOM waveforms (PS3.3, A.34: 12-lead, general and ambulatory ECG), read by pydicom.

pydicom is an extra (``pip install 'ecg-monitor[dicom]'``): most who use the project have no such
files. Of several groups of channels, the one that lasts longest is read: others are averages.
"""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.formats.clinical.leads import Lead, recording_of
from ecg_monitor.records.formats.signals import names_other, per_mv
from ecg_monitor.records.recording import Recording

_TYPES = {(8, "SB"): "i1", (16, "SS"): "i2", (32, "SL"): "i4", (8, "UB"): "u1", (16, "US"): "u2"}
"""Type of the samples by the bits that a sample takes and their interpretation."""
_MOST_CHANNELS = 64


def read_dicom(path: Path) -> Recording:
    """Read the ECG of a DICOM file.

    Raises:
        RecordError: the file is missing, damaged or holds no ECG, or pydicom is not installed.
    """
    if not path.is_file():
        raise RecordError(f"{path}: no such recording")
    try:
        pydicom = importlib.import_module("pydicom")
    except ImportError:
        raise RecordError(
            f"{path}: DICOM needs pydicom: pip install 'ecg-monitor[dicom]', or convert the file "
            "to EDF, as `save2gdf -f=EDF` of BioSig does"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # values that are not as DICOM asks for are read
            data = pydicom.dcmread(path)
            groups = list(data.get("WaveformSequence") or [])
            if not groups:
                raise RecordError(f"{path}: holds no waveform ({data.get('Modality', 'no')} data)")
            group = max(groups, key=lambda one: float(_seconds(one)))
            return _recording(path, group, len(groups), data)
    except RecordError:
        raise
    # Where a damaged file breaks pydicom, anything may come out of it.
    except Exception as error:
        raise RecordError(f"{path}: is damaged: {type(error).__name__}: {error}") from error


def _seconds(group: Any) -> float:
    rate = float(group.get("SamplingFrequency") or 0)
    return float(group.get("NumberOfWaveformSamples") or 0) / rate if rate > 0 else 0.0


def _recording(path: Path, group: Any, n_groups: int, data: Any) -> Recording:
    samples = _samples(path, group, data)
    leads, notes = [], []
    missing = _padding(group, samples)
    promised = int(group.NumberOfWaveformSamples)
    if promised != len(samples):
        notes.append(f"the file holds {len(samples)} samples where it says {promised}")
    if n_groups > 1:
        notes.append(f"the longest of {n_groups} groups of channels is read")
    for i, channel in enumerate(group.ChannelDefinitionSequence):
        name = _meaning(channel.get("ChannelSourceSequence")) or f"lead {i + 1}"
        name = str(channel.get("ChannelLabel") or "") if name == "Unspecified lead" else name
        step = float(channel.get("ChannelSensitivity") or 0)
        step *= float(channel.get("ChannelSensitivityCorrectionFactor") or 1)
        unit = channel.get("ChannelSensitivityUnitsSequence")
        units = per_mv(str(unit[0].CodeValue)) if unit else None
        if units is None or not step:
            notes.append(f"{name} left out: its unit is no voltage, or not given")
        elif names_other(name):
            notes.append(f"{name} left out: by its name no ECG")
        else:
            zero = -float(channel.get("ChannelBaseline") or 0) / step
            values = np.ascontiguousarray(samples[:, i])
            leads.append(Lead(_lead_name(name), values, units / step, zero, missing))
    return recording_of(path, float(group.SamplingFrequency), leads, notes)


def _samples(path: Path, group: Any, data: Any) -> npt.NDArray[Any]:
    """Return the samples, shape (n_samples, n_channels)."""
    n_channels = int(group.NumberOfWaveformChannels)
    bits, kind = int(group.WaveformBitsAllocated), str(group.WaveformSampleInterpretation)
    if (bits, kind) not in _TYPES:
        raise RecordError(f"{path}: samples of {bits} bits, {kind}, are not read")
    if not 1 <= n_channels <= _MOST_CHANNELS or n_channels != len(group.ChannelDefinitionSequence):
        raise RecordError(f"{path}: {n_channels} channels do not fit their definitions")
    order = ">" if data.original_encoding[1] is False else "<"
    content = bytes(group.WaveformData)
    width = bits // 8 * n_channels
    values = np.frombuffer(content[: len(content) // width * width], order + _TYPES[bits, kind])
    return values.reshape(-1, n_channels)


def _padding(group: Any, samples: npt.NDArray[Any]) -> int | None:
    """Return the sample that stands for no value, None if the group names none."""
    content = bytes(group.get("WaveformPaddingValue") or b"")
    width = samples.dtype.itemsize
    if len(content) < width:
        return None
    return int(np.frombuffer(content[:width], samples.dtype)[0])


def _meaning(codes: Any) -> str:
    return str(codes[0].get("CodeMeaning") or "") if codes else ""


def _lead_name(name: str) -> str:
    """Return ``II`` of ``Lead II (Einthoven)``."""
    plain = name.partition("(")[0].strip()
    return plain[5:].strip() if plain.lower().startswith("lead ") else plain
