"""Signals stay as they are until the time that is told beforehand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.ward.alerts.model import Ack, Alert, Pause, Record
from ecg_monitor.ward.alerts.policy import RANK, Policy
from ecg_monitor.ward.alerts.signals import next_change, signals
from ecg_monitor.ward.alerts.standby import Standby, StandbyEvent

POLICY = Policy()
SECOND = st.integers(0, 40).map(float)


@st.composite
def records(draw: st.DrawFn) -> Record:
    number, at = draw(st.integers(0, 9)), draw(SECOND)
    cleared_at = draw(st.none() | SECOND.map(lambda later: at + later))
    priority = draw(st.sampled_from(sorted(RANK)))
    alert = Alert(
        id=f"a/x/asystole/{number}", device="a", boot="x", kind="asystole", priority=priority,
        n=number, value=4.0, limit=4.0, present=cleared_at is None, onset_at=at, raised_at=at,
        cleared_at=cleared_at, announced_at=at, decided_n=number, latching=priority == "high",
    )  # fmt: skip
    acked_at = draw(st.none() | SECOND)
    return Record(alert, None if acked_at is None else Ack("A. Nurse", acked_at, alert.rank))


PAUSES = st.builds(
    lambda at, length, rank: Pause("A. Nurse", at, at + length, 1, rank, {}),
    SECOND, SECOND, st.integers(0, 4),
)  # fmt: skip
STANDBYS = st.builds(
    lambda at, length, ended_at: Standby(
        "A. Nurse", at, at + length, 1, "care", ended_at=ended_at,
        ended="" if ended_at is None else StandbyEvent.PERSON.value,
    ),
    SECOND, SECOND, st.none() | SECOND,
)  # fmt: skip


@given(st.lists(records(), max_size=4), st.none() | PAUSES, st.none() | STANDBYS)
def test_nothing_changes_before_the_next_change(
    found: list[Record], pause: Pause | None, standby: Standby | None
) -> None:
    now = 0.0
    while now < 100.0:
        due_at = next_change(found, pause, POLICY, now, standby)
        assert due_at > now
        shown = signals(found, pause, POLICY, now, standby)
        later = now + 0.5
        while later < min(due_at, 100.0):
            assert signals(found, pause, POLICY, later, standby) == shown
            later += 0.5
        now = due_at
