"""Every alarm kind by name, and what is derived from the rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType
from typing import Final

from ecg_monitor.core.types import Priority
from ecg_monitor.ward.alarms.kind import AlarmKind
from ecg_monitor.ward.alarms.rows import atrial, conduction, rate, technical, ventricular

TABLES: Final[Mapping[str, tuple[AlarmKind, ...]]] = MappingProxyType(
    {
        "rate": rate.KINDS,
        "ventricular": ventricular.KINDS,
        "atrial": atrial.KINDS,
        "conduction": conduction.KINDS,
        "technical": technical.KINDS,
    }
)
"""The rows by the table of ``docs/ALARMS.md`` that shows them."""

KINDS: Final[Mapping[str, AlarmKind]] = MappingProxyType(
    {row.kind: row for row in sorted(chain(*TABLES.values()), key=lambda row: row.rank)}
)
"""Every kind by its name, the gravest first."""

OF_DEVICE: Final = frozenset(kind for kind, row in KINDS.items() if row.about == "device")
"""Conditions of the device and its electrodes; all others are of the heart, and of its owner."""

GOES_ON_IN_NOISE: Final = frozenset(kind for kind, row in KINDS.items() if row.goes_on_in_noise)
"""Conditions that a suspension of the rhythm analysis does not end."""

BURDENS: Final = frozenset(kind for kind, row in KINDS.items() if row.burden)
"""Conditions whose share of the time the trends show."""


def default_priorities() -> dict[str, Priority]:
    """Return the default priority of every kind that ``[alarms]`` may name, the gravest first."""
    return {kind: row.priority for kind, row in KINDS.items() if row.configurable}


def _silences() -> Mapping[str, frozenset[str]]:
    heart = KINDS.keys() - OF_DEVICE
    weaker = {
        kind: set(heart - {kind} if row.silences == "heart" else row.silences)
        for kind, row in KINDS.items()
    }
    for kind, row in KINDS.items():
        for stronger in row.silenced_by:
            weaker[stronger].add(kind)
    return MappingProxyType({kind: frozenset(some) for kind, some in weaker.items() if some})


SILENCES: Final = _silences()
"""The alarm chains: what each condition that silences others silences."""
