"""The audit trail: who did what to which alert, and when. Pure.

One entry per change, in the stream ``alertlog`` of the partition; Redis gives the order. Fields:

* ``e``: JSON of `Entry` without the alert: ``what``, ``who``, ``at`` (Unix s), ``device`` and,
  by ``what``, ``rank``, ``number``, ``since``, ``reason``, ``text``, ``other``, ``pause`` or
  ``standby``;
* ``j``: JSON of the alert's facts at that moment; absent where the entry is about a device.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import orjson

from ecg_monitor.core.errors import AlertError
from ecg_monitor.ward.alerts.model import Alert, Pause, parse
from ecg_monitor.ward.alerts.standby import Standby

DETECTOR = "detector"
OVERSEER = "overseer"


class EntryKind(StrEnum):
    """What an entry tells."""

    RAISED = "raised"
    ROSE = "rose"
    CLEARED = "cleared"
    CURRENT = "current"
    """A late alert's condition is still present now that the device's samples come in time."""
    JOINED = "joined"
    """The condition has come back: the signal goes on in that of the new alert."""
    LEFT = "left"
    """The stay of its patient at this bed has ended: the alert asks nobody any more."""
    EVIDENCE = "evidence"
    EXPIRED = "expired"
    ACKNOWLEDGED = "acknowledged"
    REASON_GIVEN = "reason_given"
    """Somebody has said why an acknowledged alert came."""
    PAUSED = "paused"
    RESUMED = "resumed"
    ESCALATED = "escalated"
    REMINDED = "reminded"
    STANDBY = "standby"
    AWAY = "away"
    """A bed in standby has no usable signal any more: its return will end the standby."""
    STANDBY_OVER = "standby_over"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change.

    Attributes:
        what: see `EntryKind`.
        who: person, `DETECTOR` or `OVERSEER`.
        at: Unix time, s.
        device: device id.
        alert: facts of the alert, or None where the entry is about the device.
        rank: rank that was acknowledged.
        number: level of an escalation, count of a reminder, number of a reason.
        since: Unix time from which that is counted, s.
        pause: the pause.
        standby: the standby as it is now.
        reason: of `EntryKind.LEFT`: ``discharged`` or ``transferred``; empty: it is not known. Of
            `EntryKind.REASON_GIVEN`: see `ecg_monitor.ward.alerts.reasons`.
        other: of a transfer: the device that the patient went to.
        text: of `EntryKind.REASON_GIVEN`: free words.
    """

    what: EntryKind
    who: str
    at: float
    device: str
    alert: Alert | None = None
    rank: int = 0
    number: int = 0
    since: float = 0.0
    pause: Pause | None = None
    standby: Standby | None = None
    reason: str = ""
    other: str = ""
    text: str = ""

    def to_fields(self) -> dict[str, bytes]:
        """Return the fields of the stream entry."""
        said: dict[str, Any] = {
            "what": self.what,
            "who": self.who,
            "at": self.at,
            "device": self.device,
        }
        for name in ("rank", "number", "since", "reason", "other", "text"):
            if getattr(self, name):
                said[name] = getattr(self, name)
        if self.pause is not None:
            said["pause"] = asdict(self.pause)
        if self.standby is not None:
            said["standby"] = asdict(self.standby)
        entry = {"e": orjson.dumps(said)}
        return entry if self.alert is None else {**entry, "j": self.alert.to_json()}

    def to_map(self) -> dict[str, Any]:
        """Return it as a JSON-ready map without the facts; ``id`` names the alert."""
        said: dict[str, Any] = orjson.loads(self.to_fields()["e"])
        return said if self.alert is None else {**said, "id": self.alert.id}


def from_fields(fields: Mapping[bytes, bytes]) -> Entry:
    """Inverse of `Entry.to_fields`.

    An entry without ``e`` (of another writer) counts as raised or cleared by the detector.

    Raises:
        AlertError: the entry is malformed.
    """
    alert = Alert.from_json(fields[b"j"]) if b"j" in fields else None
    if b"e" not in fields:
        if alert is None:
            raise AlertError("trail: an entry has neither e nor j")
        what = EntryKind.RAISED if alert.present else EntryKind.CLEARED
        at = alert.raised_at if alert.cleared_at is None else alert.cleared_at
        return Entry(what, DETECTOR, at, alert.device, alert)
    try:
        said = orjson.loads(fields[b"e"])
        pause, standby = said.get("pause"), said.get("standby")
        return Entry(
            EntryKind(said["what"]),
            said["who"],
            float(said["at"]),
            said["device"],
            alert,
            int(said.get("rank", 0)),
            int(said.get("number", 0)),
            float(said.get("since", 0.0)),
            None if pause is None else parse(Pause, orjson.dumps(pause)),
            None if standby is None else parse(Standby, orjson.dumps(standby)),
            str(said.get("reason", "")),
            str(said.get("other", "")),
            str(said.get("text", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AlertError(f"trail: an entry lacks or misspells a field: {error}") from error
