"""A ward of any size, as Redis sees it: a few beds are analysed once, and played by many devices.

Recordings go through ingest's and the detector's own code, and what they write about each bed is
kept with the moment at which it came. A `Ward` writes it again, at the pace of the clock, for as
many devices as are wanted; so the hub reads what it reads in a hospital, while the machine has to
analyse only a few beds, and those beforehand.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import hiredis
import orjson

from detector.runner.partition import PartitionRunner
from ecg_monitor.core import keys, wire
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.records import Recording
from ecg_monitor.ward.devices.roster import WRITE_EVERY_S, RosterEntry
from ecg_monitor.ward.patients.model import Admission
from ecg_monitor.ward.patients.model import Bed as BedState
from ingest.judge import judge
from ingest.writer import JudgedMessage, Writer
from workbench.bench.engine import Player

TICK_S = 0.05
"""Signal between two ticks of the detector, s."""
STEP_S = 0.025
"""Between two writes of a ward that plays, s."""
LEAD_S, LEAD_PER_BED_S = 1.0, 0.005
"""Time for writing the past, s: some, and for each bed."""
WARM_UP_S = 8.0
"""Signal that is analysed and not kept, s: learning is over then."""
STREAMS = ("wave", "events", "alertlog")


@dataclass(frozen=True, slots=True)
class Moment:
    """An entry that was written about a bed.

    Attributes:
        at_s: when, since the recorded stretch began, s.
        stream: one of `STREAMS`.
        fields: of the entry.
    """

    at_s: float
    stream: str
    fields: Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Part:
    """All that was written about one bed.

    Attributes:
        device: name that the bed had then.
        moments: in order.
    """

    device: str
    moments: list[Moment]


async def record(
    client: Store, settings: Settings, recordings: Sequence[Recording], seconds: float
) -> list[Part]:
    """Analyse a bed for each recording, and return what is written about it.

    Args:
        client: client of an empty Redis, which it leaves empty.
        settings: of the parts.
        recordings: what the beds play, each at least a minute long.
        seconds: signal that is kept, s.
    """
    own = replace(settings, partitions=1)
    now = began = time.time()
    runner = await PartitionRunner.open(client, 0, own, lambda: now)
    writer = Writer(client, own)
    players = [Player(number, one, 250.0) for number, one in enumerate(recordings)]
    positions = {f"ecg:{{0}}:{name}": "0-0" for name in STREAMS}
    kept: dict[str, list[Moment]] = defaultdict(list)
    for step in range(1, round((WARM_UP_S + seconds) / TICK_S) + 1):
        now = began + step * TICK_S
        packets = [packet for player in players for packet in player.due(step * TICK_S)]
        if packets:
            judged = [judge(keys.wave_topic(one.device), wire.encode_cbor(one)) for one in packets]
            await writer.write([JudgedMessage(one, now) for one in judged])
        await runner.tick(1)
        answer: Any = await client.xread(positions)  # type: ignore[arg-type]
        for stream, entries in answer:
            positions[stream.decode()] = entries[-1][0]
            for _, fields in entries:
                at_s = step * TICK_S - WARM_UP_S
                if at_s > 0:
                    name = stream.decode().rpartition(":")[2]
                    kept[_device_of(fields)].append(Moment(at_s, name, fields))
    await runner.close()
    await client.flushdb()
    return [Part(device, moments) for device, moments in sorted(kept.items())]


def _device_of(fields: Mapping[bytes, bytes]) -> str:
    if b"d" in fields:
        return fields[b"d"].decode()
    about = orjson.loads(fields.get(b"j") or fields[b"e"])
    return str(about["device"])


@dataclass(slots=True)
class Device:
    """One device of a ward that plays.

    Attributes:
        name: its id, as long as that of the bed whose part it plays.
        partition: where it belongs.
        part: what it plays.
        phase_s: by how much later than recorded, s.
        next: place of its next entry in the part.
    """

    name: str
    partition: int
    part: Part
    phase_s: float
    next: int = 0

    def due(self, until_s: float) -> Iterator[Moment]:
        """Yield what is due until a time since the ward began, s."""
        moments = self.part.moments
        while self.next < len(moments) and moments[self.next].at_s + self.phase_s <= until_s:
            yield moments[self.next]
            self.next += 1


@dataclass(slots=True)
class Ward:
    """Devices that play what was recorded.

    Attributes:
        url: of the Redis that they write to.
        partitions: how many there are.
        devices: all of them.
        began: when the first entry was due, Unix s.
        latest_s: by how much the latest write came after it was due, s.
    """

    url: str
    partitions: int
    devices: list[Device]
    began: float = 0.0
    latest_s: float = 0.0
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None
    _answers: hiredis.Reader = field(default_factory=hiredis.Reader)

    @classmethod
    def of(cls, url: str, partitions: int, parts: Sequence[Part], beds: int) -> Ward:
        """Return a ward of so many beds, spread evenly over a packet's length."""
        devices = []
        for number in range(beds):
            name = f"dev-{number:04d}"
            place = keys.partition_of(name, partitions)
            phase_s = number * 0.6180339887 % 1.0 * 0.25
            devices.append(Device(name, place, parts[number % len(parts)], phase_s))
        return cls(url, partitions, devices)

    async def open(self, past_s: float) -> None:
        """Write what is known of the devices, and the first seconds as if they were over."""
        address = urlsplit(self.url)
        self._reader, self._writer = await asyncio.open_connection(address.hostname, address.port)
        # Ahead by what writing the past takes: it must not be late when it is played on.
        self.began = time.time() - past_s + LEAD_S + LEAD_PER_BED_S * len(self.devices)
        commands: list[tuple[Any, ...]] = []
        for number, one in enumerate(self.devices):
            stay = Admission(f"stay-{number}", f"{number:06d}", "", "adult", self.began, "bench")
            bed = orjson.dumps(asdict(BedState(1, "bench", self.began, stay)))
            info = {"status": {"state": "online"}, "meta": {"label": f"Bed {number}"}}
            commands += [
                ("HSET", keys.patients(one.partition), one.name, bed),
                ("INCR", keys.patients_version(one.partition)),
                ("HSET", keys.devices(one.partition), one.name, orjson.dumps(info)),
            ]
        commands += self._roster(self.began)
        await self._send(commands)
        step_s = STEP_S
        while step_s <= past_s:
            # Its id says when an entry was added: the hub begins to read so far back.
            await self._send(self._due(step_s, f"{(self.began + step_s) * 1000:.0f}-*"))
            step_s += STEP_S
        await asyncio.sleep(self.began + past_s - time.time())

    @property
    def is_over(self) -> bool:
        """Whether any device has nothing more to play."""
        return any(one.next >= len(one.part.moments) for one in self.devices)

    async def play(self) -> None:
        """Write what is due at the pace of the clock until cancelled."""
        heard_at = time.time()
        while True:
            now = time.time()
            commands = self._due(now - self.began, "*")
            if now - heard_at >= WRITE_EVERY_S:
                heard_at = now
                commands += self._roster(now)
            await self._send(commands)
            took_s = time.time() - now
            self.latest_s = max(self.latest_s, took_s)
            await asyncio.sleep(max(0.0, STEP_S - took_s))

    async def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()
            await self._writer.wait_closed()

    def _roster(self, now: float) -> list[tuple[Any, ...]]:
        entry = RosterEntry(self.began - 3600, now).to_text()
        return [("HSET", keys.roster(one.partition), one.name, entry) for one in self.devices]

    def _due(self, until_s: float, entry: str) -> list[tuple[Any, ...]]:
        commands: list[tuple[Any, ...]] = []
        seen = set()
        for device in self.devices:
            for moment in device.due(until_s):
                arrival = f"{self.began + moment.at_s + device.phase_s:.6f}"
                commands += _commands(device, moment, entry, arrival)
                seen.add(device.partition)
        for partition in seen:
            lag = {"position": f"{time.time() * 1000:.0f}-0", "behind_s": "0.05", "at": time.time()}
            words = [word for pair in lag.items() for word in pair]
            commands.append(("HSET", keys.lag(partition), *words))
        return commands

    async def _send(self, commands: Sequence[tuple[Any, ...]]) -> None:
        """Carry out commands.

        Raises:
            RuntimeError: Redis refuses one, or goes away.
        """
        if not commands or self._reader is None or self._writer is None:
            return
        self._writer.write(b"".join([hiredis.pack_command(one) for one in commands]))
        left = len(commands)
        while left:
            found = self._answers.gets()
            if found is False:
                data = await self._reader.read(1 << 16)
                if not data:
                    raise RuntimeError("Redis has gone away")
                self._answers.feed(data)
            elif isinstance(found, Exception):
                raise RuntimeError(f"Redis refuses a command: {found}")
            else:
                left -= 1


def _commands(
    device: Device, moment: Moment, entry: str, arrival: str
) -> Iterator[tuple[Any, ...]]:
    """Yield the commands that write an entry about another device than it was recorded of."""
    former, name = device.part.device.encode(), device.name.encode()
    words: list[Any] = []
    for key, value in moment.fields.items():
        if moment.stream == "wave":
            written: Any = {b"d": name, b"t": arrival}.get(key, value)
        else:
            written = value.replace(former, name)
        words += (key, written)
    yield "XADD", f"ecg:{{{device.partition}}}:{moment.stream}", entry, *words
    if moment.stream == "alertlog" and b"j" in moment.fields:
        facts = moment.fields[b"j"].replace(former, name)
        yield "HSET", keys.alerts(device.partition), orjson.loads(facts)["id"], facts
