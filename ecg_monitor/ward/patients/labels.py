"""What the beds that are known are called."""

from __future__ import annotations

from typing import Any

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.store import Store
from ecg_monitor.ward.patients.actions import read_beds


async def read_labels(store: Store, partitions: int) -> dict[str, str]:
    """Return what beds are called, by device: by staff, else by their devices, else as the device.

    Args:
        store: client.
        partitions: their number.

    Raises:
        PatientError: what is kept of a bed is malformed.
        StoreError: Redis does not answer.
    """
    found: dict[str, str] = {}
    for partition in range(partitions):
        roster: Any = await store.hkeys(keys.roster(partition))
        told: Any = await store.hgetall(keys.devices(partition))
        found |= {name.decode(): name.decode() for name in roster}
        for name, text in told.items():
            found[name.decode()] = told_label(text) or name.decode()
        for device, bed in (await read_beds(store, partition)).items():
            found[device] = bed.label or found.get(device, device)
    return found


def told_label(text: bytes) -> str:
    """Return what a device calls its bed, of what it tells of itself (JSON); empty: nothing."""
    try:
        meta = orjson.loads(text)["meta"]
        label = meta["label"]
    except (KeyError, TypeError, ValueError):
        return ""
    return label.strip() if isinstance(label, str) else ""
