"""Who may see which beds. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ecg_monitor.core.errors import UnitError
from ecg_monitor.ward.units.model import Unit, bed_unit_of, person_units_of, unit_of


@dataclass(frozen=True, slots=True, eq=False)
class UnitBook:
    """The units, and who has been given what, as they stood at one moment.

    Attributes:
        units: by id.
        beds: id of the unit that a device belongs to; those of none are left out.
        people: ids of the units of a person, by `ecg_monitor.ward.accounts.model.key_of` their
            name; whoever sees all is left out.
        malformed: what could not be read.
    """

    units: Mapping[str, Unit] = field(default_factory=dict)
    beds: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, frozenset[str]] = field(default_factory=dict)
    malformed: tuple[UnitError, ...] = ()

    def sight_of(self, person: str, narrowed: Collection[str] = ()) -> VisibleBeds:
        """Return what somebody may see.

        Args:
            person: unique name, as `ecg_monitor.ward.accounts.model.key_of` makes it.
            narrowed: ids of the units that a display on a wall was started for; none: all of the
                person's.
        """
        given = self.people.get(person)
        if narrowed:
            given = frozenset(narrowed) if given is None else given & frozenset(narrowed)
        return VisibleBeds(self, given)


@dataclass(frozen=True, slots=True, eq=False)
class VisibleBeds:
    """What somebody may see.

    Attributes:
        book: the units.
        given: ids of the units of which the beds are seen, besides the beds of no unit; None: every
            bed is seen.
    """

    book: UnitBook
    given: frozenset[str] | None = None

    def sees(self, device: str) -> bool:
        """Return whether the bed of a device may be seen: asked wherever a device is told of."""
        if self.given is None:
            return True
        unit = self.book.beds.get(device)
        return unit is None or unit in self.given

    def may_enter(self, unit: str) -> bool:
        """Return whether a unit is there, and its beds may be seen."""
        return unit in self.book.units and (self.given is None or unit in self.given)

    def units(self) -> list[Unit]:
        """Return the units whose beds may be seen, by name."""
        found = [one for one in self.book.units.values() if self.may_enter(one.id)]
        return sorted(found, key=lambda one: (one.key, one.id))

    def unit_of(self, device: str) -> Unit | None:
        """Return the unit of a bed; None: it belongs to none."""
        return self.book.units.get(self.book.beds.get(device, ""))


EVERYTHING = VisibleBeds(UnitBook())
"""What is seen where there are no units."""


def book_of(
    units: Mapping[bytes, bytes], beds: Mapping[bytes, bytes], people: Mapping[bytes, bytes]
) -> UnitBook:
    """Return the book of what Redis holds.

    What is malformed is told in ``malformed``. A bed whose unit cannot be read is seen by all, and
    a person whose units cannot be read sees the beds of no unit alone.

    Args:
        units: JSON by id.
        beds: JSON by device.
        people: JSON by unique name.
    """
    malformed: list[UnitError] = []
    known: dict[str, Unit] = {}
    for text in units.values():
        try:
            unit = unit_of(text)
        except UnitError as error:
            malformed.append(error)
        else:
            known[unit.id] = unit
    belongs: dict[str, str] = {}
    for device, text in beds.items():
        try:
            bed = bed_unit_of(text)
        except UnitError as error:
            malformed.append(error)
        else:
            if bed.unit:
                belongs[device.decode(errors="replace")] = bed.unit
    given: dict[str, frozenset[str]] = {}
    for person, text in people.items():
        try:
            one = frozenset(person_units_of(text).units)
        except UnitError as error:
            malformed.append(error)
            one = frozenset({""})
        if one:
            given[person.decode(errors="replace")] = one
    return UnitBook(known, belongs, given, tuple(malformed))
