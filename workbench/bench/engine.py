"""How many beds one core can follow: the analyzer alone, fed from memory, no servers.

Every bed plays a real recording from a place of its own; packets of different beds are spread over
time as they would be on a ward. What is timed is all that happens to a decoded packet: order,
resampling, filters, QRS detection, heart rate, alarms, events. Decoding is timed apart.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.warm import warm
from ecg_monitor.core import wire
from ecg_monitor.core.types import Packet, RPeak
from ecg_monitor.records import Recording

CALL_S = 0.1
"""Signal time covered by one call of the analyzer."""
WARM_UP_S = 3.0
"""Signal before the measurement: the learning time of the QRS detector."""


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """Outcome for one number of beds, all on one core.

    Attributes:
        beds: number of beds.
        seconds: signal time measured, s.
        cpu_s: CPU time that the analyzer took, s.
        decode_cpu_s: CPU time that decoding the same packets from CBOR took, s.
        beats: beats found meanwhile.
    """

    beds: int
    seconds: float
    cpu_s: float
    decode_cpu_s: float
    beats: int

    @property
    def times_real_time(self) -> float:
        """How many times faster than the signal the analyzer is."""
        return self.seconds / self.cpu_s

    @property
    def us_per_bed_second(self) -> float:
        """CPU time per bed and second of signal, microseconds."""
        return 1e6 * self.cpu_s / (self.beds * self.seconds)

    @property
    def decoding_us_per_bed_second(self) -> float:
        """CPU time of decoding per bed and second of signal, microseconds."""
        return 1e6 * self.decode_cpu_s / (self.beds * self.seconds)

    def as_map(self) -> dict[str, float]:
        """Return the outcome, JSON-ready."""
        return asdict(self) | {
            "times_real_time": self.times_real_time,
            "us_per_bed_second": self.us_per_bed_second,
            "decoding_us_per_bed_second": self.decoding_us_per_bed_second,
            "core_share": (self.cpu_s + self.decode_cpu_s) / self.seconds,
        }


def measure(
    recordings: Sequence[Recording],
    beds: int,
    seconds: float,
    packet_ms: float = 500.0,
    *,
    networks: bool = False,
    progress: Callable[[float], None] = lambda _: None,
) -> EngineFigures:
    """Run one number of beds.

    Args:
        recordings: what the beds play, in turn, each at least a minute long.
        beds: number of beds.
        seconds: signal time to measure, s.
        packet_ms: length of a packet, ms.
        networks: label and score the beats too.
        progress: told the signal time that is done, s.
    """
    warm()
    analyzer = Analyzer(networks=networks)
    players = [Player(i, recordings[i % len(recordings)], packet_ms) for i in range(beds)]
    beats = 0
    cpu_s = decode_cpu_s = 0.0
    calls = round((WARM_UP_S + seconds) / CALL_S)
    for call in range(calls):
        until = (call + 1) * CALL_S
        packets = [packet for player in players for packet in player.due(until)]
        started = time.process_time()
        outputs = analyzer.feed(packets)
        took = time.process_time() - started
        if until <= WARM_UP_S:
            gc.freeze()  # as the live detector does: what lives long is not searched for garbage
            continue
        cpu_s += took
        beats += sum(isinstance(e, RPeak) for output in outputs for e in output.events)
        if call % 10 == 0:  # decoding is the same for every packet: a tenth of them will do
            payloads = [(wire.encode_cbor(packet), packet.device) for packet in packets]
            started = time.process_time()
            for payload, device in payloads:
                wire.read(payload, device)
            decode_cpu_s += 10 * (time.process_time() - started)
        progress(until - WARM_UP_S)
    return EngineFigures(beds, seconds, cpu_s, decode_cpu_s, beats)


FIRST_SEQ = 1000
SWITCHED_ON = 1_700_000_000.0
"""Number and Unix time, s, of a device's first packet: small ones take fewer bytes, and packets
whose numbers grow in length are read in full, as those of a device that runs are not."""


class Player:
    """Plays one recording from a place of its own, in packets."""

    def __init__(self, number: int, recording: Recording, packet_ms: float) -> None:
        self._device = f"bed-{number:04d}"
        self._recording = recording
        self._length = round(packet_ms * recording.fs / 1000)
        # Golden-ratio steps spread places and packet phases evenly.
        share = number * 0.6180339887 % 1.0
        self._place = round(share * (recording.n_samples - 60 * recording.fs))
        self._phase_s = share * packet_ms / 1000
        self._seq = 0

    def due(self, until_s: float) -> list[Packet]:
        """Return the packets whose last sample is taken before ``until_s``."""
        recording, length = self._recording, self._length
        packets = []
        while self._phase_s + (self._seq + 1) * length / recording.fs <= until_s:
            n0 = self._seq * length
            at = (self._place + n0) % (recording.n_samples - length)
            packets.append(
                Packet(
                    self._device,
                    "bench",
                    FIRST_SEQ + self._seq,
                    n0,
                    SWITCHED_ON + self._phase_s + n0 / recording.fs,
                    recording.fs,
                    recording.leads,
                    recording.gain,
                    recording.baseline,
                    np.ascontiguousarray(recording.samples[:, at : at + length]),
                )
            )
            self._seq += 1
        return packets
