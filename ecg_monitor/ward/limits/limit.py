"""The declaration of one limit: all that is known of it stands in the field of its section.

A section is a dataclass whose fields are made by `number` or `choice`::

    low_bpm: float = number(
        50.0, paediatric=75.0, neonatal=100.0, lowest=10, highest=300, unit=BPM,
        label=Words("Bradycardia below", ...), kinds=("bradycardia",),
    )

Checks, defaults, ``limits.toml``, ``docs/ALARMS.md`` and the words of the pages follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from ecg_monitor.ward.words import Words, everywhere

Category = Literal["adult", "paediatric", "neonatal"]
"""A class of patients with defaults of their own."""

NO_UNIT = everywhere("")
BPM = everywhere("bpm")
SECONDS = Words("s", "s", "ث")
MILLISECONDS = everywhere("ms")
BEATS = Words("beats", "battements", "نبضة")
MEAN_RR = Words("× mean RR", "× RR moyen", "× متوسط RR")

_METADATA = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What is declared of one limit.

    Attributes:
        defaults: default of each category of patients; one that is missing is that of adults.
        label: what an editor calls it.
        unit: of its value.
        note: what an operator must know beside the label, for ``limits.toml``; English.
        lowest: least value; of a word it has no meaning.
        highest: greatest value; of a word it has no meaning.
        whole: whether its value is a whole number: the field is an ``int``.
        choices: the words that it may be, with what an editor calls them; empty: it is a number.
        fine: whether it is for fine tuning, which an editor shows apart.
        at_most: key of the limit of the same section that it must not exceed; empty: none.
        kinds: alarm kinds that are held against it.
    """

    defaults: Mapping[Category, float | str]
    label: Words
    unit: Words = NO_UNIT
    note: str = ""
    lowest: float = 0.0
    highest: float = 0.0
    whole: bool = False
    choices: Mapping[str, Words]
    fine: bool = False
    at_most: str = ""
    kinds: tuple[str, ...] = ()


def number(
    adult: float,
    *,
    lowest: float,
    highest: float,
    label: Words,
    paediatric: float | None = None,
    neonatal: float | None = None,
    unit: Words = NO_UNIT,
    note: str = "",
    fine: bool = False,
    at_most: str = "",
    kinds: tuple[str, ...] = (),
) -> Any:
    """Declare a limit that is a number; see `Limit`.

    Args:
        adult: default of adults, and of categories that have none of their own.
        lowest: least value.
        highest: greatest value.
        label: what an editor calls it.
        paediatric: default of children.
        neonatal: default of neonates.
        unit: of its value.
        note: what an operator must know beside the label.
        fine: whether it is for fine tuning.
        at_most: key of the limit that it must not exceed.
        kinds: alarm kinds that are held against it.

    Returns:
        A dataclass field without a default.
    """
    return _field(
        Limit(
            defaults=_defaults(adult, paediatric, neonatal),
            lowest=lowest,
            highest=highest,
            label=label,
            unit=unit,
            note=note,
            choices={},
            fine=fine,
            at_most=at_most,
            kinds=kinds,
        )
    )


def choice(
    adult: str,
    *,
    choices: Mapping[str, Words],
    label: Words,
    note: str = "",
    fine: bool = False,
    kinds: tuple[str, ...] = (),
) -> Any:
    """Declare a limit that is one of several words; see `Limit`.

    Args:
        adult: default of all patients.
        choices: the words that it may be, with what an editor calls them.
        label: what an editor calls it.
        note: what an operator must know beside the label.
        fine: whether it is for fine tuning.
        kinds: alarm kinds that are held against it.

    Returns:
        A dataclass field without a default.
    """
    return _field(
        Limit(
            defaults=_defaults(adult, None, None),
            label=label,
            note=note,
            choices=choices,
            fine=fine,
            kinds=kinds,
        )
    )


def declared(section: type) -> dict[str, Limit]:
    """Return the declarations of a section's limits by key."""
    return {
        one.name: replace(one.metadata[_METADATA], whole=one.type == "int")
        for one in fields(section)
    }


def _field(limit: Limit) -> Any:
    return field(metadata={_METADATA: limit})


def _defaults(
    adult: float | str, paediatric: float | None, neonatal: float | None
) -> Mapping[Category, float | str]:
    defaults: dict[Category, float | str] = {"adult": adult}
    if paediatric is not None:
        defaults["paediatric"] = paediatric
    if neonatal is not None:
        defaults["neonatal"] = neonatal
    return defaults
