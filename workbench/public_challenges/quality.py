"""Tell acceptable twelve-lead recordings from unacceptable ones: the PhysioNet/CinC Challenge 2011.

DIR holds set_a_train.npz: ten-second recordings at 500 Hz of which experts said whether they can be
read (Silva I et al., Computing in Cardiology 38:273-276, 2011). They are answered twice:

  rule     what the product says anyway (`detector.twelve_lead.quality`): a lead that shows nothing,
           or voltages that no heart makes. Nothing is fitted.
  model    boosted trees of what is measured of each lead (flat stretches, wander, noise, how far
           beats stand out), settings fixed beforehand. Ten folds by recording: each is answered by
           a model that has not seen it, at a probability of 0.5.

  python -m workbench.public_challenges.quality challenge2011/ --figures docs/figures/quality.json
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import signal as filters
from scipy.stats import kurtosis

from detector.twelve_lead.quality import LARGEST_MV
from ecg_monitor.core.errors import RecordError
from models.diagnosis.inputs import FLAT_MV
from models.diagnosis.leads import FROM_I_AND_II, FloatArray
from models.diagnosis.training.metrics import auc, draws
from workbench.results import figures
from workbench.training.twelve_lead import baselines

FS = 500
MV = 0.005
"""Value of a unit in mV."""
FOLDS = 10
SEED = 0
PUBLISHED = 0.93
"""Accuracy of the best of the challenge, on its hidden set B (Silva I et al. 2011)."""
SHARE_ACCEPTABLE = 773 / 998
"""Share of the acceptable among the decided of set A, of which the file here holds a choice."""
STILL_S = 0.2
"""A lead that does not move for so long is flat there."""
MEASURED = ("size", "span", "still", "wander", "noise", "peaked", "beats stand out")
GATHERED: Mapping[str, Callable[..., Any]] = {"least": np.min, "middle": np.median, "most": np.max}


def read(folder: Path) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Return twelve leads in mV, shape (n, 12, 5000), and which recordings are acceptable.

    Raises:
        RecordError: the file is not there, or is another.
    """
    path = folder / "set_a_train.npz"
    try:
        with np.load(path) as held:
            samples = np.cumsum(held["diff"], axis=2, dtype=np.int16)
            acceptable = held["acceptable"] == 1
    except (OSError, KeyError, ValueError) as error:
        raise RecordError(f"{path}: is not set A of the Challenge 2011: {error}") from error
    eight = (samples * MV).astype(np.float32)
    limbs = np.einsum("lp,nps->nls", FROM_I_AND_II.astype(np.float32), eight[:, :2])
    return np.concatenate([limbs, eight[:, 2:]], axis=1), acceptable


def measures(ecg: npt.NDArray[np.floating]) -> FloatArray:
    """Return what is measured of a recording: least, middle and most over its leads.

    Args:
        ecg: mV, shape (12, n), `FS`.

    Returns:
        shape (3 * len(MEASURED),), in the order of `MEASURED`, each as `GATHERED`.
    """
    rows = np.asarray(ecg, np.float64)
    slow = filters.sosfiltfilt(_band(0.7, "lowpass"), rows, axis=1)
    fast = filters.sosfiltfilt(_band(40.0, "highpass"), rows, axis=1)
    middle = filters.sosfiltfilt(_band((5.0, 20.0), "bandpass"), rows, axis=1)
    power = filters.sosfiltfilt(_band(6.0, "lowpass"), middle**2, axis=1)
    top, usual = np.percentile(power, [95, 50], axis=1)
    each = np.stack(
        [
            rows.std(axis=1),
            np.ptp(rows, axis=1),
            [_still(row) for row in rows],
            slow.std(axis=1),
            fast.std(axis=1),
            np.nan_to_num(kurtosis(middle, axis=1)),
            top / np.maximum(usual, 1e-9),
        ]
    )
    return np.array([gather(row) for row in each for gather in GATHERED.values()], np.float64)


def _band(edges: float | tuple[float, float], kind: str) -> FloatArray:
    return np.asarray(filters.butter(2, edges, kind, fs=FS, output="sos"), np.float64)


def _still(row: FloatArray) -> float:
    """Return the share of a lead that stands still for `STILL_S` or longer."""
    same = np.concatenate([[False], np.abs(np.diff(row)) < MV / 2, [False]])
    ends = np.flatnonzero(np.diff(same.astype(np.int8)))
    lengths = ends[1::2] - ends[::2]
    return float(lengths[lengths >= STILL_S * FS].sum() / len(row))


def by_rule(ecg: npt.NDArray[np.floating]) -> bool:
    """Return whether every lead shows something and no voltage is one that no heart makes."""
    shown = (ecg.std(axis=1) > FLAT_MV).all()
    return bool(shown and np.ptp(ecg, axis=1).max() <= LARGEST_MV)


def by_model(
    features: FloatArray, acceptable: npt.NDArray[np.bool_], *, folds: int = FOLDS
) -> FloatArray:
    """Return the probability that each recording is acceptable, by a model that has not seen it.

    Args:
        features: of `measures`, shape (n, measures).
        acceptable: shape (n,).
        folds: by recording, dealt at random.
    """
    fold = np.random.default_rng(SEED).permutation(len(features)) % folds
    chances = np.zeros(len(features))
    for number in range(folds):
        seen, asked = fold != number, fold == number
        holds = acceptable[seen, None].astype(np.float32)
        make = baselines.MODELS["lgb"]
        chances[asked] = baselines.scores(make, features[seen], holds, features[asked])[:, 0]
    return chances


def score(said: npt.NDArray[np.bool_], acceptable: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Return accuracy with its 95 % interval, and sensitivity to both kinds.

    ``accuracy_as_published`` weighs both kinds as set A has them.
    """
    right = said == acceptable
    spread = [right[rows].mean() for rows in draws(len(right), 1000, 1)]
    low, high = np.percentile(spread, [2.5, 97.5])
    good, bad = float(said[acceptable].mean()), float((~said[~acceptable]).mean())
    return {
        "accuracy": float(right.mean()),
        "low": float(low),
        "high": float(high),
        "acceptable_passed": good,
        "unacceptable_found": bad,
        "accuracy_as_published": SHARE_ACCEPTABLE * good + (1 - SHARE_ACCEPTABLE) * bad,
    }


def main() -> int:
    """Answer the recordings of the folder that the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of Challenge 2011")
    figures.add_argument(parser)
    args = parser.parse_args()
    ecg, acceptable = read(args.folder)
    chances = by_model(np.array([measures(one) for one in ecg]), acceptable)
    values = {
        "recordings": len(ecg),
        "acceptable": int(acceptable.sum()),
        "always_acceptable": float(acceptable.mean()),
        "published": PUBLISHED,
        "rule": score(np.array([by_rule(one) for one in ecg]), acceptable),
        "model": score(chances > 0.5, acceptable) | {"auc": auc(chances, acceptable.astype(float))},
    }
    for way in ("rule", "model"):
        print(way, values[way])
    if args.figures:
        figures.write(args.figures, values, [args.folder])
    return 0


if __name__ == "__main__":
    sys.exit(main())
