"""What is known of every device, of whatever Redis holds."""

from __future__ import annotations

from typing import Any

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.devices.form import PacketForm, form_of
from ecg_monitor.ward.devices.notice import DeviceNotice
from ecg_monitor.ward.devices.refusal import MOST_PROBLEM, NOBODY, LastRefusal, refusal_of
from ecg_monitor.ward.devices.roster import RosterEntry
from ecg_monitor.ward.devices.survey import (
    FORGOTTEN_S,
    SENDS_S,
    DeviceAlert,
    PartitionHashes,
    read_survey,
    state_of,
    survey_of,
)
from ecg_monitor.ward.patients.desk import PatientDesk
from tests.support.alerts import T0, Detector

BED = "bed-01"
FORM = PacketForm(T0, "b1", T0 - 60, 360.0, ("II", "V1"), 90, 9000, 0.25)
REFUSED = LastRefusal(T0 - 5, "range", "fs: 1e9 Hz")


def found(**hashes: dict[bytes, bytes]) -> PartitionHashes:
    empty: dict[str, Any] = {name: {} for name in PartitionHashes.__annotations__}
    return PartitionHashes(**(empty | hashes))


def known(last_at: float) -> bytes:
    return RosterEntry(T0 - 7200, last_at).to_text().encode()


@pytest.mark.parametrize(("age_s", "told", "state"), [
    (0, "online", "sends"), (SENDS_S, "offline", "sends"), (SENDS_S + 1, "online", "silent"),
    (SENDS_S + 1, "", "silent"), (SENDS_S + 1, "offline", "offline"),
])  # fmt: skip
def test_packets_say_more_than_what_a_device_says(age_s: float, told: str, state: str) -> None:
    assert state_of(T0 - age_s, DeviceNotice(state=told), REFUSED, T0) == state


def test_who_was_never_let_in_was_refused_or_turned_away_or_never_sent() -> None:
    away = LastRefusal(T0, "too_many_devices", "x")
    states = [state_of(None, DeviceNotice(), one, T0) for one in (None, REFUSED, away)]
    assert states == ["never", "refused", "turned_away"]


def test_all_sources_meet_in_one_row() -> None:
    meta = b'{"status": {"state": "online", "battery": 12}, "meta": {"label": "Window"}}'
    (row,) = survey_of(
        found(
            roster={b"bed-01": known(T0 - 3)},
            devices={b"bed-01": meta},
            forms={b"bed-01": FORM.to_json().encode()},
            refused={b"bed-01": REFUSED.to_json().encode()},
            progress={b"bed-01": b"12 %d-0" % (1000 * (T0 - 1))},
            counters={
                b"bed-01|accepted": b"500", b"bed-01|refused:range": b"3",
                b"bed-01|refused:type": b"1", b"bed-01|samples_missing": b"90",
                b"bed-02|accepted": b"7", b"bed-01|odd": b"x",
            },
        ),
        {BED: [DeviceAlert("a_kind", None)]},
        T0,
    )  # fmt: skip
    assert (row.device, row.known, row.state, row.label) == (BED, True, "sends", "Window")
    assert row.last_at == T0 - 1, "the detector knows more exactly than the roster"
    assert row.told.battery_low
    assert (row.form, row.refusal) == (FORM, REFUSED)
    assert (row.accepted, row.missing, row.refused) == (500, 90, {"range": 3, "type": 1})
    assert row.alerts == (DeviceAlert("a_kind", None),)


@pytest.mark.parametrize("refused", [{}, {b"bed-01": REFUSED.to_json().encode()}])
def test_a_device_that_is_online_has_not_sent_anything_yet(refused: dict[bytes, bytes]) -> None:
    """It is let in by its status; whether its packets will be accepted is another question."""
    status = b'{"status": {"state": "online"}}'
    hashes = found(
        roster={b"bed-01": known(T0)}, devices={b"bed-01": status}, refused=refused,
        counters={b"bed-01|refused:range": b"7"},
    )  # fmt: skip
    for now in (T0, T0 + SENDS_S + 1):
        (row,) = survey_of(hashes, {}, now)
        assert (row.known, row.state) == (True, "refused" if refused else "never")
        assert (row.first_at, row.last_at) == (None, None)


def test_the_newest_refusal_is_told_wherever_it_is_kept() -> None:
    """Refused before it was let in, and again since."""
    old = LastRefusal(T0 - 50, "type", "old")
    for refused, strangers in ((REFUSED, old), (old, REFUSED)):
        (row,) = survey_of(
            found(
                roster={b"bed-01": known(T0)},
                refused={b"bed-01": refused.to_json().encode()},
                strangers={b"bed-01": strangers.to_json().encode()},
            ),
            {},
            T0,
        )
        assert row.refusal == REFUSED


def test_a_stranger_is_told_of_for_a_day() -> None:
    strangers = {
        b"new": REFUSED.to_json().encode(),
        b"old": LastRefusal(T0 - FORGOTTEN_S - 1, "type", "x").to_json().encode(),
    }
    assert [row.device for row in survey_of(found(strangers=strangers), {}, T0)] == ["new"]


@pytest.mark.parametrize("text", [
    b"", b"x", b"1", b"[]", b"{}", b'{"at": "x", "reason": "r", "problem": "p"}',
    b'{"at": 1, "boot": 2, "since": 1, "fs": 1, "leads": "II", "samples": 1}',
])  # fmt: skip
def test_what_another_has_written_there_is_as_if_there_were_nothing(text: bytes) -> None:
    assert form_of(text) is None
    assert refusal_of(text) is None
    names = ("roster", "patients", "forms", "refused", "progress", "counters")
    (row,) = survey_of(found(**{name: {b"bed-01": text} for name in names}), {}, T0)
    assert (row.known, row.form, row.refusal, row.accepted) == (True, None, None, 0)


def test_entries_come_back_as_they_were() -> None:
    assert form_of(FORM.to_json().encode()) == FORM
    assert refusal_of(REFUSED.to_json().encode()) == REFUSED
    long = refusal_of(LastRefusal(T0, "type", "x" * 9000).to_json().encode())
    assert long is not None
    assert len(long.problem) == MOST_PROBLEM


async def test_the_survey_of_a_real_store(redis_client: Store) -> None:
    settings = Settings(partitions=2)
    for device in (BED, "bed-02"):
        partition = keys.partition_of(device, 2)
        await redis_client.hset(keys.roster(partition), device, known(T0).decode())
    await PatientDesk(redis_client, settings).name_bed(BED, "A. Nurse", label="Door", place=None)
    await PatientDesk(redis_client, settings).admit(
        "bed-02", "A. Nurse", patient="4711", name="", category="adult"
    )
    await redis_client.hset(keys.counters(0), f"{NOBODY}|refused:topic", 2)
    await redis_client.hset(keys.counters(1), f"{NOBODY}|refused:topic", 3)
    survey = await read_survey(redis_client, 2, T0)
    assert [(row.device, row.label, row.admitted) for row in survey.devices] == [
        (BED, "Door", False), ("bed-02", "bed-02", True),
    ]  # fmt: skip
    assert survey.nobody == {"topic": 5}


async def test_alerts_of_the_device_are_told_and_those_of_the_heart_are_not(
    redis_client: Store,
) -> None:
    await redis_client.hset(keys.roster(0), BED, known(T0).decode())
    detector = Detector(redis_client)
    for kind in ("no_data", "asystole"):
        await detector.say(Alarm(kind, "high", 10, 10, True), device=BED)
    (row,) = (await read_survey(redis_client, 1, T0)).devices
    assert [one.kind for one in row.alerts] == ["no_data"]
