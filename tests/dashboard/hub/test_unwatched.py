"""Beds that no page watches: nothing of them is read, and nothing is missing when one looks."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.hub import entries
from dashboard.hub.beds.bed import PVC_WINDOW_S, SILENT_S
from dashboard.hub.beds.unwatched import SIGNAL_S
from dashboard.hub.clients.client import Client
from dashboard.hub.core import HubCore
from dashboard.hub.outbox import Outbox
from dashboard.hub.readers import StreamReader
from dashboard.hub.requests import HISTORY_S, Subscription
from ecg_monitor.core import keys, wire
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.signal.sources import HANDOVER_S
from ecg_monitor.ward.units.model import Unit
from ecg_monitor.ward.units.sight import UnitBook
from tests.support.hub_core import alert, take
from tests.support.waiting import until

NOW = 1_000_000.0
FS = 100.0
STEP = 25
STEP_S = STEP / FS


def wave(device: str, n0: int, boot: str = "x", began: float = NOW) -> list[bytes]:
    """The words of an entry of a wave stream, which arrives as its last sample is taken."""
    packet = Packet(
        device=device, boot=boot, seq=0, n0=n0, t0=0.0, fs=FS, leads=("II",), gain=(200.0,),
        baseline=(0.0,), samples=np.full((1, STEP), n0 % 1000, np.int16),
    )  # fmt: skip
    arrival = began + (n0 + STEP) / FS
    return [b"d", device.encode(), b"t", repr(arrival).encode(), b"p", wire.encode_cbor(packet)]


def feed(core: HubCore, words: list[bytes]) -> None:
    now = float(words[3])
    assert not core.wave_entries(0, [[entry_id(now), words]], now)


def entry_id(at: float) -> bytes:
    return f"{at * 1000:.0f}-0".encode()


def tell(core: HubCore, device: str, at: float, *events: dict[str, Any], boot: str = "x") -> None:
    """Let the detector tell of events at a Unix time, s."""
    words = [b"d", device.encode(), b"b", boot.encode(), b"s", b"{}", b"i", b"0", b"j"]
    assert not core.event_entries([[entry_id(at), [*words, orjson.dumps(events)]]], at)


def vitals(n: int) -> dict[str, Any]:
    return {"type": "vitals", "n": n, "heart_rate": 61.0, "quality": "good"}


def beat(n: int, label: str = "N") -> dict[str, Any]:
    return {"type": "beat", "n": n, "label": label, "rr_s": 0.8, "anomaly": 0.1}


def join(core: HubCore, *devices: str) -> Client:
    client = Client(Outbox(lambda: None))
    core.connect(client)
    wanted = frozenset(devices)
    core.request(client, Subscription(beds=wanted, history_s=20.0, all_alarms=True), NOW)
    return client


def shown(client: Client) -> list[int]:
    """Indices of the first samples of the frames that a client was sent."""
    return [frame.n0 for frame in take(client)[1]]


@pytest.fixture
def core() -> HubCore:
    return HubCore(1, NOW)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Devices of the packets that are decoded, in order."""
    found: list[str] = []
    decode = entries.packet_of

    def counted(device: str, arrival: bytes, payload: bytes) -> Any:
        found.append(device)
        return decode(device, arrival, payload)

    monkeypatch.setattr(entries, "packet_of", counted)
    return found


def test_only_what_is_watched_is_read(core: HubCore, read: list[str]) -> None:
    client = join(core, "a")
    for n0 in range(0, 1000, STEP):
        feed(core, wave("a", n0))
        feed(core, wave("b", n0))
    assert shown(client) == list(range(0, 1000, STEP))
    assert (read.count("a"), read.count("b")) == (40, 1), "which leads it has must be known"
    assert core.packets == 2 * 1000 / STEP
    assert sum(core.figures()["delays"]["ingest_to_hub"]["counts"]) == core.packets
    assert core.behind_s(NOW + 10) is None  # there are live traces, and no detector


def test_who_begins_to_look_sees_the_last_seconds(core: HubCore, read: list[str]) -> None:
    last = round(3 * HISTORY_S * FS)
    for n0 in range(0, last, STEP):
        feed(core, wave("a", n0))
        core.tick(NOW + (n0 + STEP) / FS)
    client = join(core, "a")
    expected = list(range(last - round(HISTORY_S * FS), last, STEP))
    assert shown(client)[-len(expected) :] == expected
    feed(core, wave("a", last))
    assert shown(client) == [last]
    core.disconnect(client)
    read.clear()
    feed(core, wave("a", last + STEP))  # it may be the last before nobody is found to watch it
    feed(core, wave("a", last + 2 * STEP))
    assert read == ["a"]
    assert shown(join(core, "a"))[-3:] == [last, last + STEP, last + 2 * STEP]


