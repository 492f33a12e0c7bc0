"""Facts and acts: what the detector says of an alert, and what was done about it. Pure.

Each is a frozen record with a `join` that is associative, commutative and idempotent, so that
merging entries twice, or in another order, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, Self

import orjson

from ecg_monitor.core.errors import AlertError
from ecg_monitor.core.types import Priority
from ecg_monitor.ward.alerts.machine import Input, Presence, run
from ecg_monitor.ward.alerts.policy import RANK
from ecg_monitor.ward.alerts.reasons import GivenReason


@dataclass(frozen=True, slots=True)
class Alert:
    """Facts of one alert; only the detector writes them.

    Attributes:
        id: device, boot, kind and onset (`ecg_monitor.core.types.alert_id`).
        device: device id.
        boot: its power-up.
        kind: alarm condition.
        priority: highest that it has had.
        n: sample index of the onset.
        value: the number that decided, or None.
        limit: what it was held against, or None.
        present: whether the condition is present.
        onset_at: wall-clock time of the onset, Unix s, or None.
        raised_at: when the detector raised it, Unix s.
        cleared_at: when the detector cleared it, Unix s, or None.
        announced_at: when it was raised, or its priority rose, Unix s.
        decided_n: sample index that the engine had reached when it decided.
        latching: whether its signals outlast the condition.
        late: whether it was found in samples that came late (backfill) and is not known to be
            still present: shown and kept, but without sound.
        evidence: whether its strip has been stored.
        expired: whether it was removed while latched (end of retention).
        lead: the lead that shows it, or None where they all do.
        ended_n: sample index at which the condition was found to have ended, or None.
        times: how often the condition has come in its series: 1, or more where it follows
            another alert of its kind closely (`ecg_monitor.ward.alerts.policy.Policy.repeat_s`).
        first_at: when the first of the series began, Unix s; None where it is alone.
        follows: identity of the alert before it in the series, or None.
        joined: whether its signal goes on in that of the next in the series.
        stay: identity of the stay at the bed when it was raised (`ecg_monitor.ward.patients`);
            empty: no
            patient was admitted.
        left: whether that stay has ended before anybody acknowledged it: it asks nobody any more.
    """

    id: str
    device: str
    boot: str
    kind: str
    priority: Priority
    n: int
    value: float | None
    limit: float | None
    present: bool
    onset_at: float | None
    raised_at: float
    cleared_at: float | None
    announced_at: float
    decided_n: int
    latching: bool
    late: bool = False
    evidence: bool = False
    expired: bool = False
    lead: str | None = None
    ended_n: int | None = None
    times: int = 1
    first_at: float | None = None
    follows: str | None = None
    joined: bool = False
    stay: str = ""
    left: bool = False

    @property
    def rank(self) -> int:
        """Urgency: 1 technical to 4 high."""
        return RANK[self.priority]

    def join(self, other: Alert) -> Alert:
        """Merge with what else is known of the same alert."""
        strong, weak = sorted(
            (self, other), key=lambda one: (-one.rank, one.late, one.announced_at)
        )
        cleared = [one.cleared_at for one in (self, other) if one.cleared_at is not None]
        ended = [one.ended_n for one in (self, other) if one.ended_n is not None]
        return replace(
            strong,
            raised_at=min(strong.raised_at, weak.raised_at),
            present=strong.present and weak.present,
            cleared_at=min(cleared, default=None),
            latching=strong.latching or weak.latching,
            late=strong.late and weak.late,
            evidence=strong.evidence or weak.evidence,
            expired=strong.expired or weak.expired,
            ended_n=min(ended, default=None),
            joined=strong.joined or weak.joined,
            left=strong.left or weak.left,
        )

    def to_map(self) -> dict[str, Any]:
        """Return its facts by name, JSON-ready."""
        return {name: getattr(self, name) for name in self.__slots__}

    def to_json(self) -> bytes:
        """Return the alert as JSON."""
        return orjson.dumps(self)

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Inverse of `to_json`. Unknown fields are ignored.

        Raises:
            AlertError: it is no such JSON; the error names the field.
        """
        values = _map(text)
        values.setdefault("announced_at", values.get("raised_at"))
        values.setdefault("decided_n", values.get("n"))
        values.setdefault("latching", values.get("priority") == "high")
        if values.get("priority") not in RANK:
            raise AlertError(f"alert: priority is unknown: {values.get('priority')!r}")
        alert: Self = _make(cls, "alert", values)
        return alert


