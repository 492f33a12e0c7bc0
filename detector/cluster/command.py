"""Follow beds on several machines: detectors own the partitions, and take over from each other.

Each machine gives room to one detector or more. One that dies, or whose machine is lost, is
replaced by the others within seconds; when a machine comes or goes partitions move, and beds are
followed meanwhile. Beats and alarms are the same as on one machine. All machines need the same
version of ecg-monitor, with `pip install 'ecg-monitor[cluster]'`, and the same ECG_REDIS_URL,
ECG_PARTITIONS, ECG_CONFIG and ECG_SECRET. docs/SCALING.md has more.

  ecg-monitor cluster start                the first machine: begins a cluster
  ecg-monitor cluster start --join         each other machine
  ecg-monitor cluster start --join --detectors 4     room for four, where there are four cores
  ecg-monitor cluster status               who owns what
  ecg-monitor cluster move 3 icu-b         partition 3 to the machine icu-b
  ecg-monitor cluster drain icu-b          everything away from icu-b, before it is switched off

Ctrl-C, or SIGTERM, at `start` drains that machine and ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
from typing import Any

import orjson

from ecg_monitor.core.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    start = acts.add_parser("start", help="let this machine take part, until Ctrl-C")
    start.add_argument(
        "--join", action="store_true", help="take part in the cluster that is there; wait for it"
    )
    start.add_argument(
        "--name", default=socket.gethostname(), help="of this machine (default: %(default)s)"
    )
    start.add_argument(
        "--host",
        metavar="IP",
        help="where the other machines reach this one (default: as it reaches Redis)",
    )
    start.add_argument(
        "--port", type=int, default=6390, help="of the first machine, for Ray (default: 6390)"
    )
    start.add_argument(
        "--detectors",
        type=_count,
        default=1,
        metavar="N",
        help="detectors that it has room for, one a core at most (default: 1)",
    )
    start.add_argument(
        "--temp", metavar="DIR", help="Ray's sockets and logs; keep it short (default: in /tmp)"
    )
    status = acts.add_parser("status", help="say who owns what")
    status.add_argument("--json", action="store_true", help="for programs")
    move = acts.add_parser("move", help="move a partition to a machine")
    move.add_argument("partition", type=int)
    move.add_argument("node", help="the machine, as `status` names it")
    drain = acts.add_parser("drain", help="move all partitions away from a machine")
    drain.add_argument("node", help="the machine, as `status` names it")


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Carry out one act; returns the exit status."""
    if args.act == "start":
        from detector.cluster.node import start  # noqa: PLC0415 - `--help` must not load it

        return start(args, settings)
    asyncio.run(_ask(args, settings))
    return 0


async def _ask(args: argparse.Namespace, settings: Settings) -> None:
    from detector.cluster import register  # noqa: PLC0415
    from ecg_monitor.core import store  # noqa: PLC0415
    from ecg_monitor.core.errors import ServiceError  # noqa: PLC0415

    async with store.answering(settings.require("redis_url")) as client:
        if args.act == "move":
            said = await register.order(client, "move", partition=args.partition, node=args.node)
            print(f"Partition {args.partition} is on {args.node}, after {said['took_s']:.2f} s.")
        elif args.act == "drain":
            await register.drain(client, args.node)
            print(f"{args.node} owns nothing any more; it can be switched off.")
        elif (found := await register.find(client)) is None:
            raise ServiceError(
                "no cluster works on this Redis: `ecg-monitor cluster start` begins one"
            )
        elif args.json:
            cluster, state = found
            print(orjson.dumps({"cluster": cluster, **state}).decode())
        else:
            _tell(*found)


def _tell(cluster: Any, state: dict[str, Any]) -> None:
    """Print a table of detectors."""
    print(
        f"Cluster {cluster.id} at {cluster.address}: ecg-monitor {cluster.version}, "
        f"{cluster.partitions} partitions"
    )
    detectors = state["detectors"]
    for name, one in sorted(detectors.items(), key=lambda item: (item[1]["node"], item[0])):
        owned = " ".join(map(str, one["owned"])) or "none"
        away = ", is being drained" if one["node"] in state["leaving"] else ""
        full = f", only {one['disk_mb']} MB free on its disk" if one["disk_mb"] < 100 else ""
        print(f"  {one['node']}  {name}  partitions: {owned}  ({one['memory_mb']} MB{away}{full})")
    if state["by_hand"]:
        print("Partitions stay as they were moved by hand until a detector comes or goes.")
    for name, why in sorted(state["refused"].items()):
        print(f"  {name} does not start: {why}")
    missing = set(range(cluster.partitions)) - {
        p for one in detectors.values() for p in one["owned"]
    }
    if missing:
        print(f"Nobody of the cluster owns {', '.join(map(str, sorted(missing)))} now.")


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 256:
        raise argparse.ArgumentTypeError(f"must be 1 .. 256, got {text}")
    return number
