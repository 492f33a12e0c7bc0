"""Alarm limits: one `Limits` per patient.

Each limit is declared in the field of its section (`ecg_monitor.ward.limits.sections`), with its
defaults; ``limits.toml`` beside this module shows them. A file of the user's overrides them
(`ecg_monitor.ward.limits.file`), and an admission (`ecg_monitor.ward.patients`) both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, get_args, get_type_hints

from ecg_monitor.core.types import Priority
from ecg_monitor.ward.alarms.catalogue import default_priorities
from ecg_monitor.ward.limits.limit import Category, Limit, declared
from ecg_monitor.ward.limits.sections.beats import SupraventricularLimits, VentricularLimits
from ecg_monitor.ward.limits.sections.device import NoiseLimits, PacingLimits
from ecg_monitor.ward.limits.sections.fibrillation import AfLimits, VfLimits
from ecg_monitor.ward.limits.sections.rate import RateLimits
from ecg_monitor.ward.limits.sections.waves import ConductionLimits, StLimits
from ecg_monitor.ward.words import Words

__all__ = [
    "CATEGORIES",
    "LIMITS",
    "OFF",
    "SECTIONS",
    "TITLES",
    "AfLimits",
    "ConductionLimits",
    "LimitBook",
    "Limits",
    "NoiseLimits",
    "PacingLimits",
    "RateLimits",
    "StLimits",
    "SupraventricularLimits",
    "VentricularLimits",
    "VfLimits",
    "default_limits",
    "default_tables",
    "limits_from_map",
    "limits_to_map",
]

CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
OFF = "off"
_TITLE = "title"


def _titled(en: str, fr: str, ar: str) -> dict[str, Words]:
    """Return the metadata of a section: what an editor calls it."""
    return {_TITLE: Words(en, fr, ar)}


@dataclass(frozen=True, slots=True)
class Limits:
    """All that holds for one patient.

    Attributes:
        category: ``adult``, ``paediatric`` or ``neonatal``.
        rate: see `RateLimits`; the others likewise.
        priorities: of each alarm kind that is not turned off.
    """

    category: str
    rate: RateLimits = field(
        metadata=_titled(
            "Heart rate and pauses", "Fréquence cardiaque et pauses", "معدل القلب والوقفات"
        )
    )
    ventricular: VentricularLimits = field(
        metadata=_titled("Ventricular beats", "Battements ventriculaires", "النبضات البطينية")
    )
    supraventricular: SupraventricularLimits = field(
        metadata=_titled(
            "Supraventricular beats", "Battements supraventriculaires", "النبضات فوق البطينية"
        )
    )
    af: AfLimits = field(
        metadata=_titled("Atrial fibrillation", "Fibrillation atriale", "رجفان أذيني")
    )
    st: StLimits = field(metadata=_titled("ST segment", "Segment ST", "قطعة ST"))
    conduction: ConductionLimits = field(
        metadata=_titled("QRS, QT and PR", "QRS, QT et PR", "QRS وQT وPR")
    )
    pacing: PacingLimits = field(
        metadata=_titled("Pacing", "Stimulation cardiaque", "تنظيم ضربات القلب")
    )
    vf: VfLimits = field(
        metadata=_titled("Ventricular fibrillation", "Fibrillation ventriculaire", "رجفان بطيني")
    )
    noise: NoiseLimits = field(metadata=_titled("Noisy signal", "Signal parasité", "إشارة مشوّشة"))
    priorities: Mapping[str, Priority]


TITLES: Final[Mapping[str, Words]] = {
    one.name: one.metadata[_TITLE] for one in fields(Limits) if _TITLE in one.metadata
}
"""What an editor calls each section."""
SECTIONS: Final[Mapping[str, type]] = {name: get_type_hints(Limits)[name] for name in TITLES}
"""The dataclass of each section."""
LIMITS: Final[Mapping[str, Mapping[str, Limit]]] = {
    name: declared(section) for name, section in SECTIONS.items()
}
"""The declaration of every limit, by section and key."""


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

    def of_bed(self, device: str, own: Mapping[str, Any]) -> Limits:
        """Return the limits of a device for which staff have set some, while nobody is admitted.

        Args:
            device: device id.
            own: ``category``, ``alarms`` and sections, over what the files give the device.
        """
        said = self.tables["patients"].get(device, {})
        merged = {**said, **own, "alarms": {**said.get("alarms", {}), **own.get("alarms", {})}}
        for name in SECTIONS:
            merged[name] = {**said.get(name, {}), **own.get(name, {})}
        return self.of_patient(merged)

    def turned_off(self, device: str, own: Mapping[str, str], *, admitted: bool) -> tuple[str, ...]:
        """Return the kinds of alarms that are on as built in, and turned off for a bed.

        Args:
            device: device id.
            own: priorities set for the patient who is admitted, or for the bed, by kind.
            admitted: whether there is a patient: what the files say of the bed is not theirs.
        """
        said = {} if admitted else self.tables["patients"].get(device, {}).get("alarms", {})
        levels = {**self.tables["alarms"], **said, **own}
        built_in = default_priorities()
        return tuple(
            sorted(kind for kind, level in levels.items() if level == OFF and kind in built_in)
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
    """Return the built-in tables, as a configuration file has them; ``patients`` is empty."""
    tables: dict[str, Any] = {"category": CATEGORIES[0]}
    for category in CATEGORIES:
        tables[category] = {
            section: values
            for section, limits in LIMITS.items()
            if (
                values := {
                    key: limit.defaults[category]
                    for key, limit in limits.items()
                    if category in limit.defaults
                }
            )
        }
    return {**tables, "alarms": default_priorities(), "patients": {}}


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
