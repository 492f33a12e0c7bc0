"""What is seen and heard of a device's alerts at a given time. Pure.

Each alert has a visual signal, whose presence comes from the state machine, and an audible one
that may be held back: by its delay, by an acknowledgement, by an audio pause, since it was found in
samples that came late (a device sent its backlog) and may be over, or by a stronger
alert of the same device (alarm chain: only the most urgent sound is heard, since IEC 60601-1-8,
6.3.3, wants priorities told apart by ear). Only what really sounds subsumes: an alert that is
paused or acknowledged silences nothing. One of low priority that repeats another is shown and
counted, without sound (`ecg_monitor.ward.alerts.policy.Policy.repeat_s`).

A bed in standby neither sounds nor shows its technical alerts: it shows the standby.

An audio pause covers the alerts that were seen when it began. New ones at least as urgent as the
most urgent of those break through (of medium priority or above when there were none); a new high
one always does. Visual signals are never paused.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ecg_monitor.ward.alerts.machine import Presence
from ecg_monitor.ward.alerts.model import Alert, Pause, Record, escalation
from ecg_monitor.ward.alerts.policy import Policy
from ecg_monitor.ward.alerts.standby import Standby, presence_of


class Activation(StrEnum):
    """Activation of the audible signal (BICEPS ``AlertActivation``; Psd is written out)."""

    ON = "On"
    OFF = "Off"
    PAUSED = "Paused"


class SignalReason(StrEnum):
    """Why the audible signal is as it is."""

    SOUNDS = "sounds"
    DELAYED = "delayed"
    LATE = "late"
    ACKNOWLEDGED = "acknowledged"
    PAUSED = "paused"
    SUBSUMED = "subsumed"
    STANDBY = "standby"
    REPEAT = "repeat"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Signal:
    """Signals of one alert at a time.

    Attributes:
        record: the alert.
        presence: presence of the visual signal; On for the off-delay after the condition.
        audio: activation of the audible signal.
        why: reason for `audio`.
        escalation: level that it, or the series that goes on in it, has been escalated to.
    """

    record: Record
    presence: Presence
    audio: Activation
    why: SignalReason
    escalation: int = 0

    def to_map(self) -> dict[str, Any]:
        """Return a JSON-ready map.

        It has the facts, and ``presence``, ``audio``, ``why``, ``acked_by``, ``acked_at``,
        ``reason`` (`ecg_monitor.ward.alerts.reasons.AckReason`), ``reason_text``, ``reason_by``,
        ``reason_at``, ``escalation`` (level), ``reminders`` (count).
        """
        record = self.record
        # What is on although it was acknowledged has been so before a standby that is over.
        stands = record.acknowledged and self.presence is not Presence.ON
        ack = record.ack if stands else None
        given = record.reason
        return {
            **record.alert.to_map(),
            "presence": self.presence,
            "audio": self.audio,
            "why": self.why,
            "acked_by": None if ack is None else ack.by,
            "acked_at": None if ack is None else ack.at,
            "reason": None if given is None else given.reason,
            "reason_text": None if given is None else given.text,
            "reason_by": None if given is None else given.by,
            "reason_at": None if given is None else given.at,
            "escalation": self.escalation,
            "reminders": 0 if record.reminded is None else record.reminded.number,
        }


def signals(
    records: Iterable[Record],
    pause: Pause | None,
    policy: Policy,
    now: float,
    standby: Standby | None = None,
) -> list[Signal]:
    """Return the signals of one device's alerts, in the order given.

    Args:
        records: all alerts of the device.
        pause: its latest audio pause, or None.
        policy: rules of handling.
        now: Unix time, s.
        standby: its latest standby, or None.
    """
    known = {record.alert.id: record for record in records}
    drafts = [
        _alone(record, pause, policy, now, standby, escalation(record, known))
        for record in known.values()
    ]
    loudest = max(
        (one.record.alert.rank for one in drafts if one.why is SignalReason.SOUNDS), default=0
    )
    return [
        replace(one, audio=Activation.OFF, why=SignalReason.SUBSUMED)
        if one.why is SignalReason.SOUNDS and one.record.alert.rank < loudest
        else one
        for one in drafts
    ]


def next_change(
    records: Iterable[Record],
    pause: Pause | None,
    policy: Policy,
    now: float,
    standby: Standby | None = None,
) -> float:
    """Return when `signals` of the same arguments may next differ with time alone, Unix s.

    Infinite if they never do: what else changes them is told by the trail.
    """
    times = [] if pause is None else [pause.until]
    if standby is not None:
        times += [standby.until, min(standby.until, standby.ended_at or standby.until)]
    for record in records:
        alert = record.alert
        times.append(alert.announced_at + policy.on_delay_s[alert.priority])
        if alert.cleared_at is not None:
            times.append(alert.cleared_at + policy.off_delay_s[alert.priority])
    return min((at for at in times if at > now), default=math.inf)


def _alone(
    record: Record,
    pause: Pause | None,
    policy: Policy,
    now: float,
    standby: Standby | None,
    level: int,
) -> Signal:
    """Signal of an alert as if it were the device's only one."""
    alert = record.alert
    if standby is not None and standby.silences(alert, now):
        return Signal(record, Presence.OFF, Activation.PAUSED, SignalReason.STANDBY, level)
    presence = presence_of(record, standby, now)
    if presence is Presence.OFF:
        if _lingers(record, policy, now):
            presence = Presence.ON
        return Signal(record, presence, Activation.OFF, SignalReason.OVER, level)
    why = _why(record, presence, pause, policy, now)
    return Signal(record, presence, _AUDIO.get(why, Activation.OFF), why, level)


_AUDIO = {SignalReason.SOUNDS: Activation.ON, SignalReason.PAUSED: Activation.PAUSED}


def _why(
    record: Record, presence: Presence, pause: Pause | None, policy: Policy, now: float
) -> SignalReason:
    """Why an alert whose signal is not off is heard or not, if it is the device's only one."""
    alert = record.alert
    if presence is Presence.ACK:
        return SignalReason.ACKNOWLEDGED
    if alert.late:
        return SignalReason.LATE
    if pause is not None and pause.silences(alert, now):
        return SignalReason.PAUSED
    if is_quiet_repeat(alert):
        return SignalReason.REPEAT
    on_delay_s = policy.on_delay_s[alert.priority]
    return SignalReason.DELAYED if now < alert.announced_at + on_delay_s else SignalReason.SOUNDS


def is_quiet_repeat(alert: Alert) -> bool:
    """Whether an alert is heard no more than the one that it repeats."""
    return alert.times > 1 and alert.priority == "low"


def _lingers(record: Record, policy: Policy, now: float) -> bool:
    alert = record.alert
    over = alert.expired or alert.joined or alert.left
    if record.acknowledged or over or alert.cleared_at is None:
        return False
    return now < alert.cleared_at + policy.off_delay_s[alert.priority]
