"""Cuts the strip of an alert out of packets. Pure.

Its JSON is described in `ecg_monitor.ward.alerts.evidence`.

Of each device the last minute's packets are remembered by their stream entry, not by their
samples: the samples are in Redis anyway.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

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


Noted = tuple[str, int, int, float]
"""A packet in the wave stream: id of its entry, indices of its first sample and of one past its
last, arrival time (Unix s). A plain tuple, since there are a hundred per bed and the garbage
collector need not look into those."""


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
    packets: deque[Noted] = field(default_factory=deque)
    beats: deque[Beat] = field(default_factory=deque)
    from_n: int | None = None

    def note(self, packet: Noted) -> None:
        """Remember a packet, forget those of over a minute ago."""
        _, n0, _, at = packet
        if self.from_n is None:
            self.from_n = n0
        self.packets.append(packet)
        while at - self.packets[0][3] > REMEMBERED_S:
            _, _, n1, _ = self.packets.popleft()
            self.from_n = max(self.from_n, n1)

    def note_beat(self, beat: Beat) -> None:
        """Remember a beat, forget those of over a minute ago."""
        self.beats.append(beat)
        while beat.n - self.beats[0].n > REMEMBERED_S * self.fs:
            self.beats.popleft()

    def arrival_of(self, n: int) -> float | None:
        """Return when the samples about ``n`` came, Unix s; None if they are not remembered."""
        return next((at for _, n0, _, at in reversed(self.packets) if n0 <= n), None)

    def newest(self) -> tuple[int, float] | None:
        """Return one past the last index of the packet that came last, and when it came."""
        if not self.packets:
            return None
        _, _, n1, at = self.packets[-1]
        return n1, at

    def entries(self, from_n: int, to_n: int) -> list[str] | None:
        """Return the stream entries of a range; None if it begins before what is remembered."""
        if self.from_n is None or from_n < self.from_n:
            return None
        return [entry for entry, n0, n1, _ in self.packets if n0 < to_n and n1 > from_n]


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
    alert: Alert, packets: Iterable[Packet], beats: Iterable[Beat], fs: float | None
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
