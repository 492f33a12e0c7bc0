"""Devices at a real broker."""

import asyncio
import contextlib
import json
import math
import os
import signal
import sys
from functools import partial

import numpy as np
import pytest

from ecg_monitor.core import keys, wire
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.url import parse_url
from ecg_monitor.core.settings import Settings
from ecg_monitor.launch import processes
from ecg_monitor.launch.services import programs
from ecg_monitor.records import AAMI_LABELS, read_record
from simulator.faults.schedule import parse_faults
from simulator.fleet import Fleet
from simulator.report import summary
from simulator.ward import WardRequest, build_ward
from tests.support.waiting import until


@pytest.fixture
def prefix(request):
    """A device prefix that names the test."""
    return request.node.name.replace("[", "-").replace("]", "")[:50]


def has_heard(ear, count):
    return len(ear.messages) >= count


def has_reconnected(fleet, before):
    return fleet.totals.reconnects > before


def _fleet(url, wishes, speed=math.inf):
    ward = build_ward(wishes, Settings())
    return ward, Fleet(ward.plans, url, speed=speed, packet_s=wishes.packet_s)


@pytest.mark.parametrize("encoding", ["cbor", "json"])
async def test_a_record_arrives_exactly(broker_url, listen, mitdb, prefix, encoding):
    wishes = WardRequest(
        records=(str(mitdb / "100"),), loop=False, encoding=encoding, prefix=prefix,
        start_s=60.0, duration_s=300.0,
    )  # fmt: skip
    _, fleet = _fleet(broker_url, wishes)
    device = f"{prefix}-01"
    async with listen(broker_url, f"ecg/v1/{device}/#") as ear:
        await fleet.run()
        wave, truth = keys.wave_topic(device), keys.truth_topic(device)
        await until(lambda: len(ear.payloads(wave)) == 1200 and len(ear.payloads(truth)) == 300)
    packets = [wire.read(payload, device) for payload in ear.payloads(wave)]
    record = read_record(mitdb / "100")
    first, end = 60 * 360, 360 * 360
    assert np.array_equal(
        np.concatenate([p.samples for p in packets], axis=1), record.samples[:, first:end]
    )
    assert [p.n0 for p in packets] == list(range(0, end - first, 90))
    assert (packets[0].gain, packets[0].baseline) == (record.gain, record.baseline)
    told = [beat for payload in ear.payloads(truth) for beat in json.loads(payload)["beats"]]
    assert told == [
        {"n": n - first, "symbol": symbol, "label": AAMI_LABELS[symbol]}
        for n, symbol in record.beats_between(first, end)
    ]
    rhythms = [r for payload in ear.payloads(truth) for r in json.loads(payload)["rhythms"]]
    assert rhythms == [{"n": 0, "aux": "(N"}]


async def test_status_and_meta_are_retained(broker_url, listen, mitdb, prefix):
    wishes = WardRequest(records=(str(mitdb / "106"),), prefix=prefix)
    _, fleet = _fleet(broker_url, wishes, speed=1.0)
    device = f"{prefix}-01"
    task = asyncio.create_task(fleet.run())
    async with listen(broker_url, keys.wave_topic(device)) as ear:
        await until(lambda: bool(ear.messages))
    async with listen(broker_url, f"ecg/v1/{device}/#") as ear:
        await until(lambda: len({topic for topic, _, kept in ear.messages if kept}) == 2)
        status = keys.status_topic(device)
        assert json.loads(ear.payloads(status)[0]) == {"state": "online"}
        meta = json.loads(ear.payloads(keys.meta_topic(device))[0])
        assert meta["record"] == "106"
        assert meta["leads"] == ["MLII", "V1"]
        assert meta["firmware"].startswith("simulator/")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: len(ear.payloads(status)) == 2)
        off = json.loads(ear.payloads(status)[-1])
    assert off == {"state": "offline", "reason": "switched off"}


