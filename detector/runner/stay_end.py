"""Who ended a stay, and how: for the audit trail of the alerts that end with it."""

from __future__ import annotations

from ecg_monitor.core import keys
from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.remote.streams import read_range
from ecg_monitor.core.store import Store
from ecg_monitor.ward.alerts.model import Alert
from ecg_monitor.ward.alerts.trail import DETECTOR, Entry, EntryKind
from ecg_monitor.ward.patients import trail as patients

PAGE = 200
_REASONS = {patients.ChangeKind.DISCHARGED: "discharged", patients.ChangeKind.LEFT: "transferred"}


async def stay_end(store: Store, partition: int, alert: Alert, now: float) -> Entry:
    """Return the entry that says why an alert has ended with the stay of its patient.

    Args:
        store: client.
        partition: of the device.
        alert: as it is now.
        now: Unix time, s.

    Returns:
        an entry by whoever ended the stay; by the detector, without a reason, where the trail of
        patients no longer reaches back to that.

    Raises:
        StoreError: Redis does not answer.
    """
    trail = keys.patientlog(partition)
    async for _, fields in read_range(store, trail, newest_first=True, page=PAGE):
        told = _read(fields)
        if told is None or (told.stay, told.device) != (alert.stay, alert.device):
            continue
        if told.what in _REASONS:
            reason = _REASONS[told.what]
            return Entry(
                EntryKind.LEFT, told.who, now, alert.device, alert, reason=reason, other=told.other
            )
    return Entry(EntryKind.LEFT, DETECTOR, now, alert.device, alert)


def _read(fields: dict[bytes, bytes]) -> patients.Entry | None:
    try:
        return patients.entry_from_json(fields[b"e"])
    except PatientError:
        return None  # of another version of the program: it tells of nothing that we know
