"""Analyses kept signal once more, up to one beat. Pure but for its time limit.

Limitations:
    The replay knows the minutes that it is given, not what came before: running means and templates
    may differ a little from what was known live, and so may the result.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from detector.analyzer.analyzer import Analyzer
from detector.engine.resample import FS
from detector.explain.answer import explain
from detector.explain.probe import Probe
from ecg_monitor.core.errors import ExplainError
from ecg_monitor.core.types import Beat, Packet

LIMIT_S = 7.0
"""Longest replay; five minutes take half a second on an idle core."""
BATCH = 40
READY_S = 2.0
"""A beat is labelled when so much signal after it is there."""


def replay(
    packets: Sequence[Packet], boot: str, n: int, limit_s: float = LIMIT_S
) -> dict[str, Any]:
    """Explain the beat at sample ``n``.

    Args:
        packets: what is kept of its device, in order of arrival.
        boot: power-up of the device.
        n: sample index of the R peak.
        limit_s: longest time that it may take, s.

    Returns:
        see `detector.explain.answer`.

    Raises:
        ExplainError: its signal is not kept, is not found to hold a beat there, or takes too long.
    """
    mine = [packet for packet in packets if packet.boot == boot]
    around = next((p for p in mine if p.n0 <= n < p.n1), None)
    if around is None:
        raise ExplainError("the signal of this beat is no longer kept")
    mine = [
        packet
        for packet in mine
        if (packet.fs, packet.leads) == (around.fs, around.leads)
        and packet.n0 < n + READY_S * packet.fs
    ]
    probe = Probe(n, around.fs, len(around.leads))
    analyzer = Analyzer(labelling=probe)
    deadline = time.monotonic() + limit_s
    for start in range(0, len(mine), BATCH):
        outputs = analyzer.feed(mine[start : start + BATCH])
        if probe.opened is not None:
            break
        if time.monotonic() > deadline:
            raise ExplainError(f"analysing the kept signal took more than {limit_s:g} s")
    else:
        outputs = analyzer.finish(around.device)
    if probe.opened is None:
        raise ExplainError(
            "the kept signal does not show this beat again: it lies too near to the beginning of "
            "what is kept, or beside a gap"
        )
    peak_n = round(probe.opened.beat.peak * around.fs / FS)
    events = (event for output in outputs for event in output.events)
    told = next(event for event in events if isinstance(event, Beat) and event.n == peak_n)
    first = min(packet.n0 for packet in mine)
    return explain(probe, told, around.leads, (n - first) / around.fs)
