"""What is done about alerts, as atomic operations on Redis; and reading of the state.

Each operation is one Lua call on the partition's keys (one cluster slot): it looks at the facts,
writes the act and appends to the audit trail, or does nothing. Redis's own clock says when. The
same operation repeated changes nothing more, so a caller that did not hear the answer may repeat
it.

Staff act on what they have *seen*: operations take the alerts with the priority shown, never "all
there are", so that an alert that appears between looking and pressing is not acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AlertError
from ecg_monitor.core.remote.scripts import lua
from ecg_monitor.core.remote.streams import PAGE, read_range
from ecg_monitor.core.store import Store, holder_of
from ecg_monitor.core.types import Priority
from ecg_monitor.ward.alerts.board import (
    ACK_FIELD,
    ESCALATED_FIELD,
    PAUSE_FIELD,
    REASON_FIELD,
    REMINDED_FIELD,
    Board,
)
from ecg_monitor.ward.alerts.model import Pause, parse
from ecg_monitor.ward.alerts.overseer import DueMark
from ecg_monitor.ward.alerts.policy import MAX_PAUSE_S, RANK
from ecg_monitor.ward.alerts.trail import OVERSEER, Entry, EntryKind, from_fields

_ACKNOWLEDGE = lua(__name__, "common", "acknowledge")
_MARK = lua(__name__, "common", "mark")
_PAUSE = lua(__name__, "common", "pause")

LOG_LENGTH = 100_000
"""Entries kept in a partition's audit trail; export it (`ecg-monitor alerts audit`) for more."""

ShownPriorities = Mapping[str, Priority]
"""Alerts as they were shown: identity to priority."""


@dataclass(frozen=True, slots=True)
class AckOutcome:
    """Outcome of `acknowledge`, by identity.

    Attributes:
        done: acknowledged now.
        already: had been acknowledged before.
        unknown: no such alert is kept.
    """

    done: tuple[str, ...]
    already: tuple[str, ...]
    unknown: tuple[str, ...]


async def acknowledge(
    store: Store, partition: int, device: str, seen: ShownPriorities, by: str
) -> AckOutcome:
    """Acknowledge alerts of one device. One whose priority has risen since stays as it is.

    Args:
        store: client.
        partition: partition of the device.
        device: device id.
        seen: the alerts, with the priority shown to the person.
        by: who.

    Raises:
        AlertError: ``by`` is no name, or an alert belongs to another device.
        StoreError: Redis does not answer.
    """
    if not seen:
        return AckOutcome((), (), ())
    words = [json_text(device), json_text(checked_person(by)), *seen_words(device, seen)]
    answer = await call(store, partition, _ACKNOWLEDGE, words)
    sorted_by: dict[str, list[str]] = {"done": [], "already": [], "unknown": []}
    for identity, outcome in zip(seen, answer, strict=True):
        sorted_by[outcome.decode()].append(identity)
    return AckOutcome(**{name: tuple(ids) for name, ids in sorted_by.items()})


async def pause_audio(
    store: Store,
    partition: int,
    device: str,
    seen: ShownPriorities,
    by: str,
    seconds: float = MAX_PAUSE_S,
) -> float:
    """Silence a device's alerts for a while; `ward.alerts.signals` tells what still sounds.

    A pause during a pause begins anew, with what is seen now: no act lasts longer than
    `MAX_PAUSE_S`.

    Args:
        store: client.
        partition: partition of the device.
        device: device id.
        seen: the alerts that sound, with the priority shown to the person.
        by: who.
        seconds: how long, over 0 to `MAX_PAUSE_S`.

    Returns:
        Unix time at which sound returns, s.

    Raises:
        AlertError: ``seconds`` is out of range, ``by`` is no name, or an alert belongs to
            another device.
        StoreError: Redis does not answer.
    """
    if not 0 < seconds <= MAX_PAUSE_S:
        raise AlertError(f"pause: seconds must be over 0, at most {MAX_PAUSE_S:g}; got {seconds:g}")
    return await _pause(store, partition, device, seen, by, seconds)


async def resume_audio(store: Store, partition: int, device: str, by: str) -> None:
    """End a device's audio pause.

    Raises:
        AlertError: ``by`` is no name.
        StoreError: Redis does not answer.
    """
    await _pause(store, partition, device, {}, by, 0)


async def end_pause(store: Store, partition: int, device: str, by: str) -> bool:
    """End a device's audio pause if there is one; return whether there was.

    Raises:
        AlertError: ``by`` is no name.
        StoreError: Redis does not answer.
    """
    text: Any = await store.hget(keys.acts(partition), f"{PAUSE_FIELD}{device}")
    seconds, microseconds = await holder_of(store, partition).time()
    if text is None or parse(Pause, text).until <= seconds + microseconds / 1e6:
        return False
    await resume_audio(store, partition, device, by)
    return True


