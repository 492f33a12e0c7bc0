"""Every kind of bad input has a defined outcome, and the next good packet passes."""

from __future__ import annotations

import asyncio
import json
import math
from typing import Any

import aiomqtt
import cbor2
import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.ward.devices.refusal import NOBODY
from ingest import service
from ingest.broker.client import AckingClient
from tests.ingest.conftest import System
from tests.support.waiting import PATIENCE_S, allowed_s, eventually

GOOD = {
    "v": 1,
    "boot": "b",
    "seq": 0,
    "n0": 0,
    "t0": 1.0,
    "fs": 360,
    "gain": 200,
    "baseline": 0,
    "leads": {"II": [0] * 90},
}


def _json(**changes: object) -> bytes:
    return json.dumps(GOOD | changes).encode()


def _cbor(**changes: object) -> bytes:
    return cbor2.dumps(GOOD | changes)


def _without(name: str) -> bytes:
    return json.dumps({key: value for key, value in GOOD.items() if key != name}).encode()


REFUSED = {
    # name: (payload, reason counted, field named in the error)
    "version 2": (_json(v=2), "version", "v"),
    "version as text": (_json(v="1"), "version", "v"),
    "no version": (_without("v"), "missing", "v"),
    **{f"no {name}": (_without(name), "missing", name) for name in GOOD if name != "v"},
    "boot is a number": (_json(boot=7), "type", "boot"),
    "boot is empty": (_json(boot=""), "type", "boot"),
    "seq is text": (_json(seq="1"), "type", "seq"),
    "seq is a fraction": (_json(seq=1.5), "type", "seq"),
    "seq is true": (_json(seq=True), "type", "seq"),
    "n0 is negative": (_json(n0=-1), "range", "n0"),
    "n0 over 2**43": (_json(n0=2**43), "range", "n0"),
    "n0 is a CBOR big number": (_cbor(n0=2**200), "encoding", "payload"),
    "t0 in ms": (_json(t0=1.7e12), "range", "t0"),
    "t0 is null": (_json(t0=None), "type", "t0"),
    "t0 is NaN": (_cbor(t0=math.nan), "range", "t0"),
    "t0 is infinite": (_cbor(t0=math.inf), "range", "t0"),
    "NaN in JSON": (json.dumps(GOOD | {"t0": math.nan}).encode(), "encoding", "payload"),
    "fs is 0": (_json(fs=0), "range", "fs"),
    "fs is 49 Hz": (_json(fs=49), "range", "fs"),
    "fs is 1 MHz": (_json(fs=1e6), "range", "fs"),
    "fs is NaN": (_cbor(fs=math.nan), "range", "fs"),
    "gain is 0": (_json(gain=0), "range", "gain"),
    "gain is negative": (_json(gain=-200), "range", "gain"),
    "gain of the smallest normal number": (_json(gain=1e-38), "range", "gain"),
    "gain that makes every voltage 0": (_json(gain=1e300), "range", "gain"),
    "baseline beyond any converter": (_json(baseline=1e100), "range", "baseline"),
    "baseline that no electrode reaches": (_json(baseline=1e9), "range", "leads.II"),
    "gain of too many leads": (_json(gain=[200, 200]), "mismatch", "gain"),
    "baseline of another lead": (_json(baseline={"V1": 0}), "mismatch", "baseline"),
    "no leads at all": (_json(leads={}), "range", "leads"),
    "17 leads": (_json(leads={f"L{i}": [0] * 90 for i in range(17)}), "range", "leads"),
    "leads are a list": (_json(leads=[[0] * 90]), "type", "leads"),
    "lead lengths differ": (_json(leads={"I": [0] * 90, "II": [0] * 89}), "length", "leads"),
    "empty packet": (_json(leads={"II": []}), "length", "leads"),
    "packet of 2 s": (_json(leads={"II": [0] * 720}), "length", "leads"),
    "fractional sample": (_json(leads={"II": [0.5] * 90}), "type", "leads.II"),
    "sample is null": (_json(leads={"II": [None] * 90}), "type", "leads.II"),
    "sample over int16": (_json(leads={"II": [40_000] * 90}), "range", "leads.II"),
    "odd bytes in CBOR": (_cbor(leads={"II": b"\0" * 181}), "length", "leads.II"),
    "lead name too long": (_json(leads={"I" * 17: [0] * 90}), "type", "leads"),
    "unknown lead off": (_json(leadoff=["V6"]), "mismatch", "leadoff"),
    "pacer pulse beyond the packet": (_json(pacer=[9999]), "range", "pacer"),
    "other device": (_json(device="somebody-else"), "mismatch", "device"),
    "empty payload": (b"", "encoding", "payload"),
    "not UTF-8": (b"\xff\xfe\x00binary", "encoding", "payload"),
    "UTF-8 broken inside": (_json(boot="b").replace(b'"b"', b'"\xff"'), "encoding", "payload"),
    "JSON cut short": (_json()[:40], "encoding", "payload"),
    "CBOR cut short": (_cbor()[:40], "encoding", "payload"),
    "deep JSON": (b"[" * 100_000, "encoding", "payload"),
    "JSON list": (b"[1, 2]", "type", "payload"),
    "600 kB": (_json(note="x" * 600_000), "size", "payload"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_bad_packet_is_refused_and_the_next_one_passes(system, device, case) -> None:
    payload, reason, field = REFUSED[case]
    await system.send(device, payload)
    await system.send(device, seq=1)
    (packet,) = await eventually(lambda: system.packets(device))
    assert packet.seq == 1
    assert await system.counters(device) == {"accepted": 1, f"refused:{reason}": 1}
    (problem,) = await system.refusals(device)
    assert problem.startswith(f"{field}: ")


ACCEPTED: dict[str, dict[str, Any]] = {
    "unknown field": {"colour": "red"},
    "own device id": {},
    "seq goes backwards": {"seq": 0},
    "n0 goes backwards": {"n0": 0},
    "new boot in mid-stream": {"boot": "boot-2"},
    "other rate in mid-stream": {"fs": 250},
    "other leads in mid-stream": {"leads": {"V5": [0] * 90}},
}


@pytest.mark.parametrize("case", ACCEPTED)
async def test_what_changes_between_packets_is_the_detectors_matter(
    system, device, make_fields, case
) -> None:
    changes = ACCEPTED[case] | ({"device": device} if case == "own device id" else {})
    second = make_fields(**({"seq": 6, "n0": 990} | changes))
    await system.send(device, seq=5, n0=900)
    await system.send(device, json.dumps(second).encode())

    async def both() -> bool:
        return len(await system.packets(device)) == 2

    await eventually(both)
    assert await system.counters(device) == {"accepted": 2}


@pytest.mark.parametrize("name", ["two words", "b\u00e9d", "x" * 65, "semi;colon"])
async def test_bad_device_id_in_the_topic_is_refused(system, device, name) -> None:
    before = (await system.counters(NOBODY)).get("refused:topic", 0)
    await system.publisher.publish(f"ecg/v1/{name}/wave", _json(), qos=1)
    await system.send(device)
    await eventually(lambda: system.packets(device))
    assert (await system.counters(NOBODY))["refused:topic"] == before + 1
    assert "topic: " in (await system.refusals(NOBODY))[-1]


async def test_broker_cuts_off_a_client_that_sends_10_mb(system, device) -> None:
    async def send_huge() -> None:
        async with (
            mqtt.connect(system.settings.mqtt_url) as client,
            asyncio.timeout(allowed_s(PATIENCE_S)),
        ):
            payload = b"{" * 10_000_000
            publishing = asyncio.ensure_future(
                client.publish(keys.wave_topic(device), payload, qos=1)
            )
            try:
                await anext(aiter(client.messages))  # none was asked for: ends when cut off
            finally:
                publishing.cancel()

    with pytest.raises(aiomqtt.MqttError, match="Disconnected"):
        await send_huge()
    await system.send(device, seq=1)
    (packet,) = await eventually(lambda: system.packets(device))
    assert packet.seq == 1
    assert await system.counters(device) == {"accepted": 1}


@pytest.mark.parametrize(
    ("leaf", "payload", "reason"),
    [
        ("status", b"online", "encoding"),
        ("status", b'"online"', "type"),
        ("status", b'{"state": "asleep"}', "range"),
        ("status", b"{}", "range"),
        ("meta", b"[1]", "type"),
        ("meta", b"\xff", "encoding"),
        ("meta", json.dumps({"label": "x" * 9000}).encode(), "size"),
    ],
)
async def test_bad_news_is_refused(system, device, leaf, payload, reason) -> None:
    await system.publisher.publish(f"ecg/v1/{device}/{leaf}", payload, qos=1)
    counters = await eventually(lambda: system.counters(device))
    assert counters == {f"refused:{reason}": 1}
    assert await system.entry(device) is None


async def test_refusals_kept_are_bounded(system, device) -> None:
    async def flood() -> None:
        await asyncio.gather(*(system.send(device, b"bad") for _ in range(100)))

    system.publisher.pending_calls_threshold = 1000
    for _ in range(14):
        await flood()

    async def all_counted() -> bool:
        return (await system.counters(device)).get("refused:encoding") == 1400

    await eventually(all_counted)
    # Trimming is approximate: Redis drops whole nodes of 100 entries.
    assert 1000 <= len(await system.refusals(device)) <= 1100


async def test_a_packet_that_the_broker_kept_is_old_and_is_refused(
    settings, redis_client, running, device, make_fields
) -> None:
    """It came before we subscribed: nobody knows how old it is."""
    topic = keys.wave_topic(device)
    async with mqtt.connect(settings.mqtt_url) as publisher:
        await publisher.publish(topic, json.dumps(make_fields()).encode(), qos=1, retain=True)
        try:
            async with running(settings, redis_client):
                system = System(settings, redis_client, publisher)
                counters = await eventually(lambda: system.counters(device))
                assert counters == {"refused:retained": 1}
                (problem,) = await system.refusals(device)
                assert "without the retain flag" in problem
                await system.send(device, seq=1)
                (packet,) = await eventually(lambda: system.packets(device))
                assert packet.seq == 1
        finally:
            await publisher.publish(topic, b"", qos=1, retain=True)


async def test_a_packet_published_retained_is_taken_while_it_is_news(system, device) -> None:
    topic = keys.wave_topic(device)
    await system.publisher.publish(topic, _json(), qos=1, retain=True)
    try:
        await eventually(lambda: system.packets(device))
        assert await system.counters(device) == {"accepted": 1}
    finally:
        await system.publisher.publish(topic, b"", qos=1, retain=True)


def _big_decimal(size: int) -> bytes:
    """A packet whose ``t0`` is a decimal fraction of so many bytes: decoded, it costs 20 s."""
    digits = b"\xc2\x5a" + size.to_bytes(4) + b"\xff" * size
    decimal = b"\xc4\x82\x1a" + (10**7).to_bytes(4) + digits
    return _cbor(t0=0).replace(b"\x62t0\x00", b"\x62t0" + decimal)


async def test_dear_messages_hold_nobody_back(system, device) -> None:
    """They are refused at their first look: the beds beside them lose no time."""
    dear = _big_decimal(510_000)
    assert len(dear) < 512 * 1024
    for seq in range(20):
        await system.publisher.publish(keys.wave_topic(f"{device}-bad"), dear, qos=1)
        await system.send(device, seq=seq)

    async def all_there() -> bool:
        return len(await system.packets(device)) == 20

    await eventually(all_there)
    assert await system.counters(f"{device}-bad") == {"refused:encoding": 20}


async def test_what_is_judged_is_acknowledged_before_the_rest_is_looked_at(
    system, device, monkeypatch
) -> None:
    """However long one message takes: nothing of what came before it waits, nothing is lost."""
    monkeypatch.setattr(service, "JUDGE_S", 0.0)
    acknowledged: list[int] = []
    inner = AckingClient.ack

    def watched(broker: AckingClient, messages: Any) -> None:
        acknowledged.append(len(messages))
        inner(broker, messages)

    monkeypatch.setattr(AckingClient, "ack", watched)
    await asyncio.gather(*(system.send(device, seq=seq) for seq in range(50)))

    async def all_there() -> bool:
        return sorted(packet.seq for packet in await system.packets(device)) == [*range(50)]

    await eventually(all_there)
    assert set(acknowledged) == {1}
