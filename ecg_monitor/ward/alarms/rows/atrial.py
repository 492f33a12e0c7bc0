"""Alarm kinds: supraventricular beats and atrial rhythms."""

from __future__ import annotations

from ecg_monitor.ward.alarms.kind import LONG_HOLD_S, AlarmKind
from ecg_monitor.ward.words import Words

KINDS = (
    AlarmKind(
        kind="svt",
        rank=160,
        priority="medium",
        name=Words("SVT", "TSV", "تسرّع فوق بطيني"),
        rule=Words(
            "sudden supraventricular rhythm faster than the limit, bpm",
            "rythme supraventriculaire soudain plus rapide que la limite, bpm",
            "نظم فوق بطيني مفاجئ أسرع من الحد، نبضة/دقيقة",
        ),
        rhythm=True,
        wfdb_rhythm="(SVTA",
        silences=("tachycardia", "pac_run"),
        raised=(
            "so many beats in a row that are no PVC, faster than the limit, after a sudden onset"
        ),
        source="ACC/AHA/HRS 2015 [6]",
    ),
    AlarmKind(
        kind="pac_run",
        rank=210,
        priority="low",
        name=Words("PAC run", "Salve d’ESA", "سلسلة خوارج أذينية"),
        short=Words("S run", "Salve S", "نوبة فوق بطينية"),
        rule=Words(
            "supraventricular premature beats in a row",
            "extrasystoles supraventriculaires de suite",
            "نبضات فوق بطينية مبكرة متتالية",
        ),
        rhythm=True,
        hold_s=LONG_HOLD_S,
        repeats_withheld=True,
        raised="so many supraventricular ectopic beats in a row, faster than the limit",
        source="ISHNE-HRS 2017 [7]",
    ),
    AlarmKind(
        kind="af",
        rank=190,
        priority="low",
        name=Words("Atrial fibrillation", "Fibrillation atriale", "رجفان أذيني"),
        short=Words("AF", "FA", "AF"),
        rule=Words(
            "irregular rhythm of atrial fibrillation: probability above the limit",
            "rythme irrégulier de fibrillation atriale : probabilité au-dessus de la limite",
            "نظم غير منتظم للرجفان الأذيني: الاحتمال فوق الحد",
        ),
        rhythm=True,
        wfdb_rhythm="(AFIB",
        no_premature=Words(
            (
                "It came in atrial fibrillation, where no beat is premature: what spoke for S "
                "counts for N."
            ),
            (
                "Il est survenu en fibrillation atriale, où aucun battement n’est prématuré : ce "
                "qui plaidait pour S compte pour N."
            ),
            (
                "جاءت أثناء رجفان أذيني، حيث لا تكون أي نبضة سابقة لأوانها: ما رجّح الصنف S يُحسب"
                " للصنف N."
            ),
        ),
        silences=("svt", "pac_run"),
        goes_on_in_noise=True,
        burden=True,
        raised=(
            "irregular RR intervals without order and nothing that repeats ahead of the beats, "
            "for so long"
        ),
        source="published measures, fitted: [card](../detector/rhythm/MODEL_CARD.md)",
    ),
    AlarmKind(
        kind="atrial_flutter",
        rank=200,
        priority="low",
        name=Words("Atrial flutter", "Flutter atrial", "الرفرفة الأذينية"),
        short=Words("AFL", "FLA", "AFL"),
        rule=Words(
            "irregular rhythm whose atrial waves keep step: probability above the limit",
            (
                "rythme irrégulier dont les ondes atriales gardent la cadence : probabilité "
                "au-dessus de la limite"
            ),
            "نظم غير منتظم تحافظ موجاته الأذينية على إيقاعها: الاحتمال فوق الحد",
        ),
        rhythm=True,
        wfdb_rhythm="(AFL",
        no_premature=Words(
            "It came in atrial flutter, where no beat is premature: what spoke for S counts for N.",
            (
                "Il est survenu en flutter atrial, où aucun battement n’est prématuré : ce qui "
                "plaidait pour S compte pour N."
            ),
            (
                "جاءت أثناء رفرفة أذينية، حيث لا تكون أي نبضة سابقة لأوانها: ما رجّح الصنف S "
                "يُحسب للصنف N."
            ),
        ),
        silences=("svt", "pac_run"),
        goes_on_in_noise=True,
        raised="irregular RR intervals without order and atrial waves that keep step, for so long",
        source="published measures, fitted: [card](../detector/rhythm/MODEL_CARD.md)",
    ),
)
"""The rows of the table."""
