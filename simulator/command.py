"""Replay recordings, or synthetic patients, as devices that publish over MQTT.

    ecg-monitor simulate --beds 8                        MIT-BIH patients, in a loop
    ecg-monitor simulate --records 100,106 --speed 10    two of them, ten times as fast
    ecg-monitor simulate --records my/12lead.edf --once
    ecg-monitor simulate --scenario vf-arrest --scenario af
    ecg-monitor simulate --scenario stemi-inferior --scenario lvh     on twelve leads
    ecg-monitor simulate --scenario lbbb --leads 12                   any scenario on all twelve
    ecg-monitor simulate --beds 4 --fault loss=0.01,reorder=0.05:2 --fault offline=60:10
    ecg-monitor simulate --records 118 --noise em:6      electrode motion at 6 dB
    ecg-monitor simulate --records 100 --once --speed max

The broker is ECG_MQTT_URL; of several, separated by commas, each device is at one and goes to the
next when that is lost. Recordings are looked for in --data, ECG_DATA, the user cache and
shared/data beside a development checkout, then downloaded; without any, patients are synthetic.
What was taken, and why, is printed first.

A packet is published when its last sample has been taken. Its t0 is device time: real time at
--speed 1, else signal time counted from the start. A recording in a loop goes on counting samples;
the seam is a splice that is really in the signal. One shorter than 60 s (a resting ECG) pauses for
1.2 s ahead of each pass: that is a gap, over which nothing is measured.

Faults, joined by commas (times are seconds of signal):
  loss=P duplicate=P bad=P          lose, repeat, or follow a packet with a broken one
  reorder=P:K                       hold a packet back behind K others
  jitter=S                          delay by S seconds on average
  offline=EVERY:LENGTH              lose the connection, then send the backlog
  leadoff=EVERY:LENGTH              detach one lead, or all
  drift=PPM                         device clock that runs fast, in ppm
  reboot=EVERY                      a new boot: sample indices begin again
  leads=AT rate=AT                  change leads or sampling rate in mid-stream

The reference annotations of what is sent are published on ecg/v1/DEVICE/truth.
"""

from __future__ import annotations

import argparse
import gc
import math
from typing import TYPE_CHECKING

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.keys import DEVICE_ID
from ecg_monitor.core.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.ward import Ward


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``ecg-monitor simulate``."""
    who = parser.add_argument_group("patients")
    who.add_argument("--beds", type=int, metavar="N", help="number of devices (default: 1 each)")
    who.add_argument("--records", metavar="LIST", help="record names or paths, comma-separated")
    who.add_argument("--data", default="", metavar="DIR", help="folder with recordings")
    who.add_argument(
        "--scenario", action="append", default=[], metavar="NAME|TOML",
        help="synthetic patient; may be repeated",
    )  # fmt: skip
    who.add_argument(
        "--leads", metavar="LIST",
        help="leads of synthetic patients: 12 for all twelve, or I,II,V1 (default: II,V1)",
    )  # fmt: skip
    who.add_argument("--start-s", type=float, default=0.0, metavar="S", help="skip S seconds")
    who.add_argument("--duration", type=float, metavar="S", help="play S seconds of each")
    who.add_argument("--once", action="store_true", help="play once, then stop")
    who.add_argument("--seed", type=int, default=0, metavar="N", help="repeats faults and patients")
    how = parser.add_argument_group("devices")
    how.add_argument("--speed", default="1", metavar="X|max", help="0.1, 1, 60 ... (default: 1)")
    how.add_argument("--packet-ms", type=float, default=250.0, metavar="MS", help="default: 250")
    how.add_argument("--encoding", choices=("cbor", "json"), default="cbor")
    how.add_argument("--device-prefix", default="bed", metavar="TEXT", help="default: bed")
    how.add_argument("--no-truth", action="store_true", help="do not publish annotations")
    trouble = parser.add_argument_group("troubles")
    trouble.add_argument("--fault", action="append", default=[], metavar="SPEC", help="see above")
    trouble.add_argument(
        "--noise", metavar="KIND:SNR", help="bw, em or ma (NSTDB) at an SNR in dB: em:6"
    )
    parser.add_argument("--no-progress", action="store_true", help="no live line")


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Run ``ecg-monitor simulate``."""
    import asyncio  # noqa: PLC0415  # --help must answer at once

    from rich.console import Console  # noqa: PLC0415

    from ecg_monitor.records.command import progress_bar  # noqa: PLC0415
    from simulator.faults.noisy import parse_noise  # noqa: PLC0415
    from simulator.faults.schedule import parse_faults  # noqa: PLC0415
    from simulator.pacing import gathering_loop  # noqa: PLC0415
    from simulator.ward import WardRequest, build_ward  # noqa: PLC0415

    url = settings.require("mqtt_url")
    speed = _speed(args.speed)
    _check(args)
    request = WardRequest(
        beds=args.beds,
        records=_records(args.records),
        scenarios=tuple(args.scenario),
        data=args.data,
        packet_s=args.packet_ms / 1000,
        encoding=args.encoding,
        loop=not args.once,
        start_s=args.start_s,
        duration_s=args.duration,
        prefix=args.device_prefix,
        truth=not args.no_truth,
        faults=parse_faults(args.fault),
        noise=parse_noise(args.noise) if args.noise else None,
        seed=args.seed,
        leads=_leads(args.leads),
    )
    console = Console(stderr=True, quiet=args.no_progress)
    with progress_bar() as progress:
        ward = build_ward(request, settings, progress)
    gc.freeze()  # recordings with their annotations are not searched for garbage again
    devices = len(ward.plans)
    print(f"{devices} device{'s' * (devices != 1)}: {ward.reason}", flush=True)
    factory = gathering_loop if math.isfinite(speed) else None
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(_run(ward, url, speed, request.packet_s, console))


