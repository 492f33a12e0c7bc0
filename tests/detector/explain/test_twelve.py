"""What the network says of kept seconds: of packets, and asked over a real Redis."""

import asyncio
import time

import numpy as np
import pytest

from detector.explain.service import serve
from detector.explain.twelve import look, standard_levels
from ecg_monitor.core import keys, wire
from ecg_monitor.core.errors import ExplainError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import cancel_all
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.signal import explaining
from models.diagnosis.labels import NAMES
from tests.support.twelve_leads import INDEPENDENT_AT, millivolts

FS = 250.0
EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")


def packets(signal: np.ndarray, leadoff=()) -> list[Packet]:
    """Return eight leads in mV as packets of a second."""
    counts = np.rint(1000 * signal).astype(np.int16)
    step = round(FS)
    return [
        Packet("bed", "boot", i, i * step, 0.0, FS, EIGHT, (1000.0,) * 8, (0.0,) * 8,
               counts[:, i * step : (i + 1) * step], leadoff=leadoff)
        for i in range(counts.shape[1] // step)
    ]  # fmt: skip


def beats(seconds: float) -> np.ndarray:
    return millivolts(seconds, FS)[list(INDEPENDENT_AT)]


@pytest.fixture(scope="module")
def judged():
    """Made once: networks and engine are loaded by it."""
    return look(packets(beats(30)), "boot", round(20 * FS))


def test_ten_seconds_are_judged_and_explained(judged):
    assert tuple(row["label"] for row in judged["labels"]) == NAMES
    for row in judged["labels"]:
        assert row["decided"] == (row["probability"] >= row["threshold"])
        assert row["low"] <= row["probability"] + 0.001
        assert row["high"] >= row["probability"] - 0.001
        assert (len(row["leads"]), len(row["parts"])) == (12, 20)
        assert 0 < row["test"]["positives"] <= row["test"]["windows"]
    assert judged["derived"] == ["III", "aVR", "aVL", "aVF"]
    assert judged["st_beats"] >= 5
    assert max(abs(level) for level in judged["st_mv"].values()) < 0.1
    assert len(judged["st_mv"]) == 12
    assert judged["st_limits_mv"].keys() == judged["st_mv"].keys()
    assert judged["st_limits_mv"]["aVF"] == (-0.05, 0.1, 0.1)
    assert judged["st_limits_mv"]["V3"] == (-0.05, 0.15, 0.25)


def test_what_cannot_be_judged_says_so():
    flat = packets(np.zeros((8, round(12 * FS))))
    with pytest.raises(ExplainError, match="no lead shows enough"):
        look(flat, "boot", 0)
    with pytest.raises(ExplainError, match="no longer kept"):
        look(flat, "another boot", 0)


def test_leads_that_are_off_are_named():
    found = look(packets(beats(12), leadoff=("V2", "II")), "boot", 0)
    assert {"II", "V2", "III"} <= set(found["missing"])
    assert found["leads"] == ["I", "V1", "V3", "V4", "V5", "V6"]


def test_levels_by_standard_lead():
    assert standard_levels({"V1": 0.1, "Resp": 3.0}) == {"V1": 0.1}
    assert standard_levels({"i": 0.1, "MLII": 0.3})["III"] == pytest.approx(0.2)


async def test_the_explainer_answers_about_them(redis_client, judged):
    begin = time.time() - 30
    for packet in packets(beats(30)):
        at = begin + packet.n1 / FS
        fields = {"d": "bed", "t": f"{at:.3f}", "p": wire.encode_cbor(packet)}
        await redis_client.xadd(keys.wave(0), fields, id=f"{int(at * 1000)}-*")
    task = asyncio.create_task(serve(redis_client, Settings(partitions=1)))
    try:
        while not await redis_client.exists(keys.EXPLAIN_ALIVE):
            await asyncio.sleep(0.01)
        n = round(20 * FS)
        found = await explaining.ask(redis_client, "bed", "boot", n, begin + 20, "twelve")
    finally:
        await cancel_all([task])
    assert found["labels"] == judged["labels"]
    assert found["st_mv"] == judged["st_mv"]