async def mark(store: Store, partition: int, due: Iterable[DueMark]) -> int:
    """Record escalations and reminders; return how many were new.

    Several overseers may run: what one has marked, or staff acknowledged, the other does not.

    Raises:
        StoreError: Redis does not answer.
    """
    words: list[str] = [json_text(OVERSEER)]
    for one in due:
        prefix = ESCALATED_FIELD if one.what is EntryKind.ESCALATED else REMINDED_FIELD
        words += (one.id, one.what.value, prefix, str(one.number), repr(one.since))
        words.append(json_text(one.device))
    if len(words) == 1:
        return 0
    return int(await call(store, partition, _MARK, words))


async def read_board(store: Store, partition: int) -> Board:
    """Return the state of a partition's alerts.

    Raises:
        AlertError: a value in Redis is malformed.
        StoreError: Redis does not answer.
    """
    board, _ = await read_board_at(store, partition)
    return board


async def read_board_at(store: Store, partition: int) -> tuple[Board, str]:
    """Return the state, and the id of the last entry of the trail that it contains."""
    async with store.pipeline(transaction=True) as pipe:
        pipe.hgetall(keys.alerts(partition))
        pipe.hgetall(keys.acts(partition))
        pipe.xrevrange(keys.alertlog(partition), count=1)
        facts, acts, last = await pipe.execute()
    board = Board()
    board.load(_decoded(facts), _decoded(acts))
    return board, last[0][0].decode() if last else "0-0"


async def read_trail(
    store: Store, partition: int, since_ms: int = 0, page: int = PAGE
) -> list[tuple[str, Entry]]:
    """Return the audit trail of a partition since a Unix time in ms, oldest first.

    Raises:
        AlertError: an entry is malformed.
        StoreError: Redis does not answer.
    """
    entries = read_range(store, keys.alertlog(partition), f"{since_ms}-0", page=page)
    return [(name, from_fields(fields)) async for name, fields in entries]


def act_fields(identity: str) -> tuple[str, ...]:
    """Return the fields of ``acts`` that belong to an alert, that of its acknowledgement first."""
    prefixes = (ACK_FIELD, ESCALATED_FIELD, REMINDED_FIELD, REASON_FIELD)
    return tuple(f"{prefix}{identity}" for prefix in prefixes)


async def _pause(
    store: Store, partition: int, device: str, seen: ShownPriorities, by: str, seconds: float
) -> float:
    if not keys.DEVICE_ID.fullmatch(device):
        raise AlertError(f"pause: {device!r} is no device id")
    words = [
        json_text(device),
        json_text(checked_person(by)),
        device,
        repr(seconds),
        str(RANK["medium"]),
    ]
    return float(await call(store, partition, _PAUSE, [*words, *seen_words(device, seen)]))


async def call(store: Store, partition: int, script: str, words: list[str]) -> Any:
    """Run a script of this folder, which begins with ``common.lua``, on a partition's keys.

    Raises:
        StoreError: Redis does not answer.
    """
    names = (keys.alerts(partition), keys.acts(partition), keys.alertlog(partition))
    args = [json_text(RANK), str(LOG_LENGTH), *words]
    return await store.register_script(script)(keys=list(names), args=args)


def seen_words(device: str, seen: ShownPriorities) -> list[str]:
    """Return the words of a script that name alerts of a device with their ranks.

    Raises:
        AlertError: one belongs to another device, or has no priority that we know.
    """
    words: list[str] = []
    for identity, priority in seen.items():
        if not identity.startswith(f"{device}/"):
            raise AlertError(f"alert {identity!r} is not one of device {device!r}")
        if priority not in RANK:
            raise AlertError(f"alert {identity!r}: no such priority: {priority!r}")
        words += (identity, str(RANK[priority]))
    return words


def checked_person(by: str) -> str:
    """Return the name of who acts.

    Raises:
        AlertError: it is none.
    """
    if not 1 <= len(by) <= 64 or not by.isprintable() or by.strip() != by:
        raise AlertError(f"by: must be a name of 1 to 64 printable characters, got {by[:70]!r}")
    return by


def json_text(value: Any) -> str:
    """Return a value as JSON for a script."""
    return orjson.dumps(value).decode()


def _decoded(answer: dict[bytes, bytes]) -> dict[str, bytes]:
    return {name.decode(): value for name, value in answer.items()}


__all__ = [
    "LOG_LENGTH",
    "AckOutcome",
    "ShownPriorities",
    "acknowledge",
    "act_fields",
    "call",
    "checked_person",
    "end_pause",
    "json_text",
    "mark",
    "pause_audio",
    "read_board",
    "read_board_at",
    "read_trail",
    "resume_audio",
    "seen_words",
]
