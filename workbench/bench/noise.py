"""Alarms in noise: false high-priority ones and time suspended against the signal-to-noise ratio.

Adds recorded noise of the Noise Stress Test Database to MIT-BIH records after its protocol (5 min
clean, then 2 min noisy and 2 min clean in turn), all leads, and judges the alarms as
``ecg-monitor evaluate --alarms`` does. Not part of the tests: takes minutes.

  python -m workbench.bench.noise MITDB_DIR NSTDB_DIR --noise em --snr 24,12,0
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from detector.analyzer.offline import Analysis, analyze
from ecg_monitor.core.output import check_output
from ecg_monitor.records import Recording, read_record
from models.scoring.databases import DS1
from simulator.faults.noise import NoiseProtocol, add_noise
from workbench.alarm_review.review import AlarmReview
from workbench.results import figures

PROTOCOL = NoiseProtocol()


def noisy(recording: Recording, noise: Recording, snr_db: float) -> Recording:
    """Return a recording with noise; infinite ``snr_db`` leaves it as it is."""
    if not np.isfinite(snr_db):
        return recording
    gain = np.array(recording.gain)[:, None]
    baseline = np.array(recording.baseline)[:, None]
    mixed = add_noise(
        (recording.samples - baseline) / gain,
        noise.samples / np.array(noise.gain)[:, None],
        snr_db,
        beats=[beat.sample for beat in recording.beats if beat.symbol in "NLR"],
        fs=recording.fs,
        protocol=PROTOCOL,
    )
    samples = np.clip(np.rint(mixed * gain + baseline), -32767, 32767).astype(np.int16)
    return replace(recording, samples=samples)


def suspended_s(analysis: Analysis) -> float:
    """Return for how long rhythm analysis was suspended, s."""
    return float(
        sum(
            (alarm["cleared_s"] or analysis["duration_s"]) - alarm["raised_s"]
            for alarm in analysis["alarms"]
            if alarm["kind"] == "noise"
        )
    )


def measure(names: Iterable[str], folder: Path, noise: Recording, snr_db: float) -> dict[str, Any]:
    """Return what becomes of the alarms at one signal-to-noise ratio, JSON-ready."""
    review, poor_s, noisy_s = AlarmReview(), 0.0, 0.0
    for name in names:
        recording = noisy(read_record(folder / name), noise, snr_db)
        analysis = analyze(recording)
        review.take(recording, analysis)
        poor_s += suspended_s(analysis)
        on = PROTOCOL.is_noisy(0, recording.n_samples, recording.fs)
        noisy_s += float(on.sum()) / recording.fs
    outcomes = review.as_map()["high"]
    false = {kind: counts["false"] for kind, counts in outcomes.items() if counts["false"]}
    kept = sum(counts["true"] + counts["arguable"] for counts in outcomes.values())
    total = sum(false.values())
    return {
        "snr": "none" if not np.isfinite(snr_db) else f"{snr_db:g}",
        "false": total,
        "false_per_hour": round(total / review.hours, 2),
        "false_kinds": false,
        "true_or_arguable": kept,
        "suspended": round(poor_s / noisy_s, 4),
        "hours": round(review.hours, 3),
    }


def row(measured: dict[str, Any]) -> list[str]:
    """Return a row of the table from what `measure` returned."""
    return [
        measured["snr"],
        str(measured["false"]),
        f"{measured['false_per_hour']:.2f}",
        ", ".join(f"{kind} {count}" for kind, count in measured["false_kinds"].items()),
        str(measured["true_or_arguable"]),
        f"{100 * measured['suspended']:.1f}",
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mitdb", type=Path)
    parser.add_argument("nstdb", type=Path)
    parser.add_argument("--noise", choices=("bw", "em", "ma"), default="em")
    parser.add_argument("--snr", default="inf,24,18,12,6,0", help="dB, as in 24,12,0")
    parser.add_argument("--records", default=",".join(DS1))
    figures.add_argument(parser)
    args = parser.parse_args()
    check_output("--figures", args.figures)
    noise = read_record(args.nstdb / args.noise)
    names = args.records.split(",")
    table = Table("SNR dB", "false", "per hour", "of which", "true, arguable", "suspended %")
    table.title = f"High-priority alarms of {len(names)} records with {args.noise} noise"
    table.caption = "suspended: part of the noisy time in which rhythm analysis was suspended"
    measured = [measure(names, args.mitdb, noise, float(snr)) for snr in args.snr.split(",")]
    for one in measured:
        table.add_row(*row(one))
    Console(width=120).print(table)
    if args.figures:
        values = {"noise": args.noise, "records": names, "by_snr": measured}
        figures.write(args.figures, values, [args.mitdb, args.nstdb])


if __name__ == "__main__":
    main()