async def test_kill_publishes_the_last_will(broker_url, listen, mitdb, prefix):
    device = f"{prefix}-01"
    status = keys.status_topic(device)
    arguments = ("--records", str(mitdb / "100"), "--device-prefix", prefix, "--no-progress")
    async with listen(broker_url, status) as ear:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ecg_monitor.cli", "simulate", *arguments,
            env={**os.environ, "ECG_MQTT_URL": broker_url},
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await until(lambda: bool(ear.messages))
        process.send_signal(signal.SIGKILL)
        await process.communicate()
        await until(lambda: len(ear.messages) == 2)
    assert json.loads(ear.payloads(status)[-1]) == {
        "state": "offline",
        "reason": "connection lost",
    }


async def test_sigterm_ends_cleanly_with_a_summary(broker_url, listen, mitdb, prefix):
    status = keys.status_topic(f"{prefix}-01")
    arguments = ("--records", str(mitdb / "100"), "--device-prefix", prefix)
    async with listen(broker_url, status) as ear:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ecg_monitor.cli", "simulate", *arguments,
            env={**os.environ, "ECG_MQTT_URL": broker_url},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await until(lambda: bool(ear.messages))
        process.send_signal(signal.SIGTERM)
        out, err = await process.communicate()
        await until(lambda: len(ear.messages) == 2)
    assert process.returncode == 0
    assert err == b""
    assert b"1 device: recording" in out
    assert b"packets of 1 device" in out
    assert json.loads(ear.payloads(status)[-1])["reason"] == "switched off"


async def test_offline_fault_brings_will_and_backlog(broker_url, listen, mitdb, prefix):
    wishes = WardRequest(
        records=(str(mitdb / "100"),), loop=False, prefix=prefix, duration_s=40.0,
        faults=parse_faults(["offline=15:5"]),
    )  # fmt: skip
    ward, fleet = _fleet(broker_url, wishes, speed=10.0)
    device = f"{prefix}-01"
    async with listen(broker_url, f"ecg/v1/{device}/#") as ear:
        await fleet.run()
        cuts = ward.counts["offline"]
        await until(lambda: len(ear.payloads(keys.status_topic(device))) == 2 * cuts + 2)
    assert cuts >= 2
    states = [json.loads(p) for p in ear.payloads(keys.status_topic(device))]
    assert states.count({"state": "online"}) == cuts + 1
    assert states.count({"state": "offline", "reason": "connection lost"}) == cuts
    wave = [wire.read(p, device).n0 for p in ear.payloads(keys.wave_topic(device))]
    assert sorted(set(wave)) == list(range(0, 40 * 360, 90))
    assert fleet.dropped == 0


async def test_two_hundred_devices(broker_url, listen, mitdb, prefix):
    wishes = WardRequest(
        beds=200, data=str(mitdb), records=("100", "106"), prefix=prefix, truth=False,
        loop=False, duration_s=2.0,
    )  # fmt: skip
    _, fleet = _fleet(broker_url, wishes, speed=1.0)
    async with listen(broker_url, keys.WAVE_FILTER) as ear:
        await fleet.run()
        await until(lambda: len(ear.messages) >= 1600)
    per_device: dict[str, int] = {}
    for topic, _, _ in ear.messages:
        per_device[topic] = per_device.get(topic, 0) + 1
    assert set(per_device.values()) == {8}
    assert len(per_device) == 200


async def test_unreachable_broker_is_told(mitdb, monkeypatch, prefix):
    monkeypatch.setattr("simulator.device.PATIENCE_S", 0.3)
    wishes = WardRequest(records=(str(mitdb / "100"),), prefix=prefix)
    _, fleet = _fleet(f"mqtt://127.0.0.1:{processes.free_port()}", wishes)
    with pytest.raises(ServiceError, match="cannot reach the broker"):
        await fleet.run()


