"""Standby of a bed: its patient is away, and what tells of that makes no sound. Pure.

A clinician puts a bed in standby with a reason and a time, at most `MAX_STANDBY_S`. Meanwhile
the *technical* alerts of the bed (no data, a detached electrode, noise) are neither heard nor
counted; the bed says that it is in standby, by whom and until when, which is not what a bed looks
like whose patient is well. Alerts about the heart are not touched: one that is new ends the
standby. IEC 60601-1-8 (6.8.1, global inactivation of alarm signals by the operator, indicated and
limited in time) is what it is held against.

Staff press the button first and take the electrodes off then, so a standby has two phases:

========  ===============================================================================
Off       the bed is monitored
Leaving   it has begun, and there still is a signal with beats
Away      the signal has gone; its return ends the standby
========  ===============================================================================

The time is up whether or not anybody writes it down: `Standby.active` needs a clock, no process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from typing import Any

from ecg_monitor.ward.alerts.machine import Input, Presence, step
from ecg_monitor.ward.alerts.model import Alert, Record
from ecg_monitor.ward.alerts.policy import RANK

MAX_STANDBY_S = 3600.0
"""Longest standby; a longer absence is a new decision, or a discharge."""
MIN_STANDBY_S = 60.0
LEAVE_S = 300.0
"""A signal that is still there so long after the beginning: the patient has not left."""
GONE_S = 5.0
"""No usable signal for so long: the patient is away. As long as ``no_data`` takes."""
BACK_S = 3.0
"""Usable signal with beats for so long: the patient is back. A touched electrode gives no heart
rate in consecutive seconds."""


class Reason(StrEnum):
    """Why the patient is away."""

    THEATRE = "theatre"
    IMAGING = "imaging"
    BATHROOM = "bathroom"
    CARE = "care"
    OTHER = "other"


class Phase(StrEnum):
    """Phase of a standby."""

    OFF = "Off"
    LEAVING = "Leaving"
    AWAY = "Away"


class StandbyEvent(Enum):
    """What can happen to a standby."""

    BEGIN = "begin"
    GONE = "gone"
    """There is no usable signal any more."""
    SIGNAL = "signal"
    """Usable signal with beats is there."""
    ALARM = "alarm"
    """A new alert about the heart."""
    UNUSED = "unused"
    """The signal has stayed for `LEAVE_S`."""
    TIME = "time"
    """The time is up."""
    PERSON = "person"
    """Someone has ended it."""


_OFF, _LEAVING, _AWAY = Phase.OFF, Phase.LEAVING, Phase.AWAY

TABLE: Mapping[StandbyEvent, Mapping[Phase, Phase]] = {
    # what happens    from Off        from Leaving         from Away
    StandbyEvent.BEGIN:  {_OFF: _LEAVING, _LEAVING: _LEAVING, _AWAY: _LEAVING},
    StandbyEvent.GONE:   {_OFF: _OFF,     _LEAVING: _AWAY,    _AWAY: _AWAY},
    StandbyEvent.SIGNAL: {_OFF: _OFF,     _LEAVING: _LEAVING, _AWAY: _OFF},
    StandbyEvent.ALARM:  {_OFF: _OFF,     _LEAVING: _OFF,     _AWAY: _OFF},
    StandbyEvent.UNUSED: {_OFF: _OFF,     _LEAVING: _OFF,     _AWAY: _AWAY},
    StandbyEvent.TIME:   {_OFF: _OFF,     _LEAVING: _OFF,     _AWAY: _OFF},
    StandbyEvent.PERSON: {_OFF: _OFF,     _LEAVING: _OFF,     _AWAY: _OFF},
}  # fmt: skip
"""Next phase by what happens and phase."""

ENDS = frozenset(
    {
        StandbyEvent.SIGNAL,
        StandbyEvent.ALARM,
        StandbyEvent.UNUSED,
        StandbyEvent.TIME,
        StandbyEvent.PERSON,
    }
)
"""What may end a standby; its value is written down as the cause."""


@dataclass(frozen=True, slots=True)
class Standby:
    """One standby of a device, as far as it has come.

    Attributes:
        by: who began it.
        at: when, Unix s.
        until: when it is over at the latest, Unix s.
        seq: number of the standby; the latest holds.
        reason: one of `Reason`.
        covers: rank by identity of the alerts that were active when it began: they are not new.
        gone_at: when the signal was found to have gone, Unix s, or None.
        ended_at: when it ended, Unix s, or None.
        ended: why, a value of `StandbyEvent`; empty while it lasts.
        ended_by: who ended it; empty while it lasts.
    """

    by: str
    at: float
    until: float
    seq: int
    reason: str
    covers: Mapping[str, int] = field(default_factory=dict)
    gone_at: float | None = None
    ended_at: float | None = None
    ended: str = ""
    ended_by: str = ""

    def join(self, other: Standby) -> Standby:
        """Keep the latest; of one and the same what is further on."""
        if self.seq != other.seq:
            return max(self, other, key=lambda one: one.seq)
        ends = sorted(
            (one for one in (self, other) if one.ended_at is not None),
            key=lambda one: (one.ended_at, one.ended, one.ended_by),
        )
        gone = [one.gone_at for one in (self, other) if one.gone_at is not None]
        return replace(ends[0] if ends else self, gone_at=min(gone, default=None))

    def over_at(self, now: float) -> float | None:
        """Return when it ended, Unix s; None if it lasts at Unix time ``now``."""
        if self.ended_at is not None:
            return min(self.ended_at, self.until)
        return self.until if now >= self.until else None

    def active(self, now: float) -> bool:
        """Whether it lasts at Unix time ``now``."""
        return self.over_at(now) is None

    def phase(self, now: float) -> Phase:
        """Return its phase: the table, run over its history in canonical order."""
        phase = TABLE[StandbyEvent.BEGIN][Phase.OFF]
        if self.gone_at is not None:
            phase = TABLE[StandbyEvent.GONE][phase]
        if self.ended:
            phase = TABLE[StandbyEvent(self.ended)][phase]
        return phase if self.active(now) else TABLE[StandbyEvent.TIME][phase]

    def silences(self, alert: Alert, now: float) -> bool:
        """Whether the alert is neither heard nor counted at Unix time ``now``."""
        return alert.priority == "technical" and self.active(now)

    def to_map(self, now: float) -> dict[str, Any] | None:
        """Return what a bed says of it, JSON-ready; None if it is over."""
        if not self.active(now):
            return None
        return {
            "by": self.by,
            "at": self.at,
            "until": self.until,
            "reason": self.reason,
            "phase": self.phase(now),
        }


@dataclass(frozen=True, slots=True)
class SignalPresence:
    """What has been heard of a bed's signal.

    Attributes:
        usable_s: for how long there has been a usable signal with beats, s; 0: there is none.
        silent_s: since when there has been none, s.
    """

    usable_s: float
    silent_s: float


def happens(
    standby: Standby, records: Iterable[Record], heard: SignalPresence, now: float
) -> StandbyEvent | None:
    """Return what is to be written down of a standby that nobody has ended, or None.

    Args:
        standby: of the device.
        records: its alerts.
        heard: its signal.
        now: Unix time, s.
    """
    phase = standby.phase(now)
    if standby.ended:
        return None
    if phase is Phase.OFF:
        return StandbyEvent.TIME
    if any(_is_news(record, standby, phase) for record in records):
        return StandbyEvent.ALARM
    if phase is Phase.AWAY:
        return StandbyEvent.SIGNAL if heard.usable_s >= BACK_S else None
    if heard.silent_s >= GONE_S:
        return StandbyEvent.GONE
    return StandbyEvent.UNUSED if now - standby.at >= LEAVE_S else None


def presence_of(record: Record, standby: Standby | None, now: float) -> Presence:
    """Return the presence of an alert's signal on a bed that may be or have been in standby."""
    if standby is None:
        return record.presence
    if standby.silences(record.alert, now):
        return Presence.OFF
    if voids(standby, record, now):
        return step(record.presence, Input.STANDBY_OVER)
    return record.presence


def voids(standby: Standby | None, record: Record, now: float) -> bool:
    """Whether an acknowledgement no longer counts, since a standby has ended after it.

    Who acknowledges that a lead is off and puts the bed in standby has dealt with an absence; that
    the patient is not back when the standby is over is news. Both times are of Redis's clock.
    """
    if standby is None or record.ack is None or record.alert.priority != "technical":
        return False
    over_at = standby.over_at(now)
    return over_at is not None and record.ack.at < over_at


def _is_news(record: Record, standby: Standby, phase: Phase) -> bool:
    """Whether an alert ends a standby: one about the heart that was not there when it began.

    While the patient is leaving only one of high priority does: ectopy goes on until the
    electrodes are off. One found in a backlog tells of the past.
    """
    alert = record.alert
    if record.presence in (Presence.OFF, Presence.ACK) or alert.late:
        return False
    least = RANK["high"] if phase is Phase.LEAVING else RANK["low"]
    return alert.rank >= least and standby.covers.get(alert.id, 0) < alert.rank
