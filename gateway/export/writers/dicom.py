"""DICOM waveforms, written by pydicom: General ECG, or Ambulatory ECG outside of 200 .. 1000 Hz.

Samples are the ADC values, 16 bits; sensitivity and baseline of each channel make mV of them. The
padding value -32768 stands where there is no value. Beats and alarms are not written.

pydicom is an extra (``pip install 'ecg-monitor[dicom]'``).

Source: DICOM PS3.3, A.34 and C.10.9; lead codes of PS3.16, CID 3001.
"""

from __future__ import annotations

import importlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import ecg_monitor
from ecg_monitor.core.errors import ExportError
from ecg_monitor.records.recording import INVALID_SAMPLE
from ecg_monitor.ward.alerts.exchange.fhir import LEAD_CODE
from gateway.export.excerpt import Excerpt
from gateway.export.formats import Progress

_GENERAL_HZ = 200.0, 1000.0
"""Sampling rates of the General ECG; the Ambulatory ECG has others."""
_UNKNOWN = datetime(1900, 1, 1, tzinfo=UTC)
"""The format asks for a time of acquisition: this one stands for none."""


def write(excerpt: Excerpt, path: Path, progress: Progress) -> None:
    """Write one multiplex group with a channel for each lead.

    Args:
        excerpt: what to write.
        path: the file.
        progress: told the share that is done.

    Raises:
        ExportError: pydicom is not installed.
    """
    try:
        uid: Any = importlib.import_module("pydicom.uid")
        dataset: Any = importlib.import_module("pydicom.dataset")
    except ImportError:
        raise ExportError(
            "--format: dicom needs pydicom: pip install 'ecg-monitor[dicom]'"
        ) from None
    low, high = _GENERAL_HZ
    general = low <= excerpt.recording.fs <= high
    kind = uid.GeneralECGWaveformStorage if general else uid.AmbulatoryECGWaveformStorage
    meta = dataset.FileMetaDataset()
    meta.MediaStorageSOPClassUID = kind
    meta.MediaStorageSOPInstanceUID = uid.generate_uid()
    meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    data = dataset.FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    at = _UNKNOWN if excerpt.start is None else datetime.fromtimestamp(excerpt.start, UTC)
    values = {
        "SpecificCharacterSet": "ISO_IR 192",
        "SOPClassUID": kind,
        "SOPInstanceUID": meta.MediaStorageSOPInstanceUID,
        "StudyInstanceUID": uid.generate_uid(),
        "SeriesInstanceUID": uid.generate_uid(),
        "StudyDate": f"{at:%Y%m%d}",
        "StudyTime": f"{at:%H%M%S}",
        "ContentDate": f"{at:%Y%m%d}",
        "ContentTime": f"{at:%H%M%S}",
        "AcquisitionDateTime": f"{at:%Y%m%d%H%M%S.%f}",
        "TimezoneOffsetFromUTC": "+0000",
        "Modality": "ECG",
        "Manufacturer": "ecg-monitor",
        "SoftwareVersions": ecg_monitor.__version__,
        "StationName": (excerpt.device or "")[:16],
        "PatientName": "",
        "PatientID": excerpt.patient or "",
        "PatientBirthDate": "",
        "PatientSex": "",
        "ReferringPhysicianName": "",
        "StudyID": "",
        "AccessionNumber": "",
        "SeriesNumber": 1,
        "InstanceNumber": 1,
        "AcquisitionContextSequence": [],
    }
    for name, value in values.items():
        setattr(data, name, value)
    data.WaveformSequence = [_group(excerpt, dataset.Dataset)]
    data.save_as(path, enforce_file_format=True)
    progress(1.0)


def _group(excerpt: Excerpt, dataset: Any) -> Any:
    recording = excerpt.recording
    samples = np.where(recording.valid(), recording.samples, np.int16(INVALID_SAMPLE))
    group = dataset()
    group.MultiplexGroupTimeOffset = 0
    group.WaveformOriginality = "ORIGINAL"
    group.NumberOfWaveformChannels = len(recording.leads)
    group.NumberOfWaveformSamples = recording.n_samples
    group.SamplingFrequency = _decimal(recording.fs)
    group.WaveformBitsAllocated = 16
    group.WaveformSampleInterpretation = "SS"
    group.ChannelDefinitionSequence = [
        _channel(lead, recording.gain[i], recording.baseline[i], dataset)
        for i, lead in enumerate(recording.leads)
    ]
    padding = np.array(INVALID_SAMPLE, "<i2").tobytes()
    group.add_new("WaveformPaddingValue", "OW", padding)
    group.add_new("WaveformData", "OW", samples.T.astype("<i2").tobytes())
    return group


def _channel(lead: str, gain: float, baseline: float, dataset: Any) -> Any:
    number = LEAD_CODE.get(lead, 0)
    channel = dataset()
    channel.ChannelLabel = lead
    meaning = f"Lead {lead}" if number else "Unspecified lead"
    channel.ChannelSourceSequence = [_code(dataset, f"2:{number}", "MDC", meaning)]
    channel.ChannelSensitivity = _decimal(1.0 / gain)
    channel.ChannelSensitivityUnitsSequence = [_code(dataset, "mV", "UCUM", "millivolt")]
    channel.ChannelSensitivityCorrectionFactor = 1
    channel.ChannelBaseline = _decimal(-baseline / gain)
    channel.ChannelSampleSkew = 0
    channel.WaveformBitsStored = 16
    return channel


def _code(dataset: Any, value: str, scheme: str, meaning: str) -> Any:
    code = dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def _decimal(value: float) -> str:
    """Return a number in the sixteen characters that a decimal string of DICOM has."""
    return f"{value:.10g}"
