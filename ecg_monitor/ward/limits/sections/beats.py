"""Limits of ventricular and supraventricular beats."""

from __future__ import annotations

from dataclasses import dataclass

from ecg_monitor.ward.limits.limit import BEATS, BPM, MEAN_RR, SECONDS, number
from ecg_monitor.ward.words import Words, everywhere


@dataclass(frozen=True, slots=True)
class VentricularLimits:
    """Limits of `detector.rhythm.rules.ventricular`."""

    vt_bpm: float = number(
        100.0,
        paediatric=120.0,
        neonatal=150.0,
        lowest=60,
        highest=250,
        unit=BPM,
        label=Words(
            "Ventricular tachycardia above",
            "Tachycardie ventriculaire au-dessus de",
            "تسرّع القلب البطيني فوق",
        ),
        note="a run of PVCs faster than this is ventricular tachycardia",
        kinds=("vt_sustained", "vt", "ventricular_run", "idioventricular"),
    )
    vt_beats: int = number(
        5,
        lowest=3,
        highest=20,
        unit=BEATS,
        label=Words(
            "Ventricular tachycardia: PVCs in a row",
            "Tachycardie ventriculaire : ESV consécutives",
            "تسرّع القلب البطيني: خوارج متتالية",
        ),
        note='PVCs in a row that make a run "vt"; fewer are a "ventricular_run"',
        kinds=("vt", "ventricular_run"),
    )
    vt_sustained_s: float = number(
        30.0,
        lowest=5,
        highest=120,
        unit=SECONDS,
        label=Words("Sustained VT from", "TV soutenue à partir de", "تسرّع بطيني مستمر بدءًا من"),
        kinds=("vt_sustained",),
    )
    pvc_per_min: int = number(
        10,
        lowest=1,
        highest=100,
        unit=Words("per min", "par min", "في الدقيقة"),
        label=Words(
            "Frequent PVCs: more than", "ESV fréquentes : plus de", "خوارج بطينية متكررة: أكثر من"
        ),
        note="more PVCs than this within 60 s",
        kinds=("pvc_rate",),
    )
    r_on_t_qt: float = number(
        0.9,
        lowest=0.5,
        highest=1.2,
        unit=everywhere("× QT"),
        label=Words(
            "R-on-T: PVC earlier than", "R/T : ESV plus précoce que", "R على T: خارجة أبكر من"
        ),
        note="PVC closer than this part of the expected QT interval",
        fine=True,
        kinds=("r_on_t",),
    )


@dataclass(frozen=True, slots=True)
class SupraventricularLimits:
    """Limits of `detector.rhythm.rules.supraventricular`."""

    svt_bpm: float = number(
        180.0,
        paediatric=200.0,
        neonatal=220.0,
        lowest=100,
        highest=300,
        unit=BPM,
        label=Words("SVT above", "TSV au-dessus de", "تسرّع فوق بطيني فوق"),
        kinds=("svt",),
    )
    svt_beats: int = number(
        5,
        lowest=3,
        highest=30,
        unit=BEATS,
        label=Words(
            "SVT: beats in a row", "TSV : battements consécutifs", "تسرّع فوق بطيني: نبضات متتالية"
        ),
        kinds=("svt",),
    )
    pac_run_bpm: float = number(
        100.0,
        paediatric=130.0,
        neonatal=180.0,
        lowest=60,
        highest=250,
        unit=BPM,
        label=Words("PAC run above", "Salve d’ESA au-dessus de", "سلسلة خوارج أذينية فوق"),
        kinds=("pac_run",),
    )
    pac_run_beats: int = number(
        3,
        lowest=3,
        highest=20,
        unit=BEATS,
        label=Words(
            "PAC run: PACs in a row",
            "Salve d’ESA : ESA consécutives",
            "سلسلة خوارج أذينية: خوارج متتالية",
        ),
        kinds=("pac_run",),
    )
    svt_onset: float = number(
        0.8,
        lowest=0.3,
        highest=1,
        unit=MEAN_RR,
        label=Words(
            "SVT: sudden onset, interval below",
            "TSV : début brusque, intervalle au-dessous de",
            "تسرّع فوق بطيني: بدء مفاجئ، فاصل دون",
        ),
        fine=True,
        kinds=("svt",),
    )
