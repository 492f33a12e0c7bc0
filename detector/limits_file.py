"""Alarm limits from a TOML file of the user's, checked at start.

It has the tables of ``limits.toml`` and overrides what it names. A wrong file stops the start with
an error that names the table and the key::

    SettingsError: ward.toml: adult.rate.low_bpm must be 10 .. 300, got 500
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

from detector.limits import CATEGORIES, OFF, SECTIONS, LimitBook, Limits, default_tables
from ecg_monitor.errors import SettingsError
from ecg_monitor.types import Priority

_RANGES: dict[str, tuple[float, float]] = {
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
    "window_s": (5, 120),
    "poor_s": (1, 120),
}
_RISING = {
    "rate": (
        ("extreme_low_bpm", "low_bpm", "high_bpm", "extreme_high_bpm"),
        ("pause_s", "asystole_s"),
    ),
    "af": (("off", "on"),),
    "vf": (("off", "on"),),
    "noise": (("poor_s", "window_s"),),
}
"""Keys whose values must not fall."""


def load_limits(path: str | Path = "") -> LimitBook:
    """Read the limits.

    Args:
        path: TOML file that overrides the defaults; empty: there is none.

    Raises:
        SettingsError: the file cannot be read, or a key is unknown or has a wrong value.
    """
    tables = default_tables()
    if path:
        _merge(tables, _read(Path(path)), tables["alarms"].copy(), str(path))
    book = LimitBook(tables)
    for category in CATEGORIES:
        _check_order(category, LimitBook({**tables, "category": category}).of(""), str(path))
    for device in tables["patients"]:
        _check_order(f"patients.{device}", book.of(device), str(path))
    return book


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"ECG_CONFIG: cannot read {path}: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"ECG_CONFIG: {path} is not valid TOML: {error}") from error


def _merge(
    tables: dict[str, Any], user: Mapping[str, Any], alarms: Mapping[str, str], file: str
) -> None:
    """Check the user's tables and put them over the defaults, in place."""
    _known(file, "", user, tables)
    for name, value in user.items():
        if name == "category":
            tables[name] = _category(file, name, value)
            continue
        _table(file, name, value)
        if name == "alarms":
            tables[name] = {**tables[name], **_alarms(file, name, value, alarms)}
        elif name == "patients":
            for device, table in value.items():
                where = f"patients.{device}"
                tables[name][device] = _patient(file, where, _table(file, where, table), alarms)
        else:
            for section, checked in _sections(file, name, value).items():
                tables[name][section] = {**tables[name].get(section, {}), **checked}


def _patient(
    file: str, where: str, table: Mapping[str, Any], alarms: Mapping[str, str]
) -> dict[str, Any]:
    own = {key: value for key, value in table.items() if key not in ("category", "alarms")}
    patient: dict[str, Any] = _sections(file, where, own, ("category", "alarms"))
    if "category" in table:
        patient["category"] = _category(file, f"{where}.category", table["category"])
    if "alarms" in table:
        chosen = _table(file, f"{where}.alarms", table["alarms"])
        patient["alarms"] = _alarms(file, f"{where}.alarms", chosen, alarms)
    return patient


def _sections(
    file: str, where: str, table: Mapping[str, Any], others: tuple[str, ...] = ()
) -> dict[str, Any]:
    _known(file, f"{where}.", table, (*SECTIONS, *others))
    checked: dict[str, Any] = {}
    for name, values in table.items():
        kinds = {field.name: str(field.type) for field in fields(SECTIONS[name])}
        place = f"{where}.{name}"
        _known(file, f"{place}.", _table(file, place, values), kinds)
        checked[name] = {
            key: _number(file, f"{place}.{key}", value, _RANGES[key], kinds[key])
            for key, value in values.items()
        }
    return checked


def _number(file: str, where: str, value: Any, limits: tuple[float, float], kind: str) -> float:
    allowed = (int,) if kind == "int" else (int, float)
    if isinstance(value, bool) or not isinstance(value, allowed):
        noun = "a whole number" if kind == "int" else "a number"
        raise SettingsError(f"{file}: {where} must be {noun}, got {value!r}")
    low, high = limits
    if not low <= value <= high:
        raise SettingsError(f"{file}: {where} must be {low:g} .. {high:g}, got {value:g}")
    return value if kind == "int" else float(value)


def _alarms(
    file: str, where: str, table: Mapping[str, Any], defaults: Mapping[str, str]
) -> Mapping[str, str]:
    _known(file, f"{where}.", table, defaults)
    for kind, level in table.items():
        if level not in (*get_args(Priority), OFF):
            words = ", ".join((*get_args(Priority), OFF))
            raise SettingsError(f"{file}: {where}.{kind} must be one of {words}, got {level!r}")
        if defaults[kind] in ("high", "technical") and level != defaults[kind]:
            raise SettingsError(
                f"{file}: {where}.{kind} must stay {defaults[kind]}: it saves lives"
            )
    return table


def _category(file: str, where: str, value: Any) -> str:
    if value not in CATEGORIES:
        words = ", ".join(CATEGORIES)
        raise SettingsError(f"{file}: {where} must be one of {words}, got {value!r}")
    return str(value)


def _table(file: str, where: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError(f"{file}: {where} must be a table headed [{where}], got {value!r}")
    return value


def _known(file: str, where: str, table: Mapping[str, Any], known: Any) -> None:
    for name in table:
        if name not in known:
            near = difflib.get_close_matches(name, list(known), n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(known)}"
            raise SettingsError(f"{file}: {where}{name} is not known{hint}")


def _check_order(where: str, limits: Limits, file: str) -> None:
    for name, chains in _RISING.items():
        section = getattr(limits, name)
        for chain in chains:
            values = [getattr(section, key) for key in chain]
            if values != sorted(values):
                told = " <= ".join(chain)
                raise SettingsError(f"{file}: {where}.{name} must keep {told}, got {values}")