async def test_reconnects_when_the_broker_restarts(tmp_path, listen, mitdb, prefix):
    port = processes.free_port()
    program = programs.mosquitto(port, tmp_path)
    if program is None:
        pytest.skip("mosquitto is not installed")
    url = f"mqtt://127.0.0.1:{port}"
    wishes = WardRequest(
        records=(str(mitdb / "100"),), loop=False, duration_s=60.0, prefix=prefix, truth=False
    )
    _, fleet = _fleet(url, wishes, speed=10.0)
    device = f"{prefix}-01"
    wave = keys.wave_topic(device)
    broker = processes.start(program.command, log=tmp_path / "log")
    try:
        async with listen(url, wave) as before:
            task = asyncio.create_task(fleet.run())
            await until(lambda: len(before.messages) > 40)
        broker.kill()
        broker.wait()
        await asyncio.sleep(0.2)
        broker = processes.start(program.command, log=tmp_path / "log")
        await until(lambda: processes.answers("127.0.0.1", port))
        async with listen(url, wave) as after:
            await task
            await until(lambda: _n0(after, device)[-1:] == [60 * 360 - 90])
    finally:
        processes.stop([broker], 3.0)
    assert (fleet.totals.reconnects, fleet.dropped) == (1, 0)
    assert _n0(before, device) == list(range(0, 90 * len(before.messages), 90))
    # The listener may come a little later than the device: from then on all must be there.
    second = _n0(after, device)
    assert second == list(range(second[0], 60 * 360, 90))
    boots = {wire.read(p, device).boot for _, p, _ in before.messages + after.messages}
    assert len(boots) == 1


async def test_cut_connections_lose_nothing(broker_url, listen, mitdb, prefix):
    """The network between device and broker fails again and again, acknowledgements and all."""
    wishes = WardRequest(records=(str(mitdb / "100"),), loop=False, duration_s=60.0, prefix=prefix)
    device = f"{prefix}-01"
    async with relay(broker_url) as (url, cut):
        _, fleet = _fleet(url, wishes, speed=20.0)
        async with listen(broker_url, keys.wave_topic(device)) as ear:
            task = asyncio.create_task(fleet.run())
            for times in range(4):
                await until(partial(has_heard, ear, 30 * (times + 1)))
                cut()
                await until(partial(has_reconnected, fleet, times))
            await task
            await until(lambda: 60 * 360 - 90 in _n0(ear, device))
    found = _n0(ear, device)
    assert fleet.totals.reconnects >= 4
    # In order, but for repeats of what was on its way when the connection broke.
    assert list(dict.fromkeys(found)) == list(range(0, 60 * 360, 90))
    assert fleet.acked == 240 + 60


@contextlib.asynccontextmanager
async def relay(url):
    """A TCP relay to the broker; yields its URL and a function that cuts all connections."""
    target = parse_url(url)
    writers, tasks = set(), set()
    closing = False

    async def pipe(reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
        writer.transport.abort()

    async def serve(reader, writer):
        if closing:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        tasks.add(task)
        ends = {writer}
        writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(target.host, target.port)
            ends.add(far_writer)
            writers.add(far_writer)
            await asyncio.gather(pipe(reader, far_writer), pipe(far_reader, writer))
        except asyncio.CancelledError:
            return  # the relay ends; raised further, the server would take it for an error
        finally:  # a writer left open is a warning from the garbage collector
            writers.difference_update(ends)
            tasks.discard(task)
            for end in ends:
                end.transport.abort()

    def cut():
        for writer in writers:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}", cut
    finally:
        closing = True
        server.close()
        for task in tasks:
            task.cancel()
        while tasks:
            await asyncio.sleep(0)
        await server.wait_closed()
        for _ in range(5):  # connections taken last begin to be served; all that were aborted end
            await asyncio.sleep(0)


def _n0(ear, device):
    return [wire.read(payload, device).n0 for _, payload, _ in ear.messages]


async def test_what_could_not_be_delivered_is_told(broker_url, listen, mitdb, prefix, monkeypatch):
    monkeypatch.setattr("simulator.device.DRAIN_S", 0.2)
    wishes = WardRequest(records=(str(mitdb / "100"),), loop=False, duration_s=40.0, prefix=prefix)
    async with relay(broker_url) as (url, _):
        ward, fleet = _fleet(url, wishes, speed=20.0)
        async with listen(broker_url, keys.wave_topic(f"{prefix}-01")) as ear:
            task = asyncio.create_task(fleet.run())
            await until(lambda: len(ear.messages) > 10)
    # The relay is gone, and does not come back.
    await task
    assert fleet.undelivered > 0
    assert fleet.undelivered + fleet.acked == 160 + 40
    text = summary(fleet, ward.counts, devices=1, seconds=1.0)
    assert f"{fleet.undelivered} messages could not be delivered" in text
