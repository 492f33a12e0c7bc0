"""What is written of an alert is all that is known of it."""

from __future__ import annotations

from dataclasses import asdict, fields

import orjson

from ecg_monitor.ward.alerts.model import Alert

ALERT = Alert(
    id="bed-1/boot/vt/720",
    device="bed-1",
    boot="boot",
    kind="vt",
    priority="high",
    n=720,
    value=152.3,
    limit=100.0,
    present=True,
    onset_at=1700000002.0,
    raised_at=1700000004.5,
    cleared_at=None,
    announced_at=1700000004.5,
    decided_n=1620,
    latching=True,
    lead="II",
    stay="stay-1",
)


def test_all_facts_are_written_by_their_names():
    assert ALERT.to_map() == asdict(ALERT)
    assert list(ALERT.to_map()) == [field.name for field in fields(Alert)]
    assert ALERT.to_json() == orjson.dumps(asdict(ALERT))
    assert Alert.from_json(ALERT.to_json()) == ALERT
