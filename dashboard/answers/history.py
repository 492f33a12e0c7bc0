"""What the page of a bed tells of the past: trends, rhythm, beats, alarms, and why.

Each address is a GET that answers with JSON (see `dashboard.answers.fetching`); times are Unix
seconds. What is told is of the patient who is there now, at whichever beds they have been (see
`ecg_monitor.ward.patients.legs`), or of the span at this bed that began at ``within``. A beat or an
alarm of another bed says so by ``device``; what is asked about it then says ``of=DEVICE``.

``/history/DEVICE/spans``                    spans that can be looked at, the present one first
``/history/DEVICE/trend?since=T&within=T``   columns (see `ward.trends.table`), alarm marks
``/history/DEVICE/rhythm?minutes=5``         RR intervals, which are clean, variability
``/history/DEVICE/burden``                   atrial fibrillation in the last hour, the last day
``/history/DEVICE/beats?minutes=10``         beats, oldest first, and how many of each class
``/history/DEVICE/shapes?minutes=10&lead=0`` averaged beat of each class, of PVCs of each form
``/history/DEVICE/strip?boot=B&n=N&at=T``    10 s of signal around a beat (``of=DEVICE``)
``/history/DEVICE/explain?boot=B&n=N&at=T``  why a beat was called what it was called
``/history/DEVICE/alarms?within=T``          alarms, newest first
``/history/DEVICE/evidence?id=ID``           strip and numbers of an alarm
``/history/DEVICE/fhir?id=ID``               the same as a FHIR bundle
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterable
from dataclasses import asdict
from threading import BoundedSemaphore
from typing import Any

import numpy as np
from flask import Flask

from dashboard.answers.asking import StoreThread
from dashboard.answers.fetching import GetRoutes, Query, number, text
from ecg_monitor.core import keys
from ecg_monitor.core.errors import ExplainError, RequestError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.alerts.handling.desk import Desk
from ecg_monitor.ward.alerts.handling.query import Query as AlertQuery
from ecg_monitor.ward.patients import stays
from ecg_monitor.ward.patients.actions import read_trail
from ecg_monitor.ward.patients.legs import read_legs
from ecg_monitor.ward.signal import explaining, strip
from ecg_monitor.ward.signal.average import AFTER_S, BEFORE_S, average, join
from ecg_monitor.ward.signal.kept import read_packets
from ecg_monitor.ward.trends import hrv
from ecg_monitor.ward.trends.kept import KeptBeat, TimedMinute, read_beats, read_trend
from ecg_monitor.ward.trends.minute import LABELS
from ecg_monitor.ward.trends.table import HOUR_S, af_burden, columns
from ecg_monitor.ward.units.sight import VisibleBeds

STRIP_S = 5.0
"""Signal shown on either side of a beat."""
LATE_S = 2.0
"""Packets around a moment are looked for among those that arrived so long before and after."""
MAX_BEATS = 2000
"""Newest beats told at once: 10 minutes at 200 bpm."""
DAY_S = 24 * HOUR_S
AVERAGED = ("N", "S", "V", "F")
MAX_EXPLAINING = 2
"""Questions that wait for an explanation at a time: each holds one of the server's few threads, and
alarms must find one to be acknowledged."""
_LONGEST_MINUTES = 60.0

Fields = dict[str, Any]


def install(server: Flask, settings: Settings, store: StoreThread) -> None:
    """Add the addresses to a server that `dashboard.doors.guard` guards."""
    history = History(settings)
    fetching = GetRoutes(server, store)
    fetching.add_seen("/history/<device>/spans", history.spans)
    for name in (
        "trend", "rhythm", "burden", "beats", "shapes", "strip", "explain",
        "alarms", "evidence", "fhir",
    ):  # fmt: skip
        fetching.add(f"/history/<device>/{name}", getattr(history, name))


class History:
    """Reads the past of a device. Every method is a look of `dashboard.answers.fetching`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._explaining = BoundedSemaphore(MAX_EXPLAINING)

    async def spans(self, store: Store, sight: VisibleBeds, device: str, query: Query) -> Fields:  # noqa: ARG002
        """Whose past can be looked at: of a patient who was elsewhere, at beds that one sees."""
        since = time.time() - self._settings.trend_retention_s
        entries = [
            entry
            for partition in range(self._settings.partitions)
            for entry in await read_trail(store, partition, since_ms=round(1000 * since))
        ]
        entries.sort(key=lambda entry: entry.at)
        return {"spans": stays_seen(stays.past(entries, device, since), sight)}

    async def trend(self, store: Store, device: str, query: Query) -> Fields:
        """Numbers by the minute, and the alarms in that time."""
        legs = await self._legs(store, device, query)
        until = legs[-1].until
        now = time.time() if until is None else until
        since = max(legs[0].since, number(query, "since", 0, 1e11, now - HOUR_S))
        minutes = await self._minutes(store, legs, since - HOUR_S)
        marks = await self._alarms(store, legs, since)
        return {
            **await asyncio.to_thread(columns, minutes, since),
            "now": now,
            "retention_s": self._settings.trend_retention_s,
            "alarms": [
                {
                    name: row[name]
                    for name in ("kind", "priority", "raised_at", "onset_at", "cleared_at")
                }
                for row in marks
            ],
        }

    async def rhythm(self, store: Store, device: str, query: Query) -> Fields:
        """RR intervals of the last minutes, and their variability."""
        minutes = number(query, "minutes", 1, _LONGEST_MINUTES, hrv.WINDOW_S / 60)
        beats = [beat for _, beat in await self._beats(store, device, minutes)]
        return await asyncio.to_thread(_rhythm, beats)

    async def burden(self, store: Store, device: str, query: Query) -> Fields:  # noqa: ARG002
        """How much of the last hour and of the last day was atrial fibrillation."""
        now = time.time()
        legs = await self._legs(store, device, {})
        minutes = await self._minutes(store, legs, now - DAY_S)
        return {"hour": af_burden(minutes, now - HOUR_S), "day": af_burden(minutes, now - DAY_S)}

    async def beats(self, store: Store, device: str, query: Query) -> Fields:
        """Beats of the last minutes."""
        minutes = number(query, "minutes", 1, _LONGEST_MINUTES, 10)
        beats = await self._beats(store, device, minutes)
        labels = [beat.label for _, beat in beats]
        return {
            "counts": {label: labels.count(label) for label in LABELS},
            "wave_retention_s": self._settings.wave_retention_s,
            "beats": [{"device": bed, **beat._asdict()} for bed, beat in beats[-MAX_BEATS:]],
        }

    async def shapes(self, store: Store, device: str, query: Query) -> Fields | None:
        """Averaged beat of each class, of PVCs of each form, on one lead."""
        minutes = number(query, "minutes", 1, self._settings.wave_retention_s / 60, 10)
        lead = int(number(query, "lead", 0, 15, 0))
        beats = [one for bed, one in await self._beats(store, device, minutes) if bed == device]
        if not beats:
            return None
        last = beats[-1]
        since = last.at - 60 * minutes
        packets = await read_packets(store, self._of(device), device, since, time.time())
        chosen = strip.of_one_kind(last.boot, last.n, packets, None)
        if not chosen:
            return None
        leads = chosen[0].leads
        if lead >= len(leads):
            raise RequestError(f"lead must be below {len(leads)}")
        places = [(beat.n, beat.label) for beat in beats if beat.boot == last.boot]
        return await asyncio.to_thread(_shapes, chosen, lead, places)

    async def strip(self, store: Store, device: str, query: Query) -> Fields | None:
        """Signal around a beat, in the shape of `ecg_monitor.ward.alerts.evidence`."""
        boot, n, at = _place(query)
        device = await self._source(store, device, query.get("of", device), at)
        reach = STRIP_S + LATE_S
        packets = await read_packets(store, self._of(device), device, at - reach, at + reach)
        chosen = strip.of_one_kind(boot, n, packets, None)
        if not chosen:
            return None
        fs = chosen[0].fs
        half = round(STRIP_S * fs)
        cut = strip.cut(chosen, max(0, n - half), n + half)
        beats = await read_beats(store, self._of(device), device, at - reach, at + reach)
        inside = [b for b in beats if b.boot == boot and cut["from_n"] <= b.n < cut["to_n"]]
        return {
            "device": device,
            "boot": boot,
            "fs": fs,
            "start": at - n / fs,
            **cut,
            "beats": [{"n": b.n, "label": b.label, "rr_s": b.rr_s} for b in inside],
        }

    async def explain(self, store: Store, device: str, query: Query) -> Fields:
        """Why a beat was called what it was called."""
        boot, n, at = _place(query)
        beats = await read_beats(store, self._of(device), device, at - 1, at + 1)
        told = next((beat for beat in beats if (beat.boot, beat.n) == (boot, n)), None)
        if not self._explaining.acquire(blocking=False):
            raise ExplainError("the explainer is busy; try again in a few seconds")
        try:
            answer = await explaining.ask(store, device, boot, n, at)
        finally:
            self._explaining.release()
        return {**answer, "told": None if told is None else told._asdict()}

    async def alarms(self, store: Store, device: str, query: Query) -> Fields:
        """Alarms that are kept, newest first."""
        legs = await self._legs(store, device, query)
        rows = await self._alarms(store, legs, legs[0].since)
        return {"alarms": sorted(rows, key=lambda row: -float(row["onset_at"] or row["raised_at"]))}

    async def evidence(self, store: Store, device: str, query: Query) -> Fields | None:
        """Strip and numbers of an alarm."""
        return await Desk(store, self._settings).evidence(await self._alert(store, device, query))

    async def fhir(self, store: Store, device: str, query: Query) -> Fields | None:
        """An alarm and its strip as a FHIR bundle."""
        return await Desk(store, self._settings).fhir(await self._alert(store, device, query))

    async def _alert(self, store: Store, device: str, query: Query) -> str:
        """Return the alarm that is asked about: of this bed, or of where its patient has been.

        Raises:
            RequestError: it is of neither.
        """
        identity = text(query, "id")
        bed = identity.partition("/")[0]
        if bed != device:
            legs = [one for one in await self._legs(store, device, {}) if one.device == bed]
            if identity not in {row["id"] for row in await self._alarms(store, legs, 0.0)}:
                raise RequestError("id must be of an alarm of this device")
        return identity

    async def _source(self, store: Store, device: str, bed: str, at: float) -> str:
        """Return the bed whose signal is asked for: this one, or where its patient was at a time.

        Raises:
            RequestError: the patient was not there.
        """
        if bed != device and not any(
            leg.device == bed and leg.since <= at <= (leg.until or at)
            for leg in await self._legs(store, device, {})
        ):
            raise RequestError("of must name a bed where the patient was at that time")
        return bed

    async def _beats(self, store: Store, device: str, minutes: float) -> list[tuple[str, KeptBeat]]:
        """Return the patient's beats of the last minutes, each with its bed, oldest first."""
        since = time.time() - 60 * minutes
        return [
            (leg.device, beat)
            for leg in await self._legs(store, device, {})
            for beat in await read_beats(
                *(store, self._of(leg.device), leg.device),
                max(leg.since, since),
                math.inf if leg.until is None else leg.until,
            )
        ]

    async def _minutes(
        self, store: Store, legs: list[stays.Span], since: float
    ) -> list[TimedMinute]:
        """Return the minutes of some spans since a Unix time, in the spans' order."""
        return [
            minute
            for leg in legs
            for minute in await read_trend(
                *(store, self._of(leg.device), leg.device),
                max(leg.since, since),
                time.time() + HOUR_S if leg.until is None else leg.until,
            )
        ]

    async def _alarms(self, store: Store, legs: list[stays.Span], since: float) -> list[Fields]:
        """Return the alarms raised in some spans; what is active is on the page anyway."""
        desk = Desk(store, self._settings)
        return [
            row
            for leg in legs
            for row in await desk.find(
                AlertQuery(device=leg.device, since=max(since, leg.since), until=leg.until)
            )
            if row["raised_at"] >= leg.since
        ]

    async def _legs(self, store: Store, device: str, query: Query) -> list[stays.Span]:
        """Return where the present patient has been, or the one span that began at ``within``."""
        if "within" in query:
            return [await self._span(store, device, query)]
        since = time.time() - self._settings.trend_retention_s
        return await read_legs(store, self._settings.partitions, device, since)

    async def _span(self, store: Store, device: str, query: Query) -> stays.Span:
        """Return the span of a bed that began at ``within``."""
        since = time.time() - self._settings.trend_retention_s
        entries = await read_trail(store, self._of(device), device, round(1000 * since))
        found = stays.spans(entries, device)
        began = number(query, "within", 0, 1e11)
        chosen = next((one for one in found if one.since == began), None)
        if chosen is None:
            raise RequestError("within must be when a span began, as spans tells it")
        return chosen

    def _of(self, device: str) -> int:
        return keys.partition_of(device, self._settings.partitions)


