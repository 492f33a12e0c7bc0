"""What SOURCE names on the command line: a recording's file, or what a bed has recorded."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from ecg_monitor.core.errors import ExportError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import Beat, Event
from ecg_monitor.records import Recording
from ecg_monitor.records.recording import BeatMark
from gateway.export.excerpt import Excerpt, alarms_of, bounds, cut
from gateway.export.writers.marks import rhythms_of

BED = "bed:"
MARKS = ("found", "reference", "none")
"""Whose beats and alarms an export carries: the engine's, those of the file, none."""
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be read.

    Attributes:
        source: path or name of a recording, or ``bed:ID``.
        start: where the interval begins, as the user wrote it; None: with the source.
        end: where it ends; None: with the source.
        marks: one of `MARKS`.
        leads: names of the leads to take, separated by commas; None: all.
        fs: sampling rate of a table without times, Hz.
        analyse: whether the events of the engine are asked for, beyond what marks need.
        data: folder to look for a recording in that is named without a path.
    """

    source: str
    start: str | None = None
    end: str | None = None
    marks: str = "found"
    leads: str | None = None
    fs: float | None = None
    data: str = ""
    analyse: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class LoadedSource:
    """What was read.

    Attributes:
        excerpt: the interval.
        events: those of the engine up to the end of the interval, their samples counted from the
            beginning of the source; empty if it was not analysed.
    """

    excerpt: Excerpt
    events: tuple[Event, ...] = ()


def seconds_of(option: str, text: str | None) -> float | None:
    """Return a time within a recording: seconds, or ``h:mm:ss``.

    Raises:
        ExportError: it is neither.
    """
    if text is None:
        return None
    total = 0.0
    try:
        for part in text.split(":"):
            total = 60 * total + float(part)
    except ValueError:
        total = math.nan
    if not math.isfinite(total) or total < 0 or text.count(":") > 2:
        raise ExportError(f"{option}: must be seconds from 0 on, or h:mm:ss, got {text!r}")
    return total


def read(request: Request, settings: Settings, progress: Progress) -> LoadedSource:
    """Read an interval of a source, and analyse the recording as far as it is asked for.

    The analysis begins with the recording, whatever the interval, as it would have at the bedside.

    Args:
        request: what to read.
        settings: for the folders of recordings and the alarm limits.
        progress: told the share that is analysed, 0 .. 1.

    Raises:
        ExportError: the interval is not there.
        RecordError: the recording cannot be read.
    """
    if request.source.startswith(BED):
        return _of_bed(request, settings, progress)
    start = seconds_of("--start", request.start)
    end = seconds_of("--end", request.end)
    recording, notes = _recording(request, settings)
    first, last, clipped = bounds(recording.fs, recording.n_samples, start, end)
    excerpt = Excerpt(
        cut(recording, first, last),
        offset_s=first / recording.fs,
        notes=(*notes, *recording.notes, *clipped),
    )
    if request.marks == "none":
        bare = replace(excerpt.recording, beats=(), rhythms=())
        return LoadedSource(replace(excerpt, recording=bare))
    if request.marks == "reference":
        return LoadedSource(excerpt)
    beginning = cut(recording, 0, last)
    timed = _analysed(beginning, settings, progress)
    excerpt = _with_findings(excerpt, beginning, timed, first)
    return LoadedSource(excerpt, tuple(event for _, event in timed))


def _of_bed(request: Request, settings: Settings, progress: Progress) -> LoadedSource:
    """Read what a bed has recorded, with the beats and alarms that were found there.

    What the archive does not keep, rates by the second and measured waves, is analysed anew from
    the beginning of the interval.
    """
    from detector.analyzer.command import choose_leads  # noqa: PLC0415
    from gateway.export.bed import beats_of, read_bed  # noqa: PLC0415

    device = request.source.removeprefix(BED)
    excerpt = read_bed(settings.archive_dir, device, request.start, request.end)
    excerpt = replace(excerpt, recording=choose_leads(excerpt.recording, request.leads))
    if request.marks == "none":
        bare = replace(excerpt.recording, beats=(), rhythms=())
        return LoadedSource(replace(excerpt, recording=bare, alarms=(), pulses=(), review=None))
    if not request.analyse:
        return LoadedSource(excerpt)
    timed = _analysed(excerpt.recording, settings, progress)
    others = [event for _, event in timed if not isinstance(event, Beat)]
    return LoadedSource(excerpt, (*others, *beats_of(excerpt.recording)))


def _recording(request: Request, settings: Settings) -> tuple[Recording, tuple[str, ...]]:
    from detector.analyzer.command import choose_leads  # noqa: PLC0415
    from ecg_monitor.records import find_record, is_table, read_record  # noqa: PLC0415

    path, reason = find_record(request.source, settings, data=request.data)
    if request.leads and is_table(path):  # what the user names is taken, whatever it is called
        recording = read_record(path, fs=request.fs, columns=request.leads.split(","))
    else:
        recording = choose_leads(read_record(path, fs=request.fs), request.leads)
    return recording, (reason,)


def _analysed(
    recording: Recording, settings: Settings, progress: Progress
) -> list[tuple[float, Event]]:
    from detector.analyzer.offline import timed_events  # noqa: PLC0415
    from detector.analyzer.warm import warm  # noqa: PLC0415
    from ecg_monitor.ward.limits.file import load_limits  # noqa: PLC0415

    warm()
    return timed_events(
        recording,
        limits=load_limits(settings.config),
        progress=lambda at: progress(at / recording.duration_s),
    )


def _with_findings(
    excerpt: Excerpt, beginning: Recording, timed: list[tuple[float, Event]], first: int
) -> Excerpt:
    """Return the excerpt with the beats and alarms of an analysis in place of its own."""
    from detector.analyzer.offline import as_analysis  # noqa: PLC0415

    analysis = as_analysis(beginning, timed)
    n, fs = excerpt.recording.n_samples, excerpt.recording.fs
    alarms = alarms_of(analysis["alarms"], excerpt.offset_s, excerpt.duration_s)
    beats = tuple(
        BeatMark(beat["sample"] - first, beat["label"])
        for beat in analysis["beats"]
        if first <= beat["sample"] < first + n
    )
    return replace(
        excerpt,
        recording=replace(excerpt.recording, beats=beats, rhythms=rhythms_of(alarms, fs, n)),
        alarms=alarms,
    )
