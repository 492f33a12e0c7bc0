"""What the twelve-lead page of a bed asks for.

Each address is a GET that answers with JSON (see `dashboard.answers.fetching`); times are Unix
seconds. What is shown is of the patient who is there now.

``/leads/DEVICE/window``                  the newest ten seconds that are whole
``/leads/DEVICE/window?boot=B&n=N&at=T``  those that begin at a sample, which was taken at T
``/leads/DEVICE/findings?boot=B&n=N&at=T``  what the network says of them, and why
``/leads/words?language=L``               what its labels mean
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from threading import BoundedSemaphore
from typing import Any

from flask import Flask

from dashboard.answers.asking import StoreThread
from dashboard.answers.fetching import GetRoutes, Query, number, text
from dashboard.i18n.messages import LANGUAGES
from ecg_monitor.core import keys
from ecg_monitor.core.errors import ExplainError, RequestError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.patients import stays
from ecg_monitor.ward.patients.actions import read_trail
from ecg_monitor.ward.signal import explaining, window
from ecg_monitor.ward.signal.diagnosis import Diagnosis, newest_diagnosis
from ecg_monitor.ward.signal.kept import read_packets
from ecg_monitor.ward.signal.labels import LABEL_WORDS
from ecg_monitor.ward.trends.kept import KeptBeat, read_beats

LOOK_BACK_S = 2 * window.SECONDS + 10.0
"""The newest whole window began at most two windows ago; packets may be late."""
LATE_S = 2.0
"""Packets around a moment are looked for among those that arrived so long before and after."""
SPARE_S = 0.5
"""A packet that completes a window needs so long to come."""
BEATS_S = 120.0
"""Beats of so long ago tell when a sample was taken."""

MAX_EXPLAINING = 2
"""Questions that wait for the explainer at a time, as in `dashboard.answers.history`."""
REMEMBERED = 32
"""Answers that are kept: several people may look at the same bed."""
LIVE_S = 60.0
"""What the detector said longer ago is not shown: the leads have gone."""

Fields = dict[str, Any]


def install(server: Flask, settings: Settings, store: StoreThread) -> None:
    """Add the addresses to a server that `dashboard.doors.guard` guards."""
    twelve = Twelve(settings)
    fetching = GetRoutes(server, store)
    fetching.add("/leads/<device>/window", twelve.window)
    fetching.add("/leads/<device>/findings", twelve.findings)
    fetching.add("/leads/words", twelve.words)


class Twelve:
    """Reads resting ECGs out of what is kept. Methods are `dashboard.answers.fetching.Look`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._explaining = BoundedSemaphore(MAX_EXPLAINING)
        self._answers: OrderedDict[tuple[str, str, int], Fields] = OrderedDict()

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
            told = await newest_diagnosis(store, partition, device)
            anchor = told.n if told is not None and told.boot == boot else 0
            newest = window.newest(packets, boot, anchor)
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

    async def findings(self, store: Store, device: str, query: Query) -> Fields | None:
        """What the network says of ten seconds, and why; see `detector.explain.twelve`.

        Also ``live``: what the detector said of the same ten seconds and of those before; null if
        it has said nothing lately. Its ``present`` has the time since when by label, ``reason`` why
        it did not judge, and ``same`` says whether it is of the same ten seconds: then
        probabilities and decisions are its own.
        """
        boot, n, at = place(query)
        partition = keys.partition_of(device, self._settings.partitions)
        if at < await self._since(store, partition, device, time.time()):
            return None
        answer = await self._asked(store, device, boot, n, at)
        told = await newest_diagnosis(store, partition, device)
        if told is None or told.boot != boot or told.at < time.time() - LIVE_S:
            return {**answer, "live": None}
        return _joined(answer, told, n)

    async def words(self, store: Store, device: str, query: Query) -> Fields:  # noqa: ARG002
        """Name and meaning of each label in a language."""
        language = text(query, "language")
        if language not in LANGUAGES:
            raise RequestError(f"language must be one of {', '.join(LANGUAGES)}")
        return {
            label: {"name": words.name.of(language), "meaning": words.meaning.of(language)}
            for label, words in LABEL_WORDS.items()
        }

    async def _asked(self, store: Store, device: str, boot: str, n: int, at: float) -> Fields:
        """Ask the explainer, once for all who look at the same ten seconds."""
        key = (device, boot, n)
        if key in self._answers:
            return self._answers[key]
        if not self._explaining.acquire(blocking=False):
            raise ExplainError("the explainer is busy; try again in a few seconds")
        try:
            answer = await explaining.ask(store, device, boot, n, at, "twelve")
        finally:
            self._explaining.release()
        self._answers[key] = answer
        while len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)
        return answer

    async def _since(self, store: Store, partition: int, device: str, now: float) -> float:
        """Return since when signal may be shown: it is kept, and of who is there now."""
        kept = now - self._settings.wave_retention_s
        entries = await read_trail(store, partition, device, round(1000 * kept))
        return max(kept, stays.spans(entries, device)[-1].since)


def _joined(answer: Fields, told: Diagnosis, n: int) -> Fields:
    """Return an answer with what the detector has said; its own word goes first."""
    same = told.n == n
    live = {
        "same": same,
        "at": told.at,
        "reason": told.reason,
        "present": {
            label: told.at - (told.end_n - since) / told.fs
            for label, since in told.findings.items()
        },
    }
    if not same or not told.probabilities:
        return {**answer, "live": live}
    labels = [
        {
            **row,
            "probability": told.probabilities.get(row["label"], row["probability"]),
            "threshold": told.thresholds.get(row["label"], row["threshold"]),
            "decided": row["label"] in told.decisions,
        }
        for row in answer["labels"]
    ]
    return {**answer, "labels": labels, "live": live}


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
