"""Alarm kinds: rate and its absence."""

from __future__ import annotations

from ecg_monitor.ward.alarms.kind import LONG_HOLD_S, AlarmKind
from ecg_monitor.ward.words import Words

KINDS = (
    AlarmKind(
        kind="asystole",
        rank=10,
        priority="high",
        name=Words("Asystole", "Asystolie", "توقف القلب"),
        rule=Words(
            "no QRS complex for at least the limit, s",
            "aucun complexe QRS pendant au moins la limite, s",
            "لا مركّب QRS لمدة الحد على الأقل، ثانية",
        ),
        rhythm=True,
        wfdb_rhythm="(ASYS",
        silences=("extreme_bradycardia", "bradycardia", "pause"),
        goes_on_in_noise=True,
        withholds=True,
        quantity="duration",
        raised=(
            "no QRS complex for so long. Where every lead's baseline has jumped, or one lead goes"
            " on to show complexes of its own, after 8.5 s. Where noise as steep as complexes"
            " covers every lead, and less than the limit of the last 8 s is free of it, `noise`"
            " is told in its place"
        ),
        source="Challenge 2015 [1]; IEC 60601-2-27",
    ),
    AlarmKind(
        kind="extreme_bradycardia",
        rank=60,
        priority="high",
        name=Words("Extreme bradycardia", "Bradycardie extrême", "بطء قلب شديد"),
        short=Words("xBrady", "xBrady", "بطء شديد"),
        rule=Words(
            "mean heart rate over consecutive beats below the limit, bpm",
            "fréquence moyenne de battements consécutifs sous la limite, bpm",
            "متوسط معدل نبضات متتالية تحت الحد، نبضة/دقيقة",
        ),
        silences=("bradycardia", "pause"),
        noisy_beats="refused",
        goes_on_in_noise=True,
        quantity="heart_rate",
        raised=(
            "mean rate over consecutive beats below the limit, by the intervals that are free of"
            " noise as steep as complexes; if fewer than half are, `noise` is told in its place"
        ),
        source="[1]",
    ),
    AlarmKind(
        kind="extreme_tachycardia",
        rank=50,
        priority="high",
        name=Words("Extreme tachycardia", "Tachycardie extrême", "تسرّع قلب شديد"),
        short=Words("xTachy", "xTachy", "تسرّع شديد"),
        rule=Words(
            "mean heart rate over consecutive beats above the limit, bpm",
            "fréquence moyenne de battements consécutifs au-dessus de la limite, bpm",
            "متوسط معدل نبضات متتالية فوق الحد، نبضة/دقيقة",
        ),
        silences=("tachycardia", "svt", "pac_run"),
        noisy_beats="refused",
        goes_on_in_noise=True,
        quantity="heart_rate",
        raised="mean rate over consecutive beats above the limit",
        source="[1, 13]",
    ),
    AlarmKind(
        kind="bradycardia",
        rank=100,
        priority="medium",
        name=Words("Bradycardia", "Bradycardie", "بطء القلب"),
        short=Words("Brady", "Brady", "بطء"),
        rule=Words(
            "heart rate below the limit, bpm",
            "fréquence cardiaque sous la limite, bpm",
            "معدل القلب تحت الحد، نبضة/دقيقة",
        ),
        noisy_beats="waits",
        quantity="heart_rate",
        raised=(
            "mean rate over the last beats below the patient's limit, for the delay; not while "
            "the beats are more likely noise"
        ),
        source="IEC 60601-2-27: within 10 s of a step",
    ),
    AlarmKind(
        kind="tachycardia",
        rank=90,
        priority="medium",
        name=Words("Tachycardia", "Tachycardie", "تسرّع القلب"),
        short=Words("Tachy", "Tachy", "تسرّع"),
        rule=Words(
            "heart rate above the limit, bpm",
            "fréquence cardiaque au-dessus de la limite, bpm",
            "معدل القلب فوق الحد، نبضة/دقيقة",
        ),
        silences=("pac_run",),
        noisy_beats="waits",
        quantity="heart_rate",
        raised=(
            "mean rate over the last beats above the patient's limit, for the delay; not while "
            "the beats are more likely noise"
        ),
        source="IEC 60601-2-27: within 10 s of a step",
    ),
    AlarmKind(
        kind="pause",
        rank=110,
        priority="medium",
        name=Words("Pause", "Pause", "وقفة قلبية"),
        rule=Words(
            "RR interval of at least the limit, s",
            "intervalle RR d’au moins la limite, s",
            "فاصل RR لا يقل عن الحد، ثانية",
        ),
        quantity="duration",
        raised="an RR interval of so long",
        source="ACC/AHA/HRS 2018 [2]",
    ),
    AlarmKind(
        kind="missed_beat",
        rank=270,
        priority="low",
        name=Words("Missed beat", "Battement manquant", "نبضة مفقودة"),
        rule=Words(
            "RR interval of a regular rhythm too long by about one beat",
            "intervalle RR d’un rythme régulier trop long d’environ un battement",
            "فاصل RR في نظم منتظم أطول بنحو نبضة واحدة",
        ),
        silenced_by=(
            "asystole",
            "extreme_bradycardia",
            "bradycardia",
            "pause",
            "pacer_not_capture",
            "pacer_not_pacing",
            "av_block_3",
            "av_block_2",
            "af",
            "atrial_flutter",
        ),
        hold_s=LONG_HOLD_S,
        repeats_withheld=True,
        raised="an RR interval of so many mean ones, in a rhythm that is regular before and after",
        source="AHA practice standards [3]",
    ),
)
"""The rows of the table."""
