"""Reads an annotator's WFDB file for scoring.

A recording as the rest of the project knows it carries beats and rhythms alone. Scoring needs the
marks of ventricular flutter and of unreadable signal too, so it reads the file itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.types import BeatLabel
from models.scoring.beats import Beats
from models.scoring.databases import DE_CHAZAL

_WFDB_ERRORS = (ValueError, IndexError, KeyError, TypeError, AttributeError, OSError)
"""What wfdb raises, depending on where a damaged file breaks its parser."""


def read_beats(
    record: Path, annotator: str = "atr", labels: Mapping[str, BeatLabel] = DE_CHAZAL
) -> Beats:
    """Read an annotator's beats of a recording, times in samples of the annotation file.

    Args:
        record: path of the record without suffix, ``mitdb/100``.
        annotator: suffix of the annotation file.
        labels: WFDB beat symbol -> AAMI class, see `models.scoring.databases`.

    Raises:
        RecordError: the file is missing or damaged.
    """
    file = record.with_name(f"{record.name}.{annotator}")
    if not file.is_file():
        raise RecordError(f"{record}: no annotations to score against ({file} does not exist)")
    with warnings.catch_warnings():
        # wfdb 4.3 calls what pandas 3 deprecates, when imported and when used.
        warnings.simplefilter("ignore", DeprecationWarning)
        import wfdb  # noqa: PLC0415  # takes most of a second to load

        try:
            marks = wfdb.rdann(str(record), annotator)
        except _WFDB_ERRORS as error:
            raise RecordError(f"{file}: is not a WFDB annotation file: {error}") from error
    return Beats.from_annotations(marks.sample, marks.symbol, marks.subtype, labels)
