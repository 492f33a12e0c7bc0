"""Writes a batch of judgements into Redis: packets, and what is noted, in one round trip."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
import redis.asyncio.client
from redis.exceptions import NoScriptError

from ecg_monitor.core import keys
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, read_hash
from ecg_monitor.ward.devices.form import PacketForm, form_of
from ecg_monitor.ward.devices.refusal import MOST_STRANGERS, NOBODY, LastRefusal
from ecg_monitor.ward.devices.roster import RosterEntry, admitted_of, entry_of, old_acquaintance
from ingest.judge import AcceptedPacket, DeviceNews, Judgement, Refusal

REFUSALS_KEPT = 1000
"""Refused packets kept per partition, to show what is wrong with a device."""
TRIM_EVERY_S = 1.0
"""How often a stream is trimmed by age; its length is bounded with every batch."""

_APPEND = lua(__name__, "append")
"""Packets of a partition in one answer: the client takes as long for each answer as for a packet.
"""
_REFUSE = lua(__name__, "refuse")

Call = tuple[Sequence[str], Sequence[str | bytes | int]]
"""Keys and other words of a script."""


class JudgedMessage(NamedTuple):
    """A judgement and the Unix time of the message's arrival, s."""

    judgement: Judgement
    arrival: float


class Writer:
    """Appends batches to the streams of their partitions.

    A batch that failed half way may be written again as a whole: packets then appear twice, which
    the detector expects, and counters count twice.

    Args:
        client: Redis.
        settings: partitions, how much is kept.
        partitions: those that it writes to, and no others; None: all.
    """

    def __init__(
        self, client: Store, settings: Settings, partitions: Sequence[int] | None = None
    ) -> None:
        self._client = client
        self._settings = settings
        self._partitions = range(settings.partitions) if partitions is None else partitions
        self._script = client.register_script(_APPEND)
        self._refuse = client.register_script(_REFUSE)
        self._trimmed: dict[int, float] = {}

    async def write(
        self,
        batch: Sequence[JudgedMessage],
        roster: Mapping[str, RosterEntry] | None = None,
        forms: Mapping[str, PacketForm] | None = None,
    ) -> None:
        """Write one batch; when it returns, Redis has everything.

        Args:
            batch: what has come.
            roster: entries of devices that are new or have changed.
            forms: what packets of devices look like, where it is new or of some age.

        Raises:
            redis.exceptions.RedisError: Redis did not take it; write the same batch again.
        """
        news: dict[int, list[DeviceNews]] = defaultdict(list)
        packets: dict[int, list[tuple[AcceptedPacket, float]]] = defaultdict(list)
        refused: list[tuple[Refusal, float]] = []
        for judged in batch:
            judgement = judged.judgement
            if isinstance(judgement, Refusal):
                refused.append((judgement, judged.arrival))
                continue
            partition = self._partition_of(judgement.device)
            if isinstance(judgement, AcceptedPacket):
                packets[partition].append((judgement, judged.arrival))
            else:
                news[partition].append(judgement)
        calls = [self._append(partition, accepted) for partition, accepted in packets.items()]
        async with self._client.pipeline(transaction=False) as pipe:
            self._note(pipe, refused, roster or {}, forms or {})
            for names, words in calls:
                pipe.evalsha(self._script.sha, len(names), *names, *words)
            answers = await pipe.execute(raise_on_error=False)
        await self._hold_to(answers, calls)
        if refused:
            await self._keep_last(refused)
        for partition, items in news.items():
            await self._merge(partition, items)

    async def read_roster(self, *, first: bool) -> tuple[dict[str, RosterEntry], set[str]]:
        """Return the devices that are known, and those to which a patient is admitted.

        Args:
            first: whether devices count as well that were there before there was a roster.

        Raises:
            redis.exceptions.RedisError: Redis does not answer.
        """
        roster: dict[str, RosterEntry] = {}
        admitted: set[str] = set()
        for partition in self._partitions:
            async with self._client.pipeline(transaction=False) as pipe:
                pipe.hgetall(keys.roster(partition))
                pipe.hgetall(keys.patients(partition))
                found, patients = await pipe.execute()
            roster |= {name.decode(): entry_of(text) for name, text in found.items()}
            admitted |= admitted_of(patients)
            if first:
                now = time.time()
                for device in await read_hash(self._client, keys.progress(partition)):
                    roster.setdefault(device, old_acquaintance(now))
        return roster, admitted

    async def read_forms(self) -> dict[str, PacketForm]:
        """Return what the devices' packets looked like when that was last written down.

        Raises:
            redis.exceptions.RedisError: Redis does not answer.
        """
        forms: dict[str, PacketForm] = {}
        for partition in self._partitions:
            for device, text in (await read_hash(self._client, keys.forms(partition))).items():
                form = form_of(text)
                if form is not None:
                    forms[device] = form
        return forms

    def _note(
        self,
        pipe: redis.asyncio.client.Pipeline,
        refused: Sequence[tuple[Refusal, float]],
        roster: Mapping[str, RosterEntry],
        forms: Mapping[str, PacketForm],
    ) -> None:
        """Add what has been refused, who is known, and what packets look like."""
        counts: Counter[tuple[int, str]] = Counter()
        for device, entry in roster.items():
            partition = self._partition_of(device)
            pipe.hset(keys.roster(partition), device, entry.to_text())
        for device, form in forms.items():
            partition = self._partition_of(device)
            pipe.hset(keys.forms(partition), device, form.to_json())
        for refusal, arrival in refused:
            partition = self._partition_of(refusal.device)
            _refuse(pipe, partition, refusal, arrival)
            counts[partition, f"{refusal.device}|refused:{refusal.reason}"] += 1
        for (partition, name), number in counts.items():
            pipe.hincrby(keys.counters(partition), name, number)

    async def _hold_to(self, answers: Sequence[Any], calls: Sequence[Call]) -> None:
        """Raise what has gone wrong; run the calls again of which the server lacked the script.

        Args:
            answers: of a pipeline whose last commands were the calls.
            calls: keys and words of the script that appends.
        """
        for answer in answers:
            if isinstance(answer, Exception) and not isinstance(answer, NoScriptError):
                raise answer
        for answer, (names, words) in zip(answers[len(answers) - len(calls) :], calls, strict=True):
            if isinstance(answer, NoScriptError):
                await self._script(keys=names, args=words)

    async def _keep_last(self, refused: Sequence[tuple[Refusal, float]]) -> None:
        """Keep the last refusal of each device, in one call per partition."""
        last: dict[int, dict[str, str]] = defaultdict(dict)
        for refusal, arrival in refused:
            device = refusal.whom or refusal.device
            if refusal.problem and device != NOBODY:
                partition = self._partition_of(device)
                kept = LastRefusal(round(arrival, 3), refusal.reason, refusal.problem)
                last[partition][device] = kept.to_json()
        for partition, found in last.items():
            words: list[str | int] = [MOST_STRANGERS]
            for device, text in found.items():
                words += (device, text)
            kept_in = [keys.roster(partition), keys.refused(partition), keys.strangers(partition)]
            await self._refuse(keys=kept_in, args=words)

    def _append(self, partition: int, accepted: Sequence[tuple[AcceptedPacket, float]]) -> Call:
        """Return the call that appends packets to the stream of a partition, and counts them."""
        counts = Counter(packet.device for packet, _ in accepted)
        words: list[str | bytes | int] = [
            self._settings.wave_max_packets,
            self._oldest_ms(partition),
            len(accepted),
        ]
        for packet, arrival in accepted:
            words += (packet.device, f"{arrival:.6f}", packet.packet)
        for device, count in counts.items():
            words += (f"{device}|accepted", count)
        return (keys.wave(partition), keys.counters(partition)), words

    def _partition_of(self, device: str) -> int:
        """Return the partition of a device; of what stands for several, one that is ours."""
        partition = keys.partition_of(device, self._settings.partitions)
        return partition if partition in self._partitions else self._partitions[0]

    def _oldest_ms(self, partition: int) -> int:
        """Return what the stream is to be trimmed to now, Unix ms; 0: not at all."""
        now = time.time()
        if abs(now - self._trimmed.get(partition, 0.0)) < TRIM_EVERY_S:
            return 0
        self._trimmed[partition] = now
        return max(0, int((now - self._settings.wave_retention_s) * 1000))

    async def _merge(self, partition: int, items: Sequence[DeviceNews]) -> None:
        """Merge status and meta into the devices' entries, safe against other ingest processes."""
        key = keys.devices(partition)
        devices = sorted({item.device for item in items})

        async def merge(pipe: redis.asyncio.client.Pipeline) -> None:
            stored = await pipe.hmget(key, devices)
            entries: dict[str, dict[str, Any]] = {
                device: orjson.loads(text) if text else {}
                for device, text in zip(devices, stored, strict=True)
            }
            for item in items:
                if item.content is None:
                    entries[item.device].pop(item.kind, None)
                else:
                    entries[item.device][item.kind] = item.content
            pipe.multi()  # type: ignore[no-untyped-call]
            for device, entry in entries.items():
                if entry:
                    pipe.hset(key, device, orjson.dumps(entry))
                else:
                    pipe.hdel(key, device)

        await self._client.transaction(merge, key)


def _refuse(
    pipe: redis.asyncio.client.Pipeline, partition: int, refused: Refusal, arrival: float
) -> None:
    if not refused.problem:  # it has been told lately
        return
    pipe.xadd(
        keys.refusals(partition),
        {"d": refused.device, "t": f"{arrival:.6f}", "e": refused.problem},
        maxlen=REFUSALS_KEPT,
        approximate=True,
    )
