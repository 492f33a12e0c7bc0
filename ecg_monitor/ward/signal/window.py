"""Ten seconds of a device's signal as a resting ECG: the window, and its twelve leads. Pure.

Windows follow one another from an anchor on, so that whoever looks at one means the same samples:
the detector's own windows where it judges the bed, else the first sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ecg_monitor.core.types import Packet
from ecg_monitor.records.leads import STANDARD, FloatArray, arrange, standard_lead
from ecg_monitor.ward.signal.strip import of_one_kind, pieces

SECONDS = 10.0
"""Length of a resting ECG, s."""
_MICROVOLTS = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Ten seconds of one device.

    Attributes:
        boot: power-up of the device.
        fs: sampling rate, Hz.
        from_n: first sample index.
        to_n: one past the last.
        names: the device's own names of its leads.
        millivolts: of those leads, NaN where there is no value or the lead was off, shape
            (n_leads, n).
        off: names of leads that were detached at some time.
    """

    boot: str
    fs: float
    from_n: int
    to_n: int
    names: tuple[str, ...]
    millivolts: FloatArray
    off: tuple[str, ...]


def length(fs: float) -> int:
    """Return the samples of a window at a sampling rate in Hz."""
    return round(SECONDS * fs)


def newest(packets: Sequence[Packet], boot: str, anchor: int = 0) -> int | None:
    """Return the first sample of the newest whole window of a power-up; None: there is none yet.

    Args:
        packets: of the device, in any order.
        boot: power-up of the device.
        anchor: first sample of any window: the others lie whole windows before and after.
    """
    mine = [packet for packet in packets if packet.boot == boot]
    if not mine:
        return None
    last = max(mine, key=lambda packet: packet.n1)
    size = length(last.fs)
    start = anchor + ((last.n1 - anchor) // size - 1) * size
    return start if start >= 0 else None


def cut(packets: Sequence[Packet], boot: str, from_n: int) -> Window | None:
    """Return the window that begins at a sample; None: nothing of it is there.

    Args:
        packets: of the device, in order of arrival.
        boot: power-up of the device.
        from_n: first sample index.
    """
    chosen = of_one_kind(boot, from_n, packets, None)
    if not chosen:
        return None
    model = chosen[0]
    to_n = from_n + length(model.fs)
    found = list(pieces(chosen, from_n, to_n))
    if not found:
        return None
    rows = np.full((len(model.leads), to_n - from_n), np.nan)
    gain, zero = (np.array(v, np.float64)[:, None] for v in (model.gain, model.baseline))
    off = set()
    for start, end, packet in found:
        counts = packet.samples[:, start - packet.n0 : end - packet.n0].astype(np.float64)
        rows[:, start - from_n : end - from_n] = (counts - zero) / gain
        for name in packet.leadoff:
            rows[packet.leads.index(name), start - from_n : end - from_n] = np.nan
            off.add(name)
    detached = tuple(name for name in model.leads if name in off)
    return Window(boot, model.fs, from_n, to_n, model.leads, rows, detached)


def twelve(window: Window) -> dict[str, Any]:
    """Return the twelve standard leads of a window as JSON-ready fields.

    Returns:
        ``boot``, ``fs``, ``from_n``, ``to_n``; ``leads``: of each standard lead in the order of
        `STANDARD` its ``name``, its ``state`` (``given``, ``derived``, ``off``, ``missing``) and,
        as in the evidence of an alert, ``gain``, ``baseline`` and ``segments``, in steps of 1 µV;
        ``off``: standard names of leads that were detached at some time; ``others``: the device's
        names of what is no standard lead; ``gaps``.
    """
    leads = arrange(window.millivolts, window.names)
    off = {found[0] for name in window.off if (found := standard_lead(name))}
    missing = {*leads.missing}
    return {
        "boot": window.boot,
        "fs": window.fs,
        "from_n": window.from_n,
        "to_n": window.to_n,
        "leads": [
            {
                "name": name,
                "state": _state(name, leads.derived, missing, off),
                "gain": _MICROVOLTS,
                "baseline": 0.0,
                "segments": _segments(leads.signal[i], window.from_n),
            }
            for i, name in enumerate(STANDARD)
        ],
        "off": [name for name in STANDARD if name in off],
        "others": [name for name in leads.ignored if standard_lead(name) is None],
        "gaps": _gaps(window),
    }


def _state(name: str, derived: tuple[str, ...], missing: set[str], off: set[str]) -> str:
    if name in missing:
        return "off" if name in off else "missing"
    return "derived" if name in derived else "given"


def _segments(row: FloatArray, from_n: int) -> list[dict[str, Any]]:
    steps = np.rint(np.nan_to_num(row) * _MICROVOLTS).astype(int)
    return [
        {"n": start + from_n, "adc": steps[start:end].tolist()}
        for start, end in _runs(np.isfinite(row))
    ]


def _gaps(window: Window) -> list[tuple[int, int]]:
    nothing = ~np.isfinite(window.millivolts).any(axis=0)
    return [(start + window.from_n, end + window.from_n) for start, end in _runs(nothing)]


def _runs(where: Any) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], where.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
