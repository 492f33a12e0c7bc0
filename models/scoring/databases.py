"""Record lists, splits and label maps of the databases that models are trained and scored on.

Sources:
    Moody GB, Mark RG. The impact of the MIT-BIH Arrhythmia Database. IEEE Eng Med Biol 20(3),
    2001, doi:10.1109/51.932724 (the records).
    de Chazal P, O'Dwyer M, Reilly RB. Automatic classification of heartbeats using ECG morphology
    and heartbeat interval features. IEEE Trans Biomed Eng 51(7), 2004,
    doi:10.1109/TBME.2004.827359 (DS1, DS2, the paced records, `DE_CHAZAL`).
    ANSI/AAMI EC57, Testing and reporting performance results of cardiac rhythm and ST segment
    measurement algorithms (the five classes, `EC57`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.types import BeatLabel
from ecg_monitor.records.labels import AAMI_LABELS

DS1: tuple[str, ...] = (
    "101", "106", "108", "109", "112", "114", "115", "116", "118", "119", "122",
    "124", "201", "203", "205", "207", "208", "209", "215", "220", "223", "230",
)  # fmt: skip
"""Records of the MIT-BIH Arrhythmia Database to develop on; no patient is in `DS2` too."""

DS2: tuple[str, ...] = (
    "100", "103", "105", "111", "113", "117", "121", "123", "200", "202", "210",
    "212", "213", "214", "219", "221", "222", "228", "231", "232", "233", "234",
)  # fmt: skip
"""Records of the MIT-BIH Arrhythmia Database to report on, once everything is decided."""

PACED: tuple[str, ...] = ("102", "104", "107", "217")
"""Records with paced beats, which EC57 leaves out of the scoring of beat classes."""

MITDB: tuple[str, ...] = tuple(sorted(DS1 + DS2 + PACED))
"""All 48 records of the MIT-BIH Arrhythmia Database."""

SPLITS: Mapping[str, tuple[str, ...]] = MappingProxyType({"ds1": DS1, "ds2": DS2, "all": MITDB})
"""Named selections of MIT-BIH records, as the command line takes them."""


DE_CHAZAL: Mapping[str, BeatLabel] = MappingProxyType(AAMI_LABELS)
"""WFDB beat symbol -> AAMI class, as de Chazal 2004 and most of the literature have it.

Atrial, nodal and supraventricular escape beats (``e j n``) count as N.
"""

EC57: Mapping[str, BeatLabel] = MappingProxyType({**AAMI_LABELS, "e": "S", "j": "S", "n": "S"})
"""WFDB beat symbol -> AAMI class, as WFDB's ``bxb`` applies EC57.

It differs from `DE_CHAZAL` in the supraventricular escape beats (``e j n``), which are S: 245
beats of the MIT-BIH Arrhythmia Database, 212 of them in record 222.
"""

LABEL_MAPS: Mapping[str, Mapping[str, BeatLabel]] = MappingProxyType(
    {"de_chazal": DE_CHAZAL, "ec57": EC57}
)
"""The label maps by the name under which settings and reports know them."""


def split(name: str) -> tuple[str, ...]:
    """Return the records of a split.

    Args:
        name: ``ds1``, ``ds2`` or ``all``; case does not matter.

    Raises:
        SettingsError: there is no such split.
    """
    try:
        return SPLITS[name.lower()]
    except KeyError:
        raise SettingsError(f"split: no {name!r}; choose one of {', '.join(SPLITS)}") from None


def label_map(name: str) -> Mapping[str, BeatLabel]:
    """Return a label map by name.

    Args:
        name: ``de_chazal`` or ``ec57``.

    Raises:
        SettingsError: there is no such map.
    """
    try:
        return LABEL_MAPS[name]
    except KeyError:
        raise SettingsError(f"labels: no {name!r}; choose one of {', '.join(LABEL_MAPS)}") from None
