"""What is told to others about conditions of the system. Pure.

MQTT, topic ``ecg/v1/system``, retained, QoS 1, JSON: what is wrong *now*::

    {"v": 1, "watched": true, "at": 1700000000.0,
     "conditions": [{"kind": "analysis_late", "since": 1699999990.0, "value": 12.5, "limit": 5.0,
                     "text": "analysis is late by 12 s"}],
     "event": {"id": "system/1700000000000", "what": "began", "at": ..., "condition": {...}}}

``event`` is the change that led to this message, or null where the state is told anew. When the
process that watches ends, or vanishes (last will), the message is ``{"v": 1, "watched": false}``:
nobody knows then how the system is, and states of alerts on other topics are no longer kept up.

Webhook, JSON, as for alerts; ``alert`` is null, and there is ``system``::

    {"v": 1, "id": "system/1700000000000", "event": {"what": "began", "who": "system", "at": ...},
     "alert": null, "system": {"kind": ..., "since": ..., ..., "present": ["analysis_late"]}}

As FHIR: a Bundle with one Communication. There is no Observation: nothing of a patient was seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ecg_monitor.ward.alerts.exchange.fhir import Resource, bundle_of, technical_communication
from ecg_monitor.ward.system.changes import Change
from ecg_monitor.ward.system.conditions import Condition

VERSION = 1
UNWATCHED: dict[str, Any] = {"v": VERSION, "watched": False}


def mqtt_state(
    conditions: Iterable[Condition], change: Change | None, now: float
) -> dict[str, Any]:
    """Return the MQTT message.

    Args:
        conditions: what is wrong.
        change: what led to the message, if anything did.
        now: Unix time, s.
    """
    event = None
    if change is not None:
        event = {
            "id": change.id,
            "what": change.what,
            "at": change.at,
            "condition": _condition(change.condition),
        }
    return {
        "v": VERSION,
        "watched": True,
        "at": now,
        "conditions": [_condition(one) for one in sorted(conditions, key=lambda one: one.since)],
        "event": event,
    }


def webhook_map(change: Change) -> dict[str, Any]:
    """Return the body of a webhook post."""
    return {
        "v": VERSION,
        "id": change.id,
        "event": {"what": change.what, "who": "system", "at": change.at},
        "alert": None,
        "system": {**_condition(change.condition), "present": change.present},
    }


def fhir_bundle(change: Change) -> Resource:
    """Return the Bundle of a change."""
    over = ": over" if change.what == "ended" else ""
    text = f"{change.condition.text}{over}"
    return bundle_of([technical_communication(change.id, text, change.at)], change.at)


def _condition(condition: Condition) -> dict[str, Any]:
    return {**asdict(condition), "text": condition.text}
