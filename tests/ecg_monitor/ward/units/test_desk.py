"""Care units over a real Redis: what is done, who comes second, what the trail says."""

from __future__ import annotations

import asyncio
import unicodedata
from typing import Any

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import UnitError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.accounts.people import People
from ecg_monitor.ward.units.desk import UnitDesk
from ecg_monitor.ward.units.model import MAX_NAME, MAX_UNITS
from ecg_monitor.ward.units.reading import UnitCopy, read_units

NOW = 1_800_000_000.0
BEDS = ("bed-1", "bed-2", "bed-3")


@pytest.fixture
def settings(redis_url: str) -> Settings:
    return Settings(redis_url=redis_url, partitions=4)


@pytest.fixture
async def desk(redis_client: Store, settings: Settings) -> UnitDesk:
    """A desk at which Amina works; three devices are known."""
    for device in BEDS:
        await redis_client.hset(keys.roster(keys.partition_of(device, 4)), device, "1 2")
    return UnitDesk(redis_client, settings, "Amina", "10.0.0.1", lambda: NOW)


@pytest.fixture
def other(desk: UnitDesk, redis_client: Store, settings: Settings) -> UnitDesk:
    """The same desk, at which Bilal works."""
    return UnitDesk(redis_client, settings, "Bilal")


async def test_every_act_is_on_the_trail(desk: UnitDesk, redis_client: Store) -> None:
    icu = await desk.add("ICU 1")
    ward = await desk.add("Ward 3B")
    await desk.rename(icu.id, "ICU", 1)
    await desk.give_beds(icu.id, {"bed-1": 0})
    await desk.give_beds(ward.id, {"bed-1": 1})
    await desk.give_person("Karim", [ward.id], 0)
    await desk.remove(icu.id, 2)
    trail = list(reversed(await People(redis_client, "").trail()))
    assert {(one.by, one.address, one.at) for one in trail} == {("Amina", "10.0.0.1", NOW)}
    assert [(one.what, one.user, one.detail) for one in trail] == [
        ("unit_added", "ICU 1", ""),
        ("unit_added", "Ward 3B", ""),
        ("unit_renamed", "ICU 1", "ICU"),
        ("bed_unit_changed", "bed-1", "- → ICU"),
        ("bed_unit_changed", "bed-1", "ICU → Ward 3B"),
        ("person_units_changed", "Karim", "Ward 3B"),
        ("unit_removed", "ICU", ""),
    ]
    book = await read_units(redis_client)
    assert [one.name for one in book.units.values()] == ["Ward 3B"]
    assert book.beds == {"bed-1": ward.id}
    assert book.people == {"karim": {ward.id}}


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "1 to 40"), ("   ", "1 to 40"), ("x" * (MAX_NAME + 1), "1 to 40"),
        ("x" * 2**20, "1 to 40"), ("\u200d", "1 to 40"), ("ICU\n1", "printable"),
        ("ICU\x00", "printable"), ("\u202eUCI", "printable"), ("a\u2066b\u2069", "printable"),
        ("a\ud800", "printable"), (None, "a text"), (5, "a text"), (["ICU"], "a text"),
    ],
)  # fmt: skip
async def test_what_is_no_name(desk: UnitDesk, name: Any, error: str) -> None:
    with pytest.raises(UnitError, match=error):
        await desk.add(name)
    unit = await desk.add("ICU")
    with pytest.raises(UnitError, match=error):
        await desk.rename(unit.id, name, 1)


@pytest.mark.parametrize(
    "name", ["سكانر ٣", "集中治療室", "می\u200cخواهم", "Réa", "<b>ICU</b>", "x" * MAX_NAME]
)
async def test_names_of_any_script_are_kept_as_they_are(desk: UnitDesk, name: str) -> None:
    decomposed = unicodedata.normalize("NFD", f"  {name} ")
    assert (await desk.add(decomposed)).name == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "twin", ["RÉA", "re\u0301a", "r\u00e9a", "Re\u0301A", "R\u200d\u00e9a", " Réa "]
)
async def test_two_units_do_not_look_alike(desk: UnitDesk, other: UnitDesk, twin: str) -> None:
    await desk.add("Réa")
    with pytest.raises(UnitError, match="there is a care unit Réa already"):
        await other.add(twin)
    unit = await other.add("ICU")
    with pytest.raises(UnitError, match="there is a care unit Réa already"):
        await other.rename(unit.id, twin, 1)
    assert (await other.rename(unit.id, "icu", 1)).name == "icu"  # its own name is no twin


async def test_one_of_two_gets_a_name(desk: UnitDesk, other: UnitDesk) -> None:
    outcomes = await asyncio.gather(desk.add("ICU"), other.add("icu"), return_exceptions=True)
    assert sorted(isinstance(one, UnitError) for one in outcomes) == [False, True]
    assert len(await desk.units()) == 1


