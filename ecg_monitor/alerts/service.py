"""The delivery process: overseer, MQTT and webhook of all partitions, each on its own.

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
from ecg_monitor.settings import Settings

log = logging.getLogger("deliver")

RETRY_S = 1.0


async def deliver(settings: Settings) -> None:
    """Run until cancelled.

    Raises:
        ServiceError: Redis cannot be reached at the start.
        SettingsError: a setting is missing, or the policy file is wrong.
    """
    policy = load_policy(settings.alert_policy)
    settings.require("mqtt_url")
    client = store.connect(settings.require("redis_url"))
    try:
        await store.check(client)
        async with asyncio.TaskGroup() as group:
            for partition in range(settings.partitions):
                work = functools.partial(oversee, client, partition, policy)
                group.create_task(_again(f"overseer of partition {partition}", work))
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
