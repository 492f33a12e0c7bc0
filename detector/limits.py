"""Alarm limits: read from TOML, checked at start, one `Limits` per patient.

The defaults are in ``limits.toml`` beside this module, which explains them; a file of the user's
with the same tables overrides any of them. A wrong file stops the start with an error that names
the table and the key::

    SettingsError: limits.toml: adult.rate.low_bpm must be 10 .. 300, got 500
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from ecg_monitor.errors import SettingsError
from ecg_monitor.types import Priority

CATEGORIES = ("adult", "paediatric", "neonatal")
OFF = "off"


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Limits of `detector.rhythm.rate`; bpm, s, beats."""

    asystole_s: float
    pause_s: float
    missed_beat_rr: float
    extreme_low_bpm: float
    extreme_low_beats: int
    low_bpm: float
    high_bpm: float
    limit_beats: int
    extreme_high_bpm: float
    extreme_high_beats: int
    delay_s: float
    hysteresis_bpm: float


@dataclass(frozen=True, slots=True)
class VentricularLimits:
    """Limits of `detector.rhythm.ventricular`."""

    vt_bpm: float
    vt_beats: int
    vt_sustained_s: float
    pvc_per_min: int
    r_on_t_qt: float


@dataclass(frozen=True, slots=True)
class SupraventricularLimits:
    """Limits of `detector.rhythm.supraventricular`."""

    svt_bpm: float
    svt_beats: int
    svt_onset: float
    pac_run_beats: int


@dataclass(frozen=True, slots=True)
class AfLimits:
    """Limits of `detector.rhythm.irregular`."""

    on: float
    off: float
    min_s: float


@dataclass(frozen=True, slots=True)
class VfLimits:
    """Limits of `detector.rhythm.fibrillation`."""

    on: float
    off: float
    seconds: int


@dataclass(frozen=True, slots=True)
class NoiseLimits:
    """Limits of `detector.rhythm.suspension`."""

    window_s: float
    poor_s: float


@dataclass(frozen=True, slots=True)
class Limits:
    """All that holds for one patient.

    Attributes:
        category: ``adult``, ``paediatric`` or ``neonatal``.
        rate: see `RateLimits`; the others likewise.
        priorities: of each alarm kind that is not turned off.
    """

    category: str
    rate: RateLimits
    ventricular: VentricularLimits
    supraventricular: SupraventricularLimits
    af: AfLimits
    vf: VfLimits
    noise: NoiseLimits
    priorities: Mapping[str, Priority]


SECTIONS: dict[str, type] = {
    "rate": RateLimits,
    "ventricular": VentricularLimits,
    "supraventricular": SupraventricularLimits,
    "af": AfLimits,
    "vf": VfLimits,
    "noise": NoiseLimits,
}
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


class LimitBook:
    """The limits of every patient."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        """Take tables that have been checked; see `load`."""
        self._tables = tables
        self._made: dict[str, Limits] = {}

    def of(self, device: str) -> Limits:
        """Return the limits that hold for a device."""
        known = device if device in self._tables["patients"] else ""
        if known not in self._made:
            self._made[known] = self._make(self._tables["patients"].get(known, {}))
        return self._made[known]

    def _make(self, patient: Mapping[str, Any]) -> Limits:
        category = patient.get("category", self._tables["category"])
        layers = (self._tables["adult"], self._tables[category], patient)
        sections = {
            name: cls(**{k: v for layer in layers for k, v in layer.get(name, {}).items()})
            for name, cls in SECTIONS.items()
        }
        alarms = {**self._tables["alarms"], **patient.get("alarms", {})}
        priorities = {kind: level for kind, level in alarms.items() if level != OFF}
        return Limits(category=category, priorities=priorities, **sections)


def load(path: str | Path = "") -> LimitBook:
    """Read the limits.

    Args:
        path: TOML file that overrides the defaults; empty: there is none.

    Raises:
        SettingsError: the file cannot be read, or a key is unknown or has a wrong value.
    """
    tables = _defaults()
    if path:
        _merge(tables, _read(Path(path)), tables["alarms"].copy(), str(path))
    book = LimitBook(tables)
    for category in CATEGORIES:
        _check_order(category, LimitBook({**tables, "category": category}).of(""), str(path))
    for device in tables["patients"]:
        _check_order(f"patients.{device}", book.of(device), str(path))
    return book


def default_limits(category: str = "adult") -> Limits:
    """Return the built-in limits of a category."""
    return LimitBook({**_defaults(), "category": category}).of("")


def _defaults() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("limits.toml").read_text(encoding="utf-8")
    return {**tomllib.loads(text), "patients": {}}


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
