"""Wire format v1: bytes of one ``wave`` packet to `Packet` and back, with exact validation.

JSON (UTF-8) and CBOR carry the same map; the first byte distinguishes them (``{`` or white space
for JSON, a CBOR map otherwise). In CBOR each lead is a byte string of little-endian int16.

| field      | type                        | rule                                              |
|------------|-----------------------------|---------------------------------------------------|
| `v`        | int                         | 1                                                 |
| `boot`     | text                        | `[A-Za-z0-9_.-]{1,64}`, neither `.` nor `..`      |
| `seq`      | int                         | 0 .. 2**53-1                                      |
| `n0`       | int                         | 0 .. 2**43-1                                      |
| `t0`       | number                      | 0 .. 253402300799 (the year 9999), in s           |
| `fs`       | number                      | 50 .. 2000                                        |
| `gain`     | number, list or map by lead | 0.001 .. 1000000                                  |
| `baseline` | number, list or map by lead | -2**31 .. 2**31-1, see below                      |
| `leads`    | map of lists or bytes       | 1 .. 16 leads, equal lengths, 1 s at most, int16  |
| `leadoff`  | list of lead names          | optional; each one a key of `leads`               |
| `pacer`    | list of int                 | optional; each 0 .. samples-1, ascending, 32 most |
| `device`   | text                        | optional; the device id of the topic              |

`pacer` holds the pacemaker pulses that the device has found: of each the index within this packet
of the first sample that it can show in. A device that looks for them and finds none sends an empty
list; one that cannot leaves the field out. They last 0.1 to 2 ms (IEC 60601-2-27, 201.12.1.101.13):
finding them takes an analog front end of wide band.

The ranges are those of `ecg_monitor.core.format.ranges`. A lead whose gain and baseline put every
int16 value over 100 V away from 0 is refused as well: no electrode has such a voltage.

`read` holds a packet to all of this. `decode` is its first step, the form alone: it passes any
finite gain and baseline, and is for who looks at packets that are refused. Nothing that follows a
heart calls it.

CBOR is maps with text as keys, arrays, text, bytes, numbers, true, false and null; tags (big
numbers, decimals, dates ...) are refused, and so are over 40 000 items or 16 containers in one
another (`ecg_monitor.core.format.cbor`). A name that stands twice in a map is refused in both: of
two leads of one name one would be lost. Unknown fields are ignored.
"""

from __future__ import annotations

import math
import re
from typing import Any

import cbor2
import numpy as np
import orjson

from ecg_monitor.core.errors import WireError
from ecg_monitor.core.format import cbor, json_text
from ecg_monitor.core.format.ranges import RANGES, scale_problem
from ecg_monitor.core.format.shapes import Shapes
from ecg_monitor.core.keys import DEVICE_ID
from ecg_monitor.core.types import Int16Array, Packet

VERSION = 1
FS_MIN_HZ, FS_MAX_HZ = RANGES["fs"].low, RANGES["fs"].high
MAX_LEADS = int(RANGES["leads"].high)
MAX_PACKET_S = RANGES["packet"].high
MAX_PAYLOAD = int(RANGES["payload"].high)
MAX_PULSES = int(RANGES["pulses"].high)

_ID = DEVICE_ID
_LEAD_NAME = re.compile(r"[A-Za-z0-9_+-]{1,16}")
_INT16 = np.dtype("<i2")
_MISSING = object()
_SHAPES = {ours: Shapes() for ours in (False, True)}
"""Shapes by whether packets were written by `encode_cbor`: of what was not all is looked at."""


def read(payload: bytes, device: str, *, ours: bool = False) -> Packet:
    """Decode one packet published by ``device``, and hold its voltages to what physics allows.

    Args:
        payload: its bytes.
        device: device id of the topic that it came on.
        ours: it was written by `encode_cbor`; what else CBOR may hold is not looked for.

    Raises:
        WireError: the payload breaks a rule of the format; the error names the field.
    """
    return _read(payload, device, ours=ours)[0]


