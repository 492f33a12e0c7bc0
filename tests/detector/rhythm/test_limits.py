"""The limits and the chains of alarms know of each other."""

from detector.rhythm.conditions import SILENCES
from ecg_monitor.ward.limits.model import default_limits


def test_the_alarm_chains_name_only_known_kinds():
    known = set(default_limits().priorities)
    assert set(SILENCES) <= known
    assert all(weaker <= known for weaker in SILENCES.values())
    assert all(stronger not in weaker for stronger, weaker in SILENCES.items())
    for stronger, weaker in SILENCES.items():  # of two conditions, at most one is the stronger
        assert not any(stronger in SILENCES.get(kind, ()) for kind in weaker)