async def test_who_comes_second_is_told_who_was_first(desk: UnitDesk, other: UnitDesk) -> None:
    unit = await desk.add("ICU")
    await desk.rename(unit.id, "ICU 1", 1)
    await desk.give_beds(unit.id, {"bed-1": 0})
    await desk.give_person("Karim", [unit.id], 0)
    for act in (
        other.rename(unit.id, "ICU 2", 1),
        other.remove(unit.id, 1),
        other.give_beds("", {"bed-1": 0}),
        other.give_person("KARIM", [], 0),
    ):
        with pytest.raises(UnitError, match="Amina has changed this meanwhile"):
            await act
    assert [one.name for one in await desk.units()] == ["ICU 1"]


async def test_two_at_once_cannot_both_give_a_bed(desk: UnitDesk, other: UnitDesk) -> None:
    one, two = await desk.add("One"), await desk.add("Two")
    outcomes = await asyncio.gather(
        desk.give_beds(one.id, {"bed-1": 0}),
        other.give_beds(two.id, {"bed-1": 0}),
        return_exceptions=True,
    )
    assert sorted(isinstance(done, UnitError) for done in outcomes) == [False, True]
    assert (await desk.bed("bed-1")).version == 1


async def test_beds_are_given_together_or_not_at_all(desk: UnitDesk, other: UnitDesk) -> None:
    unit = await desk.add("ICU")
    await desk.give_beds(unit.id, {"bed-2": 0})
    with pytest.raises(UnitError, match="bed-2: Amina has changed"):
        await other.give_beds("", {"bed-1": 0, "bed-2": 0, "bed-3": 0})
    with pytest.raises(UnitError, match="bed-9: there is no such bed"):
        await other.give_beds(unit.id, {"bed-1": 0, "bed-9": 0})
    assert set(await desk.beds()) == {"bed-2"}
    await desk.give_beds(unit.id, {"bed-1": 0, "bed-2": 1, "bed-3": 0})
    assert {bed.unit for bed in (await desk.beds()).values()} == {unit.id}
    assert (await desk.bed("bed-2")).version == 1  # it was there already


async def test_a_unit_in_use_is_not_removed(desk: UnitDesk) -> None:
    unit = await desk.add("ICU")
    await desk.give_beds(unit.id, {"bed-1": 0})
    with pytest.raises(UnitError, match="beds: 1, people: 0"):
        await desk.remove(unit.id, 1)
    await desk.give_person("Karim", [unit.id], 0)
    await desk.give_beds("", {"bed-1": 1})
    with pytest.raises(UnitError, match="beds: 0, people: 1"):
        await desk.remove(unit.id, 1)  # or Karim would see all from then on
    await desk.give_person("Karim", [], 1)
    await desk.remove(unit.id, 1)
    assert await desk.units() == []
    assert (await desk.bed("bed-1")).version == 2


@pytest.mark.parametrize("unit", ["00000000", "", None, 7, ["x"], "\ud800"])
async def test_unknown_units(desk: UnitDesk, unit: Any) -> None:
    acts = [desk.rename(unit, "x", 1), desk.remove(unit, 1), desk.give_person("Karim", [unit], 0)]
    if unit != "":
        acts.append(desk.give_beds(unit, {"bed-1": 0}))
    for act in acts:
        with pytest.raises(UnitError, match="no such care unit"):
            await act


@pytest.mark.parametrize("beds", [None, {}, [], "bed-1", {"../x": 0}, {"bed-1": "0"}, {"": 0}])
async def test_what_names_no_beds(desk: UnitDesk, beds: Any) -> None:
    unit = await desk.add("ICU")
    with pytest.raises(UnitError):
        await desk.give_beds(unit.id, beds)
    assert await desk.beds() == {}


async def test_a_unit_that_is_removed_while_it_is_given_gets_nothing(
    desk: UnitDesk, other: UnitDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = await desk.add("ICU")
    seen = await other.units()

    async def removed() -> Any:
        await desk.remove(unit.id, 1)
        return seen

    monkeypatch.setattr(other, "units", removed)
    with pytest.raises(UnitError, match="no longer"):
        await other.give_beds(unit.id, {"bed-1": 0})
    assert await desk.beds() == {}


async def test_units_are_not_without_number(desk: UnitDesk) -> None:
    for number in range(MAX_UNITS):
        await desk.add(f"Unit {number}")
    with pytest.raises(UnitError, match=f"there are {MAX_UNITS} care units already"):
        await desk.add("one more")


async def test_a_copy_is_read_anew_only_when_something_has_changed(
    desk: UnitDesk, redis_client: Store
) -> None:
    copy = UnitCopy()
    assert not await copy.refresh(redis_client) or copy.book.units == {}
    unit = await desk.add("ICU")
    assert await copy.refresh(redis_client)
    held = copy.book
    assert not await copy.refresh(redis_client)
    assert copy.book is held
    assert copy.book.units.keys() == {unit.id}


async def test_a_redis_that_is_full_tells_the_units(desk: UnitDesk, redis_client: Store) -> None:
    unit = await desk.add("ICU")
    await redis_client.config_set("maxmemory", 1)
    try:
        copy = UnitCopy()
        assert await copy.refresh(redis_client)
        assert copy.book.units.keys() == {unit.id}
    finally:
        await redis_client.config_set("maxmemory", 0)