@dataclass(frozen=True, slots=True)
class Ack:
    """An acknowledgement.

    Attributes:
        by: who.
        at: when, Unix s.
        rank: rank of the alert as it was seen; a later rise is not covered.
    """

    by: str
    at: float
    rank: int

    def join(self, other: Ack) -> Ack:
        """Keep the one that covers more; of equals the last, which a standby has not voided."""
        return max(self, other, key=lambda ack: (ack.rank, ack.at, ack.by))

    def covers(self, alert: Alert) -> bool:
        """Whether it is about the alert as it is now."""
        return self.rank >= alert.rank


@dataclass(frozen=True, slots=True)
class Pause:
    """An audio pause of a device, or its end (``until`` equals ``at``).

    Attributes:
        by: who.
        at: when, Unix s.
        until: when sound returns, Unix s.
        seq: number of the pause; the latest holds.
        rank: weaker new alerts stay silent too; those of this rank or more break through.
        covers: rank by identity of the alerts that were seen and silenced.
    """

    by: str
    at: float
    until: float
    seq: int
    rank: int
    covers: Mapping[str, int] = field(default_factory=dict)

    def join(self, other: Pause) -> Pause:
        """Keep the latest."""
        return max(self, other, key=lambda pause: pause.seq)

    def silences(self, alert: Alert, now: float) -> bool:
        """Whether the alert makes no sound at Unix time ``now`` because of this pause."""
        if now >= self.until:
            return False
        return alert.rank < self.rank or self.covers.get(alert.id, 0) >= alert.rank


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that fell due with time: how often, and counted since when.

    Attributes:
        number: level of escalation, or count of reminders.
        since: Unix time from which it is counted, s.
        at: when the last one was made, Unix s.
    """

    number: int
    since: float
    at: float

    def join(self, other: Mark) -> Mark:
        """Keep the furthest of the latest count."""
        return max(self, other, key=lambda mark: (mark.since, mark.number, -mark.at))


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known of one alert."""

    alert: Alert
    ack: Ack | None = None
    escalated: Mark | None = None
    reminded: Mark | None = None
    reason: GivenReason | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether someone has acknowledged it as it is now."""
        return self.ack is not None and self.ack.covers(self.alert)

    @property
    def presence(self) -> Presence:
        """Presence of its signal: the table, run over its history in canonical order."""
        inputs = [Input.RAISE]
        if self.ack is not None:
            inputs.append(Input.ACK if self.acknowledged else Input.STALE_ACK)
        if not self.alert.present:
            inputs.append(Input.CLEAR_LATCHING if self.alert.latching else Input.CLEAR)
            if self.alert.joined:
                inputs.append(Input.JOIN)
            if self.alert.left:
                inputs.append(Input.LEAVE)
        if self.alert.expired:
            inputs.append(Input.EXPIRE)
        return run(inputs)


def series(record: Record, records: Mapping[str, Record]) -> Iterator[Record]:
    """Yield an alert, then those before it whose signal goes on in it and nobody has acknowledged.

    Args:
        record: the alert.
        records: those of its device at least, by identity.
    """
    yield record
    while record.alert.follows is not None:
        before = records.get(record.alert.follows)
        if before is None or not before.alert.joined or before.acknowledged or before.alert.late:
            return
        yield before
        record = before


def escalation(record: Record, records: Mapping[str, Record]) -> int:
    """Return how far an alert has been escalated, or the series that goes on in it."""
    marks = (one.escalated for one in series(record, records))
    return max((mark.number for mark in marks if mark is not None), default=0)


def parse(cls: type[Any], text: bytes) -> Any:
    """Read an `Ack`, `Pause`, `Mark` or `GivenReason` from JSON; unknown fields are ignored.

    Raises:
        AlertError: it is no such JSON; the error names the field.
    """
    return _make(cls, cls.__name__.lower(), _map(text))


def _map(text: bytes) -> dict[str, Any]:
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise AlertError(f"not JSON: {error}") from error
    if not isinstance(values, dict):
        raise AlertError("must be a JSON map")
    return values


@cache
def _names(cls: type[Any]) -> frozenset[str]:
    """Return the names of a class's fields."""
    return frozenset(one.name for one in fields(cls))


def _make(cls: type[Any], what: str, values: dict[str, Any]) -> Any:
    known = _names(cls)  # type: ignore[arg-type]  # a class can be hashed
    try:
        return cls(**{name: value for name, value in values.items() if name in known})
    except TypeError as error:
        raise AlertError(f"{what}: {error}") from error
