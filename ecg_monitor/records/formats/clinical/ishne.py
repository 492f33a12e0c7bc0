"""ISHNE Holter recordings.

Format: Badilini F, for the ISHNE Standard Output Format Task Force. The ISHNE Holter Standard
Output File Format. Ann Noninvasive Electrocardiol 3:263-266 (1998). Samples are little-endian
int16, lead by lead within each sampling moment.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.formats.clinical.leads import Lead, recording_of
from ecg_monitor.records.recording import INVALID_SAMPLE, Recording

_MAGIC = b"ISHNE1.0"
_HEADER = 522
"""Bytes of the mark, its checksum and the fixed header."""
_N_SAMPLES, _ECG_OFFSET, _N_LEADS, _SPECS, _STEPS, _RATE = 14, 22, 156, 158, 206, 272
"""Where these fields begin, bytes."""
_MOST_LEADS = 12
_LEADS = (
    "unknown", "bipolar", "X", "Y", "Z", "I", "II", "III", "aVR", "aVL", "aVF",
    "V1", "V2", "V3", "V4", "V5", "V6", "ES", "AS", "AI",
)  # fmt: skip
"""Names of the leads by their code."""


def read_ishne(path: Path) -> Recording:
    """Read an ISHNE recording.

    Raises:
        RecordError: the file is missing, damaged, or no ISHNE file.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER)
            size = os.fstat(file.fileno()).st_size
            if len(head) < _HEADER or not head.startswith(_MAGIC):
                raise RecordError(f"{path}: is not an ISHNE file")
            n_samples, offset = _int(head, _N_SAMPLES, "<i"), _int(head, _ECG_OFFSET, "<i")
            n_leads, rate = _int(head, _N_LEADS), _int(head, _RATE)
            if not 1 <= n_leads <= _MOST_LEADS or not _HEADER <= offset <= size or rate < 1:
                raise RecordError(
                    f"{path}: is damaged: {n_leads} leads at {rate} Hz from byte {offset} on"
                )
            file.seek(offset)
            length = (size - offset) // (2 * n_leads)
            samples = np.fromfile(file, "<i2", length * n_leads).reshape(-1, n_leads)
    except FileNotFoundError:
        raise RecordError(f"{path}: no such recording") from None
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error}") from error
    notes = []
    if n_samples not in {length, length * n_leads}:  # writers count one way or the other
        notes.append(f"the file holds {length} samples where its header says {n_samples}")
    np.maximum(samples, INVALID_SAMPLE + 1, out=samples)
    leads = []
    for i in range(n_leads):
        code, step_nv = _int(head, _SPECS + 2 * i), _int(head, _STEPS + 2 * i)
        name = _LEADS[code] if 0 <= code < len(_LEADS) else f"lead {i + 1}"
        if step_nv == 0:
            notes.append(f"{name} left out: its resolution is 0 nV")
            continue
        leads.append(Lead(name, np.ascontiguousarray(samples[:, i]), 1e6 / step_nv))
    return recording_of(path, float(rate), leads, notes)


def _int(head: bytes, at: int, form: str = "<h") -> int:
    value: int = struct.unpack_from(form, head, at)[0]
    return value
