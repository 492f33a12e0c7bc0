"""ECGs in XML: HL7 annotated ECG (aECG) and GE MUSE's export.

Formats: ANSI/HL7 V3 ECG, R1-2004 (annotated ECG), its sequences of leads as scaled lists; and the
``RestingECG`` documents of GE's MUSE, whose samples are int16 in base64. Of an aECG the first
series is read, of MUSE the rhythm strip: both may hold averaged beats as well.
"""

from __future__ import annotations

import base64
import binascii
import math
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.formats.clinical.leads import Lead, read_bytes, recording_of
from ecg_monitor.records.formats.signals import per_mv
from ecg_monitor.records.recording import Recording

_LARGEST = 1 << 26
"""Bytes of the largest document that is read: a day of twelve leads has less in other formats."""
_UNITS = {"microvolts": "uV", "millivolts": "mV", "volts": "V", "nanovolts": "nV"}
_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
_LEAD = "MDC_ECG_LEAD_"


def read_xml(path: Path) -> Recording:
    """Read an aECG or a MUSE document.

    Raises:
        RecordError: the file is missing, damaged, or another kind of XML.
    """
    content = read_bytes(path)
    if len(content) > _LARGEST:
        raise RecordError(f"{path}: has {len(content)} bytes, too many for an ECG in XML")
    # Entities are how a small document becomes a large one; no ECG needs any.
    if b"<!ENTITY" in content.replace(b"\0", b""):
        raise RecordError(f"{path}: declares entities, which no ECG needs")
    try:
        root = ET.fromstring(content)  # noqa: S314  # nothing external is fetched, see above
    except (ET.ParseError, ValueError, LookupError) as error:
        raise RecordError(f"{path}: is damaged: {error}") from error
    kind = _plain(root.tag)
    if kind == "AnnotatedECG":
        return _aecg(path, root)
    if kind == "RestingECG":
        return _muse(path, root)
    raise RecordError(
        f"{path}: is XML with {kind[:40]!r}, neither an HL7 annotated ECG nor an export of MUSE; "
        "convert it to EDF, as `save2gdf -f=EDF` of BioSig does"
    )


def _aecg(path: Path, root: ET.Element) -> Recording:
    series = next(_find(root, "series"), None)
    if series is None:
        raise RecordError(f"{path}: is an annotated ECG without a series")
    fs, leads, notes = math.nan, [], []
    for sequence in _find(series, "sequence"):
        code = next(_find(sequence, "code"), None)
        name = code.get("code", "") if code is not None else ""
        if name.startswith("TIME_"):
            increment = next(_find(sequence, "increment"), None)
            if increment is not None and math.isnan(fs):
                unit = _SECONDS.get(increment.get("unit", "s"), math.nan)
                seconds = _number(increment.get("value")) * unit
                fs = 1 / seconds if seconds > 0 else math.nan
            continue
        digits = next(_find(sequence, "digits"), None)
        scale = next(_find(sequence, "scale"), None)
        if digits is None or scale is None:
            continue
        units = per_mv(scale.get("unit"))
        step = _number(scale.get("value"))
        if units is None or not step:
            notes.append(f"{name} left out: {scale.get('unit')} is no voltage")
            continue
        try:
            values = np.array((digits.text or "").split(), np.float64)
        except ValueError:
            raise RecordError(f"{path}: {name}: its digits are no numbers") from None
        if not np.isfinite(values).all():
            raise RecordError(f"{path}: {name}: its digits are no numbers")
        origin = next(_find(sequence, "origin"), None)
        zero = 0.0 if origin is None else -_number(origin.get("value")) / step
        leads.append(Lead(name.removeprefix(_LEAD), values, units / step, zero))
    return recording_of(path, _whole(fs), leads, notes)


def _muse(path: Path, root: ET.Element) -> Recording:
    strips = list(_find(root, "Waveform"))
    rhythm = [strip for strip in strips if _text(strip, "WaveformType").lower() == "rhythm"]
    if not rhythm:
        raise RecordError(f"{path}: is an export of MUSE without a rhythm strip")
    strip = rhythm[0]
    exponent = _number(_text(strip, "SampleExponent") or "0")
    base = _number(_text(strip, "SampleBase"))
    fs = base * 10.0**exponent if abs(exponent) < 10 else math.nan
    leads, notes = [], []
    for lead in _find(strip, "LeadData"):
        name = _text(lead, "LeadID")
        unit = _text(lead, "LeadAmplitudeUnits").lower()
        units = per_mv(_UNITS.get(unit, unit or None))
        step = _number(_text(lead, "LeadAmplitudeUnitsPerBit"))
        if units is None or not step:
            notes.append(f"{name} left out: {unit or 'no unit'} is no voltage")
            continue
        try:
            samples = base64.b64decode(_text(lead, "WaveFormData"))
        except (binascii.Error, ValueError) as error:
            raise RecordError(f"{path}: {name}: its samples are damaged: {error}") from error
        values = np.frombuffer(samples[: len(samples) // 2 * 2], "<i2")
        leads.append(Lead(name, values, units / step))
    return recording_of(path, fs, leads, notes)


def _find(element: ET.Element, name: str) -> Iterator[ET.Element]:
    """Yield the elements of a name below an element, whatever their namespace."""
    return (one for one in element.iter() if _plain(one.tag) == name)


def _plain(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _text(element: ET.Element, name: str) -> str:
    found = next(_find(element, name), None)
    return "" if found is None else (found.text or "").strip()


def _number(text: str | None) -> float:
    try:
        value = float(text or "nan")
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _whole(fs: float) -> float:
    """Return a rate that was written as an interval: 0.002 s is 500 Hz and no 499.99."""
    return float(round(fs)) if fs > 1 and abs(fs - round(fs)) < 1e-6 * fs else fs
