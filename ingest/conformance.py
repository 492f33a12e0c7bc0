"""Holds what a device publishes against the wire format. Pure: messages in, findings out.

The wire format says which packets are refused (`ecg_monitor.core.wire`). A device may break its
promises with packets that are each valid: samples that come faster than the stated rate, gaps,
repeats, QoS 0, a gain that makes no ECG. `Listener` counts that over some seconds.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from ecg_monitor.core import keys, wire
from ecg_monitor.core.types import Packet
from ecg_monitor.records.plausible import LARGEST_MV, SMALLEST_MV
from ecg_monitor.ward.devices.refusal import NOBODY
from ingest.judge import DeviceNews, Refusal, judge

PACE_TOLERANCE = 0.05
"""By how much the pace of samples may stray from their rate: a crystal is off by far less, and
packets of half a second shift the ends of ten seconds by this much."""
PACE_SPAN_S = 5.0
"""Least span of arrivals from which the pace of samples is judged, s."""
SHORT_PACKET_S = 0.1
"""Packets shorter than this get an advice, s: the wire format asks for 100 to 1000 ms."""
CLOCK_S = 60.0
"""By how much a device's clock may be off without a finding, s."""
MOST_REFUSALS = 10
"""Most texts of refusals that become findings of one device."""
_OTHERS = ("alert", "truth", "receipt")
"""Last words of topics that we publish ourselves, and do not read."""


