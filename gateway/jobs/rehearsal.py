"""A job that nobody asked for, so that those that follow find all loaded that they need.

Each job runs in a process of its own, which is a copy of the worker's. What the worker has not
loaded by then - readers of files, networks, fonts, compiled code - each job loads anew, which takes
a second or two of a processor.
"""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs.folders import JobFacts, JobFolder

LENGTH_S = 30.0
"""Long enough for averaged beats, an alarm and a rate."""
_BED = "rehearsal"


def rehearse(settings: Settings) -> None:
    """Analyse a recording that is made up, write its files, read them again, and report on a bed.

    Args:
        settings: alarm limits, fonts.

    Raises:
        EcgMonitorError: a setting is wrong, or a file cannot be written.
        OSError: there is no place for a file.
    """
    from ecg_monitor.archive.history import add_recording  # noqa: PLC0415 - loads numpy
    from ecg_monitor.records.reader import read_record  # noqa: PLC0415
    from gateway.jobs.exporting import REPORT, exported  # noqa: PLC0415
    from gateway.jobs.studying import studied_recording  # noqa: PLC0415
    from gateway.study import examples  # noqa: PLC0415 - loads the engine

    recording = examples.made("ectopy", LENGTH_S)
    with TemporaryDirectory() as place:
        folder = JobFolder(Path(place))
        studied_recording(folder, "en", settings, recording, lambda _: None)
        read_record(folder.files / recording.name)
        archive = Path(place) / "archive"
        add_recording(archive, _BED, recording, time.time() - LENGTH_S)
        options = {"device": _BED, "format": REPORT}
        facts = JobFacts("", "", "", _BED, 0, time.time(), "export", options)
        kept = dataclasses.replace(settings, archive=str(archive))
        exported(folder, facts, kept, lambda _: None)
