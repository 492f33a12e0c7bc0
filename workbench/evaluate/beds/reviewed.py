"""A bed's record as a database of its own, with the reviewers' beats as the reference."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.settings import Settings
from gateway.export.bed import read_bed
from gateway.export.formats import FORMATS
from gateway.export.source import BED
from gateway.export.writing import written

ANNOTATOR = "rev"
"""Annotator of WFDB exports that holds what holds after review."""


@contextmanager
def reference_folder(source: Path, settings: Settings) -> Iterator[tuple[Path, str]]:
    """Give the folder of records that have been reviewed, and what to know of the reference.

    Args:
        source: a folder of WFDB exports, or ``bed:ID``, whose record is exported for the while.
        settings: where the archive is.

    Raises:
        RecordError: nobody has reviewed it.
        ArchiveError: nothing is kept of the bed.
    """
    name = str(source)
    if not name.startswith(BED):
        yield source, f"the reference is the annotator {ANNOTATOR} of {source}"
        return
    excerpt = read_bed(settings.archive_dir, name.removeprefix(BED), None, None)
    review = excerpt.review
    if review is None:
        raise RecordError(
            f"--reference: nobody has reviewed {name}; its page /review/ is where one does"
        )
    with tempfile.TemporaryDirectory(prefix="ecg-reviewed-") as folder:
        path = Path(folder) / name.removeprefix(BED)
        written(FORMATS["wfdb"], excerpt, path.with_suffix(".hea"), lambda _: None)
        who = ", ".join(f"{one} {count}" for one, count in review.by) or "nobody"
        yield (
            Path(folder),
            f"the reference of {name}: {len(excerpt.recording.beats)} beats, {review.corrected} "
            f"corrected ({who}), {review.confirmed} confirmed; all others are as the detector "
            "found them, so what nobody has looked at counts as right",
        )
