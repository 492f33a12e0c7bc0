"""``POST /v1/score``: what is judged, and that nothing that is sent breaks it."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pytest
import wfdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.api.conftest import Grant

BEAT = np.exp(-((np.arange(187) - 50) ** 2) / 18).round(4).tolist()


async def test_a_beat_gets_a_score_and_its_reconstruction(
    api: httpx.AsyncClient, grant: Grant
) -> None:
    answer = await api.post("/v1/score", json={"beat": BEAT[:140]}, headers=await grant("score"))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert len(told["reconstruction"]) == 140
    assert told["anomalous"] == (told["score"] >= told["threshold"])
    assert told["model"]


async def test_a_window_is_judged_as_live(
    api: httpx.AsyncClient, grant: Grant, mitdb: Path
) -> None:
    signal = wfdb.rdrecord(str(mitdb / "208"), sampto=3600, channels=[0]).p_signal[:, 0]
    question = {"window": signal.tolist(), "fs": 360, "lead": "MLII"}
    answer = await api.post("/v1/score", json=question, headers=await grant("score"))
    told = answer.json()
    labels = [one["class"] for one in told["beats"]]
    assert labels.count("V") >= 8  # the reference has ten in these seconds
    assert labels.count("N") >= 4
    assert (told["class"], told["anomalous"]) == ("V", True)
    assert max(told["probabilities"].values()) == told["confidence"] > 0.5
    rebuilt = np.array(told["reconstruction"])
    assert rebuilt.shape == (200,)
    start = round((told["time_s"] - 0.28) * 360)
    beat = np.interp(np.arange(200) / 250, np.arange(300) / 360, signal[start : start + 300])
    assert np.corrcoef(rebuilt, beat)[0, 1] > 0.7  # of a first PVC, which it has never seen


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"beat": [NaN]}', "beat.0"),
        (b'{"beat": [0, 1e308]}', "beat.1"),
        (b'{"beat": [0, "1"]}', "beat.1"),
        (b'{"beat": [0, true]}', "beat.1"),
        (b'{"beat": [0, null]}', "beat.1"),
        (b'{"beat": 1}', "beat"),
        (b'{"beat": [1, 2, 3]}', "beat"),
        (b'{"beat": [' + b"0," * 139 + b"0]}", "beat"),
        (b'{"beat": [' + b"0," * 187 + b"0]}", "beat"),
        (b'{"window": [0, 0, 0], "fs": 250}', "window"),
        (b'{"window": [' + b"0," * 999 + b'0], "fs": 250}', "window"),
        (b'{"window": [' + b"0,1000," * 499 + b'0], "fs": 250}', "window"),
        (b'{"window": [1], "fs": 1}', "fs"),
        (b'{"window": [1], "fs": "250"}', "fs"),
        (b'{"window": [1]}', "body"),
        (b'{"window": [1], "fs": 250, "lead": "no such; lead"}', "lead"),
        (b'{"beats": [1]}', "beats"),
        (b"{}", "body"),
        (b"[]", "body"),
    ],
)
async def test_what_is_wrong_is_named(
    api: httpx.AsyncClient, grant: Grant, body: bytes, field: str
) -> None:
    headers = {**await grant("score"), "Content-Type": "application/json"}
    answer = await api.post("/v1/score", content=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field


async def test_an_unknown_network_is_named_with_those_that_exist(
    api: httpx.AsyncClient, grant: Grant
) -> None:
    question = {"beat": BEAT, "model": "cnn-9d"}
    answer = await api.post("/v1/score", json=question, headers=await grant("score"))
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "model"
    assert "autoencoder" in answer.json()["error"]["message"]


async def test_megabytes_are_refused_in_the_one_form(api: httpx.AsyncClient, grant: Grant) -> None:
    async def pieces():
        for _ in range(64):
            yield b"[" * 65_536

    headers = {**await grant("score"), "Content-Type": "application/json"}
    for body in (b" " * 3_000_000, pieces()):
        answer = await api.post("/v1/score", content=body, headers=headers)
        assert answer.status_code == 413
        assert answer.json()["error"]["code"] == "too_large"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
NUMBERS = st.lists(st.floats() | st.integers() | st.text(max_size=2), max_size=200)
QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "beat": NUMBERS | JSON,
        "window": NUMBERS | JSON,
        "fs": st.floats() | st.integers() | JSON,
        "lead": st.text() | JSON,
        "model": st.text() | JSON,
    },
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=QUESTIONS | JSON | st.binary())
async def test_no_body_breaks_it(api: httpx.AsyncClient, grant: Grant, body: object) -> None:
    import json

    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {**await grant("score"), "Content-Type": "application/json"}
    answer = await api.post("/v1/score", content=content, headers=headers)
    assert answer.status_code in (200, 400, 422)
    assert answer.status_code == 200 or answer.json()["error"]["message"]
