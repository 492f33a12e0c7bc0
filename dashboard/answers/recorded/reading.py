"""What the review page asks for: what was recorded of a bed, hour by hour and strip by strip.

Each address is a GET that answers with JSON (see `dashboard.answers.fetching`); times are Unix
seconds. As with the rest of a bed's past, what is told is of the patient who is there now, or of
the span that began at ``within`` (see `ecg_monitor.ward.patients.stays`).

``/recorded/DEVICE/spans``                     spans that can be looked at, the present one first;
                                               and as ``label`` what the bed is called now
``/recorded/DEVICE/overview?within=T``         when there is something, and alarms
``/recorded/DEVICE/hour?from=T&lead=L``        an hour drawn small, its beats
``/recorded/DEVICE/strip?from=T``              10 s of all leads
``/recorded/DEVICE/said?from=T``               what reviewers did about an hour
``/recorded/DEVICE/day?from=T``                24 h, minute by minute
``/recorded/DEVICE/forms?from=T&lead=L``       the beats of an hour laid over each other

Beats, rhythms and alarms are told as they hold after review (`ecg_monitor.archive.annotations`);
what reviewers do is posted to `dashboard.answers.recorded.reviewing`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from flask import Flask

from dashboard.answers.asking import StoreThread
from dashboard.answers.fetching import GetRoutes, Query, number
from dashboard.answers.history import stays_seen
from ecg_monitor.core import keys
from ecg_monitor.core.errors import ArchiveError, RequestError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.records.labels import AAMI_LABELS
from ecg_monitor.ward.patients import stays
from ecg_monitor.ward.patients.actions import read_trail
from ecg_monitor.ward.patients.labels import read_labels
from ecg_monitor.ward.units.sight import VisibleBeds

if TYPE_CHECKING:
    from ecg_monitor.archive.annotations.reviewing import ReviewedInterval
    from ecg_monitor.archive.reading import Interval

log = logging.getLogger(__name__)

HOUR_S = 3600.0
DAY_S = 86_400.0
ROW_S = 60.0
COLUMNS = 400
"""Columns in which a minute is drawn: a QRS complex of 100 ms is most of one."""
STRIP_S = 10.0
MOST_ACTS = 500
"""Newest acts about an hour that are told."""
BEST_LEADS = ("II", "MLII", "I", "V1", "V5", "V2")
"""The lead that is drawn unless another is chosen: as on the wall."""

Fields = dict[str, Any]


def install(server: Flask, settings: Settings, store: StoreThread) -> None:
    """Add the addresses to a server that `dashboard.doors.guard` guards."""
    review = Review(settings)
    fetching = GetRoutes(server, store)
    fetching.add_seen("/recorded/<device>/spans", review.spans)
    for name in ("overview", "hour", "strip", "said", "day", "forms"):
        fetching.add(f"/recorded/<device>/{name}", getattr(review, name))


def load() -> None:
    """Load what the archive is read with: a database's library and a codec, a second's work.

    A dashboard does so beside its first pages, so that no reader of a recording waits for it.
    """
    import soundfile  # noqa: F401, PLC0415

    from ecg_monitor.archive import day, overview, shapes  # noqa: F401, PLC0415
    from ecg_monitor.archive.annotations import book, reviewing  # noqa: F401, PLC0415


class Review:
    """Reads the archive. Every method is a `dashboard.answers.fetching.Look`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._root: Path = settings.archive_dir

    async def spans(self, store: Store, sight: VisibleBeds, device: str, query: Query) -> Fields:  # noqa: ARG002
        """Whose recordings can be looked at, and what the bed is called now."""
        entries = [
            entry
            for partition in range(self._settings.partitions)
            for entry in await read_trail(store, partition)
        ]
        entries.sort(key=lambda entry: entry.at)
        labels = await read_labels(store, self._settings.partitions)
        seen = stays_seen(stays.past(entries, device, 0.0), sight)
        return {"spans": seen, "label": labels.get(device, device)}

    async def overview(self, store: Store, device: str, query: Query) -> Fields:
        """When something was recorded, and the alarms."""
        since, until = await self._span(store, device, query)
        return await asyncio.to_thread(self._overview, device, since, until)

    async def hour(self, store: Store, device: str, query: Query) -> Fields | None:
        """An hour drawn small: rows of a minute, with beats."""
        since, until = await self._span(store, device, query)
        first = number(query, "from", 0, 1e11)
        lead = query.get("lead", "")
        return await asyncio.to_thread(self._hour, device, first, (since, until), lead)

    async def strip(self, store: Store, device: str, query: Query) -> Fields | None:
        """Ten seconds of all leads, in the shape of `ecg_monitor.ward.alerts.evidence`."""
        since, until = await self._span(store, device, query)
        first = number(query, "from", 0, 1e11)
        return await asyncio.to_thread(self._strip, device, first, (since, until))

    async def said(self, store: Store, device: str, query: Query) -> Fields:
        """What reviewers did about an hour, the newest first."""
        since, until = await self._span(store, device, query)
        first = number(query, "from", 0, 1e11)
        span = max(since, first), min(until, first + HOUR_S)
        return {"acts": await asyncio.to_thread(self._said, device, *span)}

    async def day(self, store: Store, device: str, query: Query) -> Fields:
        """A day: heart rate and classes of beats, minute by minute."""
        since, until = await self._span(store, device, query)
        first = number(query, "from", 0, 1e11)
        return await asyncio.to_thread(self._day, device, first, (since, until))

    def _day(self, device: str, first: float, span: tuple[float, float]) -> Fields:
        from ecg_monitor.archive.day import read_day  # noqa: PLC0415

        found = read_day(self._root, device, first, first + DAY_S, span)
        return {
            "from": first,
            "counts": found.counts.tolist(),
            "lowest": _plain(np.round(found.lowest, 1)),
            "highest": _plain(np.round(found.highest, 1)),
        }

    async def forms(self, store: Store, device: str, query: Query) -> Fields | None:
        """The beats of an hour laid over each other, by class and form."""
        since, until = await self._span(store, device, query)
        first = number(query, "from", 0, 1e11)
        lead = query.get("lead", "")
        return await asyncio.to_thread(self._forms, device, first, (since, until), lead)

    def _forms(
        self, device: str, first: float, span: tuple[float, float], lead: str
    ) -> Fields | None:
        from ecg_monitor.archive.shapes import AFTER_S, BEFORE_S, forms_of  # noqa: PLC0415

        reviewed = self._read(device, first, HOUR_S, span)
        if reviewed is None:
            return None
        leads = reviewed.interval.recording.leads
        row = leads.index(lead) if lead in leads else _best(leads)
        forms = forms_of(reviewed.interval.recording, reviewed.beats, row)
        zero, fs = reviewed.interval.start - first, reviewed.interval.recording.fs
        return {
            "from": first,
            "lead": leads[row],
            "before_s": BEFORE_S,
            "after_s": AFTER_S,
            "forms": [
                {
                    "label": form.label,
                    "mean": np.round(form.mean, 3).tolist(),
                    "drawn": np.round(form.drawn, 2).tolist(),
                    "after_ms": [
                        round(1000 * (zero + reviewed.beats[i].sample / fs)) for i in form.members
                    ],
                }
                for form in forms
            ],
        }

    def _said(self, device: str, since: float, until: float) -> list[Fields]:
        from ecg_monitor.archive.annotations.acts import OF_ACTS, in_effect  # noqa: PLC0415
        from ecg_monitor.archive.annotations.book import ReviewBook  # noqa: PLC0415

        book = ReviewBook.open(self._root)
        try:
            acts = book.acts(device, since, until)
        finally:
            book.close()
        hold = {act.id for act in in_effect(acts)}
        return [
            {
                "id": act.id,
                "what": act.what,
                "start": act.start,
                "end": act.end,
                "by": act.by,
                "at": act.at,
                "value": act.value,
                "text": act.text,
                "before": act.before,
                "target": act.target,
                "count": len(act.samples),
                "holds": act.what in OF_ACTS or act.id in hold,
            }
            for act in reversed(acts[-MOST_ACTS:])
        ]

    def _overview(self, device: str, since: float, until: float) -> Fields:
        from ecg_monitor.archive.kept.index import FILE  # noqa: PLC0415 - loads a database
        from ecg_monitor.archive.overview import overview  # noqa: PLC0415

        if not (self._root / FILE).is_file():  # nothing was ever recorded, or elsewhere
            return {"spans": [], "alarms": []}
        found = overview(self._root, device, since, until)
        said = self._verdicts(device, since, until)
        alarms = [one._asdict() | {"said": said.get(one.id, [])} for one in found.alarms]
        return {"spans": found.spans, "alarms": alarms}

    def _verdicts(self, device: str, since: float, until: float) -> dict[str, list[Fields]]:
        from ecg_monitor.archive.annotations.acts import in_effect  # noqa: PLC0415
        from ecg_monitor.archive.annotations.book import ReviewBook  # noqa: PLC0415
        from ecg_monitor.archive.annotations.folding import verdicts_of  # noqa: PLC0415

        book = ReviewBook.open(self._root)
        try:
            found = verdicts_of(in_effect(book.acts(device, since, until)))
        finally:
            book.close()
        return {
            alarm: [{"value": a.value, "text": a.text, "by": a.by, "at": a.at} for a in acts]
            for alarm, acts in found.items()
        }

    def _hour(
        self, device: str, first: float, span: tuple[float, float], lead: str
    ) -> Fields | None:
        from ecg_monitor.archive.overview import envelope  # noqa: PLC0415

        reviewed = self._read(device, first, HOUR_S, span)
        if reviewed is None:
            return None
        interval, recording = reviewed.interval, reviewed.recording
        leads = recording.leads
        row = leads.index(lead) if lead in leads else _best(leads)
        # Columns count from the hour's beginning, wherever its first sample lies.
        a, b = (
            round((at - first) * COLUMNS / ROW_S)
            for at in (interval.start, interval.start + recording.duration_s)
        )
        drawn = np.round(envelope(interval, row, max(1, b - a)), 2)
        times = interval.start + np.array([one.sample for one in recording.beats]) / recording.fs
        classes = [AAMI_LABELS[one.symbol] for one in recording.beats]
        return {
            "from": first,
            "leads": leads,
            "lead": leads[row],
            "columns": COLUMNS,
            "offset": a,
            "low": _plain(drawn[:, 0]),
            "high": _plain(drawn[:, 1]),
            "beats": list(zip(np.round(times, 3).tolist(), classes, strict=True)),
            "corrected": reviewed.corrected,
            "notes": interval.notes,
        }

    def _strip(self, device: str, first: float, span: tuple[float, float]) -> Fields | None:
        reviewed = self._read(device, first, STRIP_S, span)
        if reviewed is None:
            return None
        interval, recording = reviewed.interval, reviewed.recording
        offset = round((interval.start - first) * recording.fs)
        length = round(STRIP_S * recording.fs)
        valid = recording.valid()
        return {
            "boot": "",
            "fs": recording.fs,
            "start": first,
            "from_n": 0,
            "to_n": length,
            "leads": [
                {
                    "name": name,
                    "gain": recording.gain[i],
                    "baseline": recording.baseline[i],
                    "segments": _segments(recording.samples[i], valid[i], offset),
                }
                for i, name in enumerate(recording.leads)
            ],
            "gaps": _gaps(valid.any(axis=0), offset, length),
            "beats": [
                {
                    "n": beat.sample + offset,
                    "at": _time_of(interval, beat.sample),
                    "label": AAMI_LABELS.get(beat.symbol),
                    "symbol": beat.symbol,
                    "original": beat.original,
                    "by": beat.by,
                    "disputed": beat.disputed,
                }
                for beat in reviewed.beats
            ],
            "drawn": _drawn(reviewed, offset),
            "notes": interval.notes,
        }

    def _read(
        self, device: str, first: float, length_s: float, span: tuple[float, float]
    ) -> ReviewedInterval | None:
        from ecg_monitor.archive.annotations.reviewing import read_reviewed  # noqa: PLC0415

        start, end = max(first, span[0]), min(first + length_s, span[1])
        try:
            return read_reviewed(self._root, device, start, end) if start < end else None
        except ArchiveError as error:
            log.info("%s: %s", device, error)
            return None

    async def _span(self, store: Store, device: str, query: Query) -> tuple[float, float]:
        within = number(query, "within", 0, 1e11) if "within" in query else None
        return await span_of(store, self._settings, device, within)


