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
from ecg_monitor.ward.alerts.evidence import VERSION, Evidence
from ecg_monitor.ward.alerts.model import Alert
from ecg_monitor.ward.signal import strip

BEFORE_S = 5.0
AFTER_S = 5.0
SETTLE_S = 1.5
"""A beat is labelled so long after its R peak at the latest."""
REMEMBERED_S = 60.0
"""Onsets lie at most half a minute before the decision (sustained VT); older ones are looked up."""

RULES: dict[str, str] = {
    "amplitude": "no ECG spans so many mV a second: check unit and gain of the device",
    "af": "irregular rhythm of atrial fibrillation: probability above the limit",
    "asystole": "no QRS complex for at least the limit, s",
    "atrial_flutter": "irregular rhythm whose atrial waves keep step: probability above the limit",
    "av_block_2": "P waves without a QRS complex, so many (limit) within a minute",
    "av_block_3": "P waves at a rate of their own beside a slow regular rhythm, beats per limit",
    "bigeminy": "every second beat is a PVC",
    "bradycardia": "heart rate below the limit, bpm",
    "couplet": "two PVCs in a row",
    "extreme_bradycardia": "mean heart rate over consecutive beats below the limit, bpm",
    "extreme_tachycardia": "mean heart rate over consecutive beats above the limit, bpm",
    "idioventricular": "run of PVCs slower than the limit, bpm",
    "electrode_off": "lead detached; the others are analysed",
    "lead_flat": "flat line in one lead and not in all",
    "lead_noisy": "noise in one lead and not in all",
    "lead_saturated": "one lead at the end of its range and not all",
    "lead_unsteady": "jumps of the baseline in one lead and not in all",
    "leadoff": "all leads detached",
    "leads_disagree": "beats that only this lead shows, so many; their absence is not believed",
    "missed_beat": "RR interval of a regular rhythm too long by about one beat",
    "no_data": "no new sample for the limit, s",
    "multiform_pvc": "PVCs of more than one shape (limit) among the last beats",
    "noise": "noise for so long (limit, s) that rhythm analysis is suspended",
    "pacer_not_capture": "no QRS complex for longer than the limit, s, despite pacemaker pulses",
    "pacer_not_pacing": "neither QRS complex nor pacemaker pulse for longer than the limit, s",
    "pac_run": "supraventricular premature beats in a row",
    "pause": "RR interval of at least the limit, s",
    "pvc_rate": "more PVCs per minute than the limit",
    "qrs_wide": "QRS complex wider than the limit and than the patient's own, ms",
    "qtc_long": "QT interval corrected after Fridericia longer than the limit, ms",
    "r_on_t": "PVC on the T wave of the beat before",
    "st_deviation": "ST level of a lead away from its reference by more than the limit, mV",
    "svt": "sudden supraventricular rhythm faster than the limit, bpm",
    "tachycardia": "heart rate above the limit, bpm",
    "trigeminy": "every third beat is a PVC",
    "ventricular_run": "short run of PVCs faster than the limit, bpm",
    "vf": "waveform of ventricular fibrillation or flutter: probability above the limit",
    "vt": "run of PVCs faster than the limit, bpm",
    "vt_sustained": "sustained run of PVCs faster than the limit, bpm",
}
"""Definitions in words, by kind of alarm; their numbers and sources are in `detector.rhythm`."""


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


def span_of(n: int, fs: float) -> tuple[int, int]:
    """Return the range of samples of the strip around an onset."""
    return max(0, n - round(BEFORE_S * fs)), n + round(AFTER_S * fs)


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
    from_n, to_n = span_of(alert.n, fs) if fs is not None else (alert.n, alert.n)
    return {
        "v": VERSION,
        "alert": alert.id,
        "device": alert.device,
        "boot": alert.boot,
        "kind": alert.kind,
        "priority": alert.priority,
        "rule": RULES.get(alert.kind, f"{alert.kind.replace('_', ' ')}: value against limit"),
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
