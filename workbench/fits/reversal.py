"""Fits and scores `detector.twelve_lead.reversal`: are the arm electrodes swapped?

Fitted on PTB-XL's folds 1 to 8, each recording as it is and with the arms swapped by calculation
(I becomes -I, II and III change places, aVR and aVL too), which is exact. The threshold is set on
the same folds: three of a thousand of them as they are are called swapped, since few are. Fold 9
checks it. LUDB, of another clinic, is reported on, once for the weights that are in the module.

  python -m workbench.fits.reversal data/             fit, and print what belongs into the module
  python -m workbench.fits.reversal data/ --score --figures docs/figures/reversal.json
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.progress import track

from detector.twelve_lead import reversal
from ecg_monitor.core.errors import RecordError
from models.diagnosis import inputs
from models.diagnosis.data import folders, sources
from models.diagnosis.leads import STANDARD, FloatArray
from workbench.fits.logistic import fit
from workbench.results import figures

WRONGLY = 0.003
"""Share of the training recordings that may be called swapped as they are."""
SWAP = [STANDARD.index(name) for name in ("I", "III", "II", "aVL", "aVR", "aVF", *STANDARD[6:])]
SIGNS = np.array([-1.0] + [1.0] * 11)[:, None]


def with_arms_swapped(ecg: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Return twelve leads as they are with the arm electrodes swapped, shape (12, n)."""
    turned: npt.NDArray[np.floating] = ecg[SWAP] * SIGNS
    return turned


def pairs(
    windows: Iterable[npt.NDArray[np.floating]],
) -> tuple[FloatArray, FloatArray]:
    """Return what is measured of windows as they are and swapped, each of shape (n, measures).

    A window that has too few beats is left out.
    """
    plain, turned = [], []
    for ecg in windows:
        one, other = reversal.measures(ecg), reversal.measures(with_arms_swapped(ecg))
        if one is not None and other is not None:
            plain.append(one)
            turned.append(other)
    return np.array(plain), np.array(turned)


def fitted(folder: Path) -> tuple[FloatArray, float, float, dict[str, float]]:
    """Return weights, intercept, threshold, and how they do on fold 9.

    Raises:
        RecordError: there is no PTB-XL.
    """
    found = sources.read_ptbxl(folder)
    if found is None:
        raise RecordError(f"{folder}: no PTB-XL, which the weights are fitted on")
    data = found[0]
    plain, turned = pairs(track(data.of("train").ecg, "measuring"))
    count = len(plain)
    rows = np.concatenate([plain, turned])
    weights, intercept = fit(rows, np.arange(2 * count) >= count, np.full(2 * count, 1 / count))
    weights = np.round(weights, 3)
    intercept = round(float(intercept), 3)
    threshold = float(np.quantile(_chances(plain, weights, intercept), 1 - WRONGLY))
    threshold = round(max(threshold, 0.5), 3)
    plain, turned = pairs(data.of("validation").ecg)
    check = {
        "se": float((_chances(turned, weights, intercept) > threshold).mean()),
        "sp": float((_chances(plain, weights, intercept) <= threshold).mean()),
    }
    return weights, intercept, threshold, check


def _chances(
    rows: FloatArray, weights: Sequence[float] | FloatArray, intercept: float
) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-(intercept + rows @ np.asarray(weights)))), np.float64)


def scored(ludb: Path) -> dict[str, Any]:
    """Return how the weights of the module do on LUDB, each recording as it is and swapped.

    Raises:
        RecordError: there is no recording.
    """
    names = sorted(path.with_suffix("") for path in ludb.rglob("*.hea"))
    if not names:
        raise RecordError(f"{ludb}: has no recording of LUDB")
    windows = []
    for name in track(names, "reading"):
        signal, fs = folders.millivolts(name)
        windows.append(inputs.windows(signal, fs).ecg[0])
    called = []
    for ecg in windows:
        one, other = reversal.measures(ecg), reversal.measures(with_arms_swapped(ecg))
        called.append(
            [
                None if found is None else reversal.probability(found) > reversal.THRESHOLD
                for found in (one, other)
            ]
        )
    judged = [one for one in called if None not in one]
    plain, turned = np.array(judged, bool).T
    return {
        "recordings": len(called),
        "judged": len(judged),
        "se": float(turned.mean()),
        "sp": float((~plain).mean()),
        "missed": int((~turned).sum()),
        "wrong": int(plain.sum()),
        "wrongly": [name.name for name, one in zip(names, called, strict=True) if one[0]],
        "threshold": reversal.THRESHOLD,
    }


def main() -> int:
    """Fit or score; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="DATA", type=Path, help="folder of the data sets")
    parser.add_argument("--score", action="store_true", help="score LUDB; do not fit")
    figures.add_argument(parser)
    args = parser.parse_args()
    if args.score:
        values = scored(args.folder / "ludb")
        print(values)
        if args.figures:
            figures.write(args.figures, values, [args.folder / "ludb"])
        return 0
    weights, intercept, threshold, check = fitted(args.folder)
    print("WEIGHTS =", tuple(float(value) for value in weights))
    print("INTERCEPT =", intercept)
    print("THRESHOLD =", threshold)
    print("fold 9:", check)
    return 0


if __name__ == "__main__":
    sys.exit(main())
