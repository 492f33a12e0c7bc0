"""Limits of pacing and noise."""

from __future__ import annotations

from dataclasses import dataclass

from ecg_monitor.ward.limits.limit import MEAN_RR, SECONDS, choice, number
from ecg_monitor.ward.words import Words


@dataclass(frozen=True, slots=True)
class PacingLimits:
    """Limits of `detector.rhythm.rules.pacing`; ``paced`` says whether there is a pacemaker."""

    paced: str = choice(
        "auto",
        choices={
            "auto": Words("as its pulses tell", "selon ses impulsions", "حسب نبضاتها"),
            "yes": Words("yes", "oui", "نعم"),
            "no": Words("no", "non", "لا"),
        },
        label=Words("Pacemaker", "Stimulateur cardiaque", "ناظمة قلبية"),
        note='whether there is a pacemaker; with "auto" its pulses tell',
        kinds=("pacer_not_capture", "pacer_not_pacing"),
    )
    silence_rr: float = number(
        1.75,
        lowest=1.3,
        highest=3,
        unit=MEAN_RR,
        label=Words("No beat for", "Aucun battement pendant", "لا ضربة لمدة"),
        note="pacer not capturing, not pacing: no QRS complex for",
        fine=True,
        kinds=("pacer_not_capture", "pacer_not_pacing"),
    )


@dataclass(frozen=True, slots=True)
class NoiseLimits:
    """Limits of `detector.rhythm.rules.suspension`."""

    poor_s: float = number(
        20.0,
        lowest=1,
        highest=120,
        unit=SECONDS,
        label=Words(
            "Analysis suspended when the signal was poor for",
            "Analyse suspendue si le signal a été mauvais pendant",
            "يُعلَّق التحليل إذا ساءت الإشارة مدة",
        ),
        note="how much poor signal within window_s suspends the arrhythmia analysis",
        at_most="window_s",
        kinds=("noise",),
    )
    window_s: float = number(
        30.0,
        lowest=5,
        highest=120,
        unit=SECONDS,
        label=Words("within the last", "au cours des derniers", "خلال آخر"),
        note="the latest stretch of signal",
        kinds=("noise",),
    )
