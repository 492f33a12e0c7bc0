"""Who sees which beds."""

from __future__ import annotations

import pytest

from ecg_monitor.ward.units.model import BedUnit, PersonUnits, Unit
from ecg_monitor.ward.units.sight import EVERYTHING, UnitBook, book_of

ICU, WARD = "0000000a", "0000000b"
BEDS = ("icu-1", "ward-1", "new-1")


def book(**people: tuple[str, ...]) -> UnitBook:
    units = {one: Unit(one, one, one, 1, "A", 0.0).to_json() for one in (ICU, WARD)}
    beds = {"icu-1": BedUnit(ICU, 1), "ward-1": BedUnit(WARD, 1), "old-1": BedUnit("", 2)}
    return book_of(
        {one.encode(): text for one, text in units.items()},
        {one.encode(): bed.to_json() for one, bed in beds.items()},
        {one.encode(): PersonUnits(one, held, 1).to_json() for one, held in people.items()},
    )


@pytest.mark.parametrize(
    ("given", "narrowed", "seen"),
    [
        ((), (), {"icu-1", "ward-1", "new-1"}),
        ((ICU,), (), {"icu-1", "new-1"}),
        ((ICU, WARD), (), {"icu-1", "ward-1", "new-1"}),
        ((), (WARD,), {"ward-1", "new-1"}),
        ((ICU, WARD), (WARD,), {"ward-1", "new-1"}),
        ((ICU,), (WARD,), {"new-1"}),  # a display whose user has lost its unit
        (("gone",), (), {"new-1"}),
    ],
)
def test_who_sees_what(given: tuple[str, ...], narrowed: tuple[str, ...], seen: set[str]) -> None:
    sight = book(karim=given).sight_of("karim", narrowed)
    assert {device for device in BEDS if sight.sees(device)} == seen


def test_without_units_everybody_sees_everything() -> None:
    assert UnitBook().sight_of("anyone").sees("bed-1")
    assert EVERYTHING.sees("bed-1")
    assert EVERYTHING.units() == []


def test_units_that_may_be_entered() -> None:
    sight = book(karim=(ICU, "gone")).sight_of("karim")
    assert [one.id for one in sight.units()] == [ICU]
    assert [sight.may_enter(one) for one in (ICU, WARD, "gone", "")] == [True, False, False, False]
    found = sight.unit_of("icu-1")
    assert found is not None
    assert found.id == ICU
    assert sight.unit_of("new-1") is sight.unit_of("old-1") is None


@pytest.mark.parametrize("rubbish", [b"", b"{", b"[]", b"null", b'{"units": 5}', b"\xff"])
def test_what_is_malformed_widens_nothing_and_hides_no_bed(rubbish: bytes) -> None:
    good = book()
    held = book_of({b"x": rubbish}, {b"icu-1": rubbish, b"new-1": b"{}"}, {b"karim": rubbish})
    assert len(held.malformed) == 4
    assert held.sight_of("karim").sees("icu-1")  # its unit is not known: everybody watches it
    mixed = UnitBook(good.units, good.beds, held.people)
    assert not mixed.sight_of("karim").sees("icu-1")
