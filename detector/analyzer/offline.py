"""Drives the live engine over a recording, as fast as it can.

The recording is cut into packets as a device would send them; everything after that is the code
that runs live, so what is found here is what would have been found at the bedside. Events do not
depend on how a signal is cut, and each call of the engine has its costs, so many packets are fed
in one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.labelling import Labelling
from detector.engine.resample import last_needed
from ecg_monitor.core import wire
from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.types import Alarm, Beat, Episode, Event, Measurement, Packet, Vitals
from ecg_monitor.records import Recording
from ecg_monitor.ward.limits.model import LimitBook

DEVICE = "recording"
BOOT = "offline"
PIECE_S = 60.0
"""Signal that is fed in one call, s: a quarter less of a processor than with ten, and hardly more
than with a hundred."""
AROUND_HOLE_S = 3.0
"""Signal around the ends of a hole that is fed packet by packet, s: the engine may wait for a hole
to end, which shifts when an alarm is raised."""

Analysis = dict[str, Any]
"""JSON-ready outcome of `analyze`, which describes it."""


def packets_of(recording: Recording, packet_ms: float) -> Iterator[Packet]:
    """Cut a recording into packets; a lead without values is sent as detached.

    Args:
        recording: what to cut.
        packet_ms: length of a packet, ms.

    Raises:
        RecordError: the wire format does not allow its sampling rate or number of leads.
    """
    fs = recording.fs
    if not wire.FS_MIN_HZ <= fs <= wire.FS_MAX_HZ:
        raise RecordError(
            f"{recording.name}: {fs:g} Hz is outside {wire.FS_MIN_HZ:g} .. {wire.FS_MAX_HZ:g} Hz; "
            "resample it"
        )
    if not 1 <= len(recording.leads) <= wire.MAX_LEADS:
        raise RecordError(
            f"{recording.name}: has {len(recording.leads)} leads, not 1 .. {wire.MAX_LEADS}; "
            "choose some (--leads)"
        )
    length = max(1, round(packet_ms * fs / 1000))
    edges = {edge for span in recording.invalid for edge in (span.start, span.end)}
    cuts = sorted(edges | set(range(0, recording.n_samples, length)) | {recording.n_samples})
    starts: dict[int, set[int]] = {}
    ends: dict[int, set[int]] = {}
    for lead, start, end in recording.invalid:
        starts.setdefault(start, set()).add(lead)
        ends.setdefault(end, set()).add(lead)
    off: set[int] = set()
    for seq, (n0, n1) in enumerate(pairwise(cuts)):
        off = off - ends.get(n0, set()) | starts.get(n0, set())
        yield Packet(
            device=DEVICE,
            boot=BOOT,
            seq=seq,
            n0=n0,
            t0=n0 / fs,
            fs=fs,
            leads=recording.leads,
            gain=recording.gain,
            baseline=recording.baseline,
            samples=recording.samples[:, n0:n1],
            leadoff=tuple(name for i, name in enumerate(recording.leads) if i in off),
        )


def analyze(
    recording: Recording,
    *,
    packet_ms: float = 500.0,
    limits: LimitBook | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Analysis:
    """Analyse a recording.

    Args:
        recording: what to analyse.
        packet_ms: length of the packets that a device would have sent, ms.
        limits: alarm limits; None: the built-in ones for adults.
        progress: told the seconds of signal analysed, every minute of it or more often.

    Returns:
        map with ``record``, ``fs``, ``leads``, ``duration_s``; ``beats`` (``sample`` at the
        record's own rate, ``time_s``, ``label``, ``probabilities`` by label, ``anomaly`` 0 .. 1 or
        None, ``rhythm`` that no beat is premature to, or None); ``vitals`` once a second;
        ``measurements`` of averaged beats (`Measurement`, with ``time_s`` in place of ``n``) every
        10 s or so; ``episodes``;
        ``alarms`` (``decided_s`` is the signal time that the decision looked at, ``raised_s`` what
        had arrived when it was raised);
        ``quality`` stretches; ``holes``: by lead that has some their ``count``, ``seconds``, and
        ``longest_s``; ``unclassified``: how many beats are Q, for holes, noise or a pacemaker.

    Raises:
        RecordError: the recording cannot be sent by a device.
    """
    timed = timed_events(recording, packet_ms=packet_ms, limits=limits, progress=progress)
    return as_analysis(recording, timed)


def timed_events(
    recording: Recording,
    *,
    packet_ms: float = 500.0,
    piece_s: float = PIECE_S,
    limits: LimitBook | None = None,
    networks: bool = True,
    labelling: Labelling | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> list[tuple[float, Event]]:
    """Feed a recording to the engine; arguments as of `analyze`.

    Args:
        recording: what to analyse.
        packet_ms: length of the packets that a device would have sent, ms.
        piece_s: signal that is fed in one call, s; 0: packet by packet. Events do not depend on it.
        limits: alarm limits; None: the built-in ones for adults.
        networks: label beats and measure waves; without, every beat is called N.
        labelling: what labels the beats; None: as live.
        progress: told the seconds of signal analysed, every minute of it or more often.

    Returns:
        the engine's events in order, each with the seconds of signal that had arrived by then: of
        an alarm to the packet, of others to the piece.

    Raises:
        RecordError: the recording cannot be sent by a device.
    """
    fs = recording.fs
    analyzer = Analyzer(limits, networks=networks, labelling=labelling)
    timed: list[tuple[float, Event]] = []
    ends: list[int] = []

    def arrived(event: Event, first: int) -> float:
        """Return when the packet arrived, of those from ``first`` on, that the event waited for."""
        if not isinstance(event, Alarm):
            return ends[-1] / fs
        needed = last_needed(event.decided_n, fs)
        return ends[min(len(ends) - 1, max(first, bisect_right(ends, needed)))] / fs

    for piece in _pieces(recording, packet_ms, piece_s):
        first = len(ends)
        ends += [packet.n1 for packet in piece]
        for output in analyzer.feed(piece):
            timed += [(arrived(event, first), event) for event in output.events]
        progress(ends[-1] / fs)
    timed += [(ends[-1] / fs, e) for output in analyzer.finish(DEVICE) for e in output.events]
    return timed


def _pieces(recording: Recording, packet_ms: float, piece_s: float) -> Iterator[list[Packet]]:
    """Group a recording's packets into pieces of ``piece_s``; around ends of holes, each is one."""
    edges = sorted({edge for span in recording.invalid for edge in (span.start, span.end)})
    around = AROUND_HOLE_S * recording.fs
    waiting: list[Packet] = []
    for packet in packets_of(recording, packet_ms):
        alone = bisect_left(edges, packet.n0 - around) < bisect_right(edges, packet.n1 + around)
        if waiting and (alone or packet.n1 - waiting[0].n0 > piece_s * recording.fs):
            yield waiting
            waiting = []
        if alone:
            yield [packet]
        else:
            waiting.append(packet)
    if waiting:
        yield waiting


