"""Fits `detector.rhythm.witness.disorder`, and scores it; takes half an hour.

  python -m workbench.fits.disorder MITDB_DIR NSTDB_DIR VFDB_DIR

The beats are those that the engine finds. To be found as noise: seconds of DS1 with the first half
of the recorded electrode motion (``em``) and muscle noise (``ma``) at 6 and 0 dB, where more than a
quarter of the beats of the last 10 s are wrong or missed. Not to be found: DS1 as it is, and vfdb
outside fibrillation, flutter, asystole and annotated noise. Every recording counts the same; clean
ones more, since they last. Then it scores both halves of the noise.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from detector.analyzer.offline import analyze
from detector.rhythm.witness import disorder
from detector.rhythm.witness.disorder import LIKELY, RATE, WINDOW_S, Disorder
from detector.rhythm.witness.likeness import MARGIN
from ecg_monitor.records import Recording, read_record
from models.scoring.databases import DS1
from workbench.bench.noise import PROTOCOL, noisy
from workbench.evaluate.waveform import Seconds, seconds_of
from workbench.fits.logistic import fit

FloatArray = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

WRONG = 0.25
RIGHT = 0.2
TOLERANCE_S = 0.15
NOT_ORDER = frozenset({"", "(NOISE", "(VF", "(VFIB", "(VFL", "(ASYS"})
CLEAN_WEIGHT, OTHER_WEIGHT = 3.0, 2.0
SNRS = (6.0, 0.0)
READY_S = 1.4
"""Time after its R peak at which a beat is labelled, s."""
KEPT_S = 5
"""Seconds of signal that the live rule has at hand."""
SETTLED_S = 20
FEWEST_SECONDS, FULL_SECONDS = 20, 200
"""A recording with fewer such seconds is left out; with fewer than the second it counts less."""


@dataclass(frozen=True, slots=True)
class Row:
    """One recording, second by second.

    Attributes:
        group: what it is.
        measures: part that resembles nothing and movement, shape (n, 2).
        enough: whether there are beats enough, shape (n,).
        wrong: part of the beats that are wrong or missed, shape (n,).
        used: whether it belongs to the group, shape (n,).
    """

    group: str
    measures: FloatArray
    enough: Flags
    wrong: FloatArray
    used: Flags


def walk(wide: Seconds, beats: npt.NDArray[np.int64], fs: float) -> tuple[FloatArray, Flags]:
    """Show beats and signal to `Disorder` as they come live; return measures and enough."""
    rule = Disorder()
    found, enough = np.zeros((len(wide), 2)), np.zeros(len(wide), np.bool_)
    window = np.zeros((wide.shape[1], KEPT_S * RATE), np.float32)
    newest = 0
    for second in range(len(wide)):
        end_s = second + 1.0
        # What becomes ready within this second is judged with the signal up to its begin.
        while newest < len(beats) and beats[newest] / fs + READY_S <= end_s:
            back = round((second - beats[newest] / fs) * RATE)
            peak = window.shape[1] - back
            if back >= MARGIN and peak >= MARGIN:
                rule.on_beat(int(beats[newest]), fs, window, peak)
            newest += 1
        window = np.concatenate([window[:, RATE:], wide[second]], axis=1)
        rule.chance(round(end_s * fs), fs)
        if len(rule.beats) >= disorder.FEWEST:
            enough[second] = True
            found[second] = np.mean([beat[1:] for beat in rule.beats], axis=0)
    return found, enough


def wrong_parts(recording: Recording, beats: npt.NDArray[np.int64], seconds: int) -> FloatArray:
    """Return for each second which part of the last 10 s' beats is wrong or missed."""
    truth = np.array([beat.sample for beat in recording.beats]) / recording.fs
    times = beats / recording.fs
    if not len(truth) or not len(times):
        return np.ones(seconds)
    near: Flags = np.abs(times[:, None] - truth[None, :]) <= TOLERANCE_S
    extra = np.logical_not(near.any(axis=1))
    missed = np.logical_not(near.any(axis=0))
    ends = np.arange(1, seconds + 1)
    bad: FloatArray = _within(times, extra, ends) + _within(truth, missed, ends)
    return bad / np.maximum(1, _within(truth, np.ones(len(truth), np.bool_), ends))


def rhythm_is_order(recording: Recording, seconds: int) -> Flags:
    """Return for each second whether the 10 s up to it have a rhythm with beats."""
    fs = recording.fs
    rhythms = [
        (
            recording.rhythm_at(round(max(0, end - WINDOW_S) * fs)),
            recording.rhythm_at(round(end * fs)),
        )
        for end in range(1, seconds + 1)
    ]
    return np.array([before == now and now not in NOT_ORDER for before, now in rhythms])


