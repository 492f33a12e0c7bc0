"""Runs the released weights with onnxruntime, one thread, in padded batches of one size.

All batches have the same shape, so a beat passes through the same arithmetic whatever is in the
batch beside it: its result does not depend on who else had a beat in that tick.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import SettingsError
from models.autoencoder import inputs as seen
from models.autoencoder import weights
from models.autoencoder.inputs import FloatArray, Inputs

BATCH = 16
"""Beats per run: small enough for a lone beat, large enough to spread the cost of the call."""
ERROR_FLOOR = 0.02
"""Summand of the relative error before its logarithm: a perfect fit is not infinitely good."""


@dataclass(frozen=True, slots=True, eq=False)
class BeatScores:
    """Errors of the reconstruction and surprise at the rhythm, of a batch of beats.

    Attributes:
        errors: root mean square of beat minus reconstruction, relative to the size of the
            patient's template, float32, shape (B,).
        surprise: how much longer than expected the intervals before and after the beat are, in
            spreads expected in this rhythm, float32, shape (B, 2).
        ratio: log of the interval before over its mean of 300 s, float32, shape (B,).
        reconstruction: mV, 250 Hz, shape (B, WINDOW); the window minus it is the residual.
    """

    errors: FloatArray
    surprise: FloatArray
    ratio: FloatArray
    reconstruction: FloatArray


@dataclass(frozen=True, slots=True)
class Fusion:
    """How shape and rhythm join to one score; constants from the manifest of the weights.

    Attributes:
        excess: weight of the error above the patient's usual one.
        error: weight of the logarithm of the error.
        early: weight of a beat's coming earlier than this rhythm lets expect.
        ratio: weight of a beat's coming early at all.
        late: weight of a pause after an early beat.
        threshold: raw score at which the anomaly score is 0.5; set from unlabelled training beats.
        width: change of the raw score from 0.5 to 0.73.
    """

    excess: float
    error: float
    early: float
    ratio: float
    late: float
    threshold: float
    width: float

    @classmethod
    def from_map(cls, values: Mapping[str, float]) -> Fusion:
        """Read from a manifest.

        Raises:
            SettingsError: a constant is missing or unknown.
        """
        names = {field.name for field in fields(cls)}
        if set(values) != names:
            raise SettingsError(f"autoencoder weights: fusion must hold {sorted(names)}")
        return cls(**{name: float(value) for name, value in values.items()})

    def raw(self, scored: BeatScores, excess: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Join a batch's errors, their excess over the patient's usual ones, and the rhythm."""
        surprise = scored.surprise.astype(np.float64)
        early = np.maximum(-surprise[:, 0], 0.0)
        late = np.maximum(surprise[:, 1], 0.0) * (early > 1.0)
        ahead = np.maximum(-scored.ratio.astype(np.float64), 0.0)
        joined: npt.NDArray[np.float64] = (
            self.excess * np.log1p(np.maximum(excess, 0.0))
            + self.error * np.log(scored.errors.astype(np.float64) + ERROR_FLOOR)
            + self.early * np.log1p(early)
            + self.ratio * ahead
            + self.late * np.log1p(late)
        )
        return joined

    def squash(self, raw: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Map raw scores to 0 .. 1."""
        squashed: npt.NDArray[np.float64] = 0.5 + 0.5 * np.tanh(
            (raw - self.threshold) / (2 * self.width)
        )
        return squashed


class Autoencoder:
    """The live model.

    Attributes:
        fusion: for `models.autoencoder.calibration.judge`.
        version: version of the weights.
    """

    def __init__(self, release: weights.Release) -> None:
        import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415  # half a second to load

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            release.model, options, providers=["CPUExecutionProvider"]
        )
        self.fusion = Fusion.from_map(release.manifest["fusion"])
        self.version = str(release.manifest["version"])

    @classmethod
    def load(cls, folder: Path = weights.FOLDER) -> Autoencoder:
        """Load the released weights, or those of another training.

        Raises:
            SettingsError: they are missing or damaged.
        """
        return cls(weights.read("live", folder))

    def score(self, inputs: Inputs) -> BeatScores:
        """Reconstruct beats and measure how far off that is.

        Args:
            inputs: what `models.autoencoder.calibration.prepare` returned, B beats.
        """
        total = len(inputs.beats)
        rebuilt = np.empty((total, seen.POINTS), dtype=np.float32)
        surprise = np.empty((total, 2), dtype=np.float32)
        feeds = {
            "beats": np.zeros((BATCH, seen.POINTS), dtype=np.float32),
            "templates": np.zeros((BATCH, seen.POINTS), dtype=np.float32),
            "rhythm": np.zeros((BATCH, len(seen.RHYTHM_FIELDS)), dtype=np.float32),
        }
        for at in range(0, total, BATCH):
            count = min(BATCH, total - at)
            for name, padded in feeds.items():
                padded[:count] = getattr(inputs, name)[at : at + count]
            out, expected = self._session.run(None, feeds)
            rebuilt[at : at + count] = out[:count]
            surprise[at : at + count] = expected[:count]
        return scores_from(inputs, rebuilt, surprise)


def scores_from(inputs: Inputs, rebuilt: FloatArray, surprise: FloatArray) -> BeatScores:
    """Return the scores of ``inputs`` from a network's outputs, (B, POINTS) and (B, 2)."""
    errors = np.sqrt(((inputs.beats - rebuilt) ** 2).mean(axis=1))
    millivolts = seen.expand(rebuilt * inputs.scale[:, None])
    return BeatScores(errors, surprise, inputs.rhythm[:, 0], millivolts)
