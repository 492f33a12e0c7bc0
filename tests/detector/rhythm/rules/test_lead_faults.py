"""What is told of single leads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.rhythm.conditions import Conditions
from detector.rhythm.rules.lead_faults import FAULTS, LeadFaults
from detector.rhythm.waveform.quality import ARTIFACT, FLAT, GOOD, JUMP, MAINS, NOISE, SATURATED
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.limits.model import default_limits

FS = 250.0
NAMES = ("I", "II", "V1")


def told(seconds: list[tuple[list[int], int]], reload: bool = False) -> list[tuple]:
    """Kind, leads and presence of what was told; a second has the leads' states and a mask."""
    out = Conditions(FS, default_limits().priorities)
    rules, events = LeadFaults(NAMES), []
    for second, (states, leadoff) in enumerate(seconds, 1):
        rules.on_second(round(second * FS), states, leadoff, out)
        events += [e for e in out.take() if isinstance(e, Alarm)]
        if reload:
            saved, rules = codec.pack(rules), LeadFaults(NAMES)
            codec.unpack(rules, saved)
    return [(e.kind, e.lead, e.present) for e in events]


FINE = ([GOOD, GOOD], 0)


def test_an_electrode_that_is_off_is_named_and_so_is_the_next():
    story = [FINE] * 5 + [([GOOD, GOOD], 4)] * 5 + [([FLAT, GOOD], 5)] * 5 + [FINE] * 5
    assert told(story) == [
        ("electrode_off", "V1", True),
        ("electrode_off", None, False),
        ("electrode_off", "I, V1", True),
        ("electrode_off", None, False),
    ]


def test_all_off_is_another_alarm():
    assert told([([FLAT, FLAT], 7)] * 9) == []


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (FLAT, "lead_flat"),
        (SATURATED, "lead_saturated"),
        (NOISE, "lead_noisy"),
        (MAINS, "lead_noisy"),
        (JUMP, "lead_unsteady"),
        (ARTIFACT, "lead_unsteady"),
    ],
)
def test_a_fault_of_one_lead_is_told_after_its_time_and_not_before(state, kind):
    enough = FAULTS[kind][0]
    bad = ([GOOD, state], 0)
    assert told([bad] * (enough - 1)) == []
    assert told([bad] * enough) == [(kind, "II", True)]
    assert told([bad] * enough + [FINE] * 30)[-1] == (kind, None, False)


def test_a_loose_contact_is_not_told_again_and_again():
    flicker = [([GOOD, SATURATED], 0)] * 6 + [FINE] * 2
    assert told(flicker * 5) == [("lead_saturated", "II", True)]


def test_a_detached_lead_has_no_other_fault():
    assert {kind for kind, _, _ in told([([GOOD, FLAT], 2)] * 40)} == {"electrode_off"}


def test_the_only_lead_has_none():
    out = Conditions(FS, default_limits().priorities)
    rules = LeadFaults(("II",))
    for second in range(40):
        rules.on_second(second * 250, [NOISE], 0, out)
    assert out.take() == []


seconds = st.tuples(
    st.lists(st.sampled_from([GOOD, NOISE, SATURATED, FLAT]), min_size=2, max_size=2),
    st.integers(0, 7),
)


@given(st.lists(st.tuples(seconds, st.integers(1, 35)), max_size=8))
def test_what_began_ends_once_and_a_checkpoint_changes_nothing(story):
    played = [second for second, times in story for _ in range(times)]
    events = told(played)
    assert told(played, reload=True) == events
    for kind in FAULTS:
        presence = [present for name, _, present in events if name == kind]
        assert presence == [i % 2 == 0 for i in range(len(presence))]
