"""States of beds, their fields and their trail, for any history."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_monitor.core.errors import PatientError
from ecg_monitor.ward.limits.model import LIMITS
from ecg_monitor.ward.patients.model import (
    Admission,
    Bed,
    BedLimits,
    PendingTransfer,
    bed_from_json,
    bed_of_fields,
    checked_text,
    note_from_json,
)
from ecg_monitor.ward.patients.trail import (
    Change,
    ChangeKind,
    Entry,
    differences,
    entry_from_json,
    replay,
)

texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=9)
KEYS = sorted({key for limits in LIMITS.values() for key in limits})
values = st.dictionaries(st.sampled_from(KEYS), st.floats(1, 300), min_size=1, max_size=3)
admissions = st.builds(
    Admission,
    stay=texts,
    patient=texts,
    name=texts,
    category=st.sampled_from(["adult", "paediatric", "neonatal"]),
    admitted_at=st.floats(0, 2e9),
    admitted_by=texts,
    limits=st.dictionaries(st.sampled_from(["rate", "af", "ventricular"]), values, max_size=3),
    alarms=st.dictionaries(st.sampled_from(["af", "couplet"]), st.sampled_from(["off", "low"])),
)
owns = st.builds(
    BedLimits,
    category=st.sampled_from(["adult", "neonatal"]),
    limits=st.dictionaries(st.sampled_from(["rate", "af"]), values, max_size=2),
    alarms=st.dictionaries(st.sampled_from(["af", "couplet"]), st.sampled_from(["off", "low"])),
    after_stay=st.booleans(),
)
beds = st.builds(
    lambda who, **rest: Bed(
        **rest, **({"own": who} if type(who) is BedLimits else {"admission": who})
    ),
    who=st.none() | admissions | owns,
    leaving=st.none() | st.builds(PendingTransfer, texts, texts, texts),
    arrival=st.just("") | texts,
    label=st.just("") | texts,
    place=st.none() | st.integers(1, 9999),
)


@given(beds)
def test_the_fields_say_all(bed: Bed) -> None:
    assert bed_of_fields(bed.fields()) == bed


@given(beds, beds)
@settings(deadline=None)
def test_the_differences_lead_from_one_state_to_the_other(old: Bed, new: Bed) -> None:
    changes = differences(old, new)
    assert differences(new, new) == ()
    found = old.fields()
    for change in changes:
        assert found.pop(change.field, None) == change.old
        if change.new is not None:
            found[change.field] = change.new
    assert bed_of_fields(found) == new


@given(st.lists(beds, max_size=6))
@settings(deadline=None)
def test_the_trail_of_any_history_gives_its_end(history: list[Bed]) -> None:
    old, entries = Bed(), []
    for version, bed in enumerate(history, 1):
        changes = differences(old, bed)
        entry = Entry(ChangeKind.CHANGED, "A", float(version), "x", version, changes=changes)
        entries += [entry_from_json(orjson.dumps(entry.to_map())), noted(version)]
        old = replace(bed, version=version, by="A", at=float(version))
    assert replay(entries) == old


def noted(version: int) -> Entry:
    return Entry(ChangeKind.NOTED, "A", 1.0, "x", version, text="well")


def test_a_hole_in_the_trail_is_told() -> None:
    change = Change("name", "Ada", "Ben")
    with pytest.raises(PatientError, match="hole at name"):
        replay([Entry(ChangeKind.CHANGED, "A", 1.0, "x", 1, changes=(change,))])


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"version":1}', b'{"version":"x"}'])
def test_a_malformed_state_is_told(text: bytes) -> None:
    with pytest.raises(PatientError, match="malformed"):
        bed_from_json(text)
    with pytest.raises(PatientError, match="malformed"):
        note_from_json(text)
    with pytest.raises(PatientError, match="malformed"):
        entry_from_json(text)


@given(st.text(max_size=30))
def test_what_is_shown_prints(text: str) -> None:
    try:
        assert checked_text("name", text, 20).isprintable()
    except PatientError as error:
        assert str(error).startswith("name must have")