def _within(times: FloatArray, flags: Flags, ends: npt.NDArray[np.int64]) -> FloatArray:
    total = np.concatenate([[0.0], np.cumsum(flags)])
    upto, since = np.searchsorted(times, ends - 1.0), np.searchsorted(times, ends - WINDOW_S)
    return np.asarray(total[upto] - total[since], np.float64)


def row_of(group: str, recording: Recording, beats: npt.NDArray[np.int64]) -> Row:
    """Measure a recording in which the engine has found ``beats`` (sample indices)."""
    wide = seconds_of(recording)[1]
    measures, enough = walk(wide, beats, recording.fs)
    seconds = np.arange(len(wide))
    used = seconds >= SETTLED_S
    if group == "vfdb":
        used &= rhythm_is_order(recording, len(wide))
    elif group != "clean":
        noisy = PROTOCOL.is_noisy(0, recording.n_samples, recording.fs)
        whole = noisy[: round(len(wide) * recording.fs)]
        at = np.minimum(((seconds + 0.5) * recording.fs).astype(int), len(whole) - 1)
        before = np.maximum(0, at - round((WINDOW_S - 1) * recording.fs))
        used &= whole[at] & whole[before]
    return Row(group, measures, enough, wrong_parts(recording, beats, len(wide)), used)


def fit_rows(rows: Iterable[Row]) -> tuple[FloatArray, float]:
    """Fit the weights on the groups ``clean``, ``vfdb``, and those of noise that end in ``a``."""
    features, truths, weights = [], [], []
    for row in rows:
        truth = row.group not in ("clean", "vfdb")
        if truth and not row.group.endswith("a"):
            continue
        chosen = row.used & row.enough
        if row.group != "vfdb":
            chosen &= row.wrong > WRONG if truth else row.wrong < RIGHT
        count = int(chosen.sum())
        if count >= FEWEST_SECONDS:
            weight = {"clean": CLEAN_WEIGHT, "vfdb": OTHER_WEIGHT}.get(row.group, 1.0)
            features.append(row.measures[chosen])
            truths.append(np.full(count, truth))
            weights.append(np.full(count, weight * min(1.0, count / FULL_SECONDS) / count))
    return fit(np.concatenate(features), np.concatenate(truths), np.concatenate(weights))


def recordings(mitdb: Path, nstdb: Path, vfdb: Path) -> Iterator[tuple[str, Recording]]:
    """Yield the recordings and their group: noise, decibels and half of the noise, as ``em6a``."""
    for name in DS1:
        clean = read_record(mitdb / name)
        yield "clean", clean
        for kind in ("em", "ma"):
            noise = read_record(nstdb / kind)
            middle = noise.n_samples // 2
            for half, part in (("a", slice(0, middle)), ("b", slice(middle, None))):
                piece = replace(noise, samples=noise.samples[:, part])
                for snr_db in SNRS:
                    yield f"{kind}{snr_db:g}{half}", noisy(clean, piece, snr_db)
    for path in sorted(vfdb.glob("*.hea")):
        yield "vfdb", read_record(path.with_suffix(""))


def print_suspended(rows: Iterable[Row], weights: FloatArray, intercept: float) -> None:
    """Print, for each group, how often the beats are not believed."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    for group, members in groups.items():
        flagged, wrong = [], []
        for row in members:
            chance = 1.0 / (1.0 + np.exp(-(row.measures @ weights + intercept)))
            flagged.append((row.enough & (chance > LIKELY))[row.used])
            wrong.append(row.wrong[row.used])
        flags, parts = np.concatenate(flagged), np.concatenate(wrong)
        bad = parts > WRONG
        print(
            f"  {group:7} {100 * flags.mean():5.2f} % of {len(flags)} s; "
            f"{100 * flags[bad].mean() if bad.any() else 0.0:.1f} % of the {bad.sum()} wrong ones"
        )


def main() -> None:
    """Fit, score, and print what belongs into the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mitdb", type=Path)
    parser.add_argument("nstdb", type=Path)
    parser.add_argument("vfdb", type=Path)
    args = parser.parse_args()
    rows = []
    for group, recording in recordings(args.mitdb, args.nstdb, args.vfdb):
        beats = np.array([beat["sample"] for beat in analyze(recording)["beats"]], np.int64)
        rows.append(row_of(group, recording, beats))
    report(rows)


def report(rows: list[Row]) -> None:
    """Fit, and score the weights of the module and the new ones."""
    print("with the weights in the module:")
    print_suspended(rows, np.array(disorder.WEIGHTS), disorder.INTERCEPT)
    weights, intercept = fit_rows(rows)
    print("fitted anew:")
    print_suspended(rows, weights, intercept)
    print("WEIGHTS =", tuple(round(float(value), 3) for value in weights))
    print("INTERCEPT =", round(intercept, 3))


if __name__ == "__main__":
    main()
