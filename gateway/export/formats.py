"""The formats that are written: one row each.

A writer is ``write(excerpt, path, progress) -> None``: it writes the files that its row names, and
tells ``progress`` the share that is done, 0 .. 1.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ecg_monitor.core.errors import ExportError
from ecg_monitor.jobs.exports import LONGEST_S
from gateway.export.excerpt import Excerpt

Progress = Callable[[float], None]
Writer = Callable[[Excerpt, Path, Progress], None]


@dataclass(frozen=True, slots=True)
class Format:
    """A format that is written.

    Attributes:
        name: as ``--format`` calls it.
        endings: of the files that are written, the one that stands for the export first.
        module: where its writer lives.
        write: name of the writer.
        optional: endings of files that are written only where there is something for them.
    """

    name: str
    endings: tuple[str, ...]
    module: str
    write: str = "write"
    optional: tuple[str, ...] = ()

    @property
    def longest_s(self) -> float | None:
        """Longest interval that is written, s; None: any."""
        return LONGEST_S[self.name]

    def files(self, path: Path) -> tuple[Path, ...]:
        """Return the files that an export to ``path`` writes, without those that are optional."""
        if len(self.endings) == 1:
            return (path,)
        return self._beside(path, self.endings)

    def optional_files(self, path: Path) -> tuple[Path, ...]:
        """Return the files that an export to ``path`` writes if there is something for them."""
        return self._beside(path, self.optional)

    def _beside(self, path: Path, endings: tuple[str, ...]) -> tuple[Path, ...]:
        stem = path.with_suffix("") if path.suffix in self.endings else path
        return tuple(stem.with_name(stem.name + ending) for ending in endings)

    def writer(self) -> Writer:
        """Return the function that writes the format; its libraries are loaded now."""
        writer: Writer = getattr(importlib.import_module(self.module), self.write)
        return writer


FORMATS = {
    row.name: row
    for row in (
        Format("wfdb", (".hea", ".dat", ".atr"), "gateway.export.writers.wfdb", optional=(".rev",)),
        Format("edf", (".edf",), "gateway.export.writers.edf"),
        Format("csv", (".csv",), "gateway.export.writers.table", optional=(".review.csv",)),
        Format("dicom", (".dcm",), "gateway.export.writers.dicom"),
        Format("fhir", (".json",), "gateway.export.writers.fhir"),
        Format("pdf", (".pdf",), "gateway.export.writers.strip", "write_pdf"),
        Format("svg", (".svg",), "gateway.export.writers.strip", "write_svg"),
        Format("png", (".png",), "gateway.export.writers.strip", "write_png"),
    )
}
"""Every format by its name."""


def format_for(name: str | None, path: Path) -> Format:
    """Return the format of an export.

    Args:
        name: as ``--format`` calls it; None: the one that the ending of ``path`` is of.
        path: the file to write.

    Raises:
        ExportError: there is no such format, or the ending is of none.
    """
    known = ", ".join(FORMATS)
    if name is not None:
        if name not in FORMATS:
            raise ExportError(f"--format: there is no {name!r}; choose one of {known}")
        return FORMATS[name]
    for row in FORMATS.values():
        if path.suffix.lower() == row.endings[0]:
            return row
    raise ExportError(f"--format: {path.name} does not say which; choose one of {known}")
