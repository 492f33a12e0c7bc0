"""The delivery process: overseer, MQTT and webhook of all partitions, each on its own.

Of several brokers each is told everything, and is a channel of its own.

It also does what nobody else is there for: ends transfers of patients whose author has died, and
looks whether the system itself is well.

A channel whose service is away waits for it and hinders none of the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import aiomqtt

from ecg_monitor.core import keys, store
from ecg_monitor.core.errors import AlertError, ServiceError
from ecg_monitor.core.mqtt import client as mqtt
from ecg_monitor.core.mqtt.url import named_brokers, parse_url
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.stopping import run_together
from ecg_monitor.ward.alerts.policy import Policy, load_policy
from ecg_monitor.ward.patients.transfer import Ward, settle
from ecg_monitor.ward.system.process_figures import report
from ecg_monitor.ward.system.watch import Watcher
from gateway.deliver import system_conditions as tell
from gateway.deliver.publish import MqttChannel, oversee
from gateway.deliver.webhook import WebhookChannel

if TYPE_CHECKING:
    from gateway.deliver.poster import Poster

log = logging.getLogger("deliver")

RETRY_S = 0.5
"""Pause before a service is tried again, s: well within `BROKER_AWAY_S`, or each reconnection would
now and then be told as a broker that is away."""

Work = Callable[[], Awaitable[None]]


async def deliver(settings: Settings) -> None:
    """Run until cancelled.

    Raises:
        ServiceError: Redis cannot be reached at the start, or a broker's address is wrong.
        SettingsError: a setting is missing, or the configuration file is wrong.
    """
    policy = load_policy(settings.config)
    named_brokers(settings.require("mqtt_url"))
    try:
        async with store.answering(settings.require("redis_url")) as client:
            await _deliver(settings, client, policy)
    except store.StoreError as error:  # each work waits for Redis, so this is the start
        raise ServiceError(f"cannot reach Redis: {error}") from error


async def _deliver(settings: Settings, client: store.Store, policy: Policy) -> None:
    watcher = await Watcher.open(client, settings)
    async with contextlib.AsyncExitStack() as closing:
        works = _works(settings, client, policy)
        for broker, url in named_brokers(settings.mqtt_url).items():
            works[_named("MQTT, system", broker)] = await _system_publisher(
                url, client, watcher, broker
            )
        if settings.webhook_url:
            from aiohttp import ClientSession  # noqa: PLC0415 - slow to load

            from gateway.deliver.poster import Poster  # noqa: PLC0415

            session = await closing.enter_async_context(ClientSession())
            works |= await _posts(settings, client, watcher, Poster(session, settings))
        lasting = [report(client, "deliver"), watcher.run()]
        await run_together([*lasting, *(_again(name, work) for name, work in works.items())])


def _works(settings: Settings, client: store.Store, policy: Policy) -> dict[str, Work]:
    """What is done about the alerts of all partitions, by name."""
    works: dict[str, Work] = {
        f"overseer of partition {partition}": functools.partial(oversee, client, partition, policy)
        for partition in range(settings.partitions)
    }
    works["transfers"] = functools.partial(settle, Ward(client, settings.partitions))
    # A connection for each server: a partition that cannot be read ends the work of its connection.
    groups = store.by_server(client, range(settings.partitions))
    for broker, url in named_brokers(settings.mqtt_url).items():
        publish = functools.partial(_publish, url, client, policy, _channel(broker, url))
        for number, some in enumerate(groups, start=1):
            name = "MQTT" if len(groups) == 1 else f"MQTT, server {number} of Redis"
            works[_named(name, broker)] = functools.partial(publish, some)
    return works


def _channel(broker: str, url: str) -> str:
    """Return the name of a broker's cursors: by its address, since the order may change."""
    return f"{keys.MQTT_CHANNEL}/{parse_url(url).address}" if broker else keys.MQTT_CHANNEL


def _named(name: str, broker: str) -> str:
    return f"{name}, {broker}" if broker else name


async def _again(name: str, work: Work) -> None:
    """Do the work until cancelled; a service that goes away is waited for."""
    while True:
        try:
            await work()
        except (store.StoreError, ServiceError, AlertError, aiomqtt.MqttError) as error:
            log.warning("%s: %s; trying again", name, error)
        await asyncio.sleep(RETRY_S)


async def _past_malformed(name: str, work: Work) -> None:
    """Do the work until cancelled, or until a service goes away.

    A malformed value in Redis (another version has written it, say) stops one partition until it
    is gone, and no other.
    """
    while True:
        try:
            await work()
        except AlertError as error:
            log.error("%s: %s; trying again", name, error)
        await asyncio.sleep(RETRY_S)


async def _publish(
    url: str, client: store.Store, policy: Policy, channel_name: str, partitions: Sequence[int]
) -> None:
    async with mqtt.connect(url) as broker:

        async def publish(partition: int) -> None:
            channel = await MqttChannel.open(
                broker, client, partition, policy, channel=channel_name
            )
            await channel.run()

        await run_together(
            _past_malformed(f"MQTT, partition {partition}", functools.partial(publish, partition))
            for partition in partitions
        )


async def _system_publisher(url: str, client: store.Store, watcher: Watcher, broker: str) -> Work:
    channel = await tell.Channel.open(client, watcher, _channel(broker, url))
    watcher.broker_lost[broker] = time.monotonic()

    async def publish() -> None:
        async with mqtt.connect(url, will=tell.WILL, keepalive=tell.KEEPALIVE_S) as connection:
            await tell.publish(connection, channel, watcher, broker)

    return publish


async def _posts(
    settings: Settings, client: store.Store, watcher: Watcher, poster: Poster
) -> dict[str, Work]:
    """What posts to the webhook, by name. Partitions do not wait for each other."""

    async def post_alerts(partition: int) -> None:
        channel = await WebhookChannel.open(poster, client, partition, settings)
        await channel.run()

    works: dict[str, Work] = {
        f"webhook, partition {partition}": functools.partial(post_alerts, partition)
        for partition in range(settings.partitions)
    }
    channel = await tell.Channel.open(client, watcher, keys.WEBHOOK_CHANNEL)
    works["webhook, system"] = functools.partial(
        tell.post, poster, channel, settings.webhook_format
    )
    return works
