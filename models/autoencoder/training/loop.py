"""Trains the autoencoder: folds of recordings settle steps and threshold, then all are used.

Labels are used for the report alone. Everything is seeded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.autoencoder import calibration, weights
from models.autoencoder.inference import BeatScores, Fusion, scores_from
from models.autoencoder.training.metrics import average_precision, roc_auc
from models.autoencoder.training.recordings import CalibratedBeats

VERSION = "1"
SIZES = {"points": 100, "patch": 10, "code": 4, "hidden": 32, "channels": 16, "template": 16}
BATCH, TRIM = 128, 0.15
FOLDS = 3
WATCHED = 2000
"""Held-out beats that the loss is measured on while training."""
WATCH_EVERY = 100
"""Steps from one measurement of the held-out loss to the next; no training is shorter."""
WEIGHTS = {"excess": 1.0, "error": 0.7, "early": 0.7, "ratio": 3.0, "late": 0.5}
"""Weights by which shape and rhythm join; chosen on DS1 in folds of recordings."""
THRESHOLD_SPREADS = 3.5
"""Distance of the threshold above the median raw score, in robust standard deviations."""


def train_live(
    beats: CalibratedBeats, steps: int, seed: int, out: Path, progress: Callable[[str], None]
) -> Path:
    """Train, calibrate and export the live model.

    Args:
        beats: recordings to train on.
        steps: largest number of steps; held-out recordings decide the number taken.
        seed: of everything random.
        out: folder for weights, manifest, report and plots.
        progress: called with what is being done, in words.

    Returns:
        ``out``.
    """
    from models.autoencoder.network import Shape  # noqa: PLC0415
    from models.autoencoder.training import fitting, plots  # noqa: PLC0415
    from models.autoencoder.training.export import to_onnx  # noqa: PLC0415

    shape = Shape(**SIZES)
    rebuilt = np.empty_like(beats.inputs.beats)
    surprise = np.empty((len(rebuilt), 2), dtype=np.float32)
    histories = []
    for number, held in enumerate(folds(beats, seed), start=1):
        plan = fitting.Plan(steps, BATCH, TRIM, seed)
        history = _History(beats, np.flatnonzero(held), seed)
        model = fitting.fit_live(beats, np.flatnonzero(~held), shape, plan, history.watch)
        rebuilt[held], surprise[held] = fitting.run(model, beats.take(np.flatnonzero(held)))
        histories.append(history)
        progress(f"fold {number} of {FOLDS}: held-out loss {history.held_out[-1]:.4f}")
    held_loss = np.mean([history.held_out for history in histories], axis=0)
    best = histories[0].steps[int(np.argmin(held_loss))]
    scored = scores_from(beats.inputs, rebuilt, surprise)
    fusion = label_free(beats, scored)
    scores = judged(beats, scored, fusion)
    report = {"steps": best, "folds": figures(scores, beats.labels)}
    progress(f"recordings held out: {report['folds']}")

    progress(f"fitting to all recordings, {best} steps")
    plan = fitting.Plan(best, BATCH, TRIM, seed)
    final = fitting.fit_live(beats, np.arange(len(beats.record)), shape, plan)
    training = {"records": list(beats.names), "seed": seed, "batch": BATCH, "trim": TRIM, **report}
    about = {
        "version": VERSION,
        "shape": shape.as_map(),
        "fusion": {name: getattr(fusion, name) for name in fusion.__slots__},
        "training": training,
    }
    weights.write(out, "live", to_onnx(final), about)
    save_report(out / "report.json", report)
    losses = np.mean([history.training for history in histories], axis=0)
    plots.curves(out / "curves.svg", histories[0].steps, losses.tolist(), held_loss.tolist())
    plots.reconstructions(out / "reconstructions.svg", beats, rebuilt)
    plots.histogram(out / "scores.svg", scores, beats.labels)
    return out


class _History:
    """Losses while training, on the batch and on recordings held out."""

    def __init__(self, beats: CalibratedBeats, held: npt.NDArray[np.integer], seed: int) -> None:
        picked = np.random.default_rng(seed).choice(held, min(WATCHED, len(held)), replace=False)
        self._inputs = beats.take(picked)
        self.steps: list[int] = []
        self.training: list[float] = []
        self.held_out: list[float] = []

    def watch(self, step: int, loss: float, model: Any) -> None:
        if (step + 1) % WATCH_EVERY:
            return
        import torch  # noqa: PLC0415

        from models.autoencoder.training.fitting import live_losses  # noqa: PLC0415

        with torch.no_grad():
            parts = [p.numpy() for p in live_losses(model, self._inputs.beats, self._inputs)]
        kept = round(len(parts[0]) * (1 - TRIM))
        self.steps.append(step + 1)
        self.training.append(loss)
        self.held_out.append(float(sum(np.sort(part)[:kept].mean() for part in parts)))


def folds(beats: CalibratedBeats, seed: int) -> Iterator[npt.NDArray[np.bool_]]:
    """Yield which beats are held out: each recording once, in `FOLDS` random groups."""
    order = np.random.default_rng(seed).permutation(len(beats.names))
    for group in np.array_split(order, FOLDS):
        yield np.isin(beats.record, group)


def label_free(beats: CalibratedBeats, scored: BeatScores) -> Fusion:
    """Set the threshold from the middle and spread of the scores of unlabelled beats."""
    blank = Fusion(**WEIGHTS, threshold=0.0, width=1.0)
    raw = blank.raw(scored, excesses(beats, scored))
    middle = float(np.median(raw))
    spread = 1.4826 * float(np.median(np.abs(raw - middle)))
    return Fusion(**WEIGHTS, threshold=middle + THRESHOLD_SPREADS * spread, width=spread)


def excesses(beats: CalibratedBeats, scored: BeatScores) -> npt.NDArray[np.float64]:
    """Run the calibration of errors over each recording, from its first beat on."""
    return calibration.excess(calibration.fresh(len(beats.names)), beats.record, scored.errors)


def judged(beats: CalibratedBeats, scored: BeatScores, fusion: Fusion) -> npt.NDArray[np.float32]:
    """Return the anomaly scores of all beats, each recording a device of its own."""
    return calibration.judge(calibration.fresh(len(beats.names)), beats.record, scored, fusion)


def figures(scores: npt.NDArray[np.floating], labels: npt.NDArray[np.str_]) -> dict[str, float]:
    """Return AUC and average precision of abnormal against N, AUC per class, and figures at 0.5."""
    abnormal = labels != "N"
    called = scores > 0.5
    found = {"auc": roc_auc(scores, abnormal), "ap": average_precision(scores, abnormal)}
    for name in ("S", "V", "F"):
        rows = (labels == name) | ~abnormal
        if (labels == name).any():
            found[f"auc_{name}"] = roc_auc(scores[rows], abnormal[rows])
    found["sensitivity"] = float(called[abnormal].mean())
    found["ppv"] = float(abnormal[called].mean()) if called.any() else 0.0
    found["called"] = float(called.mean())
    return {name: round(value, 4) for name, value in found.items()}


def save_report(path: Path, report: dict[str, Any]) -> None:
    """Write figures as JSON."""
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
