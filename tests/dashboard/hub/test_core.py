"""What clients are told of signals and beats, without sockets or Redis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dashboard.hub.beds.all_beds import MAX_BEDS
from dashboard.hub.beds.bed import MAX_BEATS, SILENT_S
from dashboard.hub.clients.client import Client
from dashboard.hub.core import HubCore
from dashboard.hub.frames import FLAG_HISTORY, FLAG_LEADOFF
from dashboard.hub.outbox import Outbox
from dashboard.hub.requests import Ping, Subscription
from ecg_monitor.core.types import Beat, event_to_map
from tests.support.hub_core import NOW, STAY, feed, join, packet, take, whole


@pytest.fixture
def core() -> HubCore:
    return HubCore(2, NOW)


def test_frames_carry_the_samples_exactly(core: HubCore) -> None:
    client = join(core, Subscription(leads=None))
    feed(core, packet(leadoff=("II",)))
    texts, frames = take(client)
    assert texts["bed"][-1]["leads"] == ["V5", "II"]
    assert [frame.lead for frame in frames] == [0, 1]
    assert np.array_equal(np.stack([frame.samples for frame in frames]), packet().samples)
    assert [(frame.gain, frame.baseline) for frame in frames] == [(200.0, 0.0), (100.0, 5.0)]
    assert [frame.flags for frame in frames] == [0, FLAG_LEADOFF]
    assert frames[0].start == pytest.approx(NOW)
    assert frames[0].arrival == NOW + 0.25


def test_a_client_gets_only_what_it_asked_for(core: HubCore) -> None:
    silent = Client(Outbox(lambda: None))
    core.connect(silent)
    one = join(core, Subscription(beds=frozenset({"b"}), leads=1))
    feed(core, packet(device="a"), packet(device="b"))
    _, frames = take(one)
    assert [(frame.bed, frame.lead) for frame in frames] == [(core.beds["b"].index, 1)]
    assert silent.outbox.take() == []
    core.disconnect(one)
    feed(core, packet(25, device="b"))
    assert one.outbox.take() == []


def test_history_for_those_who_come_later(core: HubCore) -> None:
    feed(core, *(packet(n0) for n0 in range(0, 3000, 25)))
    _, frames = take(join(core, Subscription(history_s=2.0)))
    assert [frame.n0 for frame in frames] == list(range(2775, 3000, 25))
    assert all(frame.flags == FLAG_HISTORY for frame in frames)
    _, frames = take(join(core, Subscription(history_s=20.0)))
    assert frames[0].n0 >= 3000 - 2000 - 50  # and no more is kept


def test_duplicates_are_dropped_and_late_packets_are_not(core: HubCore) -> None:
    client = join(core)
    feed(core, packet(0), packet(50), packet(50), packet(25), packet(0))
    _, frames = take(client)
    assert [frame.n0 for frame in frames] == [0, 50, 25]
    assert core.beds["a"].duplicates == 2


def test_another_power_up_gets_another_tag(core: HubCore) -> None:
    client = join(core)
    feed(core, packet(0), *whole("y"), packet(25, boot="x"))
    _, frames = take(client)
    shown = [(frame.tag, frame.n0) for frame in frames]
    assert shown == [(1, 0), *((2, one.n0) for one in whole("y"))]
    feed(core, *whole("y", fs=200.0))
    texts, frames = take(client)
    assert frames[0].tag == texts["bed"][0]["tag"] == 3
    assert texts["bed"][0]["fs"] == 200.0


def test_two_devices_under_one_id_are_not_shown_mixed(core: HubCore) -> None:
    client = join(core)
    feed(core, packet(0))
    for mine, other in zip(whole("x")[1:], whole("y")[1:], strict=True):
        feed(core, other, mine)
    _, frames = take(client)
    assert {frame.tag for frame in frames} == {1}
    assert [frame.n0 for frame in frames] == [one.n0 for one in whole("x")]


def test_what_the_detector_follows_is_shown(core: HubCore) -> None:
    """It began to listen when the other device was alone."""
    client = join(core)
    feed(core, packet(0), packet(0, boot="y"), packet(25))
    for _ in range(3):
        core.events("a", "y", [r_peak(10)])
    assert "beats" not in take(client)[0]
    feed(core, packet(25, boot="y"), packet(50))
    core.events("a", "y", [r_peak(30)])
    texts, frames = take(client)
    assert texts["beats"][0]["beats"][0][0] == 30
    assert [(frame.tag, frame.n0) for frame in frames] == [(2, 25)]


def r_peak(n: int) -> dict[str, Any]:
    return {"type": "r_peak", "n": n, "rr_s": 0.8, "amplitude_mv": 1.0, "decided_n": n + 40}


def beat(n: int, label: str = "N") -> dict[str, Any]:
    return event_to_map(Beat(n, label, {label: 1.0}, 0.25, 0.8, n + 140))


def test_beats_and_vitals(core: HubCore) -> None:
    client = join(core)
    feed(core, packet())
    take(client)
    vitals = {"type": "vitals", "n": 20, "heart_rate": 71.5, "quality": "good"}
    other = {"type": "episode", "kind": "gap", "n": 0, "end_n": 1}
    core.events("a", "x", [r_peak(10), other, r_peak(12), beat(10), vitals])
    texts, _ = take(client)
    assert texts["beats"][0]["beats"] == [[10, "N", 0.8, 1.0, 0.25], [12, None, 0.8, 1.0, None]]
    assert (texts["vitals"][0]["hr"], texts["vitals"][0]["q"]) == (71.5, "good")
    core.events("a", "x", [beat(12, "V")])
    assert take(client)[0]["beats"][0]["beats"] == [[12, "V", 0.8, 1.0, 0.25]]
    core.events("a", "former boot", [r_peak(1)])
    core.events("unknown", "x", [r_peak(1)])
    assert client.outbox.take() == []
    texts, _ = take(join(core))
    assert [row[:2] for row in texts["beats"][0]["beats"]] == [[10, "N"], [12, "V"]]
    assert texts["vitals"][0]["n"] == 20


def test_a_label_without_its_peak_is_shown_and_memory_is_bounded(core: HubCore) -> None:
    feed(core, packet())
    core.events("a", "x", [beat(7, "S")])
    assert core.beds["a"].beats[7] == [7, "S", 0.8, None, 0.25]
    core.events("a", "x", [r_peak(7), *(r_peak(n) for n in range(8, 66))])
    assert core.beds["a"].beats[7] == [7, "S", 0.8, 1.0, 0.25]
    core.events("a", "x", [one for n in range(100, 900) for one in (r_peak(n), beat(n))])
    assert list(core.beds["a"].beats) == list(range(900 - MAX_BEATS, 900))


def test_what_the_device_says_of_itself(core: HubCore) -> None:
    client = join(core)
    core.device("a", {"status": {"state": "offline"}, "meta": {"label": "Bed 1", "patient": 7}})
    texts, _ = take(client)
    described = texts["bed"][0]
    assert (described["label"], described["patient"], described["status"]) == (
        "Bed 1",
        "",
        "offline",
    )
    assert take(join(core))[0]["bed"][0]["label"] == "Bed 1"


def test_ventricular_beats_of_the_last_minute_and_st(core: HubCore) -> None:
    core.packet(0, packet(), NOW, NOW)
    client = join(core)

    def vitals(second: int) -> Any:
        event = {"type": "vitals", "n": second * 100, "heart_rate": 70.0, "quality": "good"}
        core.events("a", "x", [event])
        return take(client)[0]["vitals"][0]["pvc"]

    def beat(second: float, label: Any) -> None:
        core.events("a", "x", [event_to_map(Beat(int(second * 100), label, {}, 0.1, 0.8, 9))])

    assert vitals(0) is None
    for second in (10, 20, 30):
        beat(second, "V")
        beat(second + 1, "N")
    assert vitals(59) is None  # a minute is not known yet
    assert vitals(60) == 3
    assert vitals(71) == 2
    assert vitals(200) == 0
    event = {"type": "measurement", "n": 7, "st_mv": {"II": 0.12}, "qrs_ms": 92.0,
             "pr_ms": 160.0, "qt_ms": None, "qtc_ms": None}  # fmt: skip
    core.events("a", "x", [event])
    assert take(client)[0]["measurement"][0]["st"] == {"II": 0.12}
    assert core.beds["a"].measurement == {
        "n": 7, "st": {"II": 0.12}, "qrs": 92.0, "pr": 160.0, "qt": None, "qtc": None,
    }  # fmt: skip
    texts, _ = take(join(core))
    assert (texts["measurement"][0]["n"], texts["measurement"][0]["tag"]) == (7, 1)
    feed(core, *whole("y"))
    assert "measurement" not in take(join(core))[0]


def test_hub_state(core: HubCore) -> None:
    client = join(core)

    def state(now: float) -> Any:
        core.tick(now)
        return take(client)[0]["hub"][0]

    core.heard(0, NOW)
    core.heard(1, NOW)
    assert (state(NOW + 1)["redis"], state(NOW + 1)["behind_s"]) == ("ok", 0.0)
    core.heard(0, NOW + 5)
    assert state(NOW + 5)["redis"] == "stale"  # one partition is enough
    assert not core.gone(NOW + 5)
    assert core.gone(NOW + 9)
    feed(core, packet())
    assert state(NOW + 1)["behind_s"] is None  # nobody has analysed anything
    core.partitions[0].behind_s = 4.0
    core.partitions[1].behind_s = 99.0  # no live trace there
    assert state(NOW + 1)["behind_s"] == 4.0


def test_system_figures_only_for_those_who_ask(core: HubCore) -> None:
    wall, system = join(core), join(core, Subscription(system=True))
    core.partitions[1].counters = {"a|accepted": 3}
    core.tick(NOW)
    assert "system" not in take(wall)[0]
    assert take(system)[0]["system"][0]["counters"] == {"a|accepted": 3}


def test_ping(core: HubCore) -> None:
    client = join(core)
    core.request(client, Ping(5.5), NOW + 3)
    pong = take(client)[0]["pong"][0]
    assert (pong["c"], pong["now"]) == (5.5, NOW + 3)


def test_a_flood_of_devices_is_bounded(core: HubCore) -> None:
    for number in range(MAX_BEDS + 10):
        core.device(f"d{number}", {"status": {}, "meta": {}})
    feed(core, packet(device="one more"))
    assert len(core.beds) == MAX_BEDS


def test_a_patient_finds_a_place_on_a_full_wall(core: HubCore) -> None:
    for number in range(MAX_BEDS):
        core.device(f"d{number}", {"status": {}, "meta": {}})
    core.patient("real", STAY)
    assert "real" in core.beds


def test_a_bed_that_nobody_knows_any_more_leaves_the_wall() -> None:
    core = HubCore(1, NOW)
    client = join(core)
    feed(core, packet(device="a"), packet(device="b"), packet(device="c"))
    core.patient("b", STAY)
    index = core.beds["a"].index
    core.roster(0, {"c"}, NOW + 2)
    assert core.beds.keys() == {"a", "b", "c"}, "it has sent just now"
    core.roster(0, {"c"}, NOW + SILENT_S + 2)
    assert core.beds.keys() == {"b", "c"}
    texts, _ = take(client)
    assert texts["gone"] == [{"t": "gone", "bed": index}]
    assert index not in {one["bed"] for one in texts["bed"]}
    feed(core, packet(250, device="a"))
    assert core.beds["a"].index not in {index, core.beds["b"].index, core.beds["c"].index}
