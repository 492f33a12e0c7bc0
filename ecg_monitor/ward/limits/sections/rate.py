"""Limits of heart rate and pauses."""

from __future__ import annotations

from dataclasses import dataclass

from ecg_monitor.ward.limits.limit import BEATS, BPM, MEAN_RR, SECONDS, number
from ecg_monitor.ward.words import Words


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Limits of `detector.rhythm.rules.rate`."""

    low_bpm: float = number(
        50.0,
        paediatric=75.0,
        neonatal=100.0,
        lowest=10,
        highest=300,
        unit=BPM,
        label=Words("Bradycardia below", "Bradycardie au-dessous de", "بطء القلب دون"),
        at_most="high_bpm",
        kinds=("bradycardia",),
    )
    high_bpm: float = number(
        120.0,
        paediatric=160.0,
        neonatal=200.0,
        lowest=10,
        highest=300,
        unit=BPM,
        label=Words("Tachycardia above", "Tachycardie au-dessus de", "تسرّع القلب فوق"),
        at_most="extreme_high_bpm",
        kinds=("tachycardia",),
    )
    extreme_low_bpm: float = number(
        40.0,
        paediatric=55.0,
        neonatal=80.0,
        lowest=10,
        highest=300,
        unit=BPM,
        label=Words(
            "Extreme bradycardia below", "Bradycardie extrême au-dessous de", "بطء القلب الشديد دون"
        ),
        at_most="low_bpm",
        kinds=("extreme_bradycardia",),
    )
    extreme_high_bpm: float = number(
        140.0,
        paediatric=180.0,
        neonatal=220.0,
        lowest=10,
        highest=300,
        unit=BPM,
        label=Words(
            "Extreme tachycardia above", "Tachycardie extrême au-dessus de", "تسرّع القلب الشديد فوق"
        ),
        kinds=("extreme_tachycardia",),
    )
    asystole_s: float = number(
        4.0,
        paediatric=4.0,
        neonatal=3.0,
        lowest=2,
        highest=10,  # ANSI/AAMI EC13: never later than 10 s
        unit=SECONDS,
        label=Words(
            "Asystole: no beat for",
            "Asystolie : aucun battement pendant",
            "توقف القلب: لا نبضة مدة",
        ),
        kinds=("asystole",),
    )
    pause_s: float = number(
        3.0,
        paediatric=2.5,
        neonatal=2.0,
        lowest=1,
        highest=10,
        unit=SECONDS,
        label=Words("Pause: no beat for", "Pause : aucun battement pendant", "وقفة: لا نبضة مدة"),
        at_most="asystole_s",
        kinds=("pause",),
    )
    delay_s: float = number(
        4.0,
        lowest=0,
        highest=10,
        unit=SECONDS,
        label=Words(
            "Heart rate beyond its limit for",
            "Fréquence hors limite pendant",
            "معدل القلب خارج الحد مدة",
        ),
        note="how long the rate must be beyond low_bpm or high_bpm",
        fine=True,
        kinds=("bradycardia", "tachycardia"),
    )
    hysteresis_bpm: float = number(
        3.0,
        lowest=0,
        highest=20,
        unit=BPM,
        label=Words(
            "Alarm ends when the rate is back by",
            "L’alarme cesse après un retour de",
            "ينتهي الإنذار عند عودة المعدل بمقدار",
        ),
        note="how far the rate must come back before the alarm ends",
        fine=True,
        kinds=("bradycardia", "tachycardia"),
    )
    limit_beats: int = number(
        5,
        lowest=3,
        highest=30,
        unit=BEATS,
        label=Words(
            "Heart rate averaged over",
            "Fréquence cardiaque : moyenne sur",
            "معدل القلب: المتوسط على",
        ),
        fine=True,
        kinds=("bradycardia", "tachycardia"),
    )
    extreme_low_beats: int = number(
        5,
        lowest=3,
        highest=30,
        unit=BEATS,
        label=Words(
            "Extreme bradycardia averaged over",
            "Bradycardie extrême : moyenne sur",
            "بطء القلب الشديد: المتوسط على",
        ),
        fine=True,
        kinds=("extreme_bradycardia",),
    )
    extreme_high_beats: int = number(
        13,
        lowest=3,
        highest=30,
        unit=BEATS,
        label=Words(
            "Extreme tachycardia averaged over",
            "Tachycardie extrême : moyenne sur",
            "تسرّع القلب الشديد: المتوسط على",
        ),
        fine=True,
        kinds=("extreme_tachycardia",),
    )
    missed_beat_rr: float = number(
        1.75,
        lowest=1.3,
        highest=3,
        unit=MEAN_RR,
        label=Words(
            "Missed beat: interval from",
            "Battement manquant : intervalle dès",
            "نبضة مفقودة: فاصل يبدأ من",
        ),
        note="RR interval of a regular rhythm from which a beat is missed",
        fine=True,
        kinds=("missed_beat",),
    )