def test_numbers_and_beats_are_there_as_if_it_had_been_watched(core: HubCore) -> None:
    for n0 in range(0, round(3 * PVC_WINDOW_S * FS), STEP):
        at = NOW + (n0 + STEP) / FS
        feed(core, wave("a", n0))
        tell(core, "a", at, vitals(n0), beat(n0, "V" if n0 % 1000 == 0 else "N"))
        core.tick(at)
    texts, _ = take(join(core, "a"))
    assert texts["vitals"][-1]["pvc"] == round(PVC_WINDOW_S * FS) / 1000
    assert texts["beats"][-1]["beats"][-1][0] == n0


def test_a_silent_bed_shows_its_last_seconds_however_late(core: HubCore) -> None:
    for n0 in range(0, 2 * STEP, STEP):
        feed(core, wave("a", n0))
    for second in range(1000):
        core.tick(NOW + second)
    assert shown(join(core, "a")) == [0, STEP]


def test_a_device_that_was_switched_on_anew_meanwhile(core: HubCore, read: list[str]) -> None:
    for n0 in range(0, 500, STEP):
        feed(core, wave("a", n0))
    began = NOW + 60
    for n0 in range(0, round((HANDOVER_S + 2) * FS), STEP):
        feed(core, wave("a", n0, "y", began))
    tell(core, "a", began + HANDOVER_S + 2, vitals(100), boot="y")
    assert len(read) == 1
    client = join(core, "a")
    texts, frames = take(client)
    assert core.beds["a"].boot == "y"
    assert texts["vitals"][-1]["n"] == 100
    assert [one.n0 for one in frames] == list(range(0, round((HANDOVER_S + 2) * FS), STEP))


def test_a_bed_that_nobody_watches_is_not_taken_for_gone(core: HubCore) -> None:
    for n0 in range(0, round(2 * SILENT_S * FS), 10 * STEP):
        feed(core, wave("a", n0))
        core.tick(NOW + (n0 + STEP) / FS)
    now = NOW + 2 * SILENT_S
    core.roster(0, set(), now)
    assert "a" in core.beds
    core.roster(0, set(), now + SILENT_S + 10)
    assert "a" not in core.beds


def test_what_turns_out_to_be_malformed_is_counted_and_passed_over(core: HubCore) -> None:
    feed(core, wave("a", 0))
    for at, spoilt in ((3, b"now"), (5, b"rubbish")):
        words = wave("a", STEP)
        words[at] = spoilt
        assert not core.wave_entries(0, [[b"1-0", words]], NOW + 1)
    feed(core, wave("a", 2 * STEP))
    assert shown(join(core, "a")) == [0, 2 * STEP]
    assert core.figures()["unreadable"] == 2
    assert len(core.wave_entries(0, [[b"1-0", [b"d", b"a"]]], NOW)) == 1
    assert len(core.wave_entries(0, [[b"1-0", [b"x", b"y"]]], NOW)) == 1
    assert len(core.event_entries([[b"1-0", [b"d", b"a"]]], NOW)) == 1


def test_an_entry_in_another_order_is_read_in_its_place(core: HubCore) -> None:
    feed(core, wave("a", 0))
    feed(core, wave("a", STEP))
    words = wave("a", 2 * STEP)
    core.wave_entries(0, [[b"1-0", [*words[2:], *words[:2]]]], NOW + 1)
    feed(core, wave("a", 3 * STEP))
    assert shown(join(core, "a")) == [0, STEP, 2 * STEP, 3 * STEP]


def test_alarms_of_beds_that_nobody_watches_reach_every_page(
    core: HubCore, read: list[str]
) -> None:
    client = join(core, "b")
    for n0 in range(0, 1000, STEP):
        feed(core, wave("a", n0))
    core.alerts(0, {alert(1).id: alert(1).to_json()}, {}, NOW)
    texts, _ = take(client)
    assert [one["kind"] for one in texts["alarms"][-1]["alarms"]] == ["asystole"]
    assert texts["alarms"][-1]["bed"] == core.beds["a"].index
    assert read == ["a"]


