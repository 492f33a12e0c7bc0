"""How long what was recorded of a bed stays: for all beds, and of care units by their name. Pure.

``ECG_ARCHIVE_UNITS`` is a JSON map from the name of a unit to ``days`` and ``gb``:
``{"ICU 1": {"days": 90, "gb": 200}, "Ward 3B": {"days": 7}}``. What is not said of a unit is that
of all beds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward.units.model import key_of
from ecg_monitor.ward.units.sight import UnitBook

VARIABLE = "ECG_ARCHIVE_UNITS"
_FIELDS = {"days": 36_600.0, "gb": 1_000_000.0}
"""What can be said of a unit, and the most that it can be."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How long records stay.

    Attributes:
        days: longest time since a segment came into the archive, days; 0: for ever.
        gb: most that all of them may take, GB; 0: no bound.
        unit: id of the care unit; empty: all beds of no unit, and of units without terms of their
            own, together.
    """

    days: float
    gb: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TermsOfUnits:
    """The terms that were set.

    Attributes:
        rest: of beds without terms of their own.
        units: by name as it was written.
    """

    rest: Terms
    units: Mapping[str, Terms] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> TermsOfUnits:
        """Read the settings.

        Raises:
            SettingsError: what is said of units is malformed; names what is wrong.
        """
        rest = Terms(settings.archive_days, settings.archive_gb)
        if not settings.archive_units.strip():
            return cls(rest)
        try:
            said = orjson.loads(settings.archive_units)
        except orjson.JSONDecodeError as error:
            raise SettingsError(f"{VARIABLE} is not JSON: {error}; {_example()}") from error
        if not isinstance(said, dict):
            raise SettingsError(f"{VARIABLE} must be a map by names of care units; {_example()}")
        keys: dict[str, str] = {}
        for name in said:
            if (other := keys.setdefault(key_of(name), name)) != name:
                raise SettingsError(f"{VARIABLE} names one care unit twice: {other}, {name}")
        return cls(rest, {name: _terms(name, one, rest) for name, one in said.items()})

    def unknown(self, book: UnitBook) -> list[str]:
        """Return the names that are those of no unit: nobody knows whose terms those are."""
        known = {unit.key for unit in book.units.values()}
        return sorted(name for name in self.units if key_of(name) not in known)

    def groups(self, book: UnitBook, devices: list[str]) -> list[tuple[Terms, list[str]]]:
        """Return which devices share which terms; a bed's records follow its present unit.

        A unit that was renamed or cannot be read, or a Redis that has lost them all, must not cost
        what was to stay: as long as a name is that of no unit, beds without terms of their own keep
        for the longest time that is theirs or its, and as much as both together.

        Args:
            book: the care units.
            devices: all of which something is kept.
        """
        by_key = {key_of(name): terms for name, terms in self.units.items()}
        rest = self._rest(book)
        found: dict[Terms, list[str]] = {}
        for device in devices:
            unit = book.units.get(book.beds.get(device, ""))
            own = None if unit is None else by_key.get(unit.key)
            terms = rest if own is None or unit is None else Terms(own.days, own.gb, unit.id)
            found.setdefault(terms, []).append(device)
        return list(found.items())

    def _rest(self, book: UnitBook) -> Terms:
        possible = [self.rest, *(self.units[name] for name in self.unknown(book))]
        is_for_ever = any(one.days == 0 for one in possible)
        is_unbounded = any(one.gb == 0 for one in possible)
        return Terms(
            0.0 if is_for_ever else max(one.days for one in possible),
            0.0 if is_unbounded else sum(one.gb for one in possible),
        )


def _terms(name: str, said: Any, rest: Terms) -> Terms:
    if not isinstance(said, dict) or not said:
        raise SettingsError(f"{VARIABLE}: {name} must have days or gb; {_example()}")
    for what, value in said.items():
        if what not in _FIELDS:
            raise SettingsError(f"{VARIABLE}: {name} has {what}; it can have days and gb")
        is_number = type(value) in (int, float) and math.isfinite(value)
        if not is_number or not 0 <= value <= _FIELDS[what]:
            raise SettingsError(
                f"{VARIABLE}: {what} of {name} must be a number 0 .. {_FIELDS[what]:g}, "
                f"got {value!r}"
            )
    return Terms(float(said.get("days", rest.days)), float(said.get("gb", rest.gb)))


def _example() -> str:
    return 'write it as {"ICU 1": {"days": 90, "gb": 200}}'
