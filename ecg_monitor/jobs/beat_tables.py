"""Tells tables that hold one beat a row, as public ECG projects have them, from recordings."""

from __future__ import annotations

import math
import re
from pathlib import Path

LENGTHS = (140, 187)
"""Samples of a beat: of ECG5000 (UCR), and of MIT-BIH and PTB after Kachuee 2018. A column more
holds the class."""
_SEPARATORS = re.compile(r"[,;\s]+")
_LONGEST_ROW = 1 << 16


def is_table_of_beats(path: Path) -> bool:
    """Return whether a file is such a table, by its first row.

    Raises:
        OSError: the disk does not give it.
    """
    if path.suffix.lower() not in (".csv", ".txt", ".tsv"):
        return False
    try:
        with path.open(encoding="ascii") as text:
            cells = cells_of(text.readline(_LONGEST_ROW))
        widths = {n + extra for n in LENGTHS for extra in (0, 1)}
        return len(cells) in widths and all(math.isfinite(float(cell)) for cell in cells)
    except ValueError:
        return False


def cells_of(line: str) -> list[str]:
    """Return the cells of a row: commas, semicolons and white space separate."""
    return [cell for cell in _SEPARATORS.split(line.strip()) if cell]
