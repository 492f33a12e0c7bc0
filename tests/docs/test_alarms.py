"""The page of alarms says what the limits say: every alarm, every limit, every default."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from ecg_monitor.ward.alarms.catalogue import KINDS, default_priorities
from ecg_monitor.ward.alarms.catalogue import TABLES as CATALOGUE
from ecg_monitor.ward.limits.model import default_tables
from tests.support.places import ROOT
from workbench import reference

PAGE = (ROOT / "docs" / "ALARMS.md").read_text(encoding="utf-8")
TABLES: dict[str, Any] = tomllib.loads(
    (ROOT / "ecg_monitor" / "ward" / "limits" / "limits.toml").read_text(encoding="utf-8")
)
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \|", re.MULTILINE)
LIMIT = re.compile(r"`(\w+)\.(\w+)` ([\d.]*\d)(?:, child ([\d.]*\d))?(?:, neonate ([\d.]*\d))?")


def test_every_alarm_has_one_row_with_its_priority() -> None:
    rows = ROW.findall(PAGE)
    fixed = {"no_data": "technical", "two_devices": "technical"}
    assert dict(rows) == {**TABLES["alarms"], **fixed}
    assert len(rows) == len(TABLES["alarms"]) + len(fixed)


def test_every_limit_stands_there_with_its_defaults() -> None:
    told: dict[str, dict[tuple[str, str], float]] = {"adult": {}, "paediatric": {}, "neonatal": {}}
    for section, key, adult, child, neonate in LIMIT.findall(PAGE):
        told["adult"][section, key] = float(adult)
        if child:
            told["paediatric"][section, key] = float(child)
        if neonate:
            told["neonatal"][section, key] = float(neonate)
    for category, found in told.items():
        for (section, key), value in numbers(category).items():
            usual = numbers("adult")[section, key]
            if category == "adult" or value != usual:
                assert found.pop((section, key), None) == value, f"{category}.{section}.{key}"
        assert found == {}, f"{category}: these are no limits, or no different ones"


def test_the_file_of_limits_holds_the_built_in_ones() -> None:
    assert default_tables() == {**TABLES, "patients": {}}
    assert list(TABLES["alarms"]) == list(default_priorities())


def test_what_is_generated_is_up_to_date() -> None:
    """Else run ``make reference``."""
    assert reference.LIMITS_FILE.read_text(encoding="utf-8") == reference.limits_file()
    assert reference.alarms_page(PAGE) == PAGE
    assert reference.PLACE.findall(PAGE), "the page has lost its tables"
    assert {name for _, name, _ in reference.PLACE.findall(PAGE)} == CATALOGUE.keys()


def test_every_source_that_a_row_names_is_listed() -> None:
    named = {number for row in KINDS.values() for number in re.findall(r"\[(\d+)\]", row.source)}
    assert named
    assert named <= set(re.findall(r"^(\d+)\. ", PAGE, re.MULTILINE))


def numbers(category: str) -> dict[tuple[str, str], float]:
    return {
        (section, key): float(value)
        for section, limits in TABLES[category].items()
        for key, value in limits.items()
        if not isinstance(value, str)
    }
