"""Answers questions about beats and about ten seconds in twelve leads, one at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from detector.explain import twelve
from detector.explain.replay import READY_S, replay
from ecg_monitor.core import keys
from ecg_monitor.core.errors import ExplainError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.signal.explaining import ALIVE_S, ANSWER_S, Answer, Question, parse, reply
from ecg_monitor.ward.signal.kept import read_packets
from ecg_monitor.ward.signal.window import SECONDS

log = logging.getLogger("explain")

WAIT_S = 1.0
CONTEXT_S = 330.0
"""Signal before a beat that is analysed: the longest memory is a mean of five minutes."""
LEAD_S = 2.0
"""A packet arrives at the earliest so long before the clock that is fitted says."""
LATE_S = 60.0
"""A device's backlog may have arrived so long after it was recorded."""


async def serve(store: Store, settings: Settings) -> None:
    """Answer until cancelled.

    Raises:
        StoreError: Redis does not answer.
    """
    while True:
        await store.set(keys.EXPLAIN_ALIVE, "1", ex=ALIVE_S)
        found: Any = await store.blpop([keys.EXPLAIN_QUEUE], timeout=WAIT_S)
        if found is not None:
            await _handle(store, settings, found[1])


async def _handle(store: Store, settings: Settings, text: bytes) -> None:
    try:
        question = parse(text)
    except ExplainError as error:  # nobody can be told: who asked is not known
        log.warning("%s", error)
        return
    if time.time() - question.asked_at > ANSWER_S:
        return  # whoever asked has gone
    try:
        answer = await _answer(store, settings, question)
    except ExplainError as error:
        answer = {"error": str(error)}
    await reply(store, question, answer)


async def _answer(store: Store, settings: Settings, question: Question) -> Answer:
    began = time.monotonic()
    partition = keys.partition_of(question.device, settings.partitions)
    before, after, act = _WAYS[question.about]
    packets = await read_packets(
        store,
        partition,
        question.device,
        question.at - before,
        question.at + after + LATE_S,
    )
    # A thread, so that the time limits of the connection go on being looked after.
    answer = await asyncio.to_thread(act, packets, question.boot, question.n)
    log.info(
        "%s %s %d: %.2f s",
        *(question.device, question.about, question.n, time.monotonic() - began),
    )
    return answer


_WAYS: dict[str, tuple[float, float, Callable[[Sequence[Packet], str, int], Answer]]] = {
    "beat": (CONTEXT_S, READY_S, replay),
    "twelve": (twelve.CONTEXT_S + LEAD_S, SECONDS, twelve.look),
}
"""By what a question is about: seconds of signal that are read before and after its sample, and
what is done with them."""