@dataclass(frozen=True, slots=True)
class Message:
    """One MQTT message.

    Attributes:
        topic: its topic.
        payload: its content.
        at: Unix time of its arrival, s; NaN if it did not arrive.
        qos: quality of service it was delivered with.
        retained: whether the broker had kept it from before.
    """

    topic: str
    payload: bytes
    at: float
    qos: int = 1
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a device.

    Attributes:
        wrong: whether it must be mended; else it is advice.
        text: what it is, and how to mend it.
    """

    wrong: bool
    text: str


@dataclass(slots=True)
class DeviceObservations:
    """Counts over the messages of one device. `take` packets, then ask for `findings`.

    Attributes:
        refused: error text -> how many packets.
        kept: which of ``status`` and ``meta`` have come.
        packets: number of valid packets.
        encodings: ``JSON``, ``CBOR``.
        qos_0: packets that came with QoS 0.
        retained: packets that the broker had kept.
        clock_off_s: by how much ``t0`` of the last packet is behind its arrival, s.
        pieces: boot -> (first sample, one past the last) of each packet, as they came.
        first: first packet of the present boot, and its arrival (Unix s).
        last: the packet of it that reaches farthest, likewise.
        spans: lead -> (lowest, highest) value in mV.
        forms: how often leads, rate, gain or baseline changed within one boot.
        restarts: packets whose ``n0`` or ``seq`` began anew without a new boot.
        stored: boot -> spans of samples that ingest says it has stored (`ingest.receipts`).
    """

    refused: Counter[str] = field(default_factory=Counter)
    kept: set[str] = field(default_factory=set)
    packets: int = 0
    encodings: set[str] = field(default_factory=set)
    qos_0: int = 0
    retained: int = 0
    clock_off_s: float = 0.0
    pieces: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    first: tuple[Packet, float] | None = None
    last: tuple[Packet, float] | None = None
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)
    forms: int = 0
    restarts: int = 0
    stored: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    _seen: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    _newest: tuple[str, int, int] = ("", -1, -1)

    def take_receipt(self, payload: bytes) -> None:
        """Take what ingest says it has stored; what is no receipt says nothing."""
        try:
            said = orjson.loads(payload)
            spans = [(int(n0), int(n1)) for n0, n1 in said["stored"]]
            self.stored.setdefault(str(said["boot"]), []).extend(spans)
        except (ValueError, KeyError, TypeError):
            return

    def take(self, packet: Packet, message: Message) -> None:
        """Count a valid packet."""
        self.packets += 1
        self.encodings.add("JSON" if message.payload[:1] in b"{ \t\r\n" else "CBOR")
        self.qos_0 += message.qos == 0
        self.clock_off_s = message.at - packet.t0
        self._measure(packet)
        self._follow(packet)
        self.pieces.setdefault(packet.boot, []).append((packet.n0, packet.n1))
        if self.last is None or self.last[0].boot != packet.boot:
            self.first = self.last = (packet, message.at)
        elif packet.n1 > self.last[0].n1:
            self.last = (packet, message.at)

    def describe(self) -> str:
        """Return what it sends, on one line."""
        if self.last is None:
            return "no valid packet"
        packet = self.last[0]
        return (
            f"{self.packets} packet{'s' * (self.packets != 1)} in "
            f"{' and '.join(sorted(self.encodings))}, {packet.fs:g} Hz, "
            f"{packet.n_samples / packet.fs * 1000:.0f} ms, {', '.join(packet.leads)}"
        )

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong, then what could be better."""
        for text, count in self.refused.most_common(MOST_REFUSALS):
            often = "once" if count == 1 else f"{count} times"
            yield Finding(True, f"refused {often}: {text}")
        if len(self.refused) > MOST_REFUSALS:
            yield Finding(True, f"refused for {len(self.refused) - MOST_REFUSALS} reasons more")
        if self.retained:
            yield Finding(True, "a packet is retained: publish packets without the retain flag")
        if self.qos_0:
            yield Finding(
                True, f"packets with QoS 0, which may get lost: {self.qos_0}; publish with QoS 1"
            )
        yield from self._order()
        yield from self._storage()
        yield from self._pace()
        yield from self._amplitudes()
        yield from self._advice()

    def _measure(self, packet: Packet) -> None:
        for i, lead in enumerate(packet.leads):
            low, high = self.spans.get(lead, (float("inf"), float("-inf")))
            if lead not in packet.leadoff:
                row = (packet.samples[i].astype(float) - packet.baseline[i]) / packet.gain[i]
                self.spans[lead] = (min(low, float(row.min())), max(high, float(row.max())))

    def _follow(self, packet: Packet) -> None:
        """Count changes that a device may make with a new boot only."""
        if self.last is not None and self.last[0].boot == packet.boot:
            self.forms += _form(self.last[0]) != _form(packet)
        # The same packet may come twice (QoS 1), and one may be late. Another one at the same
        # sample is no repetition, and one numbered as later that lies earlier is not late.
        place = (packet.boot, packet.n0)
        content = (packet.seq, zlib.crc32(packet.samples.tobytes()))
        boot, seq, n1 = self._newest
        is_newer = boot != packet.boot or packet.seq > seq
        goes_back = boot == packet.boot and packet.seq > seq and packet.n0 < n1
        self.restarts += goes_back or self._seen.get(place, content) != content
        self._seen[place] = content
        if is_newer:
            self._newest = (packet.boot, packet.seq, packet.n1)

    def _order(self) -> Iterator[Finding]:
        lost = gaps = again = late = 0
        for pieces in self.pieces.values():
            late += sum(n0 < before for (before, _), (n0, _) in itertools.pairwise(pieces))
            end = min(pieces)[0]
            for n0, n1 in sorted(pieces):
                gaps += n0 > end
                lost += max(0, n0 - end)
                again += max(0, min(end, n1) - n0)
                end = max(end, n1)
        if gaps:
            yield Finding(True, f"gaps in n0: {gaps}, in which {lost} samples are missing")
        if self.forms:
            yield Finding(
                True,
                f"leads, fs, gain or baseline change within a boot: {self.forms} times; the "
                "analysis begins anew each time, and what overlaps is dropped: begin a new boot",
            )
        if self.restarts:
            yield Finding(
                True,
                f"n0 begins anew or seq and n0 disagree within a boot: {self.restarts} packets "
                "are dropped as repeated: begin a new boot, or count n0 on",
            )
        if again and not self.restarts:
            yield Finding(False, f"samples that came again, and are dropped: {again}")
        if late:
            yield Finding(False, f"packets out of order: {late}, healed if within 2 s of signal")
        if len(self.pieces) > 1:
            yield Finding(
                False,
                f"values of boot: {len(self.pieces)}; it started anew, or two devices share an id",
            )

    def _storage(self) -> Iterator[Finding]:
        """What ingest has not stored, though it has stored what came before and after."""
        missed = 0
        for boot, pieces in self.pieces.items():
            stored = self.stored.get(boot, [])
            first = min((n0 for n0, _ in stored), default=math.inf)
            newest = max((n1 for _, n1 in stored), default=-math.inf)
            missed += sum(
                first <= n0
                and n1 <= newest
                and not any(begin <= n0 and n1 <= end for begin, end in stored)
                for n0, n1 in pieces
            )
        if missed:
            yield Finding(
                True,
                f"packets that ingest has not stored, though later ones: {missed}; send again what "
                "no receipt names",
            )

    def _pace(self) -> Iterator[Finding]:
        if self.first is None or self.last is None:
            return
        (first, began), (last, ended) = self.first, self.last
        if ended - began < PACE_SPAN_S:
            return
        arrived = (last.n1 - first.n1) / (ended - began)
        if abs(arrived / last.fs - 1) > PACE_TOLERANCE:
            yield Finding(
                True, f"fs says {last.fs:g} Hz, but {arrived:.0f} samples a second arrive: mend fs"
            )

    def _amplitudes(self) -> Iterator[Finding]:
        for lead, (low, high) in self.spans.items():
            if not SMALLEST_MV <= high - low <= LARGEST_MV:
                yield Finding(
                    True,
                    f"{lead} goes from {low:.4g} to {high:.4g} mV: check gain (ADC units per mV) "
                    "and baseline (ADC value at 0 mV)",
                )

    def _advice(self) -> Iterator[Finding]:
        if self.last is None:
            return
        packet = self.last[0]
        if packet.n_samples < SHORT_PACKET_S * packet.fs:
            yield Finding(False, "packets under 100 ms cost the broker more than they bring")
        if abs(self.clock_off_s) > CLOCK_S:
            side = "behind" if self.clock_off_s > 0 else "ahead of"
            off = f"{abs(self.clock_off_s):.0f} s {side} this machine's clock"
            yield Finding(False, f"t0 is {off}; it is advisory")
        if "status" not in self.kept:
            yield Finding(False, "no status: publish it retained, and set it as last will")
        if "meta" not in self.kept:
            yield Finding(False, "no meta: publish it retained, with the label of the bed")