def read_canonical(payload: bytes, device: str) -> tuple[Packet, bytes]:
    """Decode a packet as `read` does; return also what `encode_cbor` makes of it.

    Raises:
        WireError: the payload breaks a rule of the format; the error names the field.
    """
    packet, is_canonical = _read(payload, device, ours=False)
    return packet, payload if is_canonical else encode_cbor(packet)


def _read(payload: bytes, device: str, *, ours: bool) -> tuple[Packet, bool]:
    """Return a packet that has been judged, and whether its payload is known to be canonical."""
    shapes = _SHAPES[ours]
    known = shapes.read(payload, device)
    if known is not None:
        return known
    packet = decode(payload, device, ours=ours)
    check_scales(packet)
    if not _is_cbor(payload):
        return packet, False
    is_canonical = payload == encode_cbor(packet)
    shapes.note(payload, packet, is_canonical=is_canonical)
    return packet, is_canonical


def decode(payload: bytes, device: str, *, ours: bool = False) -> Packet:
    """Decode one packet by its form alone; its gain and baseline may be any finite numbers.

    Arguments as of `read`, which whoever follows a heart calls.

    Raises:
        WireError: the payload does not have the form of a packet; the error names the field.
    """
    fields = _parse(payload, ours=ours)
    version = _get(fields, "v")
    if type(version) is not int or version != VERSION:
        raise WireError("v", "version", f"unknown version {shown(version)}; this speaks {VERSION}")
    if fields.get("device", device) != device:
        raise WireError(
            "device", "mismatch", f"{shown(fields['device'])} published on the topic of {device!r}"
        )
    boot = _get(fields, "boot")
    if not isinstance(boot, str) or not _ID.fullmatch(boot):
        raise WireError("boot", "type", f"must be text of {_ID.pattern}, got {shown(boot)}")
    fs = _number(fields, "fs")
    names, samples = _leads(_get(fields, "leads"), fs)
    gain = _per_lead(fields, "gain", names)
    baseline = _per_lead(fields, "baseline", names)
    return Packet(
        device=device,
        boot=boot,
        seq=_index(fields, "seq"),
        n0=_index(fields, "n0"),
        t0=_number(fields, "t0"),
        fs=fs,
        leads=names,
        gain=gain,
        baseline=baseline,
        samples=samples,
        leadoff=_leadoff(fields.get("leadoff", ()), names),
        pacer=_pacer(fields["pacer"], samples.shape[1]) if "pacer" in fields else None,
    )


def encode_json(packet: Packet) -> bytes:
    """Encode a packet as JSON, the primary encoding."""
    leads = {name: row.tolist() for name, row in zip(packet.leads, packet.samples, strict=True)}
    return orjson.dumps(_to_map(packet, leads))


def encode_cbor(packet: Packet) -> bytes:
    """Encode a packet as CBOR: a tenth of the work of JSON, and a third of its size."""
    rows = packet.samples.astype(_INT16, copy=False)
    leads = {name: row.tobytes() for name, row in zip(packet.leads, rows, strict=True)}
    return cbor2.dumps(_to_map(packet, leads))


def _to_map(packet: Packet, leads: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "v": VERSION,
        "boot": packet.boot,
        "seq": packet.seq,
        "n0": packet.n0,
        "t0": packet.t0,
        "fs": packet.fs,
        "gain": _collapse(packet.gain),
        "baseline": _collapse(packet.baseline),
        "leads": leads,
    }
    if packet.leadoff:
        fields["leadoff"] = list(packet.leadoff)
    if packet.pacer is not None:
        fields["pacer"] = list(packet.pacer)
    return fields


def _collapse(values: tuple[float, ...]) -> float | list[float]:
    return values[0] if len(set(values)) == 1 else list(values)


