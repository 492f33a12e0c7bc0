"""The words of a report in every language of the pages."""

from __future__ import annotations

from ecg_monitor.ward.words import Words, everywhere

TITLE = Words("ECG report", "Rapport ECG", "تقرير تخطيط القلب")
DISCLAIMER = Words(
    "Research software, not a medical device. Every finding needs a physician’s review.",
    "Logiciel de recherche, pas un dispositif médical. Un médecin doit revoir chaque résultat.",
    "برنامج بحثي وليس جهازاً طبياً. كل نتيجة تحتاج إلى مراجعة طبيب.",
)
PAGE = Words("page {n} of {all}", "page {n} sur {all}", "صفحة {n} من {all}")

PATIENT = Words("Patient", "Patient", "المريض")
UNIT = Words("Care unit", "Unité de soins", "وحدة الرعاية")
RECORDING = Words("Recording", "Enregistrement", "التسجيل")
DEVICE = Words("Device", "Appareil", "الجهاز")
BEGIN = Words("From", "Du", "من")
END = Words("To", "Au", "إلى")
LENGTH = Words("Length", "Durée", "المدة")
SIGNAL = Words("Signal", "Signal", "الإشارة")
SOFTWARE = Words("Software", "Logiciel", "البرنامج")
IN_RECORDING = Words("{time} of the recording", "{time} de l’enregistrement", "{time} من التسجيل")
UNKNOWN = Words("not known", "inconnu", "غير معروف")

