"""Holds a session at a broker that has just come up, before devices are back.

A broker that lost its sessions throws away what nobody has subscribed to. Devices that had to wait
come back in their own time, some in the very moment in which the broker listens. So while nobody
listens there, ingest tries the bare port again and again, and as soon as one try is taken the next
connection carries everything in one go: CONNECT and SUBSCRIBE, without waiting for the answer in
between (MQTT 3.1.1 and 5, section 3.1.4: clients need not wait for CONNACK). From then on the
broker keeps what comes for ingest, whose own connection then takes the session over.

The forerunner acknowledges nothing: what the broker sends it comes again.

Limitations:
    What devices that do without receipts publish in the first millisecond of a broker can still be
    lost (`ingest.receipts`). The network's own delays come on top where the broker is elsewhere.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from ecg_monitor.core.mqtt.client import KEEPALIVE_S, Version, session_properties
from ecg_monitor.core.mqtt.url import BrokerUrl
from ecg_monitor.core.tls import client_context, tls_problem

KNOCK_NEAR_S = 0.001
"""Pause between two tries of a port of this machine, s: one costs 20 us."""
KNOCK_FAR_S = 0.03
"""The same where the broker is elsewhere, s: tries are packets of the network."""
OPENING_S = 1.0
"""Time limit of one connection, and of the broker's answer, s."""

_log = logging.getLogger(__name__)


async def hold_session(
    broker: BrokerUrl,
    *,
    version: Version,
    identifier: str,
    in_flight: int,
    filters: Sequence[str],
    within_s: float,
) -> bool:
    """Wait until somebody listens at the broker's port, and subscribe at once.

    Args:
        broker: where it is and who we are there.
        version: of MQTT.
        identifier: client id, which names the session.
        in_flight: most messages that the broker may send before the first is acknowledged.
        filters: what to subscribe to, with QoS 1.
        within_s: how long to wait, s.

    Returns:
        Whether the broker has confirmed the subscriptions. If not, whoever connects next learns
        why.
    """
    ended = threading.Event()
    deadline = time.monotonic() + within_s

    def work() -> bool:
        if not _knock(broker, deadline, ended) or ended.is_set():
            return False
        return _subscribe(broker, version, identifier, in_flight, filters, ended)

    try:
        return await asyncio.to_thread(work)
    finally:
        ended.set()  # a thread cannot be cancelled


def _knock(broker: BrokerUrl, deadline: float, ended: threading.Event) -> bool:
    """Return whether somebody listens, before the deadline (monotonic time, s)."""
    pause_s = KNOCK_NEAR_S if is_near(broker.host) else KNOCK_FAR_S
    while not ended.is_set() and time.monotonic() < deadline:
        try:
            socket.create_connection((broker.host, broker.port), timeout=OPENING_S).close()
        except OSError:
            time.sleep(pause_s)
        else:
            return True
    return False


def is_near(host: str) -> bool:
    """Return whether a host name or address is one of this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _subscribe(
    broker: BrokerUrl,
    version: Version,
    identifier: str,
    in_flight: int,
    filters: Sequence[str],
    ended: threading.Event,
) -> bool:
    five = version == "5"
    confirmed = threading.Event()
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=identifier,
        clean_session=None if five else False,
        protocol=paho.MQTTv5 if five else paho.MQTTv311,
        manual_ack=True,
    )
    client.connect_timeout = OPENING_S
    client.username_pw_set(broker.username, broker.password)
    if broker.tls:
        client.tls_set_context(client_context())

    def on_subscribe(
        _client: paho.Client, _data: Any, _mid: int, codes: Sequence[ReasonCode], _more: Any
    ) -> None:
        if any(code.is_failure for code in codes):
            ended.set()  # ingest's own connection says why
        else:
            confirmed.set()

    client.on_subscribe = on_subscribe
    try:
        client.connect(
            broker.host,
            broker.port,
            KEEPALIVE_S,
            clean_start=False if five else paho.MQTT_CLEAN_START_FIRST_ONLY,
            properties=session_properties(in_flight) if five else None,
        )
        client.subscribe([(name, 1) for name in filters])
        deadline = time.monotonic() + OPENING_S
        while not (confirmed.is_set() or ended.is_set()) and time.monotonic() < deadline:
            if client.loop(0.05) != paho.MQTT_ERR_SUCCESS:
                break
        client.disconnect()
    except (OSError, ValueError) as error:
        why = tls_problem(error) or error
        _log.info("the broker %s listens, and takes no subscription yet: %s", broker, why)
    return confirmed.is_set()
