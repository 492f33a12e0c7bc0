"""Question and answer over a real Redis."""

import asyncio
from dataclasses import replace

import numpy as np
import orjson
import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import ExplainError
from ecg_monitor.ward.signal import explaining


async def asked(store, **answer):
    """Ask while somebody answers with ``answer``."""
    await store.set(keys.EXPLAIN_ALIVE, "1")

    async def explainer():
        _, text = await store.blpop([keys.EXPLAIN_QUEUE], timeout=60)
        question = explaining.parse(text)
        await explaining.reply(store, question, answer)
        return question

    answered, question = await asyncio.gather(
        explaining.ask(store, "bed", "boot", 5, 7.5), explainer()
    )
    return answered, question


async def test_an_answer_comes_back_and_leaves_nothing_behind(redis_client):
    answer, question = await asked(redis_client, label="V", window=np.array([0.5, 1.0]))
    assert answer == {"label": "V", "window": [0.5, 1.0]}
    assert (question.device, question.boot, question.n, question.at) == ("bed", "boot", 5, 7.5)
    assert await redis_client.keys("ecg:explain:*") == [keys.EXPLAIN_ALIVE.encode()]


async def test_the_reason_why_not_comes_back(redis_client):
    with pytest.raises(ExplainError, match="no longer kept"):
        await asked(redis_client, error="the signal of this beat is no longer kept")


async def test_without_an_explainer_it_is_told_at_once(redis_client):
    with pytest.raises(ExplainError, match="not running"):
        await explaining.ask(redis_client, "bed", "boot", 5, 7.5)


async def test_questions_do_not_pile_up(redis_client):
    await redis_client.set(keys.EXPLAIN_ALIVE, "1")
    await redis_client.rpush(keys.EXPLAIN_QUEUE, *["{}"] * explaining.MAX_WAITING)
    with pytest.raises(ExplainError, match="busy"):
        await explaining.ask(redis_client, "bed", "boot", 5, 7.5)
    assert await redis_client.llen(keys.EXPLAIN_QUEUE) == explaining.MAX_WAITING


async def test_an_explainer_that_hangs_is_told(redis_client, monkeypatch):
    monkeypatch.setattr(explaining, "ANSWER_S", 0.2)
    await redis_client.set(keys.EXPLAIN_ALIVE, "1")
    with pytest.raises(ExplainError, match=r"within 0\.2 s"):
        await explaining.ask(redis_client, "bed", "boot", 5, 7.5)


async def test_an_answer_that_nobody_fetches_expires(redis_client):
    question = explaining.Question("id", "bed", "boot", 5, 7.5, 0.0)
    await explaining.reply(redis_client, replace(question, id="x"), {"label": "N"})
    assert 0 < await redis_client.ttl(keys.explain_answer("x")) <= 16


@pytest.mark.parametrize("text", [b"", b"[]", b"7", b'{"id": 1}', orjson.dumps({"more": 1})])
def test_a_malformed_question_is_told(text):
    with pytest.raises(ExplainError):
        explaining.parse(text)
