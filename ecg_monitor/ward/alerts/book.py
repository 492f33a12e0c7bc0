"""From alarm events to facts of alerts; used by the owner of a partition. Pure.

An alert outlives its alarm condition: it is raised once, cleared once, and stays on record. An
event that repeats what is known changes nothing, so a replay after a crash cannot raise an alert
twice, nor bring one back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from ecg_monitor.core.types import Alarm, alert_id
from ecg_monitor.ward.alarms.catalogue import OF_DEVICE
from ecg_monitor.ward.alerts.model import Alert
from ecg_monitor.ward.alerts.policy import RANK, SERIES_S, Policy
from ecg_monitor.ward.alerts.trail import DETECTOR, Entry, EntryKind

KEPT = 2000
"""Alerts kept per partition once they are over; older ones are in the audit trail."""


class AlertBook:
    """Facts of one partition's alerts as they stand in Redis.

    Args:
        saved: the JSON texts that are in Redis.
        policy: tells which priorities latch.

    Raises:
        AlertError: a text is malformed.
    """

    def __init__(self, saved: Iterable[bytes] = (), policy: Policy | None = None) -> None:
        alerts = sorted(map(Alert.from_json, saved), key=lambda alert: alert.raised_at)
        self.alerts: dict[str, Alert] = {alert.id: alert for alert in alerts}
        self._policy = policy or Policy()

    def open_of(self, device: str, kind: str) -> Alert | None:
        """Return the device's alert of a kind whose condition is present."""
        return next(
            (
                alert
                for alert in self.alerts.values()
                if alert.present and alert.device == device and alert.kind == kind
            ),
            None,
        )

    def note(
        self,
        device: str,
        boot: str,
        alarm: Alarm,
        onset_at: float | None,
        now: float,
        *,
        late: bool = False,
        fs: float = 0.0,
        stay: str = "",
    ) -> Entry | None:
        """Take an alarm event; return what it changes, or None.

        Args:
            device: device id.
            boot: its power-up.
            alarm: the event. A repetition with a higher priority is a rise: a new event.
            onset_at: wall-clock time of the onset, Unix s.
            now: wall-clock time, Unix s.
            late: whether it was found in samples that came late.
            fs: sampling rate, Hz: tells how soon after its end a condition has come back; 0: it is
                not known, and nothing is counted with what was before.
            stay: identity of the stay that the signal belongs to; empty: nobody is admitted.
        """
        known = self.alerts.get(alert_id(device, boot, alarm.kind, alarm.n))
        if known is None and alarm.present:
            raised = self._raised(device, boot, alarm, onset_at, now)
            raised = self._counted(replace(raised, late=late, stay=stay), fs)
            return self._keep(EntryKind.RAISED, now, raised)
        if known is None or not known.present:
            return None
        if not alarm.present:
            ended = replace(known, present=False, cleared_at=now, ended_n=alarm.decided_n)
            return self._keep(EntryKind.CLEARED, now, ended)
        if RANK[alarm.priority] <= known.rank:
            return None
        risen = replace(
            known,
            priority=alarm.priority,
            value=known.value if alarm.value is None else alarm.value,
            limit=known.limit if alarm.limit is None else alarm.limit,
            decided_n=alarm.decided_n,
            announced_at=now,
            late=known.late and late,
            latching=known.latching or alarm.priority in self._policy.latching,
        )
        return self._keep(EntryKind.ROSE, now, risen)

    def join_former(self, alert: Alert, now: float) -> Entry | None:
        """Let the signal of the alert that a new one follows go on in the new one.

        Nothing becomes silent by it: the new one is no weaker, sounds unless both were found late,
        and asks for an acknowledgement of its own.

        Args:
            alert: as raised by `note`.
            now: Unix time, s.
        """
        former = None if alert.follows is None else self.alerts.get(alert.follows)
        if former is None or former.joined or former.rank > alert.rank:
            return None
        if (alert.late and not former.late) or (former.latching and not alert.latching):
            return None
        return self._keep(EntryKind.JOINED, now, replace(former, joined=True))

    def current(self, identity: str, now: float) -> Entry | None:
        """Note that a late alert's condition is present now; None if it is over, or not late."""
        known = self.alerts.get(identity)
        if known is None or not known.present or not known.late:
            return None
        return self._keep(EntryKind.CURRENT, now, replace(known, late=False, announced_at=now))

    def of_other_stays(self, device: str, stay: str) -> list[Alert]:
        """Return what still asks for somebody, is about the heart, and of a stay that has ended.

        What was raised while nobody was admitted is not among them: it may be of the patient who
        was admitted a little later.

        Args:
            device: device id.
            stay: identity of the stay at the device now, or empty.
        """
        return [
            alert
            for alert in self.alerts.values()
            if alert.device == device
            and alert.stay not in ("", stay)
            and alert.kind not in OF_DEVICE
            and not (alert.left or alert.joined)
            and (alert.present or alert.latching)
        ]

    def leave(self, identity: str, now: float) -> Alert:
        """End an alert because the stay of its patient has ended; return it as it is then.

        The caller sees to it that the condition, if it holds, is found anew: then it is the next
        patient's, or that of the one who has not gone yet.
        """
        alert = self.alerts[identity]
        cleared_at = now if alert.present else alert.cleared_at
        left = replace(alert, present=False, cleared_at=cleared_at, left=True)
        self.alerts[identity] = left
        return left

    def with_evidence(self, identity: str, now: float) -> Entry | None:
        """Note that an alert's strip has been stored; None if the alert is gone."""
        known = self.alerts.get(identity)
        if known is None:
            return None
        return self._keep(EntryKind.EVIDENCE, now, replace(known, evidence=True))

    def old(self, now: float, retention_s: float) -> list[Alert]:
        """Return the alerts that may be removed if they are over, oldest first.

        An alert whose condition is present is never among them. The caller must ask whether a
        latching one has been acknowledged; `remove` tells what follows.

        Args:
            now: Unix time, s.
            retention_s: how long an alert is kept after its end, s.
        """
        excess = len(self.alerts) - KEPT
        cleared = (alert for alert in self.alerts.values() if not alert.present)
        return [
            alert
            for i, alert in enumerate(cleared)
            if i < excess or now - (alert.cleared_at or now) > retention_s
        ]

    def remove(
        self, old: Iterable[Alert], acknowledged: Collection[str], now: float, retention_s: float
    ) -> tuple[list[str], list[Entry]]:
        """Remove alerts that are over; latched ones only when their retention has ended.

        Args:
            old: from `old`.
            acknowledged: identities of those whose acknowledgement covers them.
            now: Unix time, s.
            retention_s: how long an alert is kept after its end, s.

        Returns:
            identities removed, and the entries that say so for those that were still latched.
        """
        gone: list[str] = []
        entries: list[Entry] = []
        for alert in old:
            asks = alert.latching and not (alert.joined or alert.left)
            if asks and alert.id not in acknowledged:
                if now - (alert.cleared_at or now) <= retention_s:
                    continue
                expired = replace(alert, expired=True)
                entries.append(Entry(EntryKind.EXPIRED, DETECTOR, now, alert.device, expired))
            del self.alerts[alert.id]
            gone.append(alert.id)
        return gone, entries

    def _raised(
        self, device: str, boot: str, alarm: Alarm, onset_at: float | None, now: float
    ) -> Alert:
        return Alert(
            id=alert_id(device, boot, alarm.kind, alarm.n),
            device=device,
            boot=boot,
            kind=alarm.kind,
            priority=alarm.priority,
            n=alarm.n,
            value=alarm.value,
            limit=alarm.limit,
            present=True,
            onset_at=onset_at,
            raised_at=now,
            cleared_at=None,
            announced_at=now,
            decided_n=alarm.decided_n,
            latching=alarm.priority in self._policy.latching,
            lead=alarm.lead,
        )

    def _counted(self, alert: Alert, fs: float) -> Alert:
        """Say how often its condition has come by now, if it follows another closely."""
        former = next(
            (one for one in reversed(self.alerts.values()) if _condition(one) == _condition(alert)),
            None,
        )
        if former is None or former.ended_n is None or fs <= 0:
            return alert
        if alert.n - former.ended_n > self._policy.repeat_s[alert.priority] * fs:
            return alert
        first_at = former.onset_at if former.first_at is None else former.first_at
        if first_at is not None and alert.onset_at is not None:
            series_s = alert.onset_at - first_at
            if alert.priority == "low" and series_s > SERIES_S:
                return alert
        return replace(alert, times=former.times + 1, first_at=first_at, follows=former.id)

    def _keep(self, what: EntryKind, now: float, alert: Alert) -> Entry:
        self.alerts[alert.id] = alert
        return Entry(what, DETECTOR, now, alert.device, alert)


def _condition(alert: Alert) -> tuple[str, str, str, str | None, str]:
    """What alerts of one series have in common; one of the electrodes outlasts a stay."""
    stay = "" if alert.kind in OF_DEVICE else alert.stay
    return alert.device, alert.boot, alert.kind, alert.lead, stay
