"""Recordings of real patients: reading them (WFDB, CSV, EDF and others) and finding them.

``read_record(path)`` reads a file, ``find_record(name, settings)`` returns where a recording
named ``100`` lies and why that one was taken. What comes back is a `Recording`: int16 samples as a
device would send them, with reference annotations where the database has any.
"""

from ecg_monitor.records.finder import RecordingFolder, find_database, find_record
from ecg_monitor.records.labels import AAMI_LABELS, aami_label
from ecg_monitor.records.reader import is_table, read_record
from ecg_monitor.records.recording import BeatMark, InvalidStretch, Recording, RhythmMark

__all__ = [
    "AAMI_LABELS",
    "BeatMark",
    "InvalidStretch",
    "Recording",
    "RecordingFolder",
    "RhythmMark",
    "aami_label",
    "find_database",
    "find_record",
    "is_table",
    "read_record",
]
