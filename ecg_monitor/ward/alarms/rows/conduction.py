"""Alarm kinds: conduction, repolarisation and pacing."""

from __future__ import annotations

from ecg_monitor.ward.alarms.kind import LONG_HOLD_S, AlarmKind
from ecg_monitor.ward.words import Words, everywhere

KINDS = (
    AlarmKind(
        kind="av_block_3",
        rank=140,
        priority="medium",
        name=Words(
            "Third-degree AV block", "BAV du 3e degré", "إحصار أذيني بطيني من الدرجة الثالثة"
        ),
        short=Words("AVB III", "BAV III", "AVB III"),
        rule=Words(
            "P waves at a rate of their own beside a slow regular rhythm, beats per limit",
            (
                "ondes P à leur propre fréquence à côté d’un rythme lent et régulier, battements "
                "par limite"
            ),
            "موجات P بسرعة خاصة بها إلى جانب نظم بطيء منتظم، نبضات لكل حد",
        ),
        rhythm=True,
        wfdb_rhythm="(BIII",
        silenced_by=("asystole",),
        raised="P waves at a rate of their own beside a slow, regular rhythm",
        source="[2]",
    ),
    AlarmKind(
        kind="av_block_2",
        rank=150,
        priority="low",
        name=Words(
            "Second-degree AV block", "BAV du 2e degré", "إحصار أذيني بطيني من الدرجة الثانية"
        ),
        short=Words("AVB II", "BAV II", "AVB II"),
        rule=Words(
            "P waves without a QRS complex, so many (limit) within a minute",
            "ondes P sans complexe QRS, en ce nombre (limite) en une minute",
            "موجات P دون مركّب QRS، بهذا العدد (الحد) خلال دقيقة",
        ),
        rhythm=True,
        wfdb_rhythm="(BII",
        silenced_by=(
            "asystole",
            "pacer_not_capture",
            "pacer_not_pacing",
            "av_block_3",
            "af",
            "atrial_flutter",
        ),
        hold_s=LONG_HOLD_S,
        repeats_withheld=True,
        raised=(
            "P waves at the time expected without a QRS complex, twice within a minute; 2:1 block"
            " below 50 bpm"
        ),
        source="[2]",
    ),
    AlarmKind(
        kind="qrs_wide",
        rank=280,
        priority="low",
        name=Words("Wide QRS", "QRS large", "اتساع QRS"),
        short=everywhere("QRS"),
        rule=Words(
            "QRS complex wider than the limit and than the patient's own, ms",
            "complexe QRS plus large que la limite et que celui du patient, ms",
            "مركّب QRS أعرض من الحد ومن مركّب المريض المعتاد، ms",
        ),
        raised="the averaged QRS complex is this wide, and wider by so much than the patient's own",
        source="AHA/ACCF/HRS 2009 [8]",
    ),
    AlarmKind(
        kind="qtc_long",
        rank=290,
        priority="low",
        name=Words("Long QTc", "QTc long", "تطاول QTc"),
        short=everywhere("QTc"),
        rule=Words(
            "QT interval corrected after Fridericia longer than the limit, ms",
            "intervalle QT corrigé selon Fridericia plus long que la limite, ms",
            "فترة QT المصحّحة بحسب Fridericia أطول من الحد، ms",
        ),
        raised="QT after Fridericia above the limit, for so long",
        source="Drew 2010 [9]",
    ),
    AlarmKind(
        kind="st_deviation",
        rank=180,
        priority="medium",
        name=Words("ST deviation", "Déviation du segment ST", "انحراف مقطع ST"),
        short=everywhere("ST"),
        rule=Words(
            "ST level of a lead away from its reference by more than the limit, mV",
            "niveau ST d’une dérivation éloigné de sa référence de plus que la limite, mV",
            "مستوى ST في أحد الاتجاهات يبتعد عن مرجعه بأكثر من الحد، mV",
        ),
        raised="a lead's ST level is so far from its reference, for so long",
        source="Sandau 2017 [10]",
    ),
    AlarmKind(
        kind="st_elevation",
        rank=175,
        priority="medium",
        name=Words("ST elevation", "Sus-décalage du segment ST", "ارتفاع مقطع ST"),
        short=everywhere("ST+"),
        rule=Words(
            "J point of two contiguous leads of twelve elevated by the limit or more, mV",
            "point J de deux dérivations contiguës sur douze surélevé d’au moins la limite, mV",
            "ارتفاع النقطة J في اتجاهين متجاورين من اثني عشر بمقدار الحد أو أكثر، mV",
        ),
        raised=(
            "twelve leads: the J points of two contiguous leads are this high in two windows of"
            " ten seconds, one after the other. Not judged with a QRS complex of 150 ms or more"
            " over all leads, or left bundle branch block"
        ),
        source="Fourth Universal Definition of MI 2018 [12]",
    ),
    AlarmKind(
        kind="pacer_not_capture",
        rank=120,
        priority="medium",
        name=Words(
            "Pacer not capturing", "Stimulateur : pas de capture", "الناظمة: لا استجابة للتنبيه"
        ),
        short=Words("No capture", "Non-capture", "لا استجابة"),
        rule=Words(
            "no QRS complex for longer than the limit, s, despite pacemaker pulses",
            (
                "aucun complexe QRS pendant plus que la limite, s, malgré les impulsions du "
                "stimulateur"
            ),
            "لا مركّب QRS لمدة أطول من الحد، ثانية، رغم نبضات الناظمة",
        ),
        silences=("pause",),
        silenced_by=("asystole",),
        hold_s=LONG_HOLD_S,
        raised=(
            "no QRS complex for so many mean RR intervals although pulses came; patients with a "
            "pacemaker only (`pacing.paced`)"
        ),
        source="as bedside monitors have it",
    ),
    AlarmKind(
        kind="pacer_not_pacing",
        rank=130,
        priority="medium",
        name=Words("Pacer not pacing", "Stimulateur : pas de stimulation", "الناظمة: لا تنبيه"),
        short=Words("No pacing", "Non-stim.", "لا تنبيه"),
        rule=Words(
            "neither QRS complex nor pacemaker pulse for longer than the limit, s",
            "ni complexe QRS ni impulsion du stimulateur pendant plus que la limite, s",
            "لا مركّب QRS ولا نبضة ناظمة لمدة أطول من الحد، ثانية",
        ),
        silences=("pause",),
        silenced_by=("asystole",),
        hold_s=LONG_HOLD_S,
        raised=(
            "neither QRS complex nor pulse for so many mean RR intervals; patients with a "
            "pacemaker only (`pacing.paced`)"
        ),
        source="as bedside monitors have it",
    ),
)
"""The rows of the table."""
