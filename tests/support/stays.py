"""Patients for tests: beds, an admission, and what the trail tells of it."""

from __future__ import annotations

from typing import Any

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward.patients.desk import PatientDesk
from ecg_monitor.ward.patients.trail import ChangeKind, replay

SETTINGS = Settings(partitions=4)
ONE, TWO = "bed-01", "bed-02"
assert keys.partition_of(ONE, 4) != keys.partition_of(TWO, 4)
SAME = next(
    name for name in (f"x-{i}" for i in range(99))
    if keys.partition_of(name, 4) == keys.partition_of(ONE, 4)
)  # fmt: skip


async def admit(desk: PatientDesk, device: str = ONE, **more: Any) -> Any:
    fields = {"patient": "4711", "name": "Ada L.", "category": "adult", **more}
    return await desk.admit(device, "A. Nurse", **fields)


async def audited(desk: PatientDesk, device: str) -> list[str]:
    """What the trail tells of a device, having shown that it explains the state."""
    entries = await desk.trail(device)
    bed = await desk.bed(device)
    assert replay(entries).fields() == bed.fields()
    changes = [one for one in entries if one.what not in (ChangeKind.NOTED, ChangeKind.APPLIED)]
    if changes:
        assert (changes[-1].version, changes[-1].who) == (bed.version, bed.by)
        assert changes[-1].at == bed.at
    return [str(one.what) for one in entries]
