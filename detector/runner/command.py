"""Find heartbeats in the live streams, follow the heart rate, raise alarms.

Reads the packets that ingest appended to Redis, analyses each partition with one engine, and
commits beats, vitals and alerts together with its position. Kill it at any moment: the next one
goes on where it was, and the result is the same as if nothing had happened. Starting a second
detector on a partition takes it over; the first one then stops.

With --standby it takes a partition only when nobody works on it, and goes back to waiting when
another takes it over: two of them share the work of one, and if one is killed, or hangs, the other
goes on within three seconds.

  ecg-monitor detect                     all partitions
  ecg-monitor detect --partitions 0-1    this process takes two of them, another the rest
  ecg-monitor detect --standby           whatever nobody works on
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal

from ecg_monitor.core.errors import FencedError, SettingsError
from ecg_monitor.core.settings import Settings

log = logging.getLogger("detector")

FENCED_EXIT = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--partitions", metavar="LIST", help="partitions to own, as in 0-3 or 0,2 (default: all)"
    )

    parser.add_argument(
        "--standby",
        action="store_true",
        help="wait until nobody works on a partition, then take it",
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Run until told to stop; returns 3 if another detector took over."""
    partitions = parse_partitions(args.partitions, settings.partitions)
    return asyncio.run(_detect(partitions, settings, standby=args.standby))


def parse_partitions(text: str | None, count: int) -> list[int]:
    """Read ``0-3`` or ``0,2``.

    Raises:
        SettingsError: not such a list, or beyond the number of partitions.
    """
    if text is None:
        return list(range(count))
    chosen: list[int] = []
    try:
        for part in text.split(","):
            low, _, high = part.partition("-")
            chosen += range(int(low), int(high or low) + 1)
    except ValueError:
        raise SettingsError(f"--partitions must look like 0-3 or 0,2, got {text!r}") from None
    if not chosen or max(chosen) >= count or min(chosen) < 0:
        raise SettingsError(f"--partitions {text}: there are partitions 0 to {count - 1}")
    return sorted(set(chosen))


async def _detect(partitions: list[int], settings: Settings, *, standby: bool) -> int:
    from detector.analyzer.starting import begin_again_if_heavy, compile_engine  # noqa: PLC0415
    from detector.runner.owning.model_versions import model_versions  # noqa: PLC0415
    from detector.runner.owning.ownership import Ownership  # noqa: PLC0415  (loads numba)
    from ecg_monitor.core import store  # noqa: PLC0415
    from ecg_monitor.core.stopping import cancel_all  # noqa: PLC0415
    from ecg_monitor.ward.system.process_figures import report  # noqa: PLC0415

    client = store.connect(settings.require("redis_url"))
    await store.check(client)
    await compile_engine(client)  # nothing may compile while beds are live
    begin_again_if_heavy()
    # Not before: compiling takes minutes, and a signal may end it at once, for nothing is lost.
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    ownership = Ownership(client, settings)
    ownership.start(partitions, standby=standby)
    reporting = asyncio.create_task(
        report(
            client, "detect", lambda: {"partitions": ownership.owned, "models": model_versions()}
        )
    )
    ended = asyncio.create_task(ownership.ended())
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([ended, stopped], return_when=asyncio.FIRST_COMPLETED)
    finally:
        await cancel_all([ended, stopped, reporting])
        failures = await ownership.close()
        await client.aclose()
    for failure in failures:
        if isinstance(failure, FencedError):
            log.error("%s", failure)
            return FENCED_EXIT
        raise failure
    return 0
