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

from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.mqtt.fields import DISCONNECT
from ecg_monitor.core.mqtt.url import BrokerUrl
from ecg_monitor.core.tls import client_context, tls_problem
from ingest.broker import packets
from ingest.broker.parser import ConnAck, Parser, SubAck
from ingest.broker.session import connect_packet

KNOCK_NEAR_S = 0.001
"""Pause between two tries of a port of this machine, s: one costs 20 us."""
KNOCK_FAR_S = 0.03
"""The same where the broker is elsewhere, s: tries are packets of the network."""
OPENING_S = 1.0
"""Time limit of one connection, and of the broker's answer, s."""
LOOK_S = 0.05
"""How often it is looked whether nobody waits for the answer any more, s."""

_log = logging.getLogger(__name__)


async def hold_session(
    broker: BrokerUrl,
    *,
    version: packets.Version,
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
    version: packets.Version,
    identifier: str,
    in_flight: int,
    filters: Sequence[str],
    ended: threading.Event,
) -> bool:
    hello = connect_packet(broker, version, identifier, in_flight)
    hello += packets.subscribe(version, 1, filters)
    try:
        with socket.create_connection((broker.host, broker.port), timeout=OPENING_S) as plain:
            if not broker.tls:
                return _is_confirmed(plain, hello, version, ended)
            context = client_context()
            with context.wrap_socket(plain, server_hostname=broker.host) as secured:
                return _is_confirmed(secured, hello, version, ended)
    except (OSError, ServiceError) as error:
        why = tls_problem(error) or error
        _log.info("the broker %s listens, and takes no subscription yet: %s", broker, why)
    return False


def _is_confirmed(
    broker: socket.socket, hello: bytes, version: packets.Version, ended: threading.Event
) -> bool:
    """Send CONNECT and SUBSCRIBE; return whether both are granted. If not, ingest learns why."""
    broker.sendall(hello)
    broker.settimeout(LOOK_S)
    parser = Parser(version)
    deadline = time.monotonic() + OPENING_S
    while not ended.is_set() and time.monotonic() < deadline:
        try:
            data = broker.recv(65_536)
        except TimeoutError:
            continue
        if not data:
            return False
        for answer in parser.feed(data, 0.0, 0.0):
            if isinstance(answer, ConnAck) and answer.code:
                return False
            if isinstance(answer, SubAck):
                broker.sendall(DISCONNECT)
                return max(answer.codes) < 0x80
    return False
