"""Feeds a whole recording to the engine in large pieces: the events of `detector.analyzer.offline`.

Events do not depend on how a signal is cut, and each call of the engine has its costs: half an hour
of two leads took 15 s of a core packet by packet, and 5 s with 20 packets at once.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.labelling import Labelling
from detector.analyzer.offline import DEVICE, packets_of
from detector.engine.resample import FS, half_width
from ecg_monitor.core.types import Alarm, Event, Packet
from ecg_monitor.records import Recording
from ecg_monitor.ward.limits.model import LimitBook

PACKET_MS = 500.0
AT_ONCE = 20
"""Packets that are fed in one call; with 200 it is no faster."""


def timed_events(
    recording: Recording,
    limits: LimitBook,
    progress: Callable[[float], None],
    labelling: Labelling | None = None,
) -> list[tuple[float, Event]]:
    """Return what `detector.analyzer.offline.timed_events` does, sooner.

    When an alarm was raised follows from the engine's sample that its decision looked at, and from
    the packet that brought what the resampler needs for it; behind a hole, for whose end the engine
    waits, it may have been a packet later. Of other events the time is that of the last packet.

    Args:
        recording: what to analyse.
        limits: alarm limits.
        progress: told the share that is done, 0 .. 1.
        labelling: what labels the beats; None: as live.

    Raises:
        RecordError: the recording cannot be sent by a device.
    """
    analyzer = Analyzer(limits, labelling=labelling)
    events: list[Event] = []
    ends: list[int] = []
    waiting: list[Packet] = []

    def feed() -> None:
        events.extend(one for output in analyzer.feed(waiting) for one in output.events)
        waiting.clear()
        progress(ends[-1] / recording.n_samples)

    for packet in packets_of(recording, PACKET_MS):
        waiting.append(packet)
        ends.append(packet.n1)
        if len(waiting) == AT_ONCE:
            feed()
    feed()
    events += [one for output in analyzer.finish(DEVICE) for one in output.events]
    last = len(ends) - 1
    half = half_width(recording.fs)

    def arrived(event: Event) -> float:
        if not isinstance(event, Alarm):
            return ends[last] / recording.fs
        k = round(event.decided_n * FS / recording.fs)
        needed = math.floor(k * recording.fs / FS) + half
        return ends[min(last, bisect_right(ends, needed))] / recording.fs

    return [(arrived(event), event) for event in events]
