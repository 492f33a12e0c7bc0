"""Alerts of one partition: made from alarm events, kept in Redis by their identity. Pure.

An alert outlives its alarm condition: it is raised once, cleared once, and stays on record.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from ecg_monitor.types import Alarm, alert_id

Alert = dict[str, Any]
"""JSON-ready: id, device, boot, kind, priority, n, value, limit, present, onset_at, raised_at,
cleared_at (Unix seconds or None)."""

KEPT = 2000
"""Cleared alerts kept per partition; older ones are in the alert log."""


class AlertBook:
    """Alerts of one partition as they stand in Redis."""

    def __init__(self, saved: Iterable[bytes] = ()) -> None:
        """Start from the JSON texts that are in Redis."""
        alerts = [orjson.loads(text) for text in saved]
        alerts.sort(key=lambda alert: alert["raised_at"])
        self._alerts: dict[str, Alert] = {alert["id"]: alert for alert in alerts}

    def open_of(self, device: str, kind: str) -> Alert | None:
        """Return the device's alert of a kind whose condition is present."""
        return next(
            (
                alert
                for alert in self._alerts.values()
                if alert["present"] and alert["device"] == device and alert["kind"] == kind
            ),
            None,
        )

    def note(
        self, device: str, boot: str, alarm: Alarm, onset_at: float | None, now: float
    ) -> Alert | None:
        """Take an alarm event; return the alert that is new or changed, or None.

        Args:
            device: device id.
            boot: its power-up.
            alarm: the event.
            onset_at: wall-clock time of the onset, Unix s.
            now: wall-clock time, Unix s.
        """
        identity = alert_id(device, boot, alarm.kind, alarm.n)
        known = self._alerts.get(identity)
        if alarm.present and known is None:
            alert = {
                "id": identity,
                "device": device,
                "boot": boot,
                "kind": alarm.kind,
                "priority": alarm.priority,
                "n": alarm.n,
                "value": alarm.value,
                "limit": alarm.limit,
                "present": True,
                "onset_at": onset_at,
                "raised_at": now,
                "cleared_at": None,
            }
        elif not alarm.present and known is not None and known["present"]:
            alert = {**known, "present": False, "cleared_at": now}
        else:
            return None
        self._alerts[identity] = alert
        return alert

    def prune(self) -> list[str]:
        """Forget the oldest cleared alerts beyond `KEPT`; return their ids."""
        excess = len(self._alerts) - KEPT
        if excess <= 0:
            return []
        cleared = (name for name, alert in self._alerts.items() if not alert["present"])
        gone = [name for name, _ in zip(cleared, range(excess), strict=False)]
        for name in gone:
            del self._alerts[name]
        return gone
