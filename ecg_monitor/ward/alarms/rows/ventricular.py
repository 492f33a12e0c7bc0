"""Alarm kinds: ventricular beats and rhythms."""

from __future__ import annotations

from ecg_monitor.ward.alarms.kind import LONG_HOLD_S, AlarmKind
from ecg_monitor.ward.words import Words

KINDS = (
    AlarmKind(
        kind="vf",
        rank=20,
        priority="high",
        name=Words("Ventricular fibrillation", "Fibrillation ventriculaire", "رجفان بطيني"),
        short=Words("VF", "FV", "VF"),
        rule=Words(
            "waveform of ventricular fibrillation or flutter: probability above the limit",
            "aspect de fibrillation ou flutter ventriculaire : probabilité au-dessus de la limite",
            "شكل موجي لرجفان أو رفرفة بطينية: الاحتمال فوق الحد",
        ),
        rhythm=True,
        wfdb_rhythm="(VF",
        silences="heart",
        goes_on_in_noise=True,
        withholds=True,
        raised=(
            "the waveform is that of fibrillation or flutter, for so many seconds; decided "
            "without beats"
        ),
        source="five published measures, fitted: [card](../detector/rhythm/MODEL_CARD.md)",
    ),
    AlarmKind(
        kind="vt_sustained",
        rank=30,
        priority="high",
        name=Words("Sustained VT", "TV soutenue", "تسرّع بطيني مستمر"),
        short=Words("VT", "TV", "VT"),
        rule=Words(
            "sustained run of PVCs faster than the limit, bpm",
            "salve soutenue d’ESV plus rapide que la limite, bpm",
            "سلسلة مستمرة من الخوارج البطينية أسرع من الحد، نبضة/دقيقة",
        ),
        rhythm=True,
        wfdb_rhythm="(VT",
        silences=(
            "vt",
            "extreme_tachycardia",
            "ventricular_run",
            "idioventricular",
            "tachycardia",
            "svt",
            "r_on_t",
            "couplet",
            "pvc_rate",
        ),
        raised="ventricular tachycardia for so long",
        source="Buxton 2006 [4]",
    ),
    AlarmKind(
        kind="vt",
        rank=40,
        priority="high",
        name=Words("Ventricular tachycardia", "Tachycardie ventriculaire", "تسرّع القلب البطيني"),
        short=Words("VT", "TV", "VT"),
        rule=Words(
            "run of PVCs faster than the limit, bpm; one beat in five that is unlike normal ones "
            "may count by the run, whatever its label",
            "salve d’ESV plus rapide que la limite, bpm ; un battement sur cinq, différent des "
            "battements normaux, peut compter par la salve quel que soit son label",
            "سلسلة خوارج بطينية أسرع من الحد، نبضة/دقيقة؛ قد تُحتسب نبضة من كل خمس لا تشبه النبضات "
            "الطبيعية ضمن السلسلة أيًّا كان تصنيفها",
        ),
        rhythm=True,
        wfdb_rhythm="(VT",
        silences=(
            "extreme_tachycardia",
            "ventricular_run",
            "idioventricular",
            "tachycardia",
            "svt",
            "r_on_t",
            "couplet",
            "pvc_rate",
        ),
        noisy_beats="refused_from_onset",
        raised=(
            "so many PVCs in a row, faster than the limit; one beat in five that is unlike normal "
            "ones may count by the run, whatever its label"
        ),
        source="[1], [4]",
    ),
    AlarmKind(
        kind="ventricular_run",
        rank=70,
        priority="medium",
        name=Words("Ventricular run", "Salve ventriculaire", "سلسلة نبضات بطينية"),
        short=Words("V run", "Salve V", "نوبة بطينية"),
        rule=Words(
            "short run of PVCs faster than the limit, bpm",
            "courte salve d’ESV plus rapide que la limite, bpm",
            "سلسلة قصيرة من الخوارج البطينية أسرع من الحد، نبضة/دقيقة",
        ),
        rhythm=True,
        silences=("idioventricular", "couplet", "pvc_rate"),
        hold_s=LONG_HOLD_S,
        repeats_withheld=True,
        raised=(
            "three or more PVCs in a row, faster than `ventricular.vt_bpm`, fewer than "
            "`ventricular.vt_beats`"
        ),
        source="[4]",
    ),
    AlarmKind(
        kind="idioventricular",
        rank=80,
        priority="medium",
        name=Words("Idioventricular rhythm", "Rythme idioventriculaire", "نظم بطيني ذاتي"),
        short=Words("IVR", "RIV", "IVR"),
        rule=Words(
            "run of PVCs slower than the limit, bpm",
            "salve d’ESV plus lente que la limite, bpm",
            "سلسلة خوارج بطينية أبطأ من الحد، نبضة/دقيقة",
        ),
        rhythm=True,
        wfdb_rhythm="(IVR",
        silences=("couplet", "pvc_rate"),
        raised="three or more PVCs in a row, up to `ventricular.vt_bpm`",
        source="[4]",
    ),
    AlarmKind(
        kind="r_on_t",
        rank=170,
        priority="medium",
        name=Words("R-on-T PVC", "ESV R/T", "خوارج بطينية R على T"),
        short=Words("R-on-T", "R/T", "R على T"),
        rule=Words(
            "PVC on the T wave of the beat before",
            "ESV sur l’onde T du battement précédent",
            "خارجة بطينية على موجة T للنبضة السابقة",
        ),
        hold_s=LONG_HOLD_S,
        repeats_withheld=True,
        raised=(
            "a PVC within this part of the QT interval expected of the beat before it, at 100 bpm"
            " or less"
        ),
        source="Smirk and Palmer 1960 [5]",
    ),
    AlarmKind(
        kind="couplet",
        rank=220,
        priority="low",
        name=Words("PVC couplet", "Doublet d’ESV", "خارجتان بطينيتان متتاليتان"),
        short=Words("Couplet", "Doublet", "زوج بطيني"),
        rule=Words("two PVCs in a row", "deux ESV de suite", "خارجتان بطينيتان متتاليتان"),
        rhythm=True,
        shown_beats=4,
        hold_s=LONG_HOLD_S,
        repeats_withheld=True,
        raised="two PVCs in a row",
        source="[3]",
    ),
    AlarmKind(
        kind="bigeminy",
        rank=230,
        priority="low",
        name=Words("Bigeminy", "Bigéminisme", "نظم توأمي"),
        rule=Words(
            "every second beat is a PVC",
            "un battement sur deux est une ESV",
            "كل نبضة ثانية خارجة بطينية",
        ),
        rhythm=True,
        wfdb_rhythm="(B",
        silences=("couplet", "pvc_rate"),
        shown_beats=3,
        hold_s=LONG_HOLD_S,
        repeats_withheld=True,
        strip_whole=True,
        raised="every second beat is a PVC, three times over",
        source="[3]",
    ),
    AlarmKind(
        kind="trigeminy",
        rank=240,
        priority="low",
        name=Words("Trigeminy", "Trigéminisme", "نظم ثلاثي"),
        rule=Words(
            "every third beat is a PVC",
            "un battement sur trois est une ESV",
            "كل نبضة ثالثة خارجة بطينية",
        ),
        rhythm=True,
        wfdb_rhythm="(T",
        silences=("couplet", "pvc_rate"),
        shown_beats=4,
        hold_s=LONG_HOLD_S,
        repeats_withheld=True,
        strip_whole=True,
        raised="every third beat is a PVC, three times over",
        source="[3]",
    ),
    AlarmKind(
        kind="multiform_pvc",
        rank=250,
        priority="low",
        name=Words("Multiform PVCs", "ESV polymorphes", "خوارج بطينية متعددة الأشكال"),
        short=Words("Multiform", "ESV polym.", "خوارج متعددة"),
        rule=Words(
            "PVCs of more than one shape (limit) among the last beats",
            "ESV de plus d’une forme (limite) parmi les derniers battements",
            "خوارج بطينية بأكثر من شكل واحد (الحد) بين النبضات الأخيرة",
        ),
        silenced_by=("vt_sustained", "vt", "ventricular_run"),
        hold_s=LONG_HOLD_S,
        repeats_withheld=True,
        raised="PVCs of two shapes within 300 beats, both within the last 60",
        source="as bedside monitors have it",
    ),
    AlarmKind(
        kind="pvc_rate",
        rank=260,
        priority="low",
        name=Words("Frequent PVCs", "ESV fréquentes", "خوارج بطينية متكررة"),
        short=Words("PVC/min", "ESV/min", "PVC/min"),
        rule=Words(
            "more PVCs per minute than the limit",
            "plus d’ESV par minute que la limite",
            "خوارج بطينية مبكرة في الدقيقة أكثر من الحد",
        ),
        hold_s=LONG_HOLD_S,
        repeats_withheld=True,
        raised="more PVCs than this within a minute",
        source="patient's limit",
    ),
)
"""The rows of the table."""
