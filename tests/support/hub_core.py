"""The core of a hub for tests: packets, clients, what they are told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from dashboard.hub.clients.client import Client
from dashboard.hub.core import HubCore
from dashboard.hub.frames import Frame, unpack
from dashboard.hub.outbox import Outbox
from dashboard.hub.requests import Subscription
from ecg_monitor.core.types import Packet, Priority
from ecg_monitor.ward.alerts.model import Alert
from ecg_monitor.ward.alerts.trail import Entry, EntryKind
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


def alert(number: int, present: bool = True, priority: Priority = "high") -> Alert:
    return Alert(
        id=f"a/x/asystole/{number}", device="a", boot="x", kind="asystole", priority=priority,
        n=number, value=4.0, limit=4.0, present=present, onset_at=NOW + number,
        raised_at=NOW + number, cleared_at=None if present else NOW + number + 1,
        announced_at=NOW + number, decided_n=number, latching=priority == "high",
    )  # fmt: skip


def told(core: HubCore, what: EntryKind, one: Alert, **more: Any) -> None:
    core.alert_entry(0, Entry(what, "A. Nurse", NOW + 5, "a", one, **more), NOW + 5)