def _parse(payload: bytes, *, ours: bool) -> dict[str, Any]:
    if len(payload) > MAX_PAYLOAD:
        raise WireError("payload", "size", f"{len(payload)} bytes; at most {MAX_PAYLOAD}")
    if not payload:
        raise WireError("payload", "encoding", "is empty")
    fields = _parse_cbor(payload, ours=ours) if _is_cbor(payload) else _parse_json(payload)
    if not isinstance(fields, dict):
        raise WireError("payload", "type", f"must be a map of fields, got {shown(fields)}")
    return fields


def _is_cbor(payload: bytes) -> bool:
    return payload[0] >> 5 == cbor.MAP


def _parse_cbor(payload: bytes, *, ours: bool) -> Any:
    try:
        return cbor.decoded(payload) if ours else cbor.loads(payload)
    except ValueError as error:
        raise WireError("payload", "encoding", f"is not valid CBOR: {error}") from error


def _parse_json(payload: bytes) -> Any:
    try:
        return json_text.loads(payload)
    except ValueError as error:
        raise WireError("payload", "encoding", f"is not valid JSON or CBOR: {error}") from error


def _get(fields: dict[str, Any], name: str) -> Any:
    value = fields.get(name, _MISSING)
    if value is _MISSING:
        raise WireError(name, "missing", "is missing")
    return value


def _index(fields: dict[str, Any], name: str) -> int:
    value = _get(fields, name)
    if type(value) is not int:
        raise WireError(name, "type", f"must be an integer, got {shown(value)}")
    if not RANGES[name].holds(value):
        raise WireError(name, "range", f"must be {RANGES[name]}, got {shown(value)}")
    return value


def _number(fields: dict[str, Any], name: str) -> float:
    number = _finite(name, _get(fields, name))
    _check_range(name, name, number)
    return number


def _finite(name: str, value: Any) -> float:
    if type(value) not in (int, float):
        raise WireError(name, "type", f"must be a number, got {shown(value)}")
    try:
        number = float(value)
    except OverflowError as error:
        raise WireError(name, "range", "must be a finite number") from error
    if not math.isfinite(number):
        raise WireError(name, "range", f"must be a finite number, got {number}")
    return number


def _check_range(place: str, field: str, number: float) -> None:
    """Refuse a number of a field outside its range, by the name of its place in the packet."""
    if not RANGES[field].holds(number):
        raise WireError(place, "range", f"must be {RANGES[field]}, got {number:g}")


def _per_lead(fields: dict[str, Any], name: str, leads: tuple[str, ...]) -> tuple[float, ...]:
    value = _get(fields, name)
    if isinstance(value, dict):
        if set(value) != set(leads):
            raise WireError(name, "mismatch", f"must have one number for each of {list(leads)}")
        return tuple(_finite(f"{name}.{lead}", value[lead]) for lead in leads)
    elif isinstance(value, list):
        if len(value) != len(leads):
            raise WireError(name, "mismatch", f"has {len(value)} numbers for {len(leads)} leads")
        return tuple(_finite(f"{name}[{i}]", number) for i, number in enumerate(value))
    return (_finite(name, value),) * len(leads)


def check_scales(packet: Packet) -> None:
    """Refuse a scale that no ECG has, by the name of the lead unless all leads share it.

    Raises:
        WireError: a gain or baseline is out of its range.
    """
    for field, values in (("gain", packet.gain), ("baseline", packet.baseline)):
        for lead, value in zip(packet.leads, values, strict=True):
            place = field if len(set(values)) == 1 else f"{field}.{lead}"
            _check_range(place, field, value)
    for lead, *scale in zip(packet.leads, packet.gain, packet.baseline, strict=True):
        problem = scale_problem(*scale)
        if problem is not None:
            raise WireError(f"leads.{lead}", "range", problem)


