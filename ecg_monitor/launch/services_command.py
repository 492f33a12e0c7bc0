"""Start a broker and a Redis server on this machine, print their addresses, and wait.

For development: paste the two printed lines into other terminals, and run the other commands by
hand. Ctrl-C stops those that were started here; one that dies is started again.

Examples:
  ecg-monitor services
  ecg-monitor services --use-local     what answers on the standard ports, if anything does
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecg_monitor.core.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor services``."""
    parser.add_argument(
        "--use-local",
        action="store_true",
        help="use a broker or Redis server that answers on this machine's standard port",
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Run the services until Ctrl-C (exit status 130) or SIGTERM (0)."""
    from ecg_monitor.launch.processes import stop_signals  # noqa: PLC0415 - `--help` must not load it
    from ecg_monitor.launch.run_setup import server_children  # noqa: PLC0415
    from ecg_monitor.launch.services import start_services  # noqa: PLC0415
    from ecg_monitor.launch.services.start import PRIVATE  # noqa: PLC0415
    from ecg_monitor.launch.supervisor import Supervisor  # noqa: PLC0415

    os.umask(PRIVATE)
    with stop_signals() as received, start_services(settings, use_local=args.use_local) as services:
        print(f"# {services.mqtt.name}: {services.mqtt.why}")
        print(f"export ECG_MQTT_URL={services.mqtt.url}")
        print(f"# {services.redis.name}: {services.redis.why}")
        print(f"export ECG_REDIS_URL={services.redis.url}", flush=True)
        supervisor = Supervisor([], {}, lambda text: print(text, file=sys.stderr),
                                server_children(services))  # fmt: skip
        supervisor.start()
        while not received:
            supervisor.check()
            time.sleep(0.1)
        return 130 if received[0] == signal.SIGINT else 0