def stays_seen(found: Iterable[stays.Span], sight: VisibleBeds) -> list[Fields]:
    """Return those of some spans that were at beds which the visitor sees."""
    return [asdict(one) for one in found if sight.sees(one.device)]


def _rhythm(beats: list[KeptBeat]) -> Fields:
    """Return the answer about RR intervals; it takes tens of milliseconds."""
    found = _intervals(beats)
    newest = beats[-1].at if beats else 0.0
    window = _intervals([beat for beat in beats if beat.at > newest - hrv.WINDOW_S])
    numbers = hrv.variability(window)
    return {
        "at": np.round(found.times, 3).tolist(),
        "rr_ms": np.round(1000 * found.rr, 1).tolist(),
        "clean": found.clean.tolist(),
        "pairs": found.pairs.tolist(),
        "window_s": hrv.WINDOW_S,
        "intervals": len(window.rr),
        "excluded": int((~window.clean).sum()),
        "covered_s": round(float(window.nn.sum()), 1),
        "variability": None if numbers is None else asdict(numbers),
    }


def _shapes(packets: list[Packet], lead: int, beats: list[tuple[int, str]]) -> Fields:
    """Return the answer about averaged beats; it takes tens of milliseconds.

    Args:
        packets: of one power-up and one sampling rate.
        lead: number of the lead.
        beats: sample index of the R peak, and class.
    """
    fs = packets[0].fs
    first, signal = join(packets, lead)
    averaged = average(signal, fs, [(n - first, label) for n, label in beats], AVERAGED)
    return {
        "fs": fs,
        "leads": packets[0].leads,
        "lead": lead,
        "before_s": BEFORE_S,
        "after_s": AFTER_S,
        "shapes": [
            {
                "label": one.label,
                "form": one.form,
                "count": one.count,
                **{
                    name: np.round(getattr(one, name), 4).tolist()
                    for name in ("mean", "low", "high")
                },
            }
            for one in averaged
        ],
    }


def _intervals(beats: list[KeptBeat]) -> hrv.Intervals:
    return hrv.intervals([b.at for b in beats], [b.rr_s for b in beats], [b.label for b in beats])


def _place(query: Query) -> tuple[str, int, float]:
    """Return which beat is meant: boot, sample index, Unix time."""
    return text(query, "boot"), int(number(query, "n", 0, 2**53)), number(query, "at", 0, 1e11)
