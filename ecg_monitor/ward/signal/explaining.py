"""Asking why a beat, or ten seconds in twelve leads, were called so: questions over Redis.

The explainer (``ecg-monitor explain``) runs the networks; who asks need not know them. A question
is a JSON map in the list ``ecg:explain:queue``, its answer the only element of a list of its own,
which expires. The key ``ecg:explain:alive`` is there while an explainer is.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict, dataclass
from typing import Any, Literal

import orjson

from ecg_monitor.core import keys
from ecg_monitor.core.errors import ExplainError
from ecg_monitor.core.store import Store

MAX_WAITING = 8
"""Questions that may wait; each takes a second or two."""
ANSWER_S = 8.0
"""A person waits for it; a question older than this is not answered any more."""
ALIVE_S = 20
"""An explainer says so again at least every second, and after each answer."""

Answer = dict[str, Any]
About = Literal["beat", "twelve"]


@dataclass(frozen=True, slots=True)
class Question:
    """Why a beat was called what it was called, or what ten seconds show.

    Attributes:
        id: of the question.
        device: device id.
        boot: power-up of the device.
        n: sample index of the R peak, or of the first sample.
        at: Unix time of that sample, s: where to look for its signal.
        asked_at: Unix time of the question, s.
        about: whether it is about a beat, or about ten seconds in twelve leads.
    """

    id: str
    device: str
    boot: str
    n: int
    at: float
    asked_at: float
    about: About = "beat"


def parse(text: bytes) -> Question:
    """Read a question.

    Raises:
        ExplainError: it is malformed.
    """
    try:
        return Question(**orjson.loads(text))
    except (orjson.JSONDecodeError, TypeError) as error:
        raise ExplainError(f"the question is malformed: {error}") from error


async def ask(
    store: Store, device: str, boot: str, n: int, at: float, about: About = "beat"
) -> Answer:
    """Ask, and wait for the answer.

    Args:
        store: client of Redis.
        device: device id.
        boot: power-up of the device.
        n: sample index of the R peak, or of the first sample.
        at: Unix time of that sample, s.
        about: whether it is about a beat, or about ten seconds in twelve leads.

    Raises:
        ExplainError: no explainer runs, it is too busy or too slow, or it cannot explain this;
            its text says which.
        StoreError: Redis does not answer.
    """
    if not await store.exists(keys.EXPLAIN_ALIVE):
        raise ExplainError("the explainer is not running; start `ecg-monitor explain`")
    question = Question(secrets.token_urlsafe(12), device, boot, n, at, time.time(), about)
    waiting: Any = await store.llen(keys.EXPLAIN_QUEUE)
    if waiting >= MAX_WAITING:
        raise ExplainError("the explainer is busy; try again in a few seconds")
    await store.rpush(keys.EXPLAIN_QUEUE, orjson.dumps(asdict(question)))
    key = keys.explain_answer(question.id)
    found: Any = await store.blpop([key], timeout=ANSWER_S)
    if found is None:
        raise ExplainError(f"the explainer has not answered within {ANSWER_S:g} s; try again")
    answer: Answer = orjson.loads(found[1])
    if "error" in answer:
        raise ExplainError(str(answer["error"]))
    return answer


async def reply(store: Store, question: Question, answer: Answer) -> None:
    """Answer a question; a map with ``error`` says why it cannot be.

    Raises:
        StoreError: Redis does not answer.
    """
    key = keys.explain_answer(question.id)
    async with store.pipeline(transaction=True) as pipe:
        pipe.rpush(key, orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY))
        pipe.expire(key, int(2 * ANSWER_S))
        await pipe.execute()
