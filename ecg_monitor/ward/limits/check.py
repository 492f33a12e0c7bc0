"""Which alarm limits are allowed. Pure.

Every check notes what is wrong and goes on, so that a page can show all mistakes at once::

    rate.low_bpm must be 10 .. 300, got 500
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any, get_args

from ecg_monitor.core.errors import LimitError
from ecg_monitor.core.types import Priority
from ecg_monitor.ward.limits.limit import Limit
from ecg_monitor.ward.limits.model import CATEGORIES, LIMITS, OFF, LimitBook, Limits

LEVELS: tuple[str, ...] = (*get_args(Priority), OFF)
FIXED = frozenset({"high", "technical"})
"""Alarms that have one of these priorities by default keep it: they save lives."""

Problems = list[LimitError]


def _chains(limits: Mapping[str, Limit]) -> tuple[tuple[str, ...], ...]:
    """Return the chains of keys of a section whose values must not fall."""
    follows = {key: limit.at_most for key, limit in limits.items() if limit.at_most}
    chains = []
    for first in follows.keys() - set(follows.values()):
        chain = [first]
        while chain[-1] in follows:
            chain.append(follows[chain[-1]])
        chains.append(tuple(chain))
    return tuple(sorted(chains))


RISING: Mapping[str, tuple[tuple[str, ...], ...]] = {
    section: chains for section, limits in LIMITS.items() if (chains := _chains(limits))
}
"""Keys of each section whose values must not fall, from the lowest to the highest."""


def check_patient(
    where: str, table: Any, alarms: Mapping[str, str], problems: Problems
) -> dict[str, Any]:
    """Return the entries of a patient's table that are right.

    Args:
        where: path of the table, empty or ``patients.x``.
        table: ``category``, ``alarms`` and sections.
        alarms: default priority of each kind of alarm.
        problems: takes what is wrong.
    """
    table = table_of(where, table, problems)
    own = {key: value for key, value in table.items() if key not in ("category", "alarms")}
    patient = check_sections(where, own, problems, ("category", "alarms"))
    if "category" in table and check_category(_join(where, "category"), table, problems):
        patient["category"] = table["category"]
    if "alarms" in table:
        patient["alarms"] = check_alarms(_join(where, "alarms"), table["alarms"], alarms, problems)
    return patient


def check_sections(
    where: str, table: Any, problems: Problems, others: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the limits of a table of sections that are right; ``others`` may be there too."""
    checked: dict[str, Any] = {}
    for name, values in known(where, table, (*LIMITS, *others), problems).items():
        limits = LIMITS[name]
        place = _join(where, name)
        checked[name] = {
            key: value if limits[key].whole or limits[key].choices else float(value)
            for key, value in known(place, values, limits, problems).items()
            if _allowed(_join(place, key), limits[key], value, problems)
        }
    return checked


def check_alarms(
    where: str, table: Any, defaults: Mapping[str, str], problems: Problems
) -> dict[str, str]:
    """Return the priorities of a table ``[alarms]`` that are allowed."""
    checked: dict[str, str] = {}
    for kind, level in known(where, table, defaults, problems).items():
        place = _join(where, kind)
        if level not in LEVELS:
            words = ", ".join(LEVELS)
            problems.append(LimitError(place, f"must be one of {words}, got {level!r}"))
        elif defaults[kind] in FIXED and level != defaults[kind]:
            problems.append(LimitError(place, f"must stay {defaults[kind]}: it saves lives"))
        elif level == "technical" and defaults[kind] != "technical":
            problems.append(LimitError(place, "is about the heart: it cannot be technical"))
        else:
            checked[kind] = level
    return checked


def check_category(where: str, table: Mapping[str, Any], problems: Problems) -> bool:
    """Whether the ``category`` of a table is one that we know."""
    if table["category"] in CATEGORIES:
        return True
    words = ", ".join(CATEGORIES)
    problems.append(LimitError(where, f"must be one of {words}, got {table['category']!r}"))
    return False


def check_order(where: str, limits: Limits, problems: Problems) -> None:
    """Look whether limits that must rise do, as low below high."""
    for name, chains in RISING.items():
        section = getattr(limits, name)
        for chain in chains:
            values = [getattr(section, key) for key in chain]
            if values != sorted(values):
                told = " <= ".join(chain)
                problems.append(LimitError(_join(where, name), f"must keep {told}, got {values}"))


def known(where: str, table: Any, names: Collection[str], problems: Problems) -> Mapping[str, Any]:
    """Return the entries of a table whose names are known."""
    table = table_of(where, table, problems)
    for name in table:
        if name not in names:
            near = difflib.get_close_matches(str(name), list(names), n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(names)}"
            problems.append(LimitError(_join(where, name), f"is not known{hint}"))
    return {name: value for name, value in table.items() if name in names}


def table_of(where: str, value: Any, problems: Problems) -> Mapping[str, Any]:
    """Return the value if it is a table, else an empty one."""
    if isinstance(value, dict):
        return value
    problems.append(LimitError(where, f"must be a table headed [{where}], got {value!r}"))
    return {}


def checked_patient(book: LimitBook, table: Mapping[str, Any]) -> tuple[dict[str, Any], Problems]:
    """Return the entries of a patient's table that are right over a book's defaults.

    Args:
        book: the defaults.
        table: ``category``, ``alarms`` and sections.

    Returns:
        the entries, and all that is wrong: with single entries, then with their order.
    """
    problems: Problems = []
    checked = check_patient("", table, book.tables["alarms"], problems)
    check_order("", book.of_patient(checked), problems)
    return checked, problems


def checked_bed(
    book: LimitBook, device: str, table: Mapping[str, Any]
) -> tuple[dict[str, Any], Problems]:
    """Return the entries that are right of limits set for a bed to which nobody is admitted.

    Args:
        book: the defaults.
        device: device id.
        table: ``category``, ``alarms`` and sections.

    Returns:
        the entries, and all that is wrong: with single entries, then with their order.
    """
    problems: Problems = []
    checked = check_patient("", table, book.tables["alarms"], problems)
    check_order("", book.of_bed(device, checked), problems)
    return checked, problems


def _allowed(where: str, limit: Limit, value: Any, problems: Problems) -> bool:
    if not limit.choices:
        return _number(where, limit, value, problems)
    if isinstance(value, str) and value in limit.choices:
        return True
    words = ", ".join(limit.choices)
    problems.append(LimitError(where, f"must be one of {words}, got {value!r}"))
    return False


def _number(where: str, limit: Limit, value: Any, problems: Problems) -> bool:
    allowed = (int,) if limit.whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, allowed):
        noun = "a whole number" if limit.whole else "a number"
        problems.append(LimitError(where, f"must be {noun}, got {value!r}"))
        return False
    low, high = limit.lowest, limit.highest
    if not low <= value <= high:
        problems.append(LimitError(where, f"must be {low:g} .. {high:g}, got {value:g}"))
        return False
    return True


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