def _leads(value: Any, fs: float) -> tuple[tuple[str, ...], Int16Array]:
    if not isinstance(value, dict):
        raise WireError("leads", "type", f"must map lead names to samples, got {shown(value)}")
    if not 1 <= len(value) <= MAX_LEADS:
        raise WireError("leads", "range", f"must have 1 .. {MAX_LEADS} leads, got {len(value)}")
    most = math.ceil(fs * MAX_PACKET_S)
    rows = [_samples(name, row, most) for name, row in value.items()]
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        sizes = ", ".join(f"{name} {len(row)}" for name, row in zip(value, rows, strict=True))
        raise WireError("leads", "length", f"lengths differ: {sizes}")
    (length,) = lengths
    if length == 0:
        raise WireError("leads", "length", "hold no samples")
    if length > most:
        raise _too_long(length)
    return tuple(value), np.stack(rows)


def _too_long(length: int) -> WireError:
    return WireError("leads", "length", f"{length} samples last over {MAX_PACKET_S:g} s")


def _samples(name: Any, value: Any, most: int) -> Int16Array:
    if not isinstance(name, str) or not _LEAD_NAME.fullmatch(name):
        raise WireError("leads", "type", f"lead name {shown(name)} is not {_LEAD_NAME.pattern}")
    if isinstance(value, bytes):
        if len(value) % 2:
            raise WireError(f"leads.{name}", "length", "odd number of bytes for int16 samples")
        return np.frombuffer(value, _INT16)
    if not isinstance(value, list):
        raise WireError(f"leads.{name}", "type", f"must be a list of integers, got {shown(value)}")
    if len(value) > most:  # before each of them is looked at
        raise _too_long(len(value))
    if not set(map(type, value)) <= {int}:
        wrong = next(i for i, sample in enumerate(value) if type(sample) is not int)
        raise WireError(
            f"leads.{name}", "type", f"sample {wrong} must be an integer, got {shown(value[wrong])}"
        )
    if value and (min(value) < -32768 or max(value) > 32767):
        wrong = next(i for i, sample in enumerate(value) if not -32768 <= sample <= 32767)
        raise WireError(
            f"leads.{name}", "range", f"sample {wrong} is {shown(value[wrong])}, outside int16"
        )
    return np.array(value, _INT16)


def _leadoff(value: Any, leads: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise WireError("leadoff", "type", f"must be a list of lead names, got {shown(value)}")
    if len(value) > MAX_LEADS:
        raise WireError("leadoff", "length", f"has {len(value)} names; at most {MAX_LEADS}")
    for name in value:
        if name not in leads:
            raise WireError("leadoff", "mismatch", f"{shown(name)} is not one of {list(leads)}")
    return tuple(value)


def _pacer(value: Any, length: int) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise WireError("pacer", "type", f"must be a list of integers, got {shown(value)}")
    if len(value) > MAX_PULSES:
        raise WireError("pacer", "length", f"has {len(value)} pulses; at most {MAX_PULSES}")
    for i, index in enumerate(value):
        if type(index) is not int:
            raise WireError("pacer", "type", f"pulse {i} must be an integer, got {shown(index)}")
        if not 0 <= index < length:
            raise WireError("pacer", "range", f"pulse {i} is {shown(index)}, not 0 .. {length - 1}")
        if i and index <= value[i - 1]:
            raise WireError("pacer", "range", f"pulse {i} is {index}, not after the one before")
    return tuple(value)


def shown(value: Any) -> str:
    """Return a short text of an offending value: it may be hostile, and long. Never raises."""
    try:
        if isinstance(value, (dict, list)):
            return "a map" if isinstance(value, dict) else "a list"
        if isinstance(value, (str, bytes)):
            value = value[:40]
        if isinstance(value, int) and value.bit_length() > 64:
            return "a huge integer"
        if value is None or isinstance(value, bool):
            return {None: "null", True: "true", False: "false"}[value]
        text = repr(value)
    except Exception:  # whatever it is, the refusal must be told
        return f"a value of type {type(value).__name__}"
    return text if len(text) <= 40 else text[:37] + "..."
