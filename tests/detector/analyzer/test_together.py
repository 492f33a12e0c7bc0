"""Analyzers that are fed together find what each finds by itself, whoever is fed beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector.analyzer.analyzer import Analyzer, Apparatus, Output, feed_together
from ecg_monitor.core.types import Packet
from tests.detector.conftest import make_packets, pulse_train

FS = 360.0


def bed(name: str, bpm: float, seconds: float = 12.0, boot: str = "one") -> list[Packet]:
    samples = np.round(200 * pulse_train(FS, seconds, bpm)).astype(np.int16)
    return make_packets(samples, FS, 180, device=name, boot=boot)


def ward() -> list[list[Packet]]:
    """The packets of three analyzers: with a gap, a restart, and one device that two have had."""
    gap = bed("a-gap", 66)
    restarted = bed("b-restarted", 90, 6.0)[:-1] + bed("b-restarted", 75, 6.0, "two")
    return [
        [
            packet
            for pair in zip(gap[:8] + gap[16:], bed("a", 80)[:16], strict=True)
            for packet in pair
        ],
        restarted,
        bed("c", 55) + bed("moved", 100),
    ]


def told(outputs: list[Output]) -> list[tuple[Any, ...]]:
    """What outputs say, by device, without where one ends and the next begins."""
    found: dict[str, list[Any]] = {}
    for output in outputs:
        events = found.setdefault(output.device, [])
        events += [(output.signature, output.ordinal + i, e) for i, e in enumerate(output.events)]
    return sorted(found.items())


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(*[st.integers(0, 12)] * 3), min_size=2, max_size=8))
def test_what_is_found_does_not_depend_on_who_is_fed_beside_it(
    steps: list[tuple[int, ...]],
) -> None:
    packets = ward()
    alone = [Analyzer().feed(one) for one in packets]

    apparatus = Apparatus()
    analyzers = [Analyzer(apparatus=apparatus) for _ in packets]
    analyzers[0].feed(bed("moved", 70, 2.0))  # the number of partitions has changed since
    outputs: list[list[Output]] = [[] for _ in packets]
    read = [0, 0, 0]
    for step in [*steps, (99, 99, 99)]:
        shares = [(analyzers[i], packets[i][read[i] : read[i] + n]) for i, n in enumerate(step)]
        read = [at + n for at, n in zip(read, step, strict=True)]
        for mine, more in zip(outputs, feed_together(shares), strict=True):
            mine.extend(more)
    assert [told(one) for one in outputs] == [told(one) for one in alone]

    for analyzer in analyzers:
        analyzer.close()
    assert apparatus.streams == {}
    assert told(analyzers[1].feed(packets[2])) == told(alone[2]), "what was given back is as new"
