"""Which reader takes which file, by its ending; and what to do with files that none takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Format:
    """A format that is read.

    Attributes:
        name: what it is called.
        endings: of its files, in lower case; the first one is the usual one.
        module: where its reader lives: ``read(path)`` returns a `Recording`.
        read: name of that function.
        is_listed: whether such files are looked for in a folder of recordings.
    """

    name: str
    endings: tuple[str, ...]
    module: str
    read: str
    is_listed: bool = True


_HERE = "ecg_monitor.records.formats"
WFDB = Format("WFDB", (".hea",), f"{_HERE}.wfdb_reader", "read_wfdb")
TABLE = Format("CSV", (".csv",), f"{_HERE}.text.reader", "read_text")
OTHER_TABLE = Format(
    "table of text", (".tsv", ".txt"), f"{_HERE}.text.reader", "read_text", is_listed=False
)
FORMATS = (
    WFDB,
    TABLE,
    Format("EDF, BDF", (".edf", ".bdf", ".rec"), f"{_HERE}.edf.reader", "read_edf"),
    OTHER_TABLE,
    Format("ISHNE", (".ecg", ".ishne", ".hol"), f"{_HERE}.clinical.ishne", "read_ishne"),
    Format("DICOM", (".dcm", ".dicom"), f"{_HERE}.clinical.dicom", "read_dicom"),
    Format("HL7 aECG, MUSE XML", (".xml",), f"{_HERE}.clinical.xml", "read_xml", is_listed=False),
)
"""In the order in which a name is looked for in a folder."""
_PARTS_OF_WFDB = frozenset({".dat", ".atr", ".qrs", ".mat"})
"""Endings of files that lie beside a WFDB header of the same name."""
_CONVERTERS = {
    ".scp": "is SCP-ECG: convert it to EDF, as `save2gdf -f=EDF` of BioSig does",
    ".mwf": "is MFER: convert it to EDF, as `save2gdf -f=EDF` of BioSig does",
    ".mfer": "is MFER: convert it to EDF, as `save2gdf -f=EDF` of BioSig does",
    ".gdf": "is GDF: convert it to EDF, as EDFbrowser does",
    ".acq": "is AcqKnowledge: convert it to text, as `acq2txt` of bioread does",
    ".atc": "is AliveCor's own format: export CSV or EDF from the application",
    ".json": "is JSON: write its samples into a CSV with the columns time and ECG",
    ".fif": "is FIFF: convert it to EDF, as MNE-Python's export does",
    ".vhdr": "is BrainVision: convert it to EDF, as EDFbrowser does",
    ".xdf": "is XDF: convert it to EDF, as MNE-Python's export does",
    ".npy": "is an array: give it to heartbeats.analyze (docs/PYTHON.md)",
    ".npz": "holds arrays: give one to heartbeats.analyze (docs/PYTHON.md)",
    ".mat": "is MATLAB's and has no WFDB header beside it: give the array to heartbeats.analyze",
    ".h5": "is HDF5: give the array to heartbeats.analyze (docs/PYTHON.md)",
    ".hdf5": "is HDF5: give the array to heartbeats.analyze (docs/PYTHON.md)",
    ".xlsx": "is a spreadsheet: save it as CSV",
    ".xls": "is a spreadsheet: save it as CSV",
    ".ods": "is a spreadsheet: save it as CSV",
    ".pdf": "is a picture of an ECG: export the samples as CSV, EDF or XML",
    ".png": "is a picture of an ECG: export the samples as CSV, EDF or XML",
    ".jpg": "is a picture of an ECG: export the samples as CSV, EDF or XML",
    ".zip": "is an archive: unpack it first",
    ".gz": "is packed: unpack it first",
}
"""What to do with files that are not read, by their ending."""
READABLE = "the .hea of a WFDB record, a .csv, .edf, .bdf, .ecg (ISHNE), .dcm or .xml"
"""What is read, in words."""


def format_of(path: Path) -> Format | None:
    """Return the format of a file by its ending; None if it has no known one."""
    ending = path.suffix.lower()
    return next((one for one in FORMATS if ending in one.endings), None)


def is_part_of_wfdb(path: Path) -> bool:
    """Return whether a file belongs to a WFDB header that lies beside it."""
    return path.suffix.lower() in _PARTS_OF_WFDB and path.with_suffix(".hea").is_file()


def why_not_read(path: Path) -> str:
    """Return what a file is that no reader takes, and what to do with it."""
    told = _CONVERTERS.get(path.suffix.lower())
    return told or f"cannot be read; give {READABLE}"
