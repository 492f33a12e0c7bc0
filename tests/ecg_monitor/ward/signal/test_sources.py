"""Which of several signals under one device id is followed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.signal.sources import (
    CONTESTED_S,
    HANDOVER_S,
    HELD_S,
    MOST_CLAIMS,
    QUIET_S,
    Sources,
)

FS, STEP = 100.0, 50
"""Packets last half a second."""


def packet(i: int, boot: str = "a", *, at: float = 0.0, **changes: Any) -> Packet:
    """The packet number ``i`` of a boot that began at Unix time ``at``."""
    n0 = i * STEP
    one = Packet(
        *("bed", boot, i, n0, at + n0 / FS, FS, ("II",), (200.0,), (0.0,)),
        np.zeros((1, STEP), np.int16),
    )
    return replace(one, **changes)


def taken(sources: Sources, packets: Iterable[Packet]) -> list[tuple[str, int]]:
    """What is followed: boot and number."""
    return [(one.boot, one.seq) for each in packets for one in sources.take(each).packets]


def after(seconds: float) -> int:
    return round(seconds * FS / STEP)


def test_a_restart_loses_nothing_and_is_no_second_device():
    sources = Sources()
    sent = [packet(i) for i in range(20)] + [packet(i, "b", at=12) for i in range(20)]
    assert taken(sources, sent) == [(one.boot, one.seq) for one in sent]
    assert not sources.mixed
    assert sources.stale == 0


def test_stragglers_of_a_former_boot_are_given_up():
    sources = Sources()
    taken(sources, [packet(i) for i in range(20)] + [packet(i, "b", at=12) for i in range(20)])
    assert taken(sources, [packet(18), packet(19), packet(20, "b", at=12)]) == [("b", 20)]
    assert sources.stale == 2 * STEP


def test_a_boot_that_goes_on_may_come_back():
    sources = Sources()
    for boot, numbers in (("a", range(10)), ("b", range(10)), ("a", range(10, 20))):
        sent = [packet(i, boot) for i in numbers]
        assert taken(sources, sent) == [(boot, i) for i in numbers]
    assert sources.left == 2


def test_two_that_go_on_are_told_and_the_first_is_followed():
    sources = Sources()
    for i in range(40):
        assert taken(sources, [packet(i), packet(i, "b")]) == [("a", i)]
        assert sources.mixed == (i >= after(2.0))
    # The first leaves: the other takes its place, and it is no longer told.
    found = taken(sources, [packet(i, "b") for i in range(40, 60)])
    assert found[-1] == ("b", 59)
    assert found[0][1] <= 60 - after(CONTESTED_S)
    assert not sources.mixed


def test_it_is_told_until_the_other_has_left_for_a_while():
    sources = Sources()
    taken(sources, (one for i in range(20) for one in (packet(i), packet(i, "b"))))
    assert sources.mixed
    for i in range(20, 20 + after(QUIET_S)):
        assert sources.mixed
        taken(sources, [packet(i)])
    assert not sources.mixed
    assert not sources.claims


def test_a_flood_of_boots_takes_nobodys_place():
    sources = Sources()
    taken(sources, [packet(0)])
    for i in range(1, 100):
        flood = [packet(j, f"x{i}-{j}") for j in range(8)]
        assert taken(sources, [*flood, packet(i)]) == [("a", i)]
        assert len(sources.claims) <= MOST_CLAIMS
        held = sum(claim.samples for claim in sources.claims)
        assert held <= MOST_CLAIMS * HELD_S * FS
    assert sources.mixed


def test_what_hardly_brings_anything_bars_nobody():
    sources = Sources()
    taken(sources, [packet(i) for i in range(10)])
    mine = "a"
    for i in range(60):
        thin = packet(0, n0=500 + 5 * i, t0=6 + i / 2, samples=np.zeros((1, 5), np.int16))
        found = taken(sources, [thin, packet(i, "b")])
        mine = found[-1][0] if found else mine
    assert mine == "b"


def test_a_counter_that_begins_again_within_a_boot_is_followed():
    sources = Sources()
    taken(sources, [packet(i) for i in range(1000)])
    again = [packet(i, at=600) for i in range(20)]
    found = taken(sources, again)
    assert found == [("a", i) for i in range(20)]
    assert sources.left == 1


def test_repeats_are_of_the_same_source_however_many():
    sources = Sources()
    sent = [packet(i) for i in range(600)]
    taken(sources, sent)
    taken(sources, [*sent, packet(600)])
    assert sources.left == 0
    assert not sources.claims


def test_a_device_without_a_clock_is_followed():
    sources = Sources()
    sent = [packet(i, t0=0.0) for i in range(50)]
    taken(sources, [*sent, *sent[20:], packet(50, t0=0.0)])
    assert sources.left == 0


def test_one_index_far_ahead_bars_nothing():
    sources = Sources()
    far = packet(0, n0=2**42, t0=2e9)
    found = taken(sources, [packet(0), packet(1), far, packet(2), packet(3), far])
    assert found == [("a", 0), ("a", 1), ("a", 0), ("a", 2), ("a", 3), ("a", 0)]
    assert sources.followed is not None
    assert sources.followed.front == 4 * STEP
    assert sources.left == 0


def test_leads_in_packets_of_their_own_are_two_sources():
    sources = Sources()
    for i in range(10):
        sent = [packet(i), packet(i, leads=("V1",))]
        assert [one.leads for each in sent for one in sources.take(each).packets] == [("II",)]
    assert sources.mixed


def test_what_is_held_is_released_when_no_packet_will_come():
    sources = Sources()
    taken(sources, [packet(0), packet(1), packet(0, "b"), packet(1, "b")])
    assert [(one.boot, one.seq) for one in sources.release().packets] == [("b", 0), ("b", 1)]
    assert sources.release().packets == ()


histories = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 40), st.integers(1, 12)), max_size=25
)
"""Stretches of boots: which, from which packet on, how many."""


@settings(deadline=None, max_examples=50)
@given(histories, st.integers(0, 30), st.data())
def test_after_any_history_the_one_that_goes_on_is_followed(history, live, data):
    sources = Sources()
    seen: set[str] = set()
    for boot, start, count in history:
        for i in range(start, start + count):
            if data.draw(st.booleans()):
                sources = codec.unpacked(Sources, codec.pack(sources))
            sources.take(packet(i, boot))
            seen.add(boot)
    began = data.draw(st.sampled_from([*seen, "new"]))
    number = 100 + live  # beyond all that it has ever brought
    found = taken(sources, (packet(number + i, began) for i in range(after(CONTESTED_S) + 1)))
    assert found[-1] == (began, number + after(CONTESTED_S))
    assert sources.followed is not None
    assert sources.followed.boot == began


@settings(deadline=None)
@given(histories)
def test_every_sample_is_followed_held_or_counted(history):
    sources = Sources()
    sent = followed = 0
    for boot, start, count in history:
        for i in range(start, start + count):
            sent += STEP
            followed += STEP * len(sources.take(packet(i, boot)).packets)
    held = sum(claim.samples for claim in sources.claims)
    assert sent == followed + held + sources.stale
    assert HANDOVER_S <= CONTESTED_S <= HELD_S
