"""The explainer over a real Redis."""

import asyncio
import time

import numpy as np
import pytest

from detector.explain import service
from detector.explain.service import serve
from detector.runner.partition import PartitionRunner
from ecg_monitor.core import keys, wire
from ecg_monitor.core.errors import ExplainError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.ward.signal import explaining
from ecg_monitor.ward.trends.kept import read_beats
from tests.support.waiting import allowed_s

FS = 250.0
SETTINGS = Settings(partitions=1)


@pytest.fixture
async def bed(redis_client, pulses, packetize):
    """A bed whose last half minute is kept and analysed."""
    start = time.time() - 40
    for packet in packetize(pulses(FS, 30, 75), FS, 125, device="bed"):
        at = start + packet.n1 / FS
        fields = {"d": "bed", "t": f"{at:.3f}", "p": wire.encode_cbor(packet)}
        await redis_client.xadd(keys.wave(0), fields, id=f"{int(at * 1000)}-*")
    runner = await PartitionRunner.open(redis_client, 0, SETTINGS)
    while await runner.tick(block_ms=1):
        pass
    return await read_beats(redis_client, 0, "bed", 0)


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """An answer may take its time on a busy machine."""
    for module in (explaining, service):
        monkeypatch.setattr(module, "ANSWER_S", allowed_s(60.0))


@pytest.fixture
async def explainer(redis_client):
    task = asyncio.create_task(serve(redis_client, SETTINGS))
    while not await redis_client.exists(keys.EXPLAIN_ALIVE):
        await asyncio.sleep(0.01)
    yield
    await cancel_all([task])


async def test_a_beat_of_the_kept_signal_is_explained(redis_client, bed, explainer):
    beat = bed[-3]
    answer = await explaining.ask(redis_client, "bed", beat.boot, beat.n, beat.at)
    assert answer["label"] == beat.label
    assert np.shape(answer["window"]) == (1, 320)
    assert answer["rr"]["last_s"] == pytest.approx(0.8, abs=0.01)


async def test_one_question_after_another_is_answered_whatever_came_before(
    redis_client, bed, explainer
):
    await redis_client.rpush(keys.EXPLAIN_QUEUE, "rubbish")
    beat = bed[-3]
    with pytest.raises(ExplainError, match="no longer kept"):
        await explaining.ask(redis_client, "bed", "former boot", beat.n, beat.at)
    with pytest.raises(ExplainError, match="no longer kept"):
        await explaining.ask(redis_client, "nobody", beat.boot, beat.n, beat.at)
    answers = await asyncio.gather(
        *(explaining.ask(redis_client, "bed", b.boot, b.n, b.at) for b in bed[-5:-2])
    )
    assert [answer["label"] for answer in answers] == [b.label for b in bed[-5:-2]]
