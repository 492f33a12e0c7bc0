"""Cuts a stretch of signal out of packets, gaps and detached leads included. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ecg_monitor.core.types import Packet

Piece = tuple[int, int, Packet]
"""First sample index, one past the last, and the packet that holds them."""


def of_one_kind(boot: str, n: int, packets: Iterable[Packet], fs: float | None) -> list[Packet]:
    """Return the packets that look like the one at ``n``: same rate, leads, gain, baseline.

    Args:
        boot: power-up of the device.
        n: sample index.
        packets: packets of the device.
        fs: sampling rate in Hz if it is known, to be preferred.
    """
    mine = [packet for packet in packets if packet.boot == boot]
    if not mine:
        return []
    model = min(mine, key=lambda packet: abs(packet.n0 - n) + (packet.fs != fs) * 2**53)
    return [
        packet
        for packet in mine
        if packet.fs == model.fs
        and packet.leads == model.leads
        and packet.gain == model.gain
        and packet.baseline == model.baseline
    ]


def cut(packets: Sequence[Packet], from_n: int, to_n: int) -> dict[str, Any]:
    """Return the signal of a range as JSON-ready fields of an alert's evidence.

    Args:
        packets: packets of one kind in order of arrival; of samples that came twice the first
            are taken, as in reassembly.
        from_n: first sample index.
        to_n: one past the last.

    Returns:
        fields ``from_n``, ``to_n``, ``leads``, ``gaps``, ``leadoff``.
    """
    found = list(pieces(packets, from_n, to_n))
    runs = _runs(found)
    return {
        "from_n": from_n,
        "to_n": to_n,
        "leads": _leads(packets, runs),
        "gaps": _gaps(runs, from_n, to_n),
        "leadoff": _leadoff(found),
    }


def pieces(packets: Sequence[Packet], from_n: int, to_n: int) -> Iterator[Piece]:
    """Yield disjoint parts of packets within the range, in order of index."""
    free = [(from_n, to_n)]
    found: list[Piece] = []
    for packet in packets:
        left: list[tuple[int, int]] = []
        for a, b in free:
            low, high = max(a, packet.n0), min(b, packet.n1)
            if low >= high:
                left.append((a, b))
                continue
            found.append((low, high, packet))
            left += [span for span in ((a, low), (high, b)) if span[0] < span[1]]
        free = left
    yield from sorted(found, key=lambda piece: piece[0])


def _runs(pieces: list[Piece]) -> list[list[Piece]]:
    """Group pieces that follow each other without a gap."""
    runs: list[list[Piece]] = []
    for piece in pieces:
        if runs and runs[-1][-1][1] == piece[0]:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return runs


def _leads(packets: Sequence[Packet], runs: list[list[Piece]]) -> list[dict[str, object]]:
    if not packets:
        return []
    model = packets[0]
    joined = [
        (run[0][0], np.hstack([one.samples[:, a - one.n0 : b - one.n0] for a, b, one in run]))
        for run in runs
    ]
    return [
        {
            "name": name,
            "gain": model.gain[i],
            "baseline": model.baseline[i],
            "segments": [{"n": n, "adc": samples[i].tolist()} for n, samples in joined],
        }
        for i, name in enumerate(model.leads)
    ]


def _gaps(runs: list[list[Piece]], from_n: int, to_n: int) -> list[tuple[int, int]]:
    edges = [from_n, *(n for run in runs for n in (run[0][0], run[-1][1])), to_n]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]


def _leadoff(pieces: list[Piece]) -> list[dict[str, object]]:
    return [{"lead": name, "n": a, "to_n": b} for a, b, packet in pieces for name in packet.leadoff]
