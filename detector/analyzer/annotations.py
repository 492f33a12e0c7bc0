"""Writes what was found as a WFDB annotation file, for other tools to read and score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

ANNOTATOR = "ecm"


def write_annotations(analysis: dict[str, Any], folder: Path) -> Path:
    """Write ``RECORD.ecm`` with one annotation per beat, labelled N, S, V, F or Q.

    Args:
        analysis: outcome of `detector.analyzer.offline.analyze`.
        folder: where to write; made if missing.

    Returns:
        path of the file.
    """
    import wfdb  # noqa: PLC0415  (slow to import)

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{analysis['record']}.{ANNOTATOR}"
    beats = analysis["beats"]
    if not beats:  # wfdb refuses to write no annotations: an empty file ends at once
        path.write_bytes(b"\0\0")
        return path
    wfdb.wrann(
        analysis["record"],
        ANNOTATOR,
        np.array([beat["sample"] for beat in beats]),
        [beat["label"] for beat in beats],
        fs=analysis["fs"],
        write_dir=str(folder),
    )
    return path
