"""Ways in which a network and a restart may treat a signal: any cuts, order, repeats and kills."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from detector.analyzer.analyzer import Analyzer, Output
from detector.engine.reassembly import REORDER_S
from ecg_monitor.core.types import Packet


@dataclass(frozen=True)
class Delivery:
    """How the packets of a signal arrive.

    Attributes:
        cuts: sample indices at which the signal is cut into packets.
        delays_s: how late each packet is, s.
        twice: indices of the packets that come again.
        killed_every: after so many packets the analysis goes on from its checkpoint.
    """

    cuts: list[int]
    delays_s: list[float]
    twice: list[int]
    killed_every: int

    def outputs(self, cut: Callable[[list[int]], list[Packet]]) -> tuple[Analyzer, list[Output]]:
        """Analyse what ``cut`` makes of the signal; the analyzer that ended it and all outputs."""
        packets = cut(self.cuts)
        delayed = zip(packets, self.delays_s, strict=True)
        arrivals = [(packet.n1 / packet.fs + delay, packet) for packet, delay in delayed]
        repeated = (packets[i] for i in self.twice)
        arrivals += [(packet.n1 / packet.fs + 0.9, packet) for packet in repeated]
        arrivals.sort(key=lambda item: item[0])

        analyzer = Analyzer()
        outputs: list[Output] = []
        for i, (_, packet) in enumerate(arrivals):
            outputs += analyzer.feed([packet])
            if i % self.killed_every == self.killed_every - 1:
                saved = analyzer.save(packet.device)
                analyzer = Analyzer()
                analyzer.load(packet.device, saved)
        outputs += analyzer.finish(packets[0].device)
        return analyzer, outputs


@st.composite
def deliveries(draw: st.DrawFn, total: int) -> Delivery:
    """Deliveries of a signal of ``total`` samples, late by less than reordering may heal."""
    cuts = sorted(draw(st.sets(st.integers(1, total - 1), min_size=60, max_size=160)))
    n = len(cuts) + 1
    delays_s = draw(st.lists(st.floats(0, REORDER_S / 2), min_size=n, max_size=n))
    twice = draw(st.lists(st.integers(0, n - 1), max_size=20))
    return Delivery(cuts, delays_s, twice, draw(st.integers(5, 80)))
