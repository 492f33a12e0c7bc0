"""Events round-trip through their JSON form; identities are deterministic."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.types import (
    Alarm,
    Beat,
    Episode,
    Measurement,
    RPeak,
    Vitals,
    alert_id,
    event_from_map,
    event_to_map,
)

index = st.integers(0, 2**53 - 1)
number = st.none() | st.floats(0, 1000)
events = (
    st.builds(RPeak, index, number, st.floats(-10, 10), index)
    | st.builds(
        Beat,
        index,
        st.sampled_from("NSVFQ"),
        st.dictionaries(st.sampled_from("NSVFQ"), st.floats(0, 1)),
        number,
        number,
        index,
    )
    | st.builds(Vitals, index, number, st.sampled_from(["good", "poor", "flat", "leadoff"]))
    | st.builds(
        Measurement,
        index,
        st.integers(5, 30),
        number,
        st.dictionaries(st.sampled_from(["II", "V5"]), st.floats(-2, 2)),
        st.floats(0, 300),
        *(number,) * 4,
    )
    | st.builds(Episode, st.just("gap"), index, index)
    | st.builds(Alarm, st.just("asystole"), st.just("high"), index, index, st.booleans(), number)
)


@given(events)
def test_events_round_trip_through_json(event):
    assert event_from_map(orjson.loads(orjson.dumps(event_to_map(event)))) == event


def test_unknown_events_are_refused():
    with pytest.raises(KeyError):
        event_from_map({"type": "surprise"})
    with pytest.raises(TypeError):
        event_from_map({"type": "episode", "kind": "gap"})


def test_an_alert_is_known_by_what_it_is_about():
    assert alert_id("bed-01", "b", "asystole", 5) == alert_id("bed-01", "b", "asystole", 5)
    assert alert_id("bed-01", "b", "asystole", 5) != alert_id("bed-01", "c", "asystole", 5)