def as_analysis(recording: Recording, timed: list[tuple[float, Event]]) -> Analysis:
    """Bring the outcome of `timed_events` into the form that `analyze` describes."""
    fs = recording.fs
    events = [event for _, event in timed]
    return {
        "record": recording.name,
        "fs": fs,
        "leads": list(recording.leads),
        "duration_s": round(recording.duration_s, 3),
        "beats": [_beat(event, fs) for event in events if isinstance(event, Beat)],
        "vitals": [
            {"time_s": round(event.n / fs, 3), "heart_rate": event.heart_rate}
            for event in events
            if isinstance(event, Vitals)
        ],
        "measurements": [_measurement(e, fs) for e in events if isinstance(e, Measurement)],
        "episodes": [
            {"kind": e.kind, "start_s": round(e.n / fs, 3), "end_s": round(e.end_n / fs, 3)}
            for e in events
            if isinstance(e, Episode)
        ],
        "alarms": _alarms(timed, fs),
        "quality": _quality(events, fs, recording.duration_s),
        "holes": _holes(recording),
        "unclassified": sum(isinstance(e, Beat) and e.label == "Q" for e in events),
    }


def _holes(recording: Recording) -> dict[str, dict[str, float]]:
    """Sum up where the recording has no values, by lead."""
    found: dict[str, list[float]] = {}
    for row, start, end in recording.invalid:
        found.setdefault(recording.leads[row], []).append((end - start) / recording.fs)
    return {
        lead: {
            "count": len(some),
            "seconds": round(sum(some), 3),
            "longest_s": round(max(some), 3),
        }
        for lead, some in found.items()
    }


def _beat(beat: Beat, fs: float) -> dict[str, Any]:
    return {
        "sample": beat.n,
        "time_s": round(beat.n / fs, 4),
        "label": beat.label,
        "probabilities": beat.probabilities,
        "anomaly": beat.anomaly,
        "rhythm": beat.rhythm,
    }


def _measurement(event: Measurement, fs: float) -> dict[str, Any]:
    fields = asdict(event)
    return {"time_s": round(fields.pop("n") / fs, 3), **fields}


def _alarms(timed: list[tuple[float, Event]], fs: float) -> list[dict[str, Any]]:
    """Pair the beginning of each alarm with its end; one still present has none."""
    alarms: list[dict[str, Any]] = []
    present: dict[str, dict[str, Any]] = {}
    for arrived, event in timed:
        if not isinstance(event, Alarm):
            continue
        if event.present:
            present[event.kind] = {
                "kind": event.kind,
                "priority": event.priority,
                "onset_s": round(event.n / fs, 3),
                "decided_s": round(event.decided_n / fs, 3),
                "raised_s": round(arrived, 3),
                "cleared_s": None,
                "value": event.value,
                "limit": event.limit,
            }
            alarms.append(present[event.kind])
        else:
            present.pop(event.kind)["cleared_s"] = round(arrived, 3)
    return alarms


def _quality(events: list[Event], fs: float, duration_s: float) -> list[dict[str, Any]]:
    """Join the seconds of equal quality to stretches."""
    stretches: list[dict[str, Any]] = []
    for event in events:
        if not isinstance(event, Vitals):
            continue
        if not stretches or stretches[-1]["state"] != event.quality:
            at = round(event.n / fs, 3)
            if stretches:
                stretches[-1]["end_s"] = at
            stretches.append({"start_s": at, "end_s": None, "state": event.quality})
    if stretches:
        stretches[-1]["end_s"] = round(duration_s, 3)
    return stretches
