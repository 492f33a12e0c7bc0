"""Which alarm limits are allowed. Pure.

Every check notes what is wrong and goes on, so that a page can show all mistakes at once::

    rate.low_bpm must be 10 .. 300, got 500
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, get_args

from ecg_monitor.core.errors import LimitError
from ecg_monitor.core.types import Priority
from ecg_monitor.ward.limits.model import CATEGORIES, OFF, SECTIONS, LimitBook, Limits

RANGES: dict[str, tuple[float, float]] = {
    "asystole_s": (2, 10),  # EC13: never later than 10 s
    "pause_s": (1, 10),
    "missed_beat_rr": (1.3, 3),
    "extreme_low_bpm": (10, 300),
    "extreme_low_beats": (3, 30),
    "low_bpm": (10, 300),
    "high_bpm": (10, 300),
    "limit_beats": (3, 30),
    "extreme_high_bpm": (10, 300),
    "extreme_high_beats": (3, 30),
    "delay_s": (0, 10),
    "hysteresis_bpm": (0, 20),
    "vt_bpm": (60, 250),
    "vt_beats": (3, 20),
    "vt_sustained_s": (5, 120),
    "pvc_per_min": (1, 100),
    "r_on_t_qt": (0.5, 1.2),
    "svt_bpm": (100, 300),
    "svt_beats": (3, 30),
    "svt_onset": (0.3, 1),
    "pac_run_beats": (3, 20),
    "pac_run_bpm": (60, 250),
    "on": (0, 1),
    "off": (0, 1),
    "min_s": (0, 600),
    "seconds": (1, 8),
    "st_mv": (0.05, 1),
    "st_delay_s": (0, 600),
    "st_reference_min": (0, 60),
    "qrs_ms": (80, 200),
    "qrs_rise_ms": (0, 100),
    "qtc_ms": (400, 700),
    "qtc_delay_s": (0, 1800),
    "pr_ms": (120, 400),
    "interval_delay_s": (0, 600),
    "silence_rr": (1.3, 3),
    "window_s": (5, 120),
    "poor_s": (1, 120),
}
"""Least and greatest value of each limit that is a number."""
CHOICES: dict[str, tuple[str, ...]] = {"paced": ("auto", "yes", "no")}
"""Values of each limit that is a word."""
RISING: dict[str, tuple[tuple[str, ...], ...]] = {
    "rate": (
        ("extreme_low_bpm", "low_bpm", "high_bpm", "extreme_high_bpm"),
        ("pause_s", "asystole_s"),
    ),
    "af": (("off", "on"),),
    "vf": (("off", "on"),),
    "noise": (("poor_s", "window_s"),),
}
"""Keys whose values must not fall."""
LEVELS: tuple[str, ...] = (*get_args(Priority), OFF)
FIXED = frozenset({"high", "technical"})
"""Alarms that have one of these priorities by default keep it: they save lives."""

Problems = list[LimitError]


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
    for name, values in known(where, table, (*SECTIONS, *others), problems).items():
        kinds = {field.name: str(field.type) for field in fields(SECTIONS[name])}
        place = _join(where, name)
        checked[name] = {
            key: float(value) if kinds[key] == "float" else value
            for key, value in known(place, values, kinds, problems).items()
            if _allowed(_join(place, key), key, value, kinds[key], problems)
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


def _allowed(where: str, key: str, value: Any, kind: str, problems: Problems) -> bool:
    if key not in CHOICES:
        return _number(where, value, RANGES[key], kind, problems)
    if value in CHOICES[key]:
        return True
    words = ", ".join(CHOICES[key])
    problems.append(LimitError(where, f"must be one of {words}, got {value!r}"))
    return False


def _number(
    where: str, value: Any, limits: tuple[float, float], kind: str, problems: Problems
) -> bool:
    allowed = (int,) if kind == "int" else (int, float)
    if isinstance(value, bool) or not isinstance(value, allowed):
        noun = "a whole number" if kind == "int" else "a number"
        problems.append(LimitError(where, f"must be {noun}, got {value!r}"))
        return False
    low, high = limits
    if not low <= value <= high:
        problems.append(LimitError(where, f"must be {low:g} .. {high:g}, got {value:g}"))
        return False
    return True


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
