"""What a network of twelve leads can find, in words for staff.

The same labels, with the codes of data sets for them, are in `models.diagnosis.labels`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ecg_monitor.ward.words import Words


@dataclass(frozen=True, slots=True)
class LabelWords:
    """A label in words.

    Attributes:
        name: what it is called.
        meaning: what it is, what it looks like and what it can come from, in a few sentences.
    """

    name: Words
    meaning: Words


LABEL_WORDS = {
    "NORM": LabelWords(
        Words("normal ECG", "ECG normal", "تخطيط طبيعي"),
        Words(
            "Shape, size and timing of the waves are within the usual range. A heart can be ill "
            "all the same: an infarction may not show at first, and an arrhythmia may pause.",
            "Forme, taille et durée des ondes sont dans les limites habituelles. Le cœur peut être "
            "malade malgré tout : un infarctus peut ne pas se voir au début, une arythmie faire "
            "une pause.",
            "شكل الموجات وحجمها وتوقيتها ضمن المدى المعتاد. قد يكون القلب مريضًا مع ذلك: فالاحتشاء "
            "قد لا يظهر في بدايته، واضطراب النظم قد يتوقف مؤقتًا.",
        ),
    ),
    "MI": LabelWords(
        Words(
            "myocardial infarction, new or old",
            "infarctus du myocarde, récent ou ancien",
            "احتشاء عضلة القلب، حديث أو قديم",
        ),
        Words(
            "Part of the heart muscle has been without blood and has died or is dying. It shows as "
            "broad Q waves, small R waves, and early as ST elevation. Old scars look alike: "
            "compare with former ECGs, symptoms and troponin.",
            "Une partie du muscle cardiaque a été privée de sang et est morte ou en train de "
            "mourir. On voit des ondes Q larges, des ondes R petites et, au début, un sus-décalage "
            "de ST. Une cicatrice ancienne se ressemble : comparez avec les ECG antérieurs, les "
            "symptômes et la troponine.",
            "حُرم جزء من عضلة القلب من الدم فمات أو هو في طور الموت. يظهر كموجات Q عريضة وموجات R "
            "صغيرة، وفي البداية كارتفاع في ST. والندبة القديمة تشبهه: قارن بالتخطيطات السابقة "
            "والأعراض والتروبونين.",
        ),
    ),
    "STTC": LabelWords(
        Words(
            "change of ST segment or T wave",
            "anomalie du segment ST ou de l’onde T",
            "تغير في قطعة ST أو موجة T",
        ),
        Words(
            "The heart recovers from its beat in an unusual way. Lack of blood is one cause; "
            "drugs, electrolytes, a thick heart muscle and fast rates are others.",
            "La repolarisation du cœur est inhabituelle. L’ischémie en est une cause ; les "
            "médicaments, les électrolytes, un muscle épaissi et une fréquence rapide en sont "
            "d’autres.",
            "عودة القلب إلى حالته بعد الضربة غير معتادة. نقص التروية سبب من الأسباب، ومنها أيضًا "
            "الأدوية والشوارد وتضخم عضلة القلب والسرعة العالية.",
        ),
    ),
    "CD": LabelWords(
        Words("conduction disturbance", "trouble de conduction", "اضطراب في التوصيل"),
        Words(
            "The impulse takes longer than usual, or another way, through the heart: a block "
            "between atria and ventricles, of a bundle branch or of a part of one.",
            "L’influx met plus de temps que d’habitude, ou prend un autre chemin : bloc entre "
            "oreillettes et ventricules, bloc d’une branche ou d’une partie de celle-ci.",
            "تستغرق النبضة الكهربائية وقتًا أطول من المعتاد أو تسلك طريقًا آخر في القلب: إحصار بين "
            "الأذينين والبطينين، أو إحصار حزيمة أو جزء منها.",
        ),
    ),
    "HYP": LabelWords(
        Words("hypertrophy", "hypertrophie", "تضخم"),
        Words(
            "The wall of a chamber is thick or the chamber large, most often the left ventricle "
            "after years of high blood pressure: large QRS complexes, often with ST and T changes. "
            "An ultrasound tells more.",
            "La paroi d’une cavité est épaissie ou la cavité dilatée, le plus souvent le "
            "ventricule "
            "gauche après des années d’hypertension : grands complexes QRS, souvent avec anomalies "
            "de ST et T. L’échographie en dit plus.",
            "جدار إحدى حجرات القلب سميك أو الحجرة متسعة، وغالبًا البطين الأيسر بعد سنوات من ارتفاع "
            "ضغط الدم: مركبات QRS كبيرة مع تغيرات في ST وT في كثير من الأحيان. تصوير القلب بالصدى "
            "يقول أكثر.",
        ),
    ),
    "SNR": LabelWords(
        Words("normal sinus rhythm", "rythme sinusal normal", "نظم جيبي طبيعي"),
        Words(
            "The sinus node sets the pace: a P wave ahead of each QRS complex, regular, 60 to 100 "
            "a minute. It says nothing of the shape of the complexes.",
            "Le nœud sinusal donne le rythme : une onde P avant chaque complexe QRS, régulière, 60 "
            "à 100 par minute. Cela ne dit rien de la forme des complexes.",
            "العقدة الجيبية تحدد النظم: موجة P قبل كل مركب QRS، بانتظام، 60 إلى 100 في الدقيقة. "
            "ولا يقول ذلك شيئًا عن شكل المركبات.",
        ),
    ),
    "AF": LabelWords(
        Words("atrial fibrillation", "fibrillation auriculaire", "رجفان أذيني"),
        Words(
            "The atria quiver instead of beating: no P waves, and QRS complexes at irregular "
            "distances. Clots can form in the atria and cause a stroke; the rate may be far too "
            "high.",
            "Les oreillettes frémissent au lieu de battre : pas d’ondes P et des complexes QRS à "
            "intervalles irréguliers. Des caillots peuvent s’y former et causer un AVC ; la "
            "fréquence peut être beaucoup trop élevée.",
            "يرتجف الأذينان بدل أن ينقبضا: لا موجات P، ومركبات QRS على مسافات غير منتظمة. قد تتكون "
            "جلطات في الأذينين وتسبب سكتة دماغية، وقد تكون السرعة عالية جدًا.",
        ),
    ),
    "IAVB": LabelWords(
        Words(
            "first-degree AV block",
            "bloc auriculo-ventriculaire du premier degré",
            "إحصار أذيني بطيني من الدرجة الأولى",
        ),
        Words(
            "The impulse is slow from the atria to the ventricles: the PR interval is over 200 ms, "
            "but every P wave is followed by a QRS complex. Common in athletes, with age and with "
            "some drugs; seldom urgent.",
            "L’influx passe lentement des oreillettes aux ventricules : l’intervalle PR dépasse "
            "200 "
            "ms, mais chaque onde P est suivie d’un QRS. Fréquent chez les sportifs, avec l’âge et "
            "avec certains médicaments ; rarement urgent.",
            "تمر النبضة ببطء من الأذينين إلى البطينين: فترة PR أطول من 200 ms، لكن كل موجة P "
            "يتبعها "
            "مركب QRS. شائع لدى الرياضيين ومع التقدم في العمر ومع بعض الأدوية، ونادرًا ما يكون "
            "عاجلًا.",
        ),
    ),
    "LBBB": LabelWords(
        Words("left bundle branch block", "bloc de branche gauche", "إحصار الحزيمة اليسرى"),
        Words(
            "The left ventricle is reached late, by way of the right one: QRS of 120 ms or more, "
            "deep in V1, broad and notched in I and V6. ST segments are displaced by the block "
            "itself, so that an infarction is hard to see. With chest pain: ask a cardiologist.",
            "Le ventricule gauche est activé tard, en passant par le droit : QRS d’au moins 120 "
            "ms, "
            "profond en V1, large et crocheté en I et V6. Le bloc lui-même décale ST : un "
            "infarctus "
            "se voit mal. En cas de douleur thoracique, demandez un cardiologue.",
            "يصل التنبيه إلى البطين الأيسر متأخرًا عبر الأيمن: QRS يبلغ 120 ms أو أكثر، عميق في "
            "V1، "
            "وعريض مثلوم في I وV6. الإحصار نفسه يزيح قطع ST فيصعب رؤية الاحتشاء. مع ألم الصدر: "
            "استشر طبيب القلب.",
        ),
    ),
    "RBBB": LabelWords(
        Words("right bundle branch block", "bloc de branche droit", "إحصار الحزيمة اليمنى"),
        Words(
            "The right ventricle is reached late: QRS of 120 ms or more, a second R wave in V1, a "
            "broad S wave in I and V6. It may be harmless; one that is new can come with strain of "
            "the right heart, such as an embolism of the lung.",
            "Le ventricule droit est activé tard : QRS d’au moins 120 ms, seconde onde R en V1, "
            "onde S large en I et V6. Il peut être bénin ; récent, il peut accompagner une "
            "surcharge du cœur droit, comme une embolie pulmonaire.",
            "يصل التنبيه إلى البطين الأيمن متأخرًا: QRS يبلغ 120 ms أو أكثر، موجة R ثانية في V1، "
            "وموجة S عريضة في I وV6. قد يكون غير ضار، أما الحديث فقد يرافق إجهاد القلب الأيمن مثل "
            "انصمام الرئة.",
        ),
    ),
    "PAC": LabelWords(
        Words("premature atrial complexes", "extrasystoles auriculaires", "ضربات أذينية مبكرة"),
        Words(
            "Beats from the atria that come early, with a P wave of another shape and a narrow "
            "QRS. Common and mostly harmless; many of them can come before atrial fibrillation.",
            "Battements précoces venant des oreillettes, avec une onde P de forme différente et un "
            "QRS fin. Fréquents et le plus souvent bénins ; nombreux, ils peuvent précéder une "
            "fibrillation auriculaire.",
            "ضربات مبكرة من الأذينين، لها موجة P بشكل مختلف وQRS ضيق. شائعة وغير ضارة غالبًا، وقد "
            "تسبق كثرتها الرجفان الأذيني.",
        ),
    ),
    "PVC": LabelWords(
        Words(
            "premature ventricular complexes",
            "extrasystoles ventriculaires",
            "ضربات بطينية مبكرة",
        ),
        Words(
            "Beats from a ventricle that come early, broad and without a P wave ahead. Single ones "
            "are common; pairs, runs, or one on a T wave ask for attention, potassium and "
            "magnesium for a look.",
            "Battements précoces venant d’un ventricule, larges et sans onde P avant. Isolés, ils "
            "sont fréquents ; par paires, en salves ou sur une onde T, ils demandent de "
            "l’attention, et de vérifier potassium et magnésium.",
            "ضربات مبكرة من أحد البطينين، عريضة وبلا موجة P قبلها. المفردة شائعة، أما الأزواج "
            "والسلاسل وما يقع على موجة T فتستدعي الانتباه وفحص البوتاسيوم والمغنيسيوم.",
        ),
    ),
    "STD": LabelWords(
        Words("ST depression", "sous-décalage de ST", "انخفاض ST"),
        Words(
            "The ST segment lies below the baseline. In several neighbouring leads it can mean "
            "lack of blood, or mirror an elevation elsewhere; digoxin and a thick muscle do it "
            "too.",
            "Le segment ST est sous la ligne de base. Dans plusieurs dérivations voisines, cela "
            "peut signifier une ischémie, ou refléter un sus-décalage ailleurs ; la digoxine et un "
            "muscle épaissi le font aussi.",
            "تقع قطعة ST تحت خط الأساس. في عدة مساري متجاورة قد يعني ذلك نقص التروية أو صورة "
            "معكوسة لارتفاع في مكان آخر، ويسببه أيضًا الديجوكسين وتضخم العضلة.",
        ),
    ),
    "STE": LabelWords(
        Words("ST elevation", "Sus-décalage du segment ST", "ارتفاع مقطع ST"),
        Words(
            "The ST segment lies above the baseline. In two or more neighbouring leads it can mean "
            "that a coronary artery is closed, and minutes count. Pericarditis, bundle branch "
            "block, early repolarisation and old aneurysms look alike.",
            "Le segment ST est au-dessus de la ligne de base. Dans deux dérivations voisines ou "
            "plus, cela peut signifier qu’une artère coronaire est fermée, et les minutes "
            "comptent. Péricardite, bloc de branche, repolarisation précoce et anévrisme ancien "
            "se ressemblent.",
            "تقع قطعة ST فوق خط الأساس. في مسريين متجاورين أو أكثر قد يعني ذلك انسداد شريان تاجي، "
            "والدقائق ثمينة. ويشبهه التهاب التامور وإحصار الحزيمة وعود الاستقطاب المبكر وأمّ الدم "
            "القديمة.",
        ),
    ),
}
"""Words of every label of `models.diagnosis.labels.LABELS`."""
