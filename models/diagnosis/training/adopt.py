"""Takes a network of the superclasses, trained by the trainer of the zoo, for `diagnose`.

Thresholds are those with the largest F1 on PTB-XL's fold 9, which also stopped the training.

  python -m models.diagnosis.training.adopt data/ trained/ptbxl-cnn/ptbxl-cnn.onnx
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from ecg_monitor.core.errors import EcgMonitorError
from models.diagnosis import release
from models.diagnosis.data import sources
from models.diagnosis.labels import SUPERCLASSES
from models.diagnosis.leads import STANDARD
from models.diagnosis.training.metrics import aucs, best_threshold
from models.zoo import registry, weights


def adopt(folder: Path, path: Path, out: Path = release.FOLDER) -> Path:
    """Write weights of the zoo beside a manifest for `diagnose`; return the manifest's path.

    Args:
        folder: where PTB-XL lies.
        path: ONNX file that `ecg-monitor train NAME` wrote, called NAME.onnx.
        out: where to.

    Raises:
        EcgMonitorError: there is no PTB-XL, or the file is of no network of the superclasses.
    """
    network = registry.network(path.stem)
    loaded = weights.load(path, network)
    found = sources.read_ptbxl(folder)
    if found is None or loaded.labels != tuple(label.name for label in SUPERCLASSES):
        raise EcgMonitorError(f"{path}: PTB-XL and a network of its five superclasses are needed")
    validation = found[0].of("validation")
    chances = loaded.answers(validation.ecg).astype(np.float64)
    columns = len(loaded.labels)
    holds, known = validation.labels[:, :columns], validation.known[:, :columns]
    manifest = release.Manifest(
        name=network.name,
        version=1,
        labels=loaded.labels,
        thresholds=tuple(
            round(best_threshold(chances[:, i], holds[:, i]), 4) for i in range(columns)
        ),
        needs=STANDARD,
        training={
            **loaded.metadata,
            "validation_auc": {
                name: round(float(value), 4)
                for name, value in zip(loaded.labels, aucs(chances, holds, known), strict=True)
            },
        },
    )
    return release.write(out, manifest, path.read_bytes())


def main() -> int:
    """Adopt what the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where PTB-XL lies")
    parser.add_argument("weights", type=Path, nargs="+", help="NAME.onnx")
    args = parser.parse_args()
    for path in args.weights:
        print("written:", adopt(args.folder, path))
    return 0


if __name__ == "__main__":
    sys.exit(main())
