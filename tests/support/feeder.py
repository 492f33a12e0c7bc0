"""Feeds Redis as ingest and detector would, at real-time pace; run as a process of its own.

  python feeder.py REDIS_URL MITDB_DIR BEDS [--pattern] [--twelve] [--speed X] [--alarms]

Beats and rates come from the reference annotations: the R peak 0.4 s after it, the label 1.4 s.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import orjson
import redis
import wfdb
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from ecg_monitor.core import keys, wire
from ecg_monitor.core.types import Packet, alert_id

PARTITIONS = 4
R_PEAK_S = 0.4
LABEL_S = 1.4
RECORDS = sorted(
    {str(n) for n in (*range(100, 125), *range(200, 215))}
    - {"102", "104", "107", "110", "120", "204", "206", "211"}  # paced, or no such record
)
AAMI = {**dict.fromkeys("NLRej", "N"), **dict.fromkeys("AaJS", "S"), "V": "V", "E": "V", "F": "F"}
TWELVE = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
NAMES = ["A. Sample", "B. Sample", "C. Sample", "D. Sample"]


class Bed:
    """One device: where its samples come from and what has been sent."""

    def __init__(self, index: int, record: str, folder: Path, packet_s: float) -> None:
        self.packet_s = packet_s
        self.leadoff = 0
        self.device = f"bed-{index + 1}"
        signal = wfdb.rdrecord(str(folder / record), physical=False, sampto=360 * 900)
        self.samples = signal.d_signal.T.astype(np.int16)
        self.fs, self.leads = float(signal.fs), tuple(signal.sig_name)
        self.gain, self.baseline = tuple(signal.adc_gain), tuple(map(float, signal.baseline))
        marks = wfdb.rdann(str(folder / record), "atr", sampto=self.samples.shape[1])
        self.beats = [
            (int(n), AAMI.get(symbol, "Q"))
            for n, symbol in zip(marks.sample, marks.symbol, strict=True)
            if symbol in "NLRejAaJSVEF/fQ"
        ]
        self.period = self.samples.shape[1] - round(packet_s * self.fs)  # the record begins anew
        self.beats = [beat for beat in self.beats if beat[0] < self.period]
        self.partition = keys.partition_of(self.device, PARTITIONS)
        self.n = 0
        self.due = 0.0
        self.peaks = 0
        self.labels = 0
        self.ordinal = 0

    def pattern(self) -> None:
        """Replace the first lead by square pulses of 1 mV, 0.2 s long, once a second."""
        n = np.arange(self.samples.shape[1])
        pulse = (n % int(self.fs)) < 0.2 * self.fs
        self.samples[0] = np.where(pulse, self.gain[0], 0) + self.baseline[0]

    def twelve(self) -> None:
        """Name twelve leads; the two of the record take turns."""
        self.samples = np.tile(self.samples[:2], (6, 1))
        self.leads = TWELVE
        self.gain, self.baseline = self.gain[:2] * 6, self.baseline[:2] * 6

    def detached(self) -> tuple[str, ...]:
        """The first lead, in each so-many-th second of the signal."""
        second = int(self.n / self.fs)
        off = self.leadoff and second % self.leadoff == self.leadoff // 2
        return self.leads[:1] if off else ()

    def packet(self, t0: float) -> Packet:
        count = round(self.packet_s * self.fs)
        at = self.n % self.period
        return Packet(
            device=self.device,
            boot="boot1",
            seq=self.n // count,
            n0=self.n,
            t0=t0,
            fs=self.fs,
            leads=self.leads,
            gain=self.gain,
            baseline=self.baseline,
            samples=self.samples[:, at : at + count],
            leadoff=self.detached(),
        )

    def beat(self, index: int) -> tuple[int, str]:
        """Sample and class of a beat, counted from the power-up."""
        cycle, place = divmod(index, len(self.beats))
        n, label = self.beats[place]
        return n + cycle * self.period, label

    def due_beat(self, index: int, after_s: float) -> bool:
        return self.beat(index)[0] <= self.n - after_s * self.fs

    def rr(self, index: int) -> float | None:
        return (self.beat(index)[0] - self.beat(index - 1)[0]) / self.fs if index else None

    def events(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        while self.due_beat(self.peaks, R_PEAK_S):
            n, _ = self.beat(self.peaks)
            found.append(
                {"type": "r_peak", "n": n, "rr_s": self.rr(self.peaks), "amplitude_mv": 1.1,
                 "decided_n": self.n}
            )  # fmt: skip
            self.peaks += 1
        while self.due_beat(self.labels, LABEL_S):
            n, label = self.beat(self.labels)
            found.append(
                {"type": "beat", "n": n, "label": label, "probabilities": {label: 1.0},
                 "anomaly": {"N": 0.12, "S": 0.44, "V": 0.87}.get(label),
                 "rr_s": self.rr(self.labels), "decided_n": self.n}
            )  # fmt: skip
            self.labels += 1
        if self.n % int(self.fs) == 0:
            rates = np.diff([self.beat(i)[0] for i in range(max(0, self.peaks - 9), self.peaks)])
            rate = 60 * self.fs / float(np.mean(rates)) if len(rates) > 1 else None
            if self.device in {"bed-3", "bed-6"} and rate is not None:
                rate += 60  # three digits
            quality = "good" if self.device != "bed-4" else "poor"
            found.append({"type": "vitals", "n": self.n, "heart_rate": rate, "quality": quality})
        return found


def alert(bed: Bed, kind: str, priority: str, present: bool, age: float) -> bytes:
    now = time.time()
    return orjson.dumps(
        {
            "id": alert_id(bed.device, "boot1", kind, int(age)),
            "device": bed.device, "boot": "boot1", "kind": kind, "priority": priority,
            "n": 0, "value": 4.0, "limit": 4.0, "present": present, "onset_at": now - age,
            "raised_at": now - age + 0.5, "cleared_at": None if present else now - age + 12,
        }
    )  # fmt: skip


def raise_alarms(client: redis.Redis, beds: list[Bed]) -> None:
    wanted = [
        (0, "asystole", "high", True, 4),
        (0, "leadoff", "technical", False, 300),
        (0, "bradycardia", "medium", False, 900),
        (0, "couplet", "low", True, 30),
        (2, "extreme_tachycardia", "high", True, 20),
        (2, "pac_run", "low", True, 8),
        (4, "vt", "high", False, 40),
        (5, "af", "low", True, 60),
        (6, "leadoff", "technical", True, 9),
        (6, "r_on_t", "medium", True, 3),
        (8, "ventricular_run", "medium", True, 12),
        (8, "vf", "high", True, 50),
    ]
    for index, kind, priority, present, age in wanted:
        if index < len(beds):
            bed = beds[index]
            text = alert(bed, kind, priority, present, age)
            identity = orjson.loads(text)["id"]
            if kind == "vf":
                ack = {"by": "K. Nurse", "at": time.time() - 30, "rank": 4}
                client.hset(keys.acts(bed.partition), f"ack|{identity}", orjson.dumps(ack))
            client.hset(keys.alerts(bed.partition), identity, text)
            client.xadd(keys.alertlog(bed.partition), {"j": text})


class Alarms:
    """Raised once; from then on the audio of the ninth bed is paused, again and again.

    No single pause lasts as long as the tests of a module may.
    """

    def __init__(self, client: redis.Redis, beds: list[Bed], at: float) -> None:
        self.client, self.beds, self.at = client, beds, at
        self.pauses = 0

    def look(self, now: float) -> None:
        if now < self.at:
            return
        if self.pauses == 0:
            raise_alarms(self.client, self.beds)
        self.at = now + 60
        self.pauses += 1
        for bed in self.beds[8:9]:
            until = {"by": "K. Nurse", "at": now, "until": now + 90, "seq": self.pauses,
                     "rank": 4, "covers": {}}  # fmt: skip
            self.client.hset(keys.acts(bed.partition), f"pause|{bed.device}", orjson.dumps(until))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("redis_url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("beds", type=int)
    parser.add_argument("--pattern", action="store_true")
    parser.add_argument("--twelve", action="store_true")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--alarms", action="store_true")
    parser.add_argument("--packet", type=float, default=0.25, help="length of a packet, s")
    parser.add_argument("--leadoff", type=int, default=0, help="detach, every so many-th second")
    parser.add_argument("--gap", type=int, default=0, help="drop every so many-th second")
    args = parser.parse_args()
    # As a device does: what cannot be delivered now is delivered later.
    retry = Retry(ConstantBackoff(0.1), 100)
    client = redis.Redis.from_url(args.redis_url, retry=retry)
    rng = np.random.default_rng(1)
    beds = [Bed(i, RECORDS[i % len(RECORDS)], args.folder, args.packet) for i in range(args.beds)]
    begin = time.time()
    for index, bed in enumerate(beds):
        bed.due = begin + args.packet + rng.uniform(0, args.packet)
        bed.leadoff = args.leadoff
        if args.pattern:
            bed.pattern()
        if args.twelve:
            bed.twelve()
        info = {
            "status": {"state": "online"},
            "meta": {"label": f"Bed {index + 1}", "patient": NAMES[index % len(NAMES)]},
        }
        client.hset(keys.devices(bed.partition), bed.device, orjson.dumps(info))
    print("ready", flush=True)
    alarms = Alarms(client, beds, time.time() + 2 if args.alarms else float("inf"))
    while True:
        bed = min(beds, key=lambda one: one.due)
        time.sleep(max(0.0, bed.due - time.time()))
        packet = bed.packet(bed.due - args.packet / args.speed)
        bed.n = packet.n1
        pipe = client.pipeline(transaction=False)
        lost = args.gap and int(packet.n0 / bed.fs) % args.gap == args.gap - 1
        if not lost:
            entry = {"d": bed.device, "t": repr(time.time()), "p": wire.encode_cbor(packet)}
            pipe.xadd(keys.wave(bed.partition), entry, maxlen=20_000)
        events = bed.events()
        if events:
            entry = {"d": bed.device, "b": "boot1", "s": b"{}", "i": bed.ordinal,
                     "j": orjson.dumps(events)}  # fmt: skip
            pipe.xadd(keys.events(bed.partition), entry, maxlen=20_000)
            bed.ordinal += len(events)
        pipe.hset(keys.lag(bed.partition), mapping={"position": "", "behind_s": "0.1"})
        pipe.hincrby(keys.counters(bed.partition), f"{bed.device}|accepted", 1)
        pipe.execute()
        bed.due += args.packet / args.speed
        alarms.look(time.time())


if __name__ == "__main__":
    main()
