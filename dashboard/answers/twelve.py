"""What the twelve-lead page of a bed asks for.

Each address is a GET that answers with JSON (see `dashboard.answers.fetching`); times are Unix
seconds. What is shown is of the patient who is there now.

``/leads/DEVICE/window``                  the newest ten seconds that are whole
``/leads/DEVICE/window?boot=B&n=N&at=T``  those that begin at a sample, which was taken at T
``/leads/DEVICE/findings?boot=B&n=N&at=T``  what the network says of them, and why
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from flask import Flask

from dashboard.answers.asking import StoreThread
from dashboard.answers.fetching import Fetching, Query, number, text
from ecg_monitor.core import keys
from ecg_monitor.core.errors import RequestError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.patients import stays
from ecg_monitor.ward.patients.actions import read_trail
from ecg_monitor.ward.signal import window
from ecg_monitor.ward.signal.kept import read_packets
from ecg_monitor.ward.trends.kept import KeptBeat, read_beats

LOOK_BACK_S = 2 * window.SECONDS + 10.0
"""The newest whole window began at most two windows ago; packets may be late."""
LATE_S = 2.0
"""Packets around a moment are looked for among those that arrived so long before and after."""
SPARE_S = 0.5
"""A packet that completes a window needs so long to come."""
BEATS_S = 120.0
"""Beats of so long ago tell when a sample was taken."""

Fields = dict[str, Any]


def install(server: Flask, settings: Settings, store: StoreThread) -> None:
    """Add the addresses to a server that `dashboard.doors.guard` guards."""
    twelve = Twelve(settings)
    fetching = Fetching(server, store)
    fetching.add("/leads/<device>/window", twelve.window)


class Twelve:
    """Reads resting ECGs out of what is kept. Methods are `dashboard.answers.fetching.Look`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def window(self, store: Store, device: str, query: Query) -> Fields | None:
        """Ten seconds in twelve leads; see `ecg_monitor.ward.signal.window.twelve`.

        Also ``start``: time of sample 0; ``oldest``: time before which nothing is shown;
        ``next_s``: seconds until the next ten are whole, null for a window that was asked for; and
        ``beats``.
        """
        partition = keys.partition_of(device, self._settings.partitions)
        now = time.time()
        since = await self._since(store, partition, device, now)
        if "n" in query:
            boot, from_n, at = place(query)
            packets = await read_packets(
                store, partition, device, at - LATE_S, at + window.SECONDS + LATE_S
            )
            beats = await read_beats(store, partition, device, at - LATE_S, at + window.SECONDS)
            start = next_s = None
        else:
            packets = await read_packets(store, partition, device, now - LOOK_BACK_S, now)
            beats = await read_beats(store, partition, device, now - BEATS_S)
            boot = _followed(packets, beats)
            newest = window.newest(packets, boot)
            if newest is None:
                raise RequestError("ten seconds of signal are not there yet")
            from_n, start = newest, _start(packets, beats, boot, now)
            last = _last(packets, boot)
            at = start + from_n / last.fs
            wanted = from_n + 2 * window.length(last.fs) - last.n1
            next_s = max(0.0, wanted / last.fs) + SPARE_S
        found = window.cut(packets, boot, from_n)
        if found is None or at < since:
            return None
        return {
            **await asyncio.to_thread(window.twelve, found),
            "start": at - from_n / found.fs if start is None else start,
            "oldest": since,
            "next_s": next_s,
            "beats": [
                {"n": beat.n, "label": beat.label}
                for beat in beats
                if beat.boot == boot and found.from_n <= beat.n < found.to_n
            ],
        }

    async def _since(self, store: Store, partition: int, device: str, now: float) -> float:
        """Return since when signal may be shown: it is kept, and of who is there now."""
        kept = now - self._settings.wave_retention_s
        entries = await read_trail(store, partition, device, round(1000 * kept))
        return max(kept, stays.spans(entries, device)[-1].since)


def place(query: Query) -> tuple[str, int, float]:
    """Return which window is meant: power-up, first sample index, Unix time of that.

    Raises:
        RequestError: one of them is missing or none.
    """
    return text(query, "boot"), int(number(query, "n", 0, 2**53)), number(query, "at", 0, 1e11)


def _followed(packets: list[Packet], beats: list[KeptBeat]) -> str:
    """Return the power-up that the detector follows, or the newest one."""
    boots = [packet.boot for packet in packets]
    found = next((beat.boot for beat in reversed(beats) if beat.boot in boots), None)
    return found or (boots[-1] if boots else "")


def _start(packets: list[Packet], beats: list[KeptBeat], boot: str, now: float) -> float:
    """Return when sample 0 was taken: beats say so, else the newest sample came a moment ago."""
    last = _last(packets, boot)
    beat = next((one for one in reversed(beats) if one.boot == boot), None)
    return now - last.n1 / last.fs if beat is None else beat.at - beat.n / last.fs


def _last(packets: list[Packet], boot: str) -> Packet:
    return max((one for one in packets if one.boot == boot), key=lambda packet: packet.n1)
