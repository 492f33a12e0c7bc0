"""Limits of atrial and ventricular fibrillation."""

from __future__ import annotations

from dataclasses import dataclass

from ecg_monitor.ward.limits.limit import SECONDS, number
from ecg_monitor.ward.words import Words


@dataclass(frozen=True, slots=True)
class AfLimits:
    """Limits of `detector.rhythm.rules.irregular`."""

    min_s: float = number(
        20.0,
        lowest=0,
        highest=600,
        unit=SECONDS,
        label=Words(
            "Shortest episode that is told", "Épisode le plus court signalé", "أقصر نوبة يُبلَّغ عنها"
        ),
        note="shorter episodes are not told",
        kinds=("af", "atrial_flutter"),
    )
    on: float = number(
        0.8,
        lowest=0,
        highest=1,
        label=Words("Begins at probability", "Débute à la probabilité", "يبدأ عند احتمال"),
        note="probability at which atrial fibrillation or flutter begins",
        fine=True,
        kinds=("af", "atrial_flutter"),
    )
    off: float = number(
        0.2,
        lowest=0,
        highest=1,
        label=Words("Ends at probability", "Cesse à la probabilité", "ينتهي عند احتمال"),
        note="probability at which it ends",
        fine=True,
        at_most="on",
        kinds=("af", "atrial_flutter"),
    )


@dataclass(frozen=True, slots=True)
class VfLimits:
    """Limits of `detector.rhythm.waveform.fibrillation`."""

    seconds: int = number(
        3,
        lowest=1,
        highest=8,
        unit=SECONDS,
        label=Words("Lasts for", "Dure", "يدوم"),
        note="consecutive seconds of fibrillation or flutter",
        fine=True,
        kinds=("vf",),
    )
    on: float = number(
        0.5,
        lowest=0,
        highest=1,
        label=Words("Begins at probability", "Débute à la probabilité", "يبدأ عند احتمال"),
        note="probability at which ventricular fibrillation or flutter begins",
        fine=True,
        kinds=("vf",),
    )
    off: float = number(
        0.3,
        lowest=0,
        highest=1,
        label=Words("Ends at probability", "Cesse à la probabilité", "ينتهي عند احتمال"),
        note="probability at which it ends",
        fine=True,
        at_most="on",
        kinds=("vf",),
    )
