"""Record everything that is received: samples, beats, rhythms, alarms.

Reads the packets that ingest appended to Redis, and what the detector found in them, and keeps
both as WFDB records in the folder ECG_ARCHIVE, in segments of ten minutes. What is in no segment
yet is in a journal, so that killing this process, or a loss of power, loses nothing that Redis
still has. Records leave by age (ECG_ARCHIVE_DAYS) and by size (ECG_ARCHIVE_GB).

If the disk is full, nothing is recorded and the system page says so; monitoring goes on. At least
2 GB are left to others. docs/RECORDING.md shows how to open the records with other programs.

Examples:
  ECG_REDIS_URL=redis://redis ecg-monitor record
  ECG_ARCHIVE=/data/ecg ECG_ARCHIVE_DAYS=90 ECG_ARCHIVE_GB=500 ecg-monitor record
  ecg-monitor record --list                  what is kept of each device
"""

from __future__ import annotations

import argparse
import asyncio
import time

from ecg_monitor.core.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor record``."""
    parser.add_argument(
        "--list", action="store_true", help="say what is kept of each device, and end"
    )
    parser.add_argument(
        "--segment-s",
        type=float,
        default=600.0,
        metavar="S",
        help="length of a segment, s: 10 to 3600 (default: %(default)g)",
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Record until SIGTERM or Ctrl-C, or list what is kept."""
    from ecg_monitor.core.errors import SettingsError  # noqa: PLC0415

    if args.list:
        return _list(settings)
    if not 10 <= args.segment_s <= 3600:
        raise SettingsError(f"--segment-s must be 10 .. 3600, got {args.segment_s:g}")
    asyncio.run(_run(settings, args.segment_s))
    return 0


def _list(settings: Settings) -> int:
    from ecg_monitor.archive.reading import recordings  # noqa: PLC0415

    print(f"{'device':24} {'from (UTC)':20} {'to (UTC)':20} {'MB':>10}")
    for one in recordings(settings.archive_dir):
        first, last = (
            time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at)) for at in (one.start, one.end)
        )
        print(f"{one.device:24} {first:20} {last:20} {one.bytes / 1e6:10.1f}")
    return 0


async def _run(settings: Settings, segment_s: float) -> None:
    from ecg_monitor.archive.service import record  # noqa: PLC0415 - `--help` must not load it
    from ecg_monitor.core.stopping import run_until_stopped  # noqa: PLC0415

    await run_until_stopped(record(settings, segment_s))
