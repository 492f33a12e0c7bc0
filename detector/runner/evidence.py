"""Cuts the strip of an alert out of packets. Pure.

Its JSON is described in `ecg_monitor.ward.alerts.evidence`.

Of each device the last minute's packets are remembered by their stream entry, not by their
samples: the samples are in Redis anyway.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from struct import Struct
from typing import NamedTuple

from ecg_monitor.core.types import Beat, Packet
from ecg_monitor.ward.alarms.catalogue import KINDS
from ecg_monitor.ward.alerts.evidence import VERSION, Evidence
from ecg_monitor.ward.alerts.model import Alert
from ecg_monitor.ward.signal import strip

BEFORE_S = 5.0
AFTER_S = 5.0
WHOLE_S = 30.0
"""A strip that holds a whole pattern (`AlarmKind.strip_whole`) ends so long after its onset at
most: three cycles of trigeminy at 18 bpm."""
SETTLE_S = 1.5
"""A beat is labelled so long after its R peak at the latest."""
REMEMBERED_S = 60.0
"""Onsets lie at most half a minute before the decision (sustained VT); older ones are looked up."""


_NOTE = Struct("<qqd")
"""A packet in the wave stream: indices of its first sample and of one past its last, arrival time
(Unix s), and after that the id of its entry. Bytes, since there are hundreds per bed."""


class NotedBeat(NamedTuple):
    """What a strip tells of a beat; as of `ecg_monitor.core.types.Beat`."""

    n: int
    label: str
    rr_s: float | None


@dataclass(slots=True)
class Recent:
    """The last minute of one power-up of a device.

    Attributes:
        boot: the power-up.
        fs: sampling rate in Hz.
        packets: its packets, in order of arrival.
        beats: its beats.
        from_n: since this sample index all that came is remembered.
    """

    boot: str
    fs: float
    packets: deque[bytes] = field(default_factory=deque)
    beats: deque[NotedBeat] = field(default_factory=deque)
    from_n: int | None = None

    def note(self, entry: str, n0: int, n1: int, at: float) -> None:
        """Remember a packet, forget those of over a minute ago.

        Args:
            entry: id of its entry in the wave stream.
            n0: index of its first sample.
            n1: one past the index of its last.
            at: when it arrived, Unix time, s.
        """
        if self.from_n is None:
            self.from_n = n0
        packets = self.packets
        packets.append(_NOTE.pack(n0, n1, at) + entry.encode())
        while True:
            _, former_n1, former_at = _NOTE.unpack_from(packets[0])
            if at - former_at <= REMEMBERED_S:
                return
            packets.popleft()
            self.from_n = max(self.from_n, former_n1)

    def note_beat(self, beat: Beat) -> None:
        """Remember a beat, forget those of over a minute ago."""
        self.beats.append(NotedBeat(beat.n, beat.label, beat.rr_s))
        while beat.n - self.beats[0].n > REMEMBERED_S * self.fs:
            self.beats.popleft()

    def arrival_of(self, n: int) -> float | None:
        """Return when the samples about ``n`` came, Unix s; None if they are not remembered."""
        noted = (_NOTE.unpack_from(one) for one in reversed(self.packets))
        return next((at for n0, _, at in noted if n0 <= n), None)

    def newest(self) -> tuple[int, float] | None:
        """Return one past the last index of the packet that came last, and when it came."""
        if not self.packets:
            return None
        _, n1, at = _NOTE.unpack_from(self.packets[-1])
        return n1, at

    def entries(self, from_n: int, to_n: int) -> list[str] | None:
        """Return the stream entries of a range; None if it begins before what is remembered."""
        if self.from_n is None or from_n < self.from_n:
            return None
        noted = ((one, *_NOTE.unpack_from(one)) for one in self.packets)
        size = _NOTE.size
        return [one[size:].decode() for one, n0, n1, _ in noted if n0 < to_n and n1 > from_n]


def reach_s(kind: str) -> float:
    """Return how long after its onset the strip of a kind of alarm ends at most, s."""
    row = KINDS.get(kind)
    return WHOLE_S if row is not None and row.strip_whole else AFTER_S


def span_of(alert: Alert, fs: float) -> tuple[int, int]:
    """Return the range of samples of the strip around the onset of an alert.

    Args:
        alert: its facts.
        fs: sampling rate in Hz.
    """
    n = alert.n
    usual, most = n + round(AFTER_S * fs), n + round(reach_s(alert.kind) * fs)
    return max(0, n - round(BEFORE_S * fs)), max(usual, min(most, alert.decided_n))


def build(
    alert: Alert, packets: Iterable[Packet], beats: Iterable[Beat | NotedBeat], fs: float | None
) -> Evidence:
    """Return the evidence of an alert.

    Args:
        alert: its facts.
        packets: packets of its device and boot, in order of arrival; of samples that came twice
            the first are taken, as in reassembly.
        beats: beats of the same.
        fs: sampling rate in Hz, or None to take it from the packets.
    """
    chosen = strip.of_one_kind(alert.boot, alert.n, packets, fs)
    fs = chosen[0].fs if chosen else fs
    from_n, to_n = span_of(alert, fs) if fs is not None else (alert.n, alert.n)
    return {
        "v": VERSION,
        "alert": alert.id,
        "device": alert.device,
        "boot": alert.boot,
        "kind": alert.kind,
        "priority": alert.priority,
        "rule": _rule(alert.kind),
        "value": alert.value,
        "limit": alert.limit,
        "lead": alert.lead,
        "onset_n": alert.n,
        "decided_n": alert.decided_n,
        "onset_at": alert.onset_at,
        "fs": fs,
        **strip.cut(chosen, from_n, to_n),
        "beats": [
            {"n": beat.n, "label": beat.label, "rr_s": beat.rr_s}
            for beat in sorted(beats, key=lambda beat: beat.n)
            if from_n <= beat.n < to_n
        ],
    }


def _rule(kind: str) -> str:
    """Return the definition of a kind in words; an alert of another version may be unknown."""
    row = KINDS.get(kind)
    return f"{kind.replace('_', ' ')}: value against limit" if row is None else row.rule.en