RATE = Words("Heart rate", "Fréquence cardiaque", "معدل ضربات القلب")
MEAN = Words("mean", "moyenne", "المتوسط")
LOWEST = Words("lowest (8 intervals)", "minimale (8 intervalles)", "الأدنى (8 فترات)")
HIGHEST = Words("highest (8 intervals)", "maximale (8 intervalles)", "الأعلى (8 فترات)")
BEATS = Words("Beats", "Battements", "الضربات")
TOTAL = Words("all", "total", "المجموع")
CLASSES = {
    "N": Words("normal (N)", "normaux (N)", "طبيعية (N)"),
    "S": Words("supraventricular (S)", "supraventriculaires (S)", "فوق بطينية (S)"),
    "V": Words("ventricular (V)", "ventriculaires (V)", "بطينية (V)"),
    "F": Words("fusion (F)", "de fusion (F)", "اندماجية (F)"),
    "Q": Words("unclassified (Q)", "non classés (Q)", "غير مصنفة (Q)"),
}
PAUSES = Words("Pauses (RR ≥ 2 s)", "Pauses (RR ≥ 2 s)", "التوقفات (RR ≥ 2 s)")
COUNT = Words("number", "nombre", "العدد")
LONGEST = Words("longest", "la plus longue", "الأطول")
FASTEST = Words("fastest", "la plus rapide", "الأسرع")
V_RUNS = Words(
    "Ventricular runs (≥ 3 beats)", "Salves ventriculaires (≥ 3)", "سلاسل بطينية (3 ضربات فأكثر)"
)
S_RUNS = Words(
    "Supraventricular runs (≥ 3 beats)",
    "Salves supraventriculaires (≥ 3)",
    "سلاسل فوق بطينية (3 ضربات فأكثر)",
)
COUPLETS = Words("Ventricular couplets", "Doublets ventriculaires", "أزواج بطينية")
N_BEATS = Words("{n} beats", "{n} battements", "{n} ضربات")
AF = Words("Atrial fibrillation", "Fibrillation atriale", "الرجفان الأذيني")
BURDEN = Words("burden", "charge", "العبء")
LONGEST_EPISODE = Words("longest episode", "plus long épisode", "أطول نوبة")
HRV = Words("Heart rate variability", "Variabilité de la fréquence cardiaque", "تغيّر معدل القلب")
HRV_SHORT = Words(
    "needs 5 min with mostly normal beats",
    "exige 5 min de battements surtout normaux",
    "يتطلب 5 دقائق معظم ضرباتها طبيعية",
)
SDNN = everywhere("SDNN")
RMSSD = everywhere("RMSSD")
PNN50 = everywhere("pNN50")
LF_HF = everywhere("LF/HF")
WINDOWS = Words("windows of 5 min", "fenêtres de 5 min", "نوافذ من 5 دقائق")
INTERVALS = Words("Intervals (medians)", "Intervalles (médianes)", "الفترات (الوسيط)")
QRS = everywhere("QRS")
PR = everywhere("PR")
QT = everywhere("QT")
FRIDERICIA = Words("QTc Fridericia", "QTc Fridericia", "QTc Fridericia")
BAZETT = Words("QTc Bazett", "QTc Bazett", "QTc Bazett")
LONGEST_QTC = Words("longest QTcF", "QTcF le plus long", "أطول QTcF")
QUALITY = Words("Signal quality", "Qualité du signal", "جودة الإشارة")
QUALITIES = (
    Words("analysed", "analysé", "تم تحليله"),
    Words("noisy", "bruité", "ضوضاء"),
    Words("flat line", "ligne plate", "خط مستقيم"),
    Words("lead off", "électrode débranchée", "قطب مفصول"),
)
"""What each of `ecg_monitor.ward.trends.minute.QUALITIES` is called."""
MISSING = Words("no signal", "sans signal", "بلا إشارة")
ALARMS = Words("Alarms", "Alarmes", "الإنذارات")
NO_ALARMS = Words("none", "aucune", "لا شيء")
TOGETHER = Words("in all", "au total", "إجمالاً")
LONGEST_AT = Words("longest at", "la plus longue à", "الأطول عند")
TREND = Words(
    "Heart rate (lowest to highest, mean) and ectopic beats",
    "Fréquence cardiaque (minimum à maximum, moyenne) et battements ectopiques",
    "معدل القلب (من الأدنى إلى الأعلى، والمتوسط) والضربات المنتبذة",
)
PER_MINUTE = Words("V and S per minute", "V et S par minute", "V و S في الدقيقة")
REVIEW = Words("Review", "Relecture", "المراجعة")
CORRECTED = Words("beats corrected", "battements corrigés", "ضربات مصححة")
CONFIRMED = Words("beats confirmed", "battements confirmés", "ضربات مؤكدة")
REVIEWED_BY = Words("reviewed by {name}", "relu par {name}", "راجعها {name}")
FALSE_ALARMS = Words("alarms called false", "alarmes jugées fausses", "إنذارات اعتُبرت خاطئة")
MORE_PEOPLE = Words("and {n} more", "et {n} autres", "و{n} آخرون")
MORE = Words("and {n} more kinds", "et {n} autres types", "و{n} أنواع أخرى")
CAPTIONS = {
    "longest_rr": Words(
        "Longest pause: {value} s", "Plus longue pause : {value} s", "أطول توقف: {value} s"
    ),
    "v_run": Words(
        "Fastest ventricular run: {value}/min",
        "Salve ventriculaire la plus rapide : {value}/min",
        "أسرع سلسلة بطينية: {value}/min",
    ),
    "s_run": Words(
        "Fastest supraventricular run: {value}/min",
        "Salve supraventriculaire la plus rapide : {value}/min",
        "أسرع سلسلة فوق بطينية: {value}/min",
    ),
    "highest": Words(
        "Highest heart rate: {value}/min",
        "Fréquence maximale : {value}/min",
        "أعلى معدل للقلب: {value}/min",
    ),
    "lowest": Words(
        "Lowest heart rate: {value}/min",
        "Fréquence minimale : {value}/min",
        "أدنى معدل للقلب: {value}/min",
    ),
    "two_v": Words(
        "Ventricular couplet: {value}/min",
        "Doublet ventriculaire : {value}/min",
        "زوج بطيني: {value}/min",
    ),
    "V": Words("Ventricular beat", "Battement ventriculaire", "ضربة بطينية"),
    "S": Words("Supraventricular beat", "Battement supraventriculaire", "ضربة فوق بطينية"),
    "F": Words("Fusion beat", "Battement de fusion", "ضربة اندماجية"),
    "N": Words("Normal beats", "Battements normaux", "ضربات طبيعية"),
    "alarm": Words("Alarm: {value}", "Alarme : {value}", "إنذار: {value}"),
}
NOTHING_SHOWN = Words(
    "No beat was found: there is no strip to show.",
    "Aucun battement trouvé : aucun tracé à montrer.",
    "لم يُعثر على أي ضربة: لا مقطع للعرض.",
)
SCALE = Words(
    "25 mm/s, 10 mm/mV when printed at 100 %",
    "25 mm/s, 10 mm/mV à l’impression à 100 %",
    "\u200e25 mm/s, 10 mm/mV\u200e عند الطباعة بنسبة 100%",
)
