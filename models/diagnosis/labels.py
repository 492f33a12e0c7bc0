"""What the networks of twelve leads name, what each name means, and which codes stand for it."""

from __future__ import annotations

from dataclasses import dataclass

from ecg_monitor.ward.signal.labels import LABEL_WORDS


@dataclass(frozen=True, slots=True)
class Label:
    """A finding.

    Attributes:
        name: short name, as the data sets have it.
        scp: statements of PTB-XL (SCP-ECG, EN 1064) that say so.
        snomed: SNOMED CT codes that the PhysioNet Challenges of 2020 and 2021 use for it.
        other: further spellings in `#Dx:` lines of CPSC2018.
    """

    name: str
    scp: tuple[str, ...] = ()
    snomed: tuple[str, ...] = ()
    other: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it means, in English; `ecg_monitor.ward.signal.labels` has more."""
        return LABEL_WORDS[self.name].name.en


SUPERCLASSES = (
    Label("NORM", ("NORM",)),
    Label("MI"),
    Label("STTC"),
    Label("CD"),
    Label("HYP"),
)
"""Diagnostic superclasses of PTB-XL (Wagner et al., Scientific Data 7:154, 2020)."""

NINE = (
    Label("SNR", snomed=("426783006",), other=("Normal", "SNR")),
    Label("AF", ("AFIB",), ("164889003",), ("AF",)),
    Label("IAVB", ("1AVB",), ("270492004",), ("I-AVB", "IAVB")),
    Label("LBBB", ("CLBBB",), ("164909002", "733534002"), ("LBBB",)),
    Label("RBBB", ("CRBBB",), ("59118001", "713427006"), ("RBBB",)),
    Label("PAC", ("PAC",), ("284470004", "63593006"), ("PAC",)),
    Label(
        "PVC",
        ("PVC", "BIGU", "TRIGU"),
        ("427172004", "17338001", "164884008"),
        ("PVC",),
    ),
    Label("STD", ("STD_",), ("429622005",), ("STD",)),
    Label("STE", ("STE_",), ("164931005",), ("STE",)),
)
"""The nine labels of CPSC2018 (Liu et al., J Med Imaging Health Inform 8:1368-1373, 2018)."""

LABELS = SUPERCLASSES + NINE
"""What `ecg-diagnosis` names, in the order of its output."""
NAMES = tuple(label.name for label in LABELS)
TITLES = {label.name: label.title for label in LABELS}

_BY_CODE = {code.lower(): label.name for label in NINE for code in (*label.snomed, *label.other)}


def of_dx(codes: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read the codes of a `#Dx:` line: SNOMED CT numbers or the words of CPSC2018.

    Returns:
        Which of the nine labels they mean, in the order of `NINE`, and the codes that mean none.

    >>> of_dx("AF,RBBB"), of_dx("164889003, 251146004")
    ((('AF', 'RBBB'), ()), (('AF',), ('251146004',)))
    """
    words = [word for word in codes.replace("+", ",").replace(" ", ",").split(",") if word]
    found = {_BY_CODE[word.lower()] for word in words if word.lower() in _BY_CODE}
    unknown = tuple(word for word in words if word.lower() not in _BY_CODE)
    return tuple(label.name for label in NINE if label.name in found), unknown
