"""Pass alerts on, escalate those that nobody acknowledges, remind of those that go on.

Every change of an alert is published over MQTT (topic ecg/v1/DEVICE/alert, retained: the state of
the device's alerts) and, if ECG_WEBHOOK_URL is set, posted there as JSON or FHIR. Each change is
delivered at least once, however often this process, Redis, the broker or the receiver goes away.
Escalations and reminders are entries in the audit trail and are delivered like all others.

What is wrong with the system itself (a part or the broker away, no packets, analysis late, Redis
full, away or without writes) goes the same ways: topic ecg/v1/system, retained, and the webhook. If
this process is gone, the broker says so on that topic.

Examples:
  ecg-monitor deliver
  ECG_WEBHOOK_URL=https://pager/hook ECG_WEBHOOK_SECRET_FILE=/run/secrets/hook ecg-monitor deliver
"""

from __future__ import annotations

import argparse
import asyncio

from ecg_monitor.core.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor deliver``: there are none, settings say it all."""
    parser.set_defaults(command="deliver")


def main(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - all commands alike
    """Run until SIGTERM or Ctrl-C."""
    asyncio.run(_deliver(settings))
    return 0


async def _deliver(settings: Settings) -> None:
    from ecg_monitor.core.stopping import run_until_stopped  # noqa: PLC0415
    from gateway.deliver.service import deliver  # noqa: PLC0415 - `--help` must not load it

    await run_until_stopped(deliver(settings))
