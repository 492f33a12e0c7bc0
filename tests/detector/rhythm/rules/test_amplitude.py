"""Which leads are named, and when the analysis rests."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detector.rhythm.conditions import Conditions
from detector.rhythm.rules.amplitude import KIND, Amplitude
from detector.rhythm.rules.lead_faults import FAULTS
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.alarms.catalogue import OF_DEVICE
from ecg_monitor.ward.limits.model import default_limits

FS = 250.0
NAMES = ("I", "II", "V1")


def told(seconds: list[tuple[int, int]]) -> tuple[list[tuple[str | None, bool]], list[bool]]:
    """Leads and presence of what is told, and whether it rests; a second has two masks."""
    out, rules = Conditions(FS, default_limits().priorities), Amplitude(NAMES)
    events: list[Alarm] = []
    rests = []
    for second, (wrong, leadoff) in enumerate(seconds, 1):
        rules.on_second(round(second * FS), wrong, 300.0, leadoff, out)
        events += [event for event in out.take() if isinstance(event, Alarm)]
        rests.append(rules.rests)
        saved, rules = codec.pack(rules), Amplitude(NAMES)
        codec.unpack(rules, saved)
    return [(event.lead, event.present) for event in events], rests


def test_leads_are_named_anew_when_others_join() -> None:
    events, rests = told([(0, 0), (1, 0), (1, 0), (5, 0), (7, 0), (0, 0)])
    assert events == [
        ("I", True),
        *((None, False), ("I, V1", True)),
        *((None, False), ("I, II, V1", True)),
        (None, False),
    ]
    assert rests == [False, False, False, False, True, False]


def test_of_the_attached_leads_all_must_be_wrong() -> None:
    assert told([(3, 4)])[1] == [True]
    assert told([(3, 0)])[1] == [False]
    assert told([(3, 7)]) == ([], [False]), "a detached lead has no amplitude"


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30))
def test_it_is_told_exactly_while_a_lead_is_wrong(seconds: list[tuple[int, int]]) -> None:
    out, rules = Conditions(FS, default_limits().priorities), Amplitude(NAMES)
    for second, (wrong, leadoff) in enumerate(seconds, 1):
        rules.on_second(round(second * FS), wrong, 300.0, leadoff, out)
        assert (KIND in out.present) == bool(wrong & ~leadoff)
        assert rules.faulty == {i for i in range(3) if (wrong & ~leadoff) >> i & 1}


def test_what_is_of_the_device_is_known_as_such() -> None:
    """Only what is of a heart ends with the stay of its owner."""
    not_configurable = {"no_data", "two_devices"}
    kinds = default_limits().priorities
    technical = {kind for kind, priority in kinds.items() if priority == "technical"}
    assert technical | FAULTS.keys() | not_configurable == OF_DEVICE
