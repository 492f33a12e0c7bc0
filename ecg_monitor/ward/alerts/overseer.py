"""What falls due with time: escalation and reminders. Pure; `actions.mark` writes it.

Escalation is for an alert that nobody has acknowledged, reminders for one that was acknowledged
and whose condition is still there (IEC 60601-1-8, 6.8: a reminder signal tells that signals are
inactivated). An escalation that falls due during an audio pause of its alert waits for the end of
the pause: someone is at the bed. A late alert is a matter of record and does not escalate.

Where a condition keeps coming back, escalation is counted from the first of its series that nobody
has acknowledged: what comes every half minute must not begin its minute anew each time, nor call
the same people anew each time: the levels are those of the series. Different conditions of one bed
escalate each on their own: what is called out names them, and two levels of each are few. Technical
alerts of a bed in standby neither escalate nor remind; when it is over they are counted from then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecg_monitor.ward.alerts.board import Board
from ecg_monitor.ward.alerts.machine import Presence
from ecg_monitor.ward.alerts.model import Mark, Record, series
from ecg_monitor.ward.alerts.policy import ESCALATION_LEVELS, Policy
from ecg_monitor.ward.alerts.standby import presence_of
from ecg_monitor.ward.alerts.trail import EntryKind


@dataclass(frozen=True, slots=True)
class DueMark:
    """Something to be marked.

    Attributes:
        id: identity of the alert.
        device: its device.
        what: `EntryKind.ESCALATED` or `EntryKind.REMINDED`.
        number: level or count.
        since: Unix time from which it is counted, s.
    """

    id: str
    device: str
    what: EntryKind
    number: int
    since: float


def due(board: Board, policy: Policy, now: float) -> Iterator[DueMark]:
    """Yield what has fallen due and is not marked yet.

    Args:
        board: state of a partition.
        policy: rules of handling.
        now: Unix time, s.
    """
    for name in sorted(board.active):
        record = board.records[name]
        presence = presence_of(record, board.standbys.get(record.alert.device), now)
        if presence in (Presence.ON, Presence.LATCH):
            yield from _escalation(record, board, policy, now)
        elif presence is Presence.ACK:
            yield from _reminder(record, policy, now)


def _escalation(record: Record, board: Board, policy: Policy, now: float) -> Iterator[DueMark]:
    alert = record.alert
    delay = policy.escalate_s[alert.priority]
    pause = board.pauses.get(alert.device)
    if not delay or alert.late or (pause is not None and pause.silences(alert, now)):
        return
    since = _unhandled_since(record, board, now)
    level = min(ESCALATION_LEVELS, int((now - since) / delay))
    # What was called out for a weaker one does not stand for this.
    known = (one for one in series(record, board.records) if one.alert.rank >= alert.rank)
    if level > max(_marked(one.escalated, since) for one in known):
        yield DueMark(alert.id, alert.device, EntryKind.ESCALATED, level, since)


def _unhandled_since(record: Record, board: Board, now: float) -> float:
    """Unix time since which an alert, or those whose signal goes on in it, has been waiting."""
    alert = record.alert
    since = alert.announced_at
    standby = board.standbys.get(alert.device)
    if alert.priority == "technical" and standby is not None:
        since = max(since, standby.over_at(now) or since)
    _, *before = series(record, board.records)
    return min([since, *(one.alert.announced_at for one in before)])


def _reminder(record: Record, policy: Policy, now: float) -> Iterator[DueMark]:
    alert = record.alert
    interval = policy.remind_s[alert.priority]
    if not interval or record.ack is None:
        return
    since = record.ack.at
    count = int((now - since) / interval)
    if count > _marked(record.reminded, since):
        yield DueMark(alert.id, alert.device, EntryKind.REMINDED, count, since)


def _marked(mark: Mark | None, since: float) -> int:
    """How far it has been marked in the count that began at ``since``."""
    return mark.number if mark is not None and mark.since >= since else 0
