"""The delivery process: overseer, MQTT and webhook of all partitions, each on its own.

It also does what nobody else is there for: ends transfers of patients whose author has died, and
looks whether the system itself is well.

A channel whose service is away waits for it and hinders none of the others.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable

import aiohttp
import aiomqtt

from ecg_monitor import mqtt, store
from ecg_monitor.alerts.policy import Policy, load_policy
from ecg_monitor.alerts.publish import MqttChannel, oversee
from ecg_monitor.alerts.webhook import WebhookChannel
from ecg_monitor.errors import ServiceError
from ecg_monitor.patients.transfer import Ward, settle
from ecg_monitor.process_figures import report
from ecg_monitor.settings import Settings
from ecg_monitor.system.watch import watch

log = logging.getLogger("deliver")

RETRY_S = 1.0


async def deliver(settings: Settings) -> None:
    """Run until cancelled.

    Raises:
        ServiceError: Redis cannot be reached at the start.
        SettingsError: a setting is missing, or the configuration file is wrong.
    """
    policy = load_policy(settings.config)
    settings.require("mqtt_url")
    client = store.connect(settings.require("redis_url"))
    try:
        await store.check(client)
        async with asyncio.TaskGroup() as group:
            group.create_task(report(client, "deliver"))
            for partition in range(settings.partitions):
                work = functools.partial(oversee, client, partition, policy)
                group.create_task(_again(f"overseer of partition {partition}", work))
            beds = Ward(client, settings.partitions)
            group.create_task(_again("transfers", functools.partial(settle, beds)))
            group.create_task(_again("system", functools.partial(watch, client, settings)))
            publish = functools.partial(_publish, settings, client, policy)
            group.create_task(_again("MQTT", publish))
            if settings.webhook_url:
                post = functools.partial(_post, settings, client)
                group.create_task(_again("webhook", post))
    finally:
        await client.aclose()


async def _again(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work until cancelled; a service that goes away is waited for."""
    while True:
        try:
            await work()
        except* (store.StoreError, ServiceError, aiomqtt.MqttError) as group:
            log.warning("%s: %s; trying again", name, group.exceptions[0])
        await asyncio.sleep(RETRY_S)


async def _publish(settings: Settings, client: store.Store, policy: Policy) -> None:
    async with mqtt.connect(settings.mqtt_url) as broker, asyncio.TaskGroup() as group:
        for partition in range(settings.partitions):
            channel = await MqttChannel.open(broker, client, partition, policy)
            group.create_task(channel.run())


async def _post(settings: Settings, client: store.Store) -> None:
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        for partition in range(settings.partitions):
            channel = await WebhookChannel.open(session, client, partition, settings)
            group.create_task(channel.run())
