"""Alarm limits: one `Limits` per patient.

The defaults are in ``limits.toml`` beside this module, which explains them. A file of the user's
overrides them (`ecg_monitor.ward.limits.file`), and an admission (`ecg_monitor.ward.patients`)
both.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

from ecg_monitor.core.types import Priority

CATEGORIES = ("adult", "paediatric", "neonatal")
OFF = "off"


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Limits of `detector.rhythm.rules.rate`; bpm, s, beats."""

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
    """Limits of `detector.rhythm.rules.ventricular`."""

    vt_bpm: float
    vt_beats: int
    vt_sustained_s: float
    pvc_per_min: int
    r_on_t_qt: float


@dataclass(frozen=True, slots=True)
class SupraventricularLimits:
    """Limits of `detector.rhythm.rules.supraventricular`."""

    svt_bpm: float
    svt_beats: int
    svt_onset: float
    pac_run_beats: int
    pac_run_bpm: float


@dataclass(frozen=True, slots=True)
class AfLimits:
    """Limits of `detector.rhythm.rules.irregular`."""

    on: float
    off: float
    min_s: float


@dataclass(frozen=True, slots=True)
class StLimits:
    """Limits of `detector.rhythm.rules.st`."""

    st_mv: float
    st_delay_s: float
    st_reference_min: float


@dataclass(frozen=True, slots=True)
class ConductionLimits:
    """Limits of `detector.rhythm.rules.conduction`."""

    qrs_ms: float
    qrs_rise_ms: float
    qtc_ms: float
    qtc_delay_s: float
    pr_ms: float
    interval_delay_s: float


@dataclass(frozen=True, slots=True)
class PacingLimits:
    """Limits of `detector.rhythm.rules.pacing`; ``paced`` says whether there is a pacemaker."""

    paced: str
    silence_rr: float


@dataclass(frozen=True, slots=True)
class VfLimits:
    """Limits of `detector.rhythm.waveform.fibrillation`."""

    on: float
    off: float
    seconds: int


@dataclass(frozen=True, slots=True)
class NoiseLimits:
    """Limits of `detector.rhythm.rules.suspension`."""

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
    st: StLimits
    conduction: ConductionLimits
    pacing: PacingLimits
    vf: VfLimits
    noise: NoiseLimits
    priorities: Mapping[str, Priority]


SECTIONS: dict[str, type] = {
    "rate": RateLimits,
    "ventricular": VentricularLimits,
    "supraventricular": SupraventricularLimits,
    "af": AfLimits,
    "st": StLimits,
    "conduction": ConductionLimits,
    "pacing": PacingLimits,
    "vf": VfLimits,
    "noise": NoiseLimits,
}


class LimitBook:
    """The limits of every patient, as far as files tell."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        """Take tables that have been checked; see `ecg_monitor.ward.limits.check`."""
        self.tables = tables
        self._made: dict[str, Limits] = {}

    def of(self, device: str) -> Limits:
        """Return the limits that hold for a device whose patient nobody has admitted."""
        known = device if device in self.tables["patients"] else ""
        if known not in self._made:
            self._made[known] = self.of_patient(self.tables["patients"].get(known, {}))
        return self._made[known]

    def turned_off(self, device: str, own: Mapping[str, str] | None) -> tuple[str, ...]:
        """Return the kinds of alarms that are on as built in, and turned off for a bed.

        Args:
            device: device id.
            own: priorities set for the patient who is admitted, by kind; None: there is none.
        """
        if own is None:
            own = self.tables["patients"].get(device, {}).get("alarms", {})
        levels = {**self.tables["alarms"], **own}
        built_in = _built_in_alarms()
        return tuple(
            sorted(
                kind
                for kind, level in levels.items()
                if level == OFF and built_in.get(kind, OFF) != OFF
            )
        )

    def of_patient(self, patient: Mapping[str, Any]) -> Limits:
        """Return the limits of a patient.

        Args:
            patient: what differs from the defaults, like a table ``[patients.x]``: ``category``,
                ``alarms`` and sections.
        """
        category = patient.get("category", self.tables["category"])
        layers = (self.tables["adult"], self.tables[category], patient)
        sections = {
            name: cls(**{k: v for layer in layers for k, v in layer.get(name, {}).items()})
            for name, cls in SECTIONS.items()
        }
        alarms = {**self.tables["alarms"], **patient.get("alarms", {})}
        priorities = {kind: level for kind, level in alarms.items() if level != OFF}
        return Limits(category=category, priorities=priorities, **sections)


def default_limits(category: str = "adult") -> Limits:
    """Return the built-in limits of a category."""
    return LimitBook({**default_tables(), "category": category}).of("")


def default_tables() -> dict[str, Any]:
    """Return the tables of ``limits.toml``, with an empty one for patients."""
    text = resources.files(__package__).joinpath("limits.toml").read_text(encoding="utf-8")
    return {**tomllib.loads(text), "patients": {}}


@cache
def _built_in_alarms() -> Mapping[str, str]:
    """Return the priorities of ``limits.toml`` by kind."""
    alarms: Mapping[str, str] = default_tables()["alarms"]
    return alarms


def limits_to_map(limits: Limits) -> dict[str, Any]:
    """Return limits as a map of plain values."""
    return {**asdict(limits), "priorities": dict(limits.priorities)}


def limits_from_map(fields: Mapping[str, Any]) -> Limits:
    """Inverse of `limits_to_map`.

    Raises:
        KeyError: a section is missing.
        TypeError: a section lacks a limit, or has one too many.
    """
    sections = {name: cls(**fields[name]) for name, cls in SECTIONS.items()}
    return Limits(category=fields["category"], priorities=fields["priorities"], **sections)
