"""Packets of beds with twelve leads, cut and disturbed in ways that must not matter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecg_monitor.core.types import Packet
from models.diagnosis.leads import STANDARD

GAIN = 1000.0


def packets(
    signal: np.ndarray,
    fs: float = 500.0,
    leads: Sequence[str] = STANDARD,
    *,
    device: str = "one",
    boot: str = "boot-1",
    packet_s: float = 0.5,
    n0: int = 0,
    t0: float = 1_700_000_000.0,
) -> list[Packet]:
    """Cut an array in mV, shape (leads, n), into packets; NaN detaches a lead for that packet."""
    length, found = round(packet_s * fs), []
    for seq, at in enumerate(range(0, signal.shape[1], length)):
        part = signal[:, at : at + length]
        off = np.isnan(part).any(axis=1)
        samples = np.rint(np.nan_to_num(part) * GAIN).astype(np.int16)
        count = len(leads)
        found.append(
            Packet(
                device=device,
                boot=boot,
                seq=seq,
                n0=n0 + at,
                t0=t0 + (n0 + at) / fs,
                fs=fs,
                leads=tuple(leads),
                gain=(GAIN,) * count,
                baseline=(0.0,) * count,
                samples=samples,
                leadoff=tuple(name for name, gone in zip(leads, off, strict=True) if gone),
            )
        )
    return found
