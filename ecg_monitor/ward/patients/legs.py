"""Where the patient of a bed has been during their stay: read from the trails of the beds.

A transfer leaves what was recorded at the bed that it came from. Whoever looks at the patient looks
at one past, so what is kept by device is read leg by leg.
"""

from __future__ import annotations

from ecg_monitor.core import keys
from ecg_monitor.core.store import Store
from ecg_monitor.ward.patients.actions import read_trail
from ecg_monitor.ward.patients.stays import Span, spans
from ecg_monitor.ward.patients.trail import ChangeKind


async def read_legs(store: Store, partitions: int, device: str, since: float) -> list[Span]:
    """Return the spans of the stay that goes on at a device, at whichever beds, oldest first.

    Only the trails of the beds that the patient came from are read, one after the other.

    Args:
        store: client.
        partitions: their number.
        device: where the patient is now.
        since: how far back trails are read, Unix s.

    Returns:
        The last one is the present span; without a patient it is the only one.

    Raises:
        PatientError: an entry of a trail is malformed.
        StoreError: Redis does not answer.
    """
    present: Span | None = None
    found: list[Span] = []
    waiting, asked = [device], {device}
    while waiting:
        one = waiting.pop()
        partition = keys.partition_of(one, partitions)
        entries = await read_trail(store, partition, one, round(1000 * since))
        known = spans(entries, one)
        if present is None:
            present = known[-1]
            if not present.stay:
                return [present]
        stay = present.stay
        found += [span for span in known if span.stay == stay and span is not present]
        came_from = {
            entry.other
            for entry in entries
            if entry.what is ChangeKind.ARRIVED and entry.stay == stay and entry.other
        }
        waiting += sorted(came_from - asked)
        asked |= came_from
    legs = sorted(found, key=lambda span: span.since)
    return legs if present is None else [*legs, present]
