"""Alarm kinds: the device and its electrodes."""

from __future__ import annotations

from ecg_monitor.ward.alarms.kind import AlarmKind
from ecg_monitor.ward.words import Words

KINDS = (
    AlarmKind(
        kind="leadoff",
        rank=360,
        priority="technical",
        about="device",
        name=Words("All leads off", "Toutes les électrodes décollées", "جميع الأقطاب مفصولة"),
        short=Words("Leads off", "Décollées", "الأقطاب مفصولة"),
        rule=Words("all leads detached", "toutes les électrodes détachées", "كل الأقطاب منفصلة"),
        withholds=True,
        unwatched=True,
        raised="all leads are detached",
        source="IEC 60601-2-27",
    ),
    AlarmKind(
        kind="amplitude",
        rank=370,
        priority="technical",
        about="device",
        name=Words("Check unit and gain", "Vérifier unité et gain", "تحقّق من الوحدة والكسب"),
        short=Words("Unit?", "Unité ?", "الوحدة؟"),
        lead_fault=Words(
            "{lead}: check unit and gain",
            "{lead} : vérifier unité et gain",
            "{lead}: تحقّق من الوحدة والكسب",
        ),
        rule=Words(
            "no ECG spans so many mV a second: check unit and gain of the device",
            (
                "aucun ECG ne couvre autant de mV en une seconde : vérifier l’unité et le gain de"
                " l’appareil"
            ),
            (
                "لا يمتد أي تخطيط قلب على هذا القدر من الميلي فولت في الثانية: تحقّق من وحدة "
                "الجهاز وكسبه"
            ),
        ),
        goes_on_in_noise=True,
        withholds=True,
        unwatched=True,
        raised=(
            "what a lead spans in a second cannot be an ECG's: over 20 mV in 4 of 5 s, or less "
            "than 0.02 mV with complexes all the same. Check unit and gain of the device. Nothing"
            " is said of the heart from such leads; where all are, the analysis rests"
        ),
        source="input range of IEC 60601-2-27",
    ),
    AlarmKind(
        kind="noise",
        rank=380,
        priority="technical",
        about="device",
        name=Words("Noisy signal", "Signal parasité", "إشارة مشوّشة"),
        short=Words("Noise", "Parasites", "تشويش"),
        rule=Words(
            "noise for so long (limit, s) that rhythm analysis is suspended",
            "bruit si long (limite, s) que l’analyse du rythme est suspendue",
            "تشويش طويل (الحد، ثانية) أوقف تحليل النظم",
        ),
        goes_on_in_noise=True,
        withholds=True,
        unwatched=True,
        raised=(
            "the signal was poor in so many of the last seconds: what needs beat labels is "
            "suspended; asystole, extreme rates and fibrillation are watched on. At once where "
            "noise alone keeps an alarm of high priority from being proven"
        ),
        source='bedside monitors\' "cannot analyze"',
    ),
    AlarmKind(
        kind="analysis_limited",
        rank=385,
        priority="technical",
        about="device",
        name=Words("Analysis limited", "Analyse limitée", "التحليل محدود"),
        rule=Words(
            (
                "holes in the signal: half of the beats of the last 30 s could not be classified, "
                "or fibrillation could not be looked for during 15 s of them"
            ),
            (
                "trous dans le signal : la moitié des battements des 30 dernières s n’ont pu être "
                "classés, ou la fibrillation n’a pu y être recherchée pendant 15 s"
            ),
            (
                "ثغرات في الإشارة: تعذّر تصنيف نصف ضربات آخر 30 ثانية، أو تعذّر البحث عن الرجفان "
                "خلال 15 ثانية منها"
            ),
        ),
        goes_on_in_noise=True,
        raised=(
            "of the last 30 s, half of the beats could not be classified for holes in the signal "
            "(packets lost, electrodes that flicker), or fibrillation could not be looked for "
            "during 15 s. What is found all the same is told"
        ),
        source='bedside monitors\' "cannot analyze"',
    ),
    AlarmKind(
        kind="leads_disagree",
        rank=350,
        priority="technical",
        about="device",
        name=Words("Leads disagree", "Dérivations discordantes", "الاتجاهات غير متوافقة"),
        short=Words("Leads differ", "Dériv. disc.", "تعارض اتجاهات"),
        rule=Words(
            "beats that only this lead shows, so many; their absence is not believed",
            (
                "battements que cette dérivation est seule à montrer, en ce nombre ; leur absence"
                " n’est pas retenue"
            ),
            "ضربات لا يُظهرها إلا هذا الاتجاه، بهذا العدد؛ ولا يُعتدّ بغيابها",
        ),
        goes_on_in_noise=True,
        raised="one lead shows beats that the leads together do not: their absence is not believed",
    ),
    AlarmKind(
        kind="electrode_off",
        rank=300,
        priority="low",
        about="device",
        name=Words("Electrode off", "Électrode décollée", "قطب مفصول"),
        lead_fault=Words("{lead} off", "{lead} décollée", "{lead} مفصول"),
        rule=Words(
            "lead detached; the others are analysed",
            "dérivation débranchée ; les autres sont analysées",
            "اتجاه مفصول؛ تُحلَّل الاتجاهات الأخرى",
        ),
        goes_on_in_noise=True,
        raised="one lead is detached and not all",
        source="IEC 60601-2-27",
    ),
    AlarmKind(
        kind="lead_flat",
        rank=310,
        priority="low",
        about="device",
        name=Words("Flat lead", "Dérivation plate", "اتجاه مسطّح"),
        lead_fault=Words("{lead} flat", "{lead} plate", "{lead} مسطّح"),
        rule=Words(
            "flat line in one lead and not in all",
            "tracé plat sur une dérivation et non sur toutes",
            "خط مسطّح في اتجاه واحد لا في جميعها",
        ),
        goes_on_in_noise=True,
        raised="one lead shows a flat line and not all",
        source="Challenge 2011 [11]",
    ),
    AlarmKind(
        kind="lead_saturated",
        rank=320,
        priority="low",
        about="device",
        name=Words("Saturated lead", "Dérivation saturée", "اتجاه مشبع"),
        lead_fault=Words("{lead} saturated", "{lead} saturée", "{lead} مشبع"),
        rule=Words(
            "one lead at the end of its range and not all",
            "une dérivation en butée de sa plage, et non toutes",
            "اتجاه واحد عند نهاية مداه لا جميعها",
        ),
        goes_on_in_noise=True,
        raised="one lead stands at the end of its range and not all",
        source="[11]",
    ),
    AlarmKind(
        kind="lead_unsteady",
        rank=330,
        priority="low",
        about="device",
        name=Words("Unsteady lead", "Dérivation instable", "اتجاه غير ثابت"),
        lead_fault=Words("{lead} unsteady", "{lead} instable", "{lead} غير ثابت"),
        rule=Words(
            "jumps of the baseline in one lead and not in all",
            "sauts de la ligne de base sur une dérivation et non sur toutes",
            "قفزات في خط الأساس في اتجاه واحد لا في جميعها",
        ),
        goes_on_in_noise=True,
        raised="the baseline of one lead jumps and not of all",
        source="[11]",
    ),
    AlarmKind(
        kind="lead_noisy",
        rank=340,
        priority="low",
        about="device",
        name=Words("Noisy lead", "Dérivation parasitée", "اتجاه مشوّش"),
        lead_fault=Words("{lead} noisy", "{lead} parasitée", "{lead} مشوّش"),
        rule=Words(
            "noise in one lead and not in all",
            "parasites sur une dérivation et non sur toutes",
            "تشويش في اتجاه واحد لا في جميعها",
        ),
        goes_on_in_noise=True,
        raised="one lead is noise and not all",
        source="[11]",
    ),
    AlarmKind(
        kind="two_devices",
        rank=355,
        priority="technical",
        about="device",
        name=Words(
            "Two devices under one id", "Deux appareils sous un identifiant", "جهازان بمعرّف واحد"
        ),
        short=Words("2 devices", "2 appareils", "جهازان"),
        rule=Words(
            "two signals come under this device id; only one of them is analysed",
            "deux signaux arrivent sous cet identifiant ; un seul est analysé",
            "تصل إشارتان بمعرّف هذا الجهاز، ولا تُحلَّل إلا إحداهما",
        ),
        goes_on_in_noise=True,
        configurable=False,
        raised=(
            "over 2 s of signal of two power-ups (or of other leads or rates) come side by side:"
            " two devices have one id, or one sends old signal late. The one that was there first"
            " is analysed; when it brings nothing for 5 s, the other is. Ends when no packet of the"
            " other has come for 10 s of signal"
        ),
    ),
    AlarmKind(
        kind="no_data",
        rank=390,
        priority="technical",
        about="device",
        name=Words("No data", "Pas de données", "لا توجد بيانات"),
        rule=Words(
            "no new sample for the limit, s",
            "aucun nouvel échantillon pendant la limite, s",
            "لا عينات جديدة لمدة الحد، ثانية",
        ),
        quantity="duration",
        configurable=False,
        withholds=True,
        unwatched=True,
        raised="a device has sent nothing new for 5 s",
        source="IEC 60601-2-27: within 10 s",
    ),
)
"""The rows of the table."""
