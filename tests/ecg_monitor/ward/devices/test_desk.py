"""Removing a device by hand, as far as its alarms are concerned."""

from __future__ import annotations

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.alerts.handling import actions
from ecg_monitor.ward.devices.desk import DeviceDesk
from ecg_monitor.ward.devices.roster import RosterEntry
from ecg_monitor.ward.patients.actions import read_trail
from ecg_monitor.ward.patients.desk import PatientDesk
from ecg_monitor.ward.patients.trail import ChangeKind
from ecg_monitor.ward.patients.transfer import Ward, begin, finish
from tests.support.alerts import T0, Detector, make_alarm

BED = "bed-01"


async def test_a_bed_whose_alarm_waits_for_somebody_is_not_removed(redis_client: Store) -> None:
    desk = DeviceDesk(redis_client, Settings(partitions=1), lambda: T0)
    await redis_client.hset(keys.roster(0), BED, RosterEntry(T0 - 7200, T0 - 3600).to_text())
    await Detector(redis_client).say(make_alarm(), device=BED)
    with pytest.raises(PatientError, match="acknowledge its alarms first"):
        await desk.remove(BED, "A. Nurse")
    seen = {f"{BED}/boot1/asystole/1000": "high"}
    await actions.acknowledge(redis_client, 0, BED, seen, "A. Nurse")
    await desk.remove(BED, "A. Nurse")
    assert await redis_client.hexists(keys.removals(0), BED)


async def test_what_staff_set_for_a_bed_ends_with_it(redis_client: Store) -> None:
    """A device of the same name that comes later is not monitored under limits of the former."""
    settings = Settings(partitions=1)
    patients = PatientDesk(redis_client, settings)
    await redis_client.hset(keys.roster(0), BED, RosterEntry(T0 - 7200, T0 - 3600).to_text())
    await patients.name_bed(BED, "A. Nurse", label="Window", place=3)
    await patients.change(BED, "A. Nurse", alarms={"pvc_rate": "off"})
    assert (await patients.bed(BED)).own is not None
    await DeviceDesk(redis_client, settings, lambda: T0).remove(BED, "A. Nurse")
    bed = await patients.bed(BED)
    assert (bed.own, bed.label, bed.place) == (None, "", None)
    await patients.name_bed("bed-02", "A. Nurse", label="Window", place=3)
    last = (await read_trail(redis_client, 0, BED))[-1]
    assert (last.what, last.who) == (ChangeKind.CHANGED, "A. Nurse")


async def test_a_bed_that_a_patient_is_on_the_way_to_is_not_removed(redis_client: Store) -> None:
    patients = PatientDesk(redis_client, Settings(partitions=1))
    await redis_client.hset(keys.roster(0), BED, RosterEntry(T0 - 7200, T0 - 3600).to_text())
    await patients.admit("bed-02", "A. Nurse", patient="4711", name="", category="adult")
    ward, source = Ward(redis_client, 1), await patients.bed("bed-02")
    await begin(ward, "bed-02", source, BED, "A. Nurse")
    desk = DeviceDesk(redis_client, Settings(partitions=1), lambda: T0)
    with pytest.raises(PatientError, match="on the way"):
        await desk.remove(BED, "B. Nurse")
    await finish(ward, "bed-02")
    with pytest.raises(PatientError, match="discharge its patient first"):
        await desk.remove(BED, "B. Nurse")
