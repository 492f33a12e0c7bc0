"""What clients are told, without sockets or Redis."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import orjson
import pytest

from dashboard.hub.bed import MAX_ALARMS, MAX_BEATS, MAX_BEDS, RESUMED_S, SILENT_S
from dashboard.hub.clients.client import Client
from dashboard.hub.core import HubCore
from dashboard.hub.frames import FLAG_HISTORY, FLAG_LEADOFF, Frame, unpack
from dashboard.hub.outbox import Outbox
from dashboard.hub.requests import Ping, Subscription
from ecg_monitor.core.types import Beat, Packet, Priority, event_to_map
from ecg_monitor.ward.alerts.model import Ack, Alert, Pause
from ecg_monitor.ward.alerts.standby import Standby
from ecg_monitor.ward.alerts.trail import Entry, What
from ecg_monitor.ward.patients.model import Admission
from ecg_monitor.ward.signal.sources import HANDOVER_S

NOW = 1_000_000.0
STAY = Admission("s", "4711", "", "adult", NOW, "A. Nurse")


def packet(n0: int = 0, device: str = "a", boot: str = "x", **changes: Any) -> Packet:
    one = Packet(
        device=device,
        boot=boot,
        seq=0,
        n0=n0,
        t0=0.0,
        fs=100.0,
        leads=("V5", "II"),
        gain=(200.0, 100.0),
        baseline=(0.0, 5.0),
        samples=np.arange(n0, n0 + 50).astype(np.int16).reshape(2, 25),
    )
    return replace(one, **changes)


def whole(boot: str, fs: float = 100.0) -> list[Packet]:
    """Enough of another source that it is followed."""
    count = round(HANDOVER_S * fs / 25) + 1
    return [packet(25 * i, boot=boot, fs=fs) for i in range(count)]


@pytest.fixture
def core() -> HubCore:
    return HubCore(2, NOW)


ALL = Subscription(history_s=20.0)


def join(core: HubCore, subscription: Subscription = ALL) -> Client:
    client = Client(Outbox(lambda: None))
    core.connect(client)
    core.request(client, subscription, NOW)
    return client


def take(client: Client) -> tuple[dict[str, list[Any]], list[Frame]]:
    texts: dict[str, list[Any]] = {}
    frames: list[Frame] = []
    for message in client.outbox.take():
        if isinstance(message, bytes):
            frames += unpack(message)
        else:
            for text in json.loads(message):
                texts.setdefault(text["t"], []).append(text)
    return texts, frames


def feed(core: HubCore, *packets: Packet) -> None:
    for one in packets:
        core.packet(0, one, NOW + one.n1 / 100, NOW + one.n1 / 100)


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


def alert(number: int, present: bool = True, priority: Priority = "high") -> Alert:
    return Alert(
        id=f"a/x/asystole/{number}", device="a", boot="x", kind="asystole", priority=priority,
        n=number, value=4.0, limit=4.0, present=present, onset_at=NOW + number,
        raised_at=NOW + number, cleared_at=None if present else NOW + number + 1,
        announced_at=NOW + number, decided_n=number, latching=priority == "high",
    )  # fmt: skip


def told(core: HubCore, what: What, one: Alert, **more: Any) -> None:
    core.alert_entry(0, Entry(what, "A. Nurse", NOW + 5, "a", one, **more), NOW + 5)


def presences(client: Client) -> list[str]:
    return [one["presence"] for one in take(client)[0]["alarms"][0]["alarms"]]


def test_alarms_and_what_was_done_about_them(core: HubCore) -> None:
    client = join(core)
    told(core, What.RAISED, alert(1))
    told(core, What.RAISED, alert(2))
    assert presences(client) == ["On", "On"]
    told(core, What.RAISED, alert(2))  # told again
    assert client.outbox.take() == []
    told(core, What.ACKNOWLEDGED, alert(2), rank=4)
    texts, _ = take(client)
    newest, oldest = texts["alarms"][0]["alarms"]
    assert (newest["presence"], newest["acked_by"], newest["acked_at"]) == (
        "Ack",
        "A. Nurse",
        NOW + 5,
    )
    assert (oldest["presence"], oldest["audio"]) == ("On", "On")
    told(core, What.CLEARED, alert(1, present=False))
    assert presences(client) == ["Ack", "Latch"]
    assert presences(join(core)) == ["Ack", "Latch"]


def test_time_alone_ends_what_lingers_and_a_pause(core: HubCore) -> None:
    client = join(core)
    told(core, What.RAISED, alert(0, priority="low"))
    pause = Pause("A. Nurse", NOW + 5, NOW + 7, 1, 3, {alert(0).id: 2})
    core.alert_entry(0, Entry(What.PAUSED, "A. Nurse", NOW + 5, "a", pause=pause), NOW + 5)
    texts, _ = take(client)
    assert texts["alarms"][0]["pause"] == {"until": NOW + 7, "by": "A. Nurse"}
    assert texts["alarms"][0]["alarms"][0]["audio"] == "Paused"
    core.tick(NOW + 8)
    assert take(client)[0]["alarms"][0]["pause"] is None
    told(core, What.CLEARED, replace(alert(0, False, "low"), cleared_at=NOW + 5))
    assert presences(client) == ["On"]  # for those who turn to look
    core.tick(NOW + 30)
    assert presences(client) == ["Off"]
    core.tick(NOW + 31)
    assert "alarms" not in take(client)[0]
    assert not core.partitions[0].restless


def test_a_standby_is_told_until_it_is_over_and_that_it_is_over(core: HubCore) -> None:
    client = join(core)
    told(core, What.RAISED, replace(alert(1, priority="technical"), kind="no_data"))
    standby = Standby("A. Nurse", NOW + 5, NOW + 65, 1, "imaging")
    core.alert_entry(0, Entry(What.STANDBY, "A. Nurse", NOW + 5, "a", standby=standby), NOW + 5)
    text = take(client)[0]["alarms"][0]
    assert text["standby"] == {
        **{"by": "A. Nurse", "at": NOW + 5, "until": NOW + 65, "reason": "imaging"},
        "phase": "Leaving",
    }
    assert [(one["presence"], one["why"]) for one in text["alarms"]] == [("Off", "standby")]
    core.tick(NOW + 65)
    text = take(client)[0]["alarms"][0]
    assert text["standby"] is None
    assert text["resumed"] == {"at": NOW + 65, "why": "time", "by": ""}
    assert [(one["presence"], one["audio"]) for one in text["alarms"]] == [("On", "On")]
    core.tick(NOW + 65 + RESUMED_S)
    assert take(client)[0]["alarms"][0]["resumed"] is None


def test_hashes_heal_what_was_missed(core: HubCore) -> None:
    client = join(core)
    one = alert(1)
    ack = orjson.dumps(asdict(Ack("A. Nurse", NOW, 4)))
    facts = {one.id: one.to_json(), "bad": b"{}"}
    errors = core.alerts(0, facts, {f"ack|{one.id}": ack, "ack|gone": ack}, NOW)
    assert len(errors) == 1
    assert presences(client) == ["Ack"]
    assert core.alerts(0, facts, {f"ack|{one.id}": ack}, NOW)
    assert client.outbox.take() == []


def test_active_alarms_are_never_forgotten(core: HubCore) -> None:
    told(core, What.RAISED, alert(0))
    for number in range(1, 300):
        told(core, What.CLEARED, alert(number, present=False, priority="low"))
    alarms = take(join(core))[0]["alarms"][0]["alarms"]
    assert len(alarms) == MAX_ALARMS + 1
    assert (alarms[0]["n"], alarms[-1]["n"], alarms[-1]["presence"]) == (299, 0, "On")


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


def test_alarms_of_beds_that_are_not_shown(core: HubCore) -> None:
    core.packet(0, packet(), NOW, NOW)
    core.packet(0, packet(device="b"), NOW, NOW)
    client = join(core, Subscription(beds=frozenset({"a"}), history_s=20.0, all_alarms=True))
    texts, frames = take(client)
    assert [one["device"] for one in texts["bed"]] == ["a", "b"]
    assert {frame.bed for frame in frames} == {0}
    alert = Alert(
        id="b/x/vf/1", device="b", boot="x", kind="vf", priority="high", n=1, value=None,
        limit=None, present=True, onset_at=NOW, raised_at=NOW, cleared_at=None,
        announced_at=NOW, decided_n=2, latching=True,
    )  # fmt: skip
    core.alerts(0, {alert.id: alert.to_json()}, {}, NOW)
    core.packet(0, packet(25, device="b"), NOW, NOW)
    core.events("b", "x", [event_to_map(Beat(5, "N", {}, None, None, 9))])
    texts, frames = take(client)
    assert [one["bed"] for one in texts["alarms"]] == [1]
    assert not frames
    assert "beats" not in texts


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
