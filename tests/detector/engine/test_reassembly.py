"""Order is restored whatever the network did, and every sample is accounted for."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detector.engine.intake import HOLE_S
from detector.engine.reassembly import FAR_S, REORDER_S, Chunk, Reassembler
from ecg_monitor.core.checkpoint import codec

FS = 100.0
BOUND = int(REORDER_S * FS)


def signal(n0: int, n1: int) -> np.ndarray:
    return np.arange(n0, n1).astype(np.int16)[None, :]


def feed_all(packets: list[tuple[int, int]]) -> tuple[list[Chunk], Reassembler]:
    reassembler = Reassembler(FS)
    chunks = [c for n0, n1 in packets for c in reassembler.feed(n0, signal(n0, n1))]
    return chunks + reassembler.finish(), reassembler


def values(chunks: list[Chunk]) -> list[int]:
    return [int(v) for c in chunks for v in c.samples[0]]


@st.composite
def scrambled(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Packets of 0..600 cut at random, each perhaps repeated, each displaced by under the bound."""
    cuts = sorted(draw(st.sets(st.integers(1, 599), min_size=6, max_size=40)))
    edges = [0, *cuts, 600]
    packets = list(pairwise(edges))
    keyed = []
    for n0, n1 in packets:
        for _ in range(draw(st.integers(1, 2))):
            # Sent when its last sample is taken, delayed by less than the window less a packet.
            keyed.append((n1 + draw(st.integers(0, BOUND // 2)), n0, n1))
    return [(n0, n1) for _, n0, n1 in sorted(keyed)]


@given(scrambled())
def test_any_order_within_the_window_gives_the_same_signal(packets):
    chunks, reassembler = feed_all(packets)
    assert values(chunks) == list(range(600))
    assert [c.after_gap for c in chunks] == [True] + [False] * (len(chunks) - 1)
    counts = reassembler.counts
    assert (counts.accepted, counts.missing, counts.late) == (600, 0, 0)
    assert counts.duplicate == sum(n1 - n0 for n0, n1 in packets) - 600


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 100)), max_size=60))
def test_every_sample_is_accounted_for(packets):
    chunks, reassembler = feed_all([(n0, n0 + n) for n0, n in packets])
    counts = reassembler.counts
    assert counts.accepted + counts.duplicate + counts.late == sum(n for _, n in packets)
    seen = values(chunks)
    assert seen == sorted(set(seen))
    if chunks:
        assert counts.accepted + counts.missing == chunks[-1].n1 - chunks[0].n0
    for before, after in pairwise(chunks):
        gap = after.n0 - before.n1
        assert after.after_gap == (gap >= HOLE_S * FS)
        assert after.hole == (0 if after.after_gap else gap)
    assert counts.bridged == sum(chunk.hole for chunk in chunks)


def test_a_gap_is_declared_once_enough_signal_waits():
    reassembler = Reassembler(FS)
    assert len(reassembler.feed(0, signal(0, 50))) == 1
    for n0 in range(100, 50 + BOUND, 50):
        assert reassembler.feed(n0, signal(n0, n0 + 50)) == []
    chunks = reassembler.feed(50 + BOUND, signal(50 + BOUND, 100 + BOUND))
    assert (chunks[0].hole, chunks[0].after_gap) == (50, False)
    assert chunks[0].n0 == 100
    assert chunks[-1].n1 == 100 + BOUND
    assert reassembler.feed(50, signal(50, 100)) == []
    assert (reassembler.counts.missing, reassembler.counts.late) == (50, 50)


def test_one_absurd_index_does_not_shut_out_the_stream():
    reassembler = Reassembler(FS)
    reassembler.feed(0, signal(0, 50))
    assert reassembler.feed(10**12, signal(0, 50)) == []
    for n0 in range(50, 5000, 50):
        assert [c.n0 for c in reassembler.feed(n0, signal(n0, n0 + 50))] == [n0]


def test_a_repeated_packet_beyond_a_hole_neither_piles_up_nor_hastens_the_gap():
    reassembler = Reassembler(FS)
    reassembler.feed(0, signal(0, 50))
    for _ in range(1000):
        assert reassembler.feed(100, signal(100, 150)) == []
    assert reassembler.waiting_samples == 50
    assert values(reassembler.feed(50, signal(50, 100))) == list(range(50, 150))


def test_first_arrival_wins_where_packets_overlap():
    reassembler = Reassembler(FS)
    reassembler.feed(0, signal(0, 50))
    assert values(reassembler.feed(30, signal(30, 80))) == list(range(50, 80))
    assert reassembler.counts.duplicate == 20


def test_a_stream_joined_in_the_middle_waits_for_stragglers():
    reassembler = Reassembler(FS)
    assert reassembler.feed(1050, signal(1050, 1100)) == []
    assert reassembler.feed(1000, signal(1000, 1050)) == []
    chunks = [c for n0 in range(1100, 1300, 50) for c in reassembler.feed(n0, signal(n0, n0 + 50))]
    assert chunks[0].n0 == 1000
    assert chunks[0].after_gap
    assert reassembler.counts.missing == 0


@given(scrambled(), st.sets(st.integers(0, 599), max_size=30))
def test_pulses_stay_with_their_samples(packets, pulses):
    reassembler = Reassembler(FS)
    chunks = []
    for n0, n1 in packets:
        mine = tuple(sorted(n for n in pulses if n0 <= n < n1))
        chunks += reassembler.feed(n0, signal(n0, n1), pulses=mine)
        saved, reassembler = codec.pack(reassembler), Reassembler(FS)
        codec.unpack(reassembler, saved)
    chunks += reassembler.finish()
    assert [n for chunk in chunks for n in chunk.pulses] == sorted(pulses)
    assert all(chunk.n0 <= n < chunk.n1 for chunk in chunks for n in chunk.pulses)


FAR = int(FAR_S * FS) + 5000


def test_what_lies_far_ahead_is_given_up_while_the_stream_goes_on():
    mine = [(n, n + 50) for n in range(0, 2000, 50)]
    far = [(n + FAR, n + FAR + 50) for n, _ in mine]
    chunks, reassembler = feed_all([one for pair in zip(mine, far, strict=True) for one in pair])
    assert values(chunks) == list(range(2000))
    assert reassembler.counts.stray == 2000
    assert reassembler.counts.missing == 0


def test_what_lies_far_ahead_is_believed_when_nothing_else_comes():
    chunks, reassembler = feed_all([(0, 50), *((n + FAR, n + FAR + 50) for n in range(0, 400, 50))])
    assert [chunk.n0 for chunk in chunks][:2] == [0, FAR]
    assert chunks[-1].n1 == FAR + 400
    assert reassembler.counts.stray == 0
    assert reassembler.counts.missing == FAR - 50


def test_strays_survive_a_restart():
    reassembler = Reassembler(FS)
    reassembler.feed(0, signal(0, 50))
    reassembler.feed(FAR, signal(0, 50))
    other = Reassembler(FS)
    codec.restore(other, codec.save(reassembler))
    assert [chunk.n0 for chunk in other.strays] == [FAR]
