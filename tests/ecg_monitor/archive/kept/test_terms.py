"""Terms of care units are read, matched by name, and what is wrong with them is named."""

import orjson
import pytest

from ecg_monitor.archive.kept.terms import Terms, TermsOfUnits
from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward.units.model import Unit, key_of
from ecg_monitor.ward.units.sight import UnitBook

ICU = Unit("ab12cd34", "ICU 1", key_of("ICU 1"), 1, "", 0.0)
WARD = Unit("ab12cd35", "Ward", key_of("Ward"), 1, "", 0.0)
BOOK = UnitBook({ICU.id: ICU, WARD.id: WARD}, {"bed-1": ICU.id, "bed-2": WARD.id})


def terms(**said: object) -> TermsOfUnits:
    return TermsOfUnits.of(Settings(archive_units=orjson.dumps(said).decode()))


def test_a_bed_follows_its_unit_and_all_others_share_one_bound():
    said = terms(**{"icu 1": {"days": 90}, "Elsewhere": {"gb": 1}})
    assert said.groups(BOOK, ["bed-1", "bed-2", "bed-3"]) == [
        (Terms(90.0, 50.0, ICU.id), ["bed-1"]),
        (Terms(30.0, 51.0), ["bed-2", "bed-3"]),
    ]
    assert said.unknown(BOOK) == ["Elsewhere"]
    assert TermsOfUnits.of(Settings()).groups(BOOK, []) == []


def test_a_unit_that_is_not_found_costs_no_record():
    said = terms(**{"ICU 1": {"days": 90, "gb": 200}, "Ward": {"days": 7}})
    assert said.groups(UnitBook(), ["bed-1", "bed-2"]) == [(Terms(90.0, 300.0), ["bed-1", "bed-2"])]
    renamed = UnitBook({WARD.id: WARD}, {"bed-1": ICU.id, "bed-2": WARD.id})
    assert said.groups(renamed, ["bed-1", "bed-2"]) == [
        (Terms(90.0, 250.0), ["bed-1"]),
        (Terms(7.0, 50.0, WARD.id), ["bed-2"]),
    ]
    for_ever = terms(**{"ICU 1": {"days": 0, "gb": 0}})
    assert for_ever.groups(UnitBook(), ["bed-1"]) == [(Terms(0.0, 0.0), ["bed-1"])]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ICU 1=90", "is not JSON"),
        ("[1]", "must be a map"),
        ('{"ICU 1": 90}', "ICU 1 must have days or gb"),
        ('{"ICU 1": {}}', "ICU 1 must have days or gb"),
        ('{"ICU 1": {"weeks": 9}}', "ICU 1 has weeks"),
        ('{"ICU 1": {"days": -1}}', "days of ICU 1 must be a number 0 .. 36600"),
        ('{"ICU 1": {"gb": "9"}}', "gb of ICU 1 must be a number"),
        ('{"ICU 1": {"gb": true}}', "gb of ICU 1 must be a number"),
        ('{"ICU 1": {"gb": 1}, "icu 1": {"gb": 2}}', "twice"),
    ],
)
def test_what_is_wrong_is_named(text, told):
    with pytest.raises(SettingsError, match="ECG_ARCHIVE_UNITS") as raised:
        TermsOfUnits.of(Settings(archive_units=text))
    assert told in str(raised.value)
