"""The alerts of one partition: facts joined with acts. Pure.

A board is filled from the two hashes (`Board.load`), or by folding the audit trail
(`Board.take`), or by both in any order: merging is idempotent and commutative, so a reader may
load the hashes at any time and follow the trail from any earlier entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from ecg_monitor.core.errors import AlertError
from ecg_monitor.ward.alerts.machine import Presence
from ecg_monitor.ward.alerts.model import Ack, Alert, Mark, Pause, Record, parse
from ecg_monitor.ward.alerts.reasons import GivenReason
from ecg_monitor.ward.alerts.standby import Standby
from ecg_monitor.ward.alerts.trail import Entry, EntryKind

ACK_FIELD = "ack|"
ESCALATED_FIELD = "esc|"
REMINDED_FIELD = "rem|"
REASON_FIELD = "why|"
PAUSE_FIELD = "pause|"
STANDBY_FIELD = "standby|"
"""Prefixes of the fields of the hash ``acts``; alert or device id follows."""


@dataclass(slots=True)
class Board:
    """State of a partition's alerts.

    Attributes:
        records: what is known of each alert, by identity.
        pauses: latest audio pause by device.
        standbys: latest standby by device.
        active: identities of the alerts whose presence is not Off.
    """

    records: dict[str, Record] = field(default_factory=dict)
    pauses: dict[str, Pause] = field(default_factory=dict)
    standbys: dict[str, Standby] = field(default_factory=dict)
    active: set[str] = field(default_factory=set)
    _of_device: dict[str, set[str]] = field(default_factory=dict)

    def load(self, facts: Mapping[str, bytes], acts: Mapping[str, bytes]) -> set[str]:
        """Merge the hashes ``alerts`` and ``acts``. Acts of alerts that are gone are ignored.

        Returns:
            The devices that they are about.

        Raises:
            AlertError: a value is malformed.
        """
        concerned = set()
        for text in facts.values():
            concerned.add(self._facts(Alert.from_json(text)).alert.device)
        for name, text in acts.items():
            prefix, bar, owner = name.partition("|")
            if prefix + bar == PAUSE_FIELD:
                self._pause(owner, parse(Pause, text))
                concerned.add(owner)
            elif prefix + bar == STANDBY_FIELD:
                self._standby(owner, parse(Standby, text))
                concerned.add(owner)
            elif owner in self.records:
                self._act(owner, prefix + bar, text)
                concerned.add(self.records[owner].alert.device)
        return concerned

    def take(self, entry: Entry) -> None:
        """Merge an entry of the trail."""
        if entry.pause is not None:
            self._pause(entry.device, entry.pause)
        if entry.standby is not None:
            self._standby(entry.device, entry.standby)
        if entry.alert is None:
            return
        record = self._facts(entry.alert)
        if entry.what is EntryKind.ACKNOWLEDGED:
            record = _with_ack(record, Ack(entry.who, entry.at, entry.rank))
        elif entry.what is EntryKind.ESCALATED:
            record = _with_escalation(record, Mark(entry.number, entry.since, entry.at))
        elif entry.what is EntryKind.REMINDED:
            record = _with_reminder(record, Mark(entry.number, entry.since, entry.at))
        elif entry.what is EntryKind.REASON_GIVEN:
            given = GivenReason(entry.who, entry.at, entry.number, entry.reason, entry.text)
            record = _with_reason(record, given)
        self._keep(record)

    def of_device(self, device: str) -> list[Record]:
        """Return a device's alerts, oldest first."""
        mine = (self.records[name] for name in self._of_device.get(device, ()))
        return sorted(mine, key=lambda one: (one.alert.raised_at, one.alert.id))

    def devices(self) -> set[str]:
        """Return the devices that have alerts, pauses or standbys."""
        return self._of_device.keys() | self.pauses.keys() | self.standbys.keys()

    def forget_old(self, keep: int) -> None:
        """Drop the oldest alerts that are over beyond ``keep``: for readers that run for long."""
        excess = len(self.records) - keep
        if excess <= 0:
            return
        over = (name for name in self.records if name not in self.active)
        for name in list(islice(over, excess)):
            self._of_device[self.records.pop(name).alert.device].discard(name)

    def _facts(self, alert: Alert) -> Record:
        record = self.records.get(alert.id)
        if record is None:
            record = Record(alert)
        elif record.alert != alert:
            record = replace(record, alert=record.alert.join(alert))
        self._keep(record)
        return record

    def _keep(self, record: Record) -> None:
        alert = record.alert
        self.records[alert.id] = record
        self._of_device.setdefault(alert.device, set()).add(alert.id)
        if record.presence is Presence.OFF:
            self.active.discard(alert.id)
        else:
            self.active.add(alert.id)

    def _pause(self, device: str, pause: Pause) -> None:
        known = self.pauses.get(device)
        self.pauses[device] = pause if known is None else known.join(pause)

    def _standby(self, device: str, standby: Standby) -> None:
        known = self.standbys.get(device)
        self.standbys[device] = standby if known is None else known.join(standby)

    def _act(self, owner: str, prefix: str, text: bytes) -> None:
        record = self.records[owner]
        if prefix == ACK_FIELD:
            record = _with_ack(record, parse(Ack, text))
        elif prefix == ESCALATED_FIELD:
            record = _with_escalation(record, parse(Mark, text))
        elif prefix == REMINDED_FIELD:
            record = _with_reminder(record, parse(Mark, text))
        elif prefix == REASON_FIELD:
            record = _with_reason(record, parse(GivenReason, text))
        else:
            raise AlertError(f"acts: unknown field {prefix}{owner}")
        self._keep(record)


def _with_ack(record: Record, ack: Ack) -> Record:
    return replace(record, ack=ack if record.ack is None else record.ack.join(ack))


def _with_escalation(record: Record, mark: Mark) -> Record:
    known = record.escalated
    return replace(record, escalated=mark if known is None else known.join(mark))


def _with_reminder(record: Record, mark: Mark) -> Record:
    known = record.reminded
    return replace(record, reminded=mark if known is None else known.join(mark))


def _with_reason(record: Record, reason: GivenReason) -> Record:
    known = record.reason
    return replace(record, reason=reason if known is None else known.join(reason))