def _form(packet: Packet) -> tuple[object, ...]:
    """Return what must stay the same within a boot."""
    return packet.leads, packet.fs, packet.gain, packet.baseline


class Listener:
    """Sorts messages by device.

    Attributes:
        devices: the counts, by device id.
        strange: messages by topic, of topics that look meant for us but that nobody reads.
    """

    def __init__(self) -> None:
        self.devices: dict[str, DeviceObservations] = {}
        self.strange: Counter[str] = Counter()

    def take(self, message: Message) -> None:
        """Count a message of any topic."""
        leaf = message.topic.rpartition("/")[2]
        place = message.topic.split("/")
        ours = message.topic.startswith(f"{keys.TOPIC_ROOT}/") and len(place) == 4
        if ours and leaf == "receipt" and place[2] in self.devices:
            self.devices[place[2]].take_receipt(message.payload)
        if message.topic in (keys.SYSTEM_TOPIC, keys.ALIVE_TOPIC) or (ours and leaf in _OTHERS):
            return
        if not ours or leaf not in ("wave", "status", "meta"):
            if "ecg" in message.topic.lower() or leaf == "wave":
                self.strange[message.topic] += 1
            return
        outcome = judge(message.topic, message.payload)
        name = outcome.device if outcome.device != NOBODY else place[2]
        device = self.devices.setdefault(name, DeviceObservations())
        if isinstance(outcome, Refusal):
            device.refused[outcome.problem] += 1
        elif isinstance(outcome, DeviceNews):
            device.kept.add(outcome.kind)
        elif message.retained:
            device.retained += 1
        else:
            device.take(wire.read(message.payload, name), message)