async def _run(ward: Ward, url: str, speed: float, packet_s: float, console: Console) -> int:
    """Play until done or stopped; returns 1 if something could not be delivered."""
    import asyncio  # noqa: PLC0415
    import contextlib  # noqa: PLC0415
    import time  # noqa: PLC0415

    from simulator.fleet import Fleet, cancel_on_signal  # noqa: PLC0415
    from simulator.report import show, summary  # noqa: PLC0415

    fleet = Fleet(ward.plans, url, speed=speed, packet_s=packet_s)
    started = time.monotonic()
    line = asyncio.create_task(show(fleet, ward.counts, console))
    task = asyncio.create_task(fleet.run())
    try:
        with cancel_on_signal(task), contextlib.suppress(asyncio.CancelledError):
            await task
    finally:
        line.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await line
    print(summary(fleet, ward.counts, len(ward.plans), time.monotonic() - started), flush=True)
    return 1 if fleet.undelivered else 0


def _leads(text: str | None) -> tuple[str, ...]:
    from simulator.synthetic.leads import read_leads  # noqa: PLC0415  # --help must answer at once

    return read_leads("--leads", [name.strip() for name in text.split(",")]) if text else ()


def _speed(text: str) -> float:
    if text == "max":
        return math.inf
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not 0 < speed < math.inf:
        raise SettingsError(f"--speed must be a number greater than 0, or max; got {text!r}")
    return speed


def _records(text: str | None) -> tuple[str, ...]:
    """Return the records that a list names; none was given: none, and others are chosen."""
    names = () if text is None else tuple(name.strip() for name in text.split(",") if name.strip())
    if text is not None and not names:
        raise SettingsError(f"--records: {text!r} names no record; name some as in 100,106")
    return names


def _check(args: argparse.Namespace) -> None:
    if args.beds is not None and not 1 <= args.beds <= 10_000:
        raise SettingsError(f"--beds must be 1 .. 10000, got {args.beds}")
    if not 20 <= args.packet_ms <= 1000:
        raise SettingsError(f"--packet-ms must be 20 .. 1000, got {args.packet_ms:g}")
    if not 0 <= args.start_s < math.inf:
        raise SettingsError(f"--start-s must be 0 or more, got {args.start_s:g}")
    if args.duration is not None and not 0 < args.duration < math.inf:
        raise SettingsError(f"--duration must be greater than 0, got {args.duration:g}")
    if not DEVICE_ID.fullmatch(f"{args.device_prefix}-00001"):
        raise SettingsError(
            f"--device-prefix must be letters, digits, _ . - (at most 58), "
            f"got {args.device_prefix!r}"
        )
    if args.seed < 0:
        raise SettingsError(f"--seed must be 0 or more, got {args.seed}")
