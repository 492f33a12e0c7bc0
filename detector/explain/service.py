"""Answers questions about beats, one at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from detector.explain.replay import READY_S, replay
from ecg_monitor.core import keys
from ecg_monitor.core.errors import ExplainError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store
from ecg_monitor.ward.signal.explaining import ALIVE_S, ANSWER_S, Answer, Question, parse, reply
from ecg_monitor.ward.signal.kept import read_packets

log = logging.getLogger("explain")

WAIT_S = 1.0
CONTEXT_S = 330.0
"""Signal before a beat that is analysed: the longest memory is a mean of five minutes."""
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
    packets = await read_packets(
        store,
        partition,
        question.device,
        question.at - CONTEXT_S,
        question.at + READY_S + LATE_S,
    )
    # A thread, so that the time limits of the connection go on being looked after.
    answer = await asyncio.to_thread(replay, packets, question.boot, question.n)
    log.info(
        "%s beat %d: %.0f s of signal in %.2f s",
        *(question.device, question.n, answer["context_s"], time.monotonic() - began),
    )
    return answer
