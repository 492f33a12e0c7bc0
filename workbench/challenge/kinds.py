"""The five kinds of the challenge, and which alarms of ours stand for each.

An alarm of ours that silences another of its chain and calls for the same hands stands for it as
well: a ventricular fibrillation for a tachycardia. Everything else is taken to the letter: a rate
that is told as a ventricular tachycardia, or a bradycardia told as an asystole, counts as missed.

Source of the definitions: Clifford et al., The PhysioNet/Computing in Cardiology Challenge 2015,
Computing in Cardiology 42:273-276, 2015.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class ChallengeKind:
    """One kind of bedside alarm of the challenge.

    Attributes:
        name: as the list of alarms spells it.
        title: as tables show it.
        definition: when the challenge calls such an alarm true.
        told_by: kinds of our alarms that say the same, or the same and more.
    """

    name: str
    title: str
    definition: str
    told_by: tuple[str, ...]


KINDS: Mapping[str, ChallengeKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            ChallengeKind("Asystole", "asystole", "no QRS for at least 4 s", ("asystole",)),
            ChallengeKind(
                "Bradycardia",
                "extreme bradycardia",
                "rate below 40/min for 5 consecutive beats",
                ("extreme_bradycardia",),
            ),
            ChallengeKind(
                "Tachycardia",
                "extreme tachycardia",
                "rate above 140/min for 17 consecutive beats",
                ("extreme_tachycardia",),
            ),
            ChallengeKind(
                "Ventricular_Tachycardia",
                "ventricular tachycardia",
                "5 or more ventricular beats above 100/min",
                ("vt", "vt_sustained", "vf"),
            ),
            ChallengeKind(
                "Ventricular_Flutter_Fib",
                "ventricular flutter or fibrillation",
                "fibrillatory, flutter or oscillatory wave for at least 4 s",
                ("vf",),
            ),
        )
    }
)
"""The kinds by the names in the list of alarms, in the order of the challenge."""
