"""Prints progress while devices run, and a summary at the end."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from rich.console import Console
from rich.live import Live

from simulator.fleet import Fleet

_REFRESH_S = 0.5


async def show(fleet: Fleet, counts: Counter[str], console: Console) -> None:
    """Keep one line on the terminal up to date, until cancelled; nothing without a terminal."""
    if not console.is_terminal:
        return
    before, packets = time.monotonic(), 0
    with Live(console=console, transient=True, auto_refresh=False) as live:
        while True:
            await asyncio.sleep(_REFRESH_S)
            now = time.monotonic()
            rate = (fleet.totals.packets - packets) / (now - before)
            before, packets = now, fleet.totals.packets
            live.update(_line(fleet, counts, rate), refresh=True)


def _line(fleet: Fleet, counts: Counter[str], rate: float) -> str:
    totals = fleet.totals
    return " · ".join(
        (
            f"{totals.connected} connected",
            f"{rate:.0f} packets/s",
            f"late p99 {totals.lateness.percentile_s(0.99) * 1e3:.1f} ms",
            *_troubles(fleet, counts),
        )
    )


def summary(fleet: Fleet, counts: Counter[str], devices: int, seconds: float) -> str:
    """Return the summary: packets, pace, lateness, faults."""
    totals, late = fleet.totals, fleet.totals.lateness
    plural = "s" * (devices != 1)
    parts = [f"{totals.packets} packets of {devices} device{plural} in {seconds:.1f} s"]
    parts.append(f"{totals.packets / max(seconds, 1e-9):.0f} packets/s")
    if late.count:
        parts.append(
            f"late p50 {late.percentile_s(0.5) * 1e3:.1f} ms, "
            f"p99 {late.percentile_s(0.99) * 1e3:.1f} ms, worst {late.worst_s * 1e3:.1f} ms"
        )
    parts += _troubles(fleet, counts)
    if fleet.unconfirmed:
        parts.append(f"{fleet.unconfirmed} packets that no receipt has named")
    if fleet.undelivered:
        parts.append(f"{fleet.undelivered} messages could not be delivered")
    return "; ".join(parts)


def _troubles(fleet: Fleet, counts: Counter[str]) -> list[str]:
    troubles = [f"{name.replace('_', ' ')} {count}" for name, count in sorted(counts.items())]
    if fleet.totals.reconnects:
        troubles.append(f"reconnects {fleet.totals.reconnects}")
    if fleet.resent:
        troubles.append(f"sent again for want of a receipt {fleet.resent}")
    if fleet.given_up:
        troubles.append(f"never stored {fleet.given_up}")
    if fleet.dropped:
        troubles.append(f"dropped from full buffers {fleet.dropped}")
    return troubles
