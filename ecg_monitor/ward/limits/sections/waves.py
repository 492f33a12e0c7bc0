"""Limits of ST segment, QRS, QT and PR."""

from __future__ import annotations

from dataclasses import dataclass

from ecg_monitor.ward.limits.limit import MILLISECONDS, SECONDS, number
from ecg_monitor.ward.words import Words, everywhere

ST_ELEVATION_MV = (0.1, 0.1)
"""J point from which the ST segment of a lead is elevated, mV, lowest and highest over age and sex.
This and the next two: Fourth Universal Definition of Myocardial Infarction, Thygesen et al. 2018,
table 2."""
ST_ELEVATION_V2_V3_MV = (0.15, 0.25)
"""The same in V2 and V3, mV: women 0.15, men 0.2, men under 40 years 0.25."""
ST_DEPRESSION_MV = -0.05
"""J point from which the ST segment of a lead is depressed, mV."""


@dataclass(frozen=True, slots=True)
class StLimits:
    """Limits of `detector.rhythm.rules.st` and `detector.twelve_lead.stemi`."""

    st_mv: float = number(
        0.2,
        lowest=0.05,
        highest=1,
        unit=everywhere("mV"),
        label=Words(
            "ST away from its reference by",
            "ST éloigné de sa référence de",
            "ابتعاد ST عن مرجعه بمقدار",
        ),
        note="how far a lead's ST level may be from its reference",
        kinds=("st_deviation",),
    )
    st_delay_s: float = number(
        60.0,
        lowest=0,
        highest=600,
        unit=SECONDS,
        label=Words("for at least", "pendant au moins", "مدة لا تقل عن"),
        note="how long it must be that far from it",
        kinds=("st_deviation",),
    )
    st_reference_min: float = number(
        5.0,
        lowest=0,
        highest=60,
        unit=everywhere("min"),
        label=Words(
            "Reference: median of the first",
            "Référence : médiane des premières",
            "المرجع: وسيط أول",
        ),
        note="the reference is the median of the first minutes; with 0 it is 0 mV",
        fine=True,
        kinds=("st_deviation",),
    )
    elevation_mv: float = number(
        ST_ELEVATION_MV[1],
        lowest=0.05,
        highest=1,
        unit=everywhere("mV"),
        label=Words(
            "12 leads: J point elevated by",
            "12 dérivations : point J surélevé de",
            "12 اتجاهاً: ارتفاع النقطة J بمقدار",
        ),
        note="J point of two contiguous leads of twelve at least this high",
        kinds=("st_elevation",),
    )
    elevation_v2_v3_mv: float = number(
        ST_ELEVATION_V2_V3_MV[1],
        lowest=0.05,
        highest=1,
        unit=everywhere("mV"),
        label=Words("the same in V2 and V3", "de même en V2 et V3", "ومثله في V2 وV3"),
        note="the same in V2 and V3: men under 40 years 0.25, from 40 on 0.2, women 0.15",
        kinds=("st_elevation",),
    )


@dataclass(frozen=True, slots=True)
class ConductionLimits:
    """Limits of `detector.rhythm.rules.conduction`."""

    qrs_ms: float = number(
        120.0,
        paediatric=90.0,
        neonatal=80.0,
        lowest=80,
        highest=200,
        unit=MILLISECONDS,
        label=Words("QRS wider than", "QRS plus large que", "QRS أعرض من"),
        note="a QRS complex is prolonged from this width on",
        kinds=("qrs_wide",),
    )
    qtc_ms: float = number(
        500.0,
        lowest=400,
        highest=700,
        unit=MILLISECONDS,
        label=Words("QTc longer than", "QTc plus long que", "QTc أطول من"),
        note="QT corrected after Fridericia: longer than this",
        kinds=("qtc_long",),
    )
    pr_ms: float = number(
        200.0,
        paediatric=180.0,
        neonatal=160.0,
        lowest=120,
        highest=400,
        unit=MILLISECONDS,
        label=Words("PR longer than", "PR plus long que", "PR أطول من"),
        note="AV block I",
    )
    qrs_rise_ms: float = number(
        30.0,
        lowest=0,
        highest=100,
        unit=MILLISECONDS,
        label=Words(
            "QRS wider than the patient’s own by",
            "QRS plus large que celui du patient de",
            "QRS أعرض من المعتاد لدى المريض بمقدار",
        ),
        note="how much narrower the patient's own must be",
        fine=True,
        kinds=("qrs_wide",),
    )
    interval_delay_s: float = number(
        60.0,
        lowest=0,
        highest=600,
        unit=SECONDS,
        label=Words(
            "QRS and PR beyond their limits for",
            "QRS et PR hors limite pendant",
            "QRS وPR خارج الحد مدة",
        ),
        note="how long QRS and PR must be beyond their limits",
        fine=True,
        kinds=("qrs_wide",),
    )
    qtc_delay_s: float = number(
        300.0,
        lowest=0,
        highest=1800,
        unit=SECONDS,
        label=Words("QTc beyond its limit for", "QTc hors limite pendant", "QTc خارج الحد مدة"),
        note="how long QTc must be beyond qtc_ms",
        fine=True,
        kinds=("qtc_long",),
    )
