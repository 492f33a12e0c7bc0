"""A care unit, the unit of a bed and the units of a person, as they are kept. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from ecg_monitor.core.errors import UnitError

MAX_NAME = 40
"""Characters of a unit's name: what fits in the header of a wall."""
MAX_UNITS = 200
"""Units of one installation; a hospital of a thousand beds has some fifty."""
JOINERS = "\u200c\u200d"
"""Characters without width that Persian and the scripts of India are not written without."""

UNIT_ID = re.compile(r"[0-9a-f]{8}")

Kept = TypeVar("Kept", "Unit", "BedUnit", "PersonUnits")


@dataclass(frozen=True, slots=True)
class Unit:
    """A care unit.

    Attributes:
        id: eight hexadecimal digits, never used again: an old bookmark shows no other unit.
        name: as it is shown.
        key: `key_of` the name; no two units share it.
        version: number of the last change, from 1.
        by: who made it.
        at: when, Unix s.
    """

    id: str
    name: str
    key: str
    version: int
    by: str
    at: float

    def to_json(self) -> bytes:
        """Return what is kept in Redis."""
        return orjson.dumps(self)


@dataclass(frozen=True, slots=True)
class BedUnit:
    """To which unit a bed belongs.

    Attributes:
        unit: id of the unit; empty: to none.
        version: number of the last change; 0: it has never been given to any.
        by: who made it.
        at: when, Unix s.
    """

    unit: str = ""
    version: int = 0
    by: str = ""
    at: float = 0.0

    def to_json(self) -> bytes:
        """Return what is kept in Redis; empty if it has never been given to any."""
        return orjson.dumps(self) if self.version else b""


@dataclass(frozen=True, slots=True)
class PersonUnits:
    """The units that a person has been given.

    Attributes:
        name: of the person, as it was written.
        units: ids; none: the person sees all beds.
        version: number of the last change; 0: there was none.
        by: who made it.
        at: when, Unix s.
    """

    name: str = ""
    units: tuple[str, ...] = ()
    version: int = 0
    by: str = ""
    at: float = 0.0

    def to_json(self) -> bytes:
        """Return what is kept in Redis; empty if it has never been changed."""
        return orjson.dumps(self) if self.version else b""


def unit_of(text: bytes) -> Unit:
    """Read a unit.

    Raises:
        UnitError: it is malformed.
    """
    return _made(Unit, _fields(text, "a care unit", id=str, name=str, key=str))


def bed_unit_of(text: bytes) -> BedUnit:
    """Read to which unit a bed belongs.

    Raises:
        UnitError: it is malformed.
    """
    return _made(BedUnit, _fields(text, "the care unit of a bed", unit=str))


def person_units_of(text: bytes) -> PersonUnits:
    """Read the units of a person.

    Raises:
        UnitError: it is malformed.
    """
    fields = _fields(text, "the care units of a person", name=str, units=list)
    if not all(isinstance(one, str) for one in fields["units"]):
        raise UnitError("the care units of a person in Redis are malformed: ids are texts")
    return _made(PersonUnits, {**fields, "units": tuple(fields["units"])})


def checked_name(name: Any) -> str:
    """Return the name of a unit in its normal form (NFC), without space around it.

    Raises:
        UnitError: it is no text, empty, too long, or has characters that are not seen, among them
            those that turn the direction of a text around.
    """
    if not isinstance(name, str):
        raise UnitError("the name of a care unit must be a text")
    if len(name) > 4 * MAX_NAME:  # nothing is made of what is far too long
        raise UnitError("the name of a care unit must have 1 to {most} characters", most=MAX_NAME)
    text = " ".join(unicodedata.normalize("NFC", name).split(" ")).strip()
    shown = "".join(one for one in text if one not in JOINERS)
    if not shown.isprintable():
        raise UnitError("the name of a care unit must have printable characters only")
    if not 1 <= len(text) <= MAX_NAME or not shown:
        raise UnitError("the name of a care unit must have 1 to {most} characters", most=MAX_NAME)
    return text


def key_of(name: str) -> str:
    """Return what makes the name of a unit unique.

    Names that differ only in case, in how their letters are composed, in how much space there is
    between words or in joiners look alike on a screen.
    """
    seen = "".join(one for one in name if one not in JOINERS)
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", seen).casefold())
    return " ".join(folded.split())


def _fields(text: bytes, what: str, **types: type) -> dict[str, Any]:
    wanted: dict[str, type | tuple[type, ...]]
    wanted = {**types, "version": int, "by": str, "at": (int, float)}
    try:
        fields = orjson.loads(text)
        wrong = [name for name, kind in wanted.items() if not isinstance(fields[name], kind)]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise UnitError(f"{what} in Redis is malformed: {error}") from error
    if wrong:
        raise UnitError(f"{what} in Redis is malformed: {wrong[0]} is of another type")
    return {name: fields[name] for name in wanted}


def _made(kind: type[Kept], fields: dict[str, Any]) -> Kept:
    return kind(**fields)
