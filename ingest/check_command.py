"""Say what a device does wrong: listen to the broker for some seconds, or read packets from files.

For makers of devices, before anything else runs: it needs the broker (ECG_MQTT_URL) alone, or
nothing. Every packet is judged as `ecg-monitor ingest` would; what packets show together is
reported too: a rate that is not the one stated, gaps, repeats, QoS 0, a gain that makes no ECG,
topics that nobody reads, no status, no meta. Of several brokers all are listened to.

  ecg-monitor check                              whoever publishes in the next 10 s
  ecg-monitor check --device mine-1 --seconds 60
  ecg-monitor check packet.json packet.cbor      one packet a file, no broker: for your own tests

It exits with 0 if all is well, and with 1 if something must be mended (✗; advice is marked ·).
"""

from __future__ import annotations

import argparse
import itertools
import math
from pathlib import Path
from typing import TYPE_CHECKING

from ecg_monitor.core.errors import RecordError, ServiceError, SettingsError
from ecg_monitor.core.settings import Settings

if TYPE_CHECKING:
    from ingest.conformance import DeviceObservations, Listener


MOST_STRANGE_TOPICS = 5
"""Most topics that nobody reads which are printed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor check``."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="a packet each")
    parser.add_argument("--device", metavar="ID", help="only this device")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="how long to listen (default: %(default)g)"
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Check; return 1 if something must be mended.

    Raises:
        RecordError: a file cannot be read.
        ServiceError: the broker cannot be reached; of several, none can.
        SettingsError: there is no broker to listen to.
    """
    import asyncio  # noqa: PLC0415  # --help must answer at once

    if args.files:
        return max(_check_file(path) for path in args.files)
    if not 0 < args.seconds <= 3600:
        raise SettingsError(f"--seconds must be over 0, at most 3600; got {args.seconds:g}")
    url = settings.require("mqtt_url")
    print(f"listening for {args.seconds:g} s ...", flush=True)
    listener = asyncio.run(_listen(url, args.seconds))
    return print_findings(listener, args.device)


def print_findings(listener: Listener, only: str | None = None) -> int:
    """Print the findings of a listener; return 1 if something must be mended, or nothing came.

    Args:
        listener: the messages, sorted by device.
        only: device id that alone is printed; None: all.
    """
    devices = {
        name: device
        for name, device in sorted(listener.devices.items())
        if only in (None, name) and (device.packets or device.refused or device.retained)
    }
    wrong = False
    for name, device in devices.items():
        wrong |= _print_device(name, device)
    strange = {
        topic: count
        for topic, count in listener.strange.most_common()
        if only is None or only in topic.split("/")
    }
    for topic, count in itertools.islice(strange.items(), MOST_STRANGE_TOPICS):
        print(f"✗ {topic}: nobody reads this ({count} heard); packets go to ecg/v1/DEVICE/wave")
    if not devices and not strange:
        who = only or "any device"
        print(f"✗ no packet from {who}: does it publish to the broker that ECG_MQTT_URL names?")
        return 1
    return int(wrong or bool(strange))


def _print_device(name: str, device: DeviceObservations) -> bool:
    findings = sorted(device.findings(), key=lambda finding: not finding.wrong)
    print(f"{name}: {device.describe()}{'' if findings else ': all is well'}")
    for finding in findings:
        print(f"  {'✗' if finding.wrong else '·'} {finding.text}")
    return any(finding.wrong for finding in findings)


async def _listen(url: str, seconds: float) -> Listener:
    import asyncio  # noqa: PLC0415

    from ecg_monitor.core.mqtt.url import broker_urls  # noqa: PLC0415
    from ingest.conformance import Listener  # noqa: PLC0415

    listener = Listener()
    urls = broker_urls(url)
    listening = [_listen_to(one, seconds, listener) for one in urls]
    problems = [
        one for one in await asyncio.gather(*listening, return_exceptions=True) if one is not None
    ]
    for problem in problems:
        if not isinstance(problem, ServiceError) or len(problems) == len(urls):
            raise problem
        print(f"· {problem}")
    return listener


async def _listen_to(url: str, seconds: float, listener: Listener) -> None:
    """Take what comes from one broker."""
    import asyncio  # noqa: PLC0415
    import contextlib  # noqa: PLC0415
    import time  # noqa: PLC0415

    from ecg_monitor.core.mqtt import client as mqtt  # noqa: PLC0415
    from ingest.conformance import Message  # noqa: PLC0415

    async with mqtt.connect(url) as client:
        await client.subscribe("#", qos=1)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async for one in client.messages:
                    payload = one.payload if isinstance(one.payload, bytes) else b""
                    at = time.time()
                    listener.take(Message(str(one.topic), payload, at, one.qos, one.retain))


def _check_file(path: Path) -> int:
    from ecg_monitor.core import keys  # noqa: PLC0415
    from ingest.conformance import DeviceObservations, Listener, Message  # noqa: PLC0415

    try:
        payload = path.read_bytes()
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}") from error
    listener = Listener()
    # A file has neither status nor meta: their absence must be no finding.
    listener.devices[_FILE] = DeviceObservations(kept={"status", "meta"})
    listener.take(Message(keys.wave_topic(_FILE), payload, at=math.nan))
    return int(_print_device(str(path), listener.devices[_FILE]))


_FILE = "file"
"""Device id under which a packet from a file is judged."""