def test_who_looks_away_frees_the_memory(core: HubCore) -> None:
    client = join(core, "a")
    seconds = 2 * HISTORY_S
    steps = iter(range(0, round(100 * HISTORY_S * FS), STEP))

    def play() -> None:
        for _ in range(round(seconds / STEP_S)):
            n0 = next(steps)
            feed(core, wave("a", n0))
            core.tick(NOW + (n0 + STEP) / FS)

    play()
    assert list(core.beds["a"].history(HISTORY_S))
    core.disconnect(client)
    play()
    assert not list(core.beds["a"].history(HISTORY_S)), "frames are made when somebody looks"
    assert len(shown(join(core, "a"))) == pytest.approx(HISTORY_S / STEP_S, abs=1)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.integers(1, 60), st.sampled_from("xy")),
        st.tuples(st.just("look"), st.just(0), st.just("")),
        st.tuples(st.just("tell"), st.integers(1, 4), st.sampled_from("xy")),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(STEPS)
def test_who_looks_later_sees_what_was_there_for_who_always_looked(
    steps: list[tuple[str, int, str]],
) -> None:
    """Whatever comes of two power-ups, and however often a page opens and closes meanwhile.

    Where they alternate for longer than signal is kept, which one was followed is forgotten.
    """
    always, seldom = HubCore(1, NOW), HubCore(1, NOW)
    join(always, "a")
    sent = {"x": 0, "y": 0}
    now = NOW

    def both(packet: Packet) -> None:
        device, arrival, payload = b"a", repr(now).encode(), wire.encode_cbor(packet)
        for core in (always, seldom):
            words = [b"d", device, b"t", arrival, b"p", payload]
            core.wave_entries(0, [[entry_id(now), words]], now)

    like = Packet(
        device="a", boot="x", seq=0, n0=0, t0=0.0, fs=FS, leads=("II",), gain=(200.0,),
        baseline=(0.0,), samples=np.zeros((1, STEP), np.int16),
    )  # fmt: skip
    both(like)
    sent["x"] = STEP
    looked_at = now
    for what, count, boot in [*steps, ("look", 0, "")]:
        if what == "look" or now + count * STEP_S > looked_at + SIGNAL_S:
            looked_at = now
            client, other = join(seldom, "a"), join(always, "a")
            (texts, frames), (expected, wanted) = take(client), take(other)
            assert [(one.n0, one.arrival) for one in frames] == [
                (one.n0, one.arrival) for one in wanted
            ]
            assert texts["bed"][-1]["boot"] == expected["bed"][-1]["boot"]
            assert texts.get("vitals", [{}])[-1].get("n") == (
                expected.get("vitals", [{}])[-1].get("n")
            )
            seldom.disconnect(client)
            always.disconnect(other)
            continue
        for _ in range(count):
            now += STEP_S
            if what == "play":
                both(replace(like, boot=boot, n0=sent[boot], t0=now))
                sent[boot] += STEP
            else:
                for core in (always, seldom):
                    tell(core, "a", now, vitals(sent[boot]), boot=boot)
        for core in (always, seldom):
            core.tick(now)


def core_has(core: HubCore, packets: int) -> bool:
    return core.packets == packets


async def test_a_wall_of_one_unit_costs_what_its_beds_cost(
    redis_client: Store, read: list[str]
) -> None:
    """Of 200 beds in a real stream those of the unit are read, and all are known."""
    unit = Unit("0000000a", "ICU", "icu", 1, "A", 0.0)
    beds = [f"bed-{number}" for number in range(200)]
    book = UnitBook({unit.id: unit}, dict.fromkeys(beds[:8], unit.id))
    now = time.time()
    core = HubCore(1, now)
    core.see(book, {}, now)
    reader = StreamReader(core, redis_client, (0,))
    client = Client(Outbox(lambda: None))
    client.sight = book.sight_of("a nurse")
    core.connect(client)
    core.request(client, Subscription(unit=unit.id, all_alarms=True), now)
    following = asyncio.create_task(reader.follow())
    try:
        for n0 in (0, STEP, 2 * STEP):
            for device in beds:
                words = wave(device, n0, began=now)
                await redis_client.xadd(
                    keys.wave(0), dict(zip(words[::2], words[1::2], strict=True))
                )
            # A bed is found to be unwatched when it is read for the first time.
            await until(partial(core_has, core, (n0 // STEP + 1) * len(beds)))
    finally:
        await cancel_all([following])
    assert len(core.beds) == 200
    assert [read.count(device) for device in beds] == [3] * 8 + [1] * 192
    assert len(shown(client)) == 3 * 8