async def span_of(
    store: Store, settings: Settings, device: str, within: float | None
) -> tuple[float, float]:
    """Return the span that began at ``within``, or the present one, Unix s.

    Raises:
        RequestError: no span began then.
    """
    partition = keys.partition_of(device, settings.partitions)
    found = stays.spans(await read_trail(store, partition, device), device)
    chosen: stays.Span | None = found[-1]
    if within is not None:
        chosen = next((one for one in found if one.since == within), None)
    if chosen is None:
        raise RequestError("within must be when a span began, as spans tells it")
    # Clocks of devices are fitted: their newest sample may lie a moment ahead.
    return chosen.since, time.time() + HOUR_S if chosen.until is None else chosen.until


def _time_of(interval: Interval, sample: int) -> float:
    return interval.start + sample / interval.recording.fs


def _drawn(reviewed: ReviewedInterval, offset: int) -> list[Fields]:
    """Return the rhythms and notes of reviewers within a strip, by its samples."""
    return [
        {
            "from_n": act.samples[0] + offset,
            "to_n": act.samples[1] + offset,
            "rhythm": act.value,
            "text": act.text,
            "by": act.by,
        }
        for act in reviewed.acts
        if act.what in ("rhythm", "note")
    ]


def _best(leads: tuple[str, ...]) -> int:
    return next((leads.index(lead) for lead in BEST_LEADS if lead in leads), 0)


def _plain(values: Any) -> list[float | None]:
    # NaN is unlike itself: asking numpy of each value takes ten times as long.
    return [value if value == value else None for value in values.tolist()]  # noqa: PLR0124


def _segments(row: Any, valid: Any, offset: int) -> list[dict[str, Any]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], valid, [False])).astype(np.int8)))
    return [
        {"n": int(start) + offset, "adc": row[start:end].tolist()}
        for start, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def _gaps(there: Any, offset: int, length: int) -> list[list[int]]:
    whole = np.zeros(length, np.bool_)
    whole[offset : offset + len(there)] = there[: max(0, length - offset)]
    edges = np.flatnonzero(np.diff(np.concatenate(([True], whole, [True])).astype(np.int8)))
    return [[int(a), int(b)] for a, b in zip(edges[::2], edges[1::2], strict=True)]
