"""Exports of what a bed has recorded: what may be asked for, whoever asks, a page or a program.

The work is done by a worker (`gateway.jobs.exporting`), which dashboard and API do not load.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from ecg_monitor.core.errors import RequestError
from ecg_monitor.jobs.folders import JobFacts, JobFolder

LONGEST_S: Final[Mapping[str, float | None]] = {
    "report": None,
    "pdf": 3600.0,
    "wfdb": None,
    "edf": None,
    "csv": None,
    "fhir": 3600.0,
    "dicom": 86_400.0,
    "svg": 120.0,
    "png": 120.0,
}
"""What can be asked for, in the order in which it is offered: its longest interval, s; None: any.
``report`` is a PDF with figures and strips. A document of text that holds every sample grows past
what its readers open."""
LANGUAGES = ("en", "fr", "ar")
DAY_S = 86_400.0
"""Longest interval that a page asks for, s: what it shows at a time."""
_LEGAL = re.compile(r"[^A-Za-z0-9_-]")
_STEM = 40


def check(form: str, language: str, start: float, end: float) -> None:
    """Make sure that an export can be asked for.

    Args:
        form: a key of `LONGEST_S`.
        language: of a report, one of `LANGUAGES`.
        start: Unix time from which, s.
        end: Unix time up to which, s.

    Raises:
        RequestError: it cannot; says what is wrong.
    """
    if form not in LONGEST_S:
        raise RequestError(f"format must be one of {', '.join(LONGEST_S)}")
    if language not in LANGUAGES:
        raise RequestError(f"language must be one of {', '.join(LANGUAGES)}")
    if not start < end:
        raise RequestError("nothing of that time is this patient's")
    longest = min(DAY_S, LONGEST_S[form] or DAY_S)
    if end - start > longest + 1e-3:
        raise RequestError("in this format an export lasts at most {n} min", n=round(longest / 60))


def stem_of(device: str, start: float | None = None) -> str:
    """Return the name of an export's files without their ending, legal in every format.

    Args:
        device: id of the device.
        start: Unix time of the first sample, s; None: the name does not tell it.
    """
    name = _LEGAL.sub("-", device)
    if start is None:
        return name
    return f"{name[:_STEM]}_{datetime.fromtimestamp(start, UTC):%Y%m%d_%H%M%S}"


def facts_of(
    folder: JobFolder,
    owner: str,
    person: str,
    device: str,
    form: str,
    options: Mapping[str, object],
) -> JobFacts:
    """Return what is known of an export from its beginning.

    Args:
        folder: its folder.
        owner: digest of whom it belongs to.
        person: who asks.
        device: id of the device.
        form: a key of `LONGEST_S`.
        options: ``start``, ``end``, ``language`` and, if several files are to come as one zip,
            ``packed``.
    """
    return JobFacts(
        id=folder.path.name,
        owner=owner,
        person=person,
        name=f"{device}.{form}",
        size=0,
        created_at=time.time(),
        task="export",
        options={"device": device, "format": form, **options},
    )
