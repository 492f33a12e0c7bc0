"""What clients are told of alarms and of what was done about them, without sockets or Redis."""

from __future__ import annotations

from dataclasses import asdict, replace

import orjson
import pytest

from dashboard.hub.beds.bed import MAX_ALARMS, RESUMED_S
from dashboard.hub.clients.client import Client
from dashboard.hub.core import HubCore
from dashboard.hub.requests import Subscription
from ecg_monitor.core.types import Beat, event_to_map
from ecg_monitor.ward.alerts.model import Ack, Alert, Pause
from ecg_monitor.ward.alerts.standby import Standby
from ecg_monitor.ward.alerts.trail import Entry, EntryKind
from tests.support.hub_core import NOW, alert, join, packet, take, told


@pytest.fixture
def core() -> HubCore:
    return HubCore(2, NOW)


def presences(client: Client) -> list[str]:
    return [one["presence"] for one in take(client)[0]["alarms"][0]["alarms"]]


def test_alarms_and_what_was_done_about_them(core: HubCore) -> None:
    client = join(core)
    told(core, EntryKind.RAISED, alert(1))
    told(core, EntryKind.RAISED, alert(2))
    assert presences(client) == ["On", "On"]
    told(core, EntryKind.RAISED, alert(2))  # told again
    assert client.outbox.take() == []
    told(core, EntryKind.ACKNOWLEDGED, alert(2), rank=4)
    texts, _ = take(client)
    newest, oldest = texts["alarms"][0]["alarms"]
    assert (newest["presence"], newest["acked_by"], newest["acked_at"]) == (
        "Ack",
        "A. Nurse",
        NOW + 5,
    )
    assert (oldest["presence"], oldest["audio"]) == ("On", "On")
    told(core, EntryKind.CLEARED, alert(1, present=False))
    assert presences(client) == ["Ack", "Latch"]
    assert presences(join(core)) == ["Ack", "Latch"]


def test_time_alone_ends_what_lingers_and_a_pause(core: HubCore) -> None:
    client = join(core)
    told(core, EntryKind.RAISED, alert(0, priority="low"))
    pause = Pause("A. Nurse", NOW + 5, NOW + 7, 1, 3, {alert(0).id: 2})
    core.alert_entry(0, Entry(EntryKind.PAUSED, "A. Nurse", NOW + 5, "a", pause=pause), NOW + 5)
    texts, _ = take(client)
    assert texts["alarms"][0]["pause"] == {"until": NOW + 7, "by": "A. Nurse"}
    assert texts["alarms"][0]["alarms"][0]["audio"] == "Paused"
    core.tick(NOW + 8)
    assert take(client)[0]["alarms"][0]["pause"] is None
    told(core, EntryKind.CLEARED, replace(alert(0, False, "low"), cleared_at=NOW + 5))
    assert presences(client) == ["On"]  # for those who turn to look
    core.tick(NOW + 30)
    assert presences(client) == ["Off"]
    core.tick(NOW + 31)
    assert "alarms" not in take(client)[0]
    assert not core.partitions[0].due


def test_a_standby_is_told_until_it_is_over_and_that_it_is_over(core: HubCore) -> None:
    client = join(core)
    told(core, EntryKind.RAISED, replace(alert(1, priority="technical"), kind="no_data"))
    standby = Standby("A. Nurse", NOW + 5, NOW + 65, 1, "imaging")
    core.alert_entry(
        0, Entry(EntryKind.STANDBY, "A. Nurse", NOW + 5, "a", standby=standby), NOW + 5
    )
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
    told(core, EntryKind.RAISED, alert(0))
    for number in range(1, 300):
        told(core, EntryKind.CLEARED, alert(number, present=False, priority="low"))
    alarms = take(join(core))[0]["alarms"][0]["alarms"]
    assert len(alarms) == MAX_ALARMS + 1
    assert (alarms[0]["n"], alarms[-1]["n"], alarms[-1]["presence"]) == (299, 0, "On")


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
