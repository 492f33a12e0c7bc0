"""Devices: which are known, and how one that is gone is forgotten.

Actions:
  list      the devices, since when and until when they have sent (default)
  remove    forget a device that no longer sends and has no patient: its alerts end, and its
            signal, trends and counters go; who asked for it stays in the audit trail of patients

A device without a patient is forgotten by itself after ECG_DEVICE_RETENTION_S of silence, and one
that has sent for less than a minute after ten minutes.

Examples:
  ecg-monitor devices
  ecg-monitor devices remove bed-07 --by "A. Nurse"
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
from dataclasses import asdict

from ecg_monitor.core.errors import PatientError
from ecg_monitor.core.settings import Settings

ACTIONS = ("list", "remove")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor devices``."""
    parser.add_argument("action", nargs="?", default="list", choices=ACTIONS)
    parser.add_argument("device", nargs="?", help="device id")
    parser.add_argument("--by", help="who does it (default: the user name)")
    parser.add_argument("--json", action="store_true", help="write JSON")


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Do what was asked for; returns the exit status."""
    return asyncio.run(_main(args, settings))


async def _main(args: argparse.Namespace, settings: Settings) -> int:
    import orjson  # noqa: PLC0415 - `--help` must not load it

    from ecg_monitor.core import store  # noqa: PLC0415
    from ecg_monitor.ward.alerts.handling.query import to_table  # noqa: PLC0415
    from ecg_monitor.ward.devices.desk import DeviceDesk  # noqa: PLC0415

    async with store.answering(settings.require("redis_url")) as client:
        desk = DeviceDesk(client, settings)
        if args.action == "remove":
            if args.device is None:
                raise PatientError("remove: name the device")
            await desk.remove(args.device, args.by or getpass.getuser())
            print(f"{args.device}: the detector forgets it now")
            return 0
        rows = [asdict(one) for one in await desk.devices() if args.device in (None, one.device)]
        if args.json:
            print(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        else:
            shown = [{**row, "admitted": "yes" if row["admitted"] else "no"} for row in rows]
            print(to_table(shown, list(shown[0])) if shown else "no devices\n", end="")
    return 0
