"""Devices of every kind, as Redis holds them, for tests of the page of devices."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import orjson
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import alert_id
from ecg_monitor.ward.devices.form import PacketForm
from ecg_monitor.ward.devices.refusal import LastRefusal
from ecg_monitor.ward.devices.roster import RosterEntry


@dataclass(frozen=True, slots=True)
class Known:
    """A device, and what is known of it; times are ages in s.

    Attributes:
        device: device id.
        last_s: since its last packet; None: it was never let in.
        status: what it tells on ``status``.
        meta: what it tells on ``meta``.
        leads: names of its leads; empty: nobody has noted them.
        clock_off_s: by how much its clock is behind.
        refused: packets refused, by reason.
        refusal: reason and text of the last one, 30 s ago.
        alert: kind of a condition of the device that is present.
    """

    device: str
    last_s: float | None = 1.0
    status: Any = field(default_factory=lambda: {"state": "online"})
    meta: Any = field(default_factory=dict)
    leads: tuple[str, ...] = ("II", "V1")
    clock_off_s: float = 0.2
    refused: dict[str, int] = field(default_factory=dict)
    refusal: tuple[str, str] | None = None
    alert: str | None = None


MAKE = {"maker": "Acme", "model": "Holter 3", "serial": "SN-1207", "firmware": "2.1.0"}
WARD = (
    Known("bed-01", meta={"label": "Window", **MAKE}, status={"state": "online", "battery": 87}),
    Known("bed-02", meta=MAKE, status={"state": "online", "battery": 12}),
    Known("bed-03", last_s=600.0),
    Known("bed-04", last_s=3 * 86_400.0, status={"state": "offline", "battery": 5}),
    Known("bed-05", refused={"range": 3, "type": 40}, refusal=("range", "gain: must be 0.001 ..")),
    Known("bed-06", clock_off_s=-7200.0),
    Known("bed-07", status={"state": "online", "battery": "full"}),
    Known("bed-08", status={"state": "online", "battery": 9, "charging": True}),
    Known("bed-09", alert="two_devices"),
    Known("new-1", None, {}, leads=(), refused={"type": 9}, refusal=("type", "fs: got '250'")),
    Known("new-2", None, {}, leads=(), refusal=("too_many_devices", "new-2: too many devices")),
)
"""One device of each kind."""


def store_devices(settings: Settings, *devices: Known) -> None:
    """Write what ingest, the detector and the devices themselves would have."""
    now = time.time()
    store = redis.Redis.from_url(settings.redis_url)
    for one in devices:
        partition = keys.partition_of(one.device, settings.partitions)
        is_let_in = one.last_s is not None
        if one.last_s is not None:
            entry = RosterEntry(now - one.last_s - 9 * 86_400, now - one.last_s)
            store.hset(keys.roster(partition), one.device, entry.to_text())
            # The roster has whole seconds: the detector says to the millisecond when it was.
            progress = f"9 {round(1000 * (now - one.last_s))}-0"
            store.hset(keys.progress(partition), one.device, progress)
            told = orjson.dumps({"status": one.status, "meta": one.meta})
            store.hset(keys.devices(partition), one.device, told)
            store.hset(keys.counters(partition), f"{one.device}|accepted", 1200)
        if one.leads:
            last = now - (one.last_s or 0.0)
            form = PacketForm(
                last, "k3f9", last - 7200, 250.0, one.leads, 125, 1_800_000, one.clock_off_s
            )
            store.hset(keys.forms(partition), one.device, form.to_json())
        for reason, count in one.refused.items():
            store.hset(keys.counters(partition), f"{one.device}|refused:{reason}", count)
        if one.refusal is not None:
            kept_in = keys.refused(partition) if is_let_in else keys.strangers(partition)
            store.hset(kept_in, one.device, LastRefusal(now - 30, *one.refusal).to_json())
        if one.alert is not None:
            facts = {
                "id": alert_id(one.device, "k3f9", one.alert, 1), "device": one.device,
                "boot": "k3f9", "kind": one.alert, "priority": "technical", "n": 1, "value": None,
                "limit": None, "present": True, "onset_at": now, "raised_at": now,
                "cleared_at": None,
            }  # fmt: skip
            store.hset(keys.alerts(partition), str(facts["id"]), orjson.dumps(facts))
    store.close()
