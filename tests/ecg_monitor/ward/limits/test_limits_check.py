"""Checks of limits, for any table: what passes changes nothing more, what fails is named."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.ward.limits.check import (
    FIXED,
    LEVELS,
    RISING,
    check_patient,
    checked_patient,
)
from ecg_monitor.ward.limits.model import (
    CATEGORIES,
    LIMITS,
    SECTIONS,
    TITLES,
    LimitBook,
    default_tables,
    limits_from_map,
    limits_to_map,
)

BOOK = LimitBook(default_tables())
ALARMS = BOOK.tables["alarms"]
PLACES = [(name, field.name) for name, cls in SECTIONS.items() for field in fields(cls)]
WORDS = [word for limits in LIMITS.values() for one in limits.values() for word in one.choices]

anything = st.one_of(
    *(st.none(), st.booleans(), st.text(max_size=3), st.integers(-5, 400), st.floats()),
    *(st.just([]), st.sampled_from(WORDS)),
)
sections = st.dictionaries(
    st.sampled_from([*SECTIONS, "rates"]),
    st.dictionaries(st.sampled_from([key for _, key in PLACES]), anything, max_size=4) | anything,
    max_size=3,
)
alarms = st.dictionaries(st.sampled_from([*ALARMS, "flu"]), st.sampled_from([*LEVELS, "loud", 3]))


def table_of(sections: Any, alarms: Any, category: Any) -> dict[str, Any]:
    return {**sections, "alarms": alarms, "category": category}


tables = st.builds(table_of, sections, alarms, st.sampled_from([*CATEGORIES, "old", 3]))


@given(tables)
def test_what_passes_the_checks_passes_them_again_unchanged(table: dict[str, Any]) -> None:
    problems: list[Any] = []
    once = check_patient("", table, ALARMS, problems)
    again: list[Any] = []
    assert check_patient("", once, ALARMS, again) == once
    assert again == []
    assert problems or once == table
    made = BOOK.of_patient(once)
    assert BOOK.of_patient({**limits_table(made), "category": made.category}) == made


def limits_table(limits: Any) -> dict[str, Any]:
    said = limits_to_map(limits)
    alarms = {kind: said["priorities"].get(kind, "off") for kind in ALARMS}
    return {**{name: said[name] for name in SECTIONS}, "alarms": alarms}


@given(tables)
def test_nothing_that_saves_a_life_is_turned_off(table: dict[str, Any]) -> None:
    made = BOOK.of_patient(check_patient("", table, ALARMS, []))
    for kind, level in ALARMS.items():
        if level in FIXED:
            assert made.priorities[kind] == level
        else:
            assert made.priorities.get(kind) != "technical", "a standby would silence it"


@given(tables)
def test_each_mistake_is_named_where_it_is(table: dict[str, Any]) -> None:
    for problem in checked_patient(BOOK, table)[1]:
        head, _, rest = problem.field.partition(".")
        assert head in table or head in RISING
        if head in table and rest and isinstance(table[head], dict):
            assert rest in table[head]


@given(tables)
def test_limits_survive_a_checkpoint(table: dict[str, Any]) -> None:
    made = BOOK.of_patient(check_patient("", table, ALARMS, []))
    assert limits_from_map(limits_to_map(made)) == made


def test_every_limit_has_a_range_and_every_default_is_within_it() -> None:
    for category in CATEGORIES:
        limits = BOOK.of_patient({"category": category})
        assert checked_patient(BOOK, limits_table(limits))[1] == []
        for section, key in PLACES:
            value, limit = getattr(getattr(limits, section), key), LIMITS[section][key]
            if limit.choices:
                assert value in limit.choices
            else:
                assert limit.lowest <= value <= limit.highest > limit.lowest
                assert isinstance(value, int if limit.whole else float)


def test_a_limit_that_must_not_exceed_another_names_one_of_its_section() -> None:
    for section, limits in LIMITS.items():
        bounded = {key: one.at_most for key, one in limits.items() if one.at_most}
        assert set(bounded.values()) <= limits.keys()
        chained = {pair for chain in RISING.get(section, ()) for pair in pairwise(chain)}
        assert chained == set(bounded.items())
    assert set(RISING) == {"rate", "af", "vf", "noise"}


def test_every_section_is_of_its_own_limits() -> None:
    """Limits of the same name in two sections are two limits."""
    assert LIMITS["af"]["on"] is not LIMITS["vf"]["on"]
    assert LIMITS.keys() == SECTIONS.keys() == TITLES.keys()
    for section, cls in SECTIONS.items():
        assert list(LIMITS[section]) == [one.name for one in fields(cls)]


def test_defaults_are_tables_of_a_configuration_file() -> None:
    tables = default_tables()
    assert tables["neonatal"]["rate"]["asystole_s"] == 3.0
    assert "delay_s" not in tables["neonatal"]["rate"], "as of adults"
    assert tables["paediatric"].keys() < SECTIONS.keys() == tables["adult"].keys()


def test_a_word_that_is_none_of_the_choices_is_named() -> None:
    (problem,) = checked_patient(BOOK, {"pacing": {"paced": "maybe"}})[1]
    assert str(problem) == "pacing.paced must be one of auto, yes, no, got 'maybe'"
    assert BOOK.of_patient({"pacing": {"paced": "yes"}}).pacing.paced == "yes"
