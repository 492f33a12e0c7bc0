"""Take packets from the MQTT broker, validate them and append them to Redis.

Packets are acknowledged to the broker only once Redis has them, so that killing this process, or
Redis, loses nothing. What breaks the wire format is refused, counted per device, and its error
text kept (Redis stream ecg:{partition}:refusals).

Examples:
  ECG_MQTT_URL=mqtt://broker ECG_REDIS_URL=redis://redis ecg-monitor ingest
  ecg-monitor ingest --shared --name ingest-2      one of several that share the packets
  ECG_REDIS_URL=redis://a,redis://b ecg-monitor ingest   partitions on two servers; all processes
                                                   name the same ones, always in the same order
  ECG_MQTT_URL=mqtt://a,mqtt://b ecg-monitor ingest        two brokers, of which one may be away

The client id ends with a random name of this system, kept in Redis, so that two systems on one
broker do not throw each other out, and no device can guess it.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
from typing import TYPE_CHECKING, Any, cast

from ecg_monitor.core import keys
from ecg_monitor.core.errors import ServiceError
from ecg_monitor.core.settings import Settings

if TYPE_CHECKING:
    from ecg_monitor.core.store import Store


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor ingest``."""
    parser.add_argument(
        "--name",
        default="ecg-ingest",
        help="begin of the MQTT client id, which names the session that survives a restart; every "
        "ingest process of a system needs one of its own (default: %(default)s)",
    )
    parser.add_argument(
        "--shared",
        action="store_true",
        help="share the packets with other ingest processes started with --shared",
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Run ingest until SIGTERM or Ctrl-C."""
    asyncio.run(_run(args, settings))
    return 0


async def session_name(client: Store, name: str) -> str:
    """Return the client id of an ingest process: its name and that of the system.

    Raises:
        ServiceError: Redis has no name of the system yet, and takes none.
    """
    from ecg_monitor.core.store import StoreError  # noqa: PLC0415

    try:
        own: Any = await client.get(keys.INSTALLATION)
        if own is None:
            await client.set(keys.INSTALLATION, secrets.token_hex(6), nx=True)
            own = await client.get(keys.INSTALLATION)
    except StoreError as error:
        raise ServiceError(f"cannot keep the name of this system in Redis: {error}") from error
    return f"{name}-{cast(bytes, own).decode()}"


async def _run(args: argparse.Namespace, settings: Settings) -> None:
    from ecg_monitor.core import store  # noqa: PLC0415 - `--help` must not load it
    from ecg_monitor.core.stopping import run_until_stopped  # noqa: PLC0415
    from ingest.service import Ingest  # noqa: PLC0415

    async with store.answering(settings.require("redis_url")) as client:
        name = await session_name(client, args.name)
        ingest = Ingest(settings, client, name=name, shared=args.shared)
        await run_until_stopped(ingest.run())
