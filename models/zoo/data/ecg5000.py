"""ECG5000 in its standard split: normal training beats to learn from, all test beats to report on.

The labels of the training half say which of its beats are normal; those of the test half measure
the outcome and decide nothing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import RecordError, SettingsError
from models.autoencoder.training import ecg5000
from models.zoo.data.examples import (
    DataOptions,
    Examples,
    Floats,
    SplitData,
    refuse_signal_options,
)
from models.zoo.data.files import digest
from models.zoo.network import Network

EVERY = 8
"""Of the normal training beats, every eighth is kept to judge the epochs by."""
PATIENT = "chf07"
"""All beats are of this record of the BIDMC database."""


def load(folder: Path, network: Network, options: DataOptions) -> SplitData:
    """Read both halves.

    Raises:
        RecordError: a file is missing or is not ECG5000's.
        SettingsError: another split is asked for, or leads or a rate were chosen.
    """
    refuse_signal_options(options, "ECG5000 is of one lead, cut to 140 samples a beat")
    if options.split not in ("", "standard"):
        raise SettingsError(
            f"--split: {options.split} cannot be made of ECG5000, which is one patient; it has "
            "standard"
        )
    if not folder.is_dir():
        raise RecordError(f"{folder}: there is no such folder; it should hold ECG5000_TRAIN.txt")
    train, test = (ecg5000.read(folder, part) for part in ("TRAIN", "TEST"))
    normal = train.beats[~train.abnormal]
    kept = np.arange(len(normal)) % EVERY == 0
    files = [folder / f"ECG5000_{part}.txt" for part in ("TRAIN", "TEST")]
    return SplitData(
        "standard",
        network.labels,
        _examples(normal[~kept], np.zeros((~kept).sum(), bool)),
        _examples(normal[kept], np.zeros(kept.sum(), bool)),
        _examples(test.beats, test.abnormal),
        digest(files),
    )


def _examples(beats: Floats, abnormal: npt.NDArray[np.bool_]) -> Examples:
    groups = np.full(len(beats), PATIENT)
    return Examples(beats[:, None], abnormal[:, None].astype(np.float32), groups)
