"""Two devices of one name: the broker closes one for the other; both stay calm, and it is told."""

import asyncio
import contextlib
import logging

from ecg_monitor.core.mqtt.url import parse_url
from ecg_monitor.core.settings import Settings
from simulator.device import Device, Totals
from simulator.pacing import Pacer
from simulator.ward import WardRequest, build_ward
from tests.support.waiting import until


async def test_two_devices_of_one_name_do_not_fight(broker_url, caplog):
    caplog.set_level(logging.WARNING)
    ward = build_ward(WardRequest(scenarios=("sinus",), prefix="twin"), Settings())
    totals = Totals()
    tasks = [
        asyncio.create_task(
            Device(ward.plans[0], [parse_url(broker_url)], Pacer(1.0, 0.0), totals).run()
        )
        for _ in range(2)
    ]
    await until(lambda: "twin-01: the broker closed 3 connections at once" in caplog.text)
    before = totals.reconnects
    await asyncio.sleep(2.0)
    after = totals.reconnects
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert after - before < 30  # without patience they are hundreds
    assert "--device-prefix" in caplog.text
