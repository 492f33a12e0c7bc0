"""Scores a beat that comes alone, without the patient that it belongs to.

The autoencoder that runs live holds a beat against its patient's template. For a beat alone there
is none: it is its own template, so that its score tells how well such a shape can be rebuilt.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import SignalError
from gateway.scoring.score import BeatScore
from models.autoencoder import calibration, inputs
from models.autoencoder.inference import Autoencoder

AUTOENCODER = "autoencoder"
LENGTHS = (140, 187)
"""Samples of a beat as public collections hold them: ECG5000 (UCR), and MIT-BIH and PTB after
Kachuee M, Fazeli S, Sarrafzadeh M. ECG heartbeat classification. ICHI 2018."""
LARGEST = 1e6
_THRESHOLD = 0.5

Beat = npt.NDArray[np.float64]


def score_beat(beat: Beat, model: str | None = None) -> BeatScore:
    """Score one beat.

    Args:
        beat: 140 or 187 samples in any unit, shape (n,).
        model: name of the network to ask; None: the one for this length.

    Raises:
        SignalError: the beat or the network's name is wrong; names the argument.
    """
    _check(beat)
    if model not in (None, AUTOENCODER):
        raise SignalError("model", f"there is no network {model!r}; there is {AUTOENCODER}")
    return _by_autoencoder(beat)


def _check(beat: Beat) -> None:
    if len(beat) not in LENGTHS:
        raise SignalError("beat", f"must have 140 or 187 samples, got {len(beat)}")
    if not np.isfinite(beat).all() or np.abs(beat).max() > LARGEST:
        raise SignalError("beat", f"must hold numbers from -{LARGEST:g} to {LARGEST:g}")
    if np.ptp(beat) <= 1e-9 * max(1.0, float(np.abs(beat).max())):
        raise SignalError("beat", "is flat: all samples are equal")


@cache
def _autoencoder() -> Autoencoder:
    return Autoencoder.load()


def _by_autoencoder(beat: Beat) -> BeatScore:
    network = _autoencoder()
    level, size = float(np.median(beat)), float(beat.std())
    window = _stretched((beat - level) / size, inputs.WINDOW)
    states, row = calibration.fresh(1), np.zeros(1, np.int64)
    unknown = np.full((1, len(inputs.RR_FIELDS)), np.nan)
    scored = network.score(calibration.prepare(states, row, window[None], unknown))
    score = float(calibration.judge(states, row, scored, network.fusion)[0])
    rebuilt = _stretched(scored.reconstruction[0].astype(np.float64), len(beat)) * size + level
    return BeatScore(
        AUTOENCODER, round(score, 4), _THRESHOLD, None, {}, tuple(np.round(rebuilt, 6).tolist())
    )


def _stretched(values: Beat, n: int) -> Beat:
    """Bring a beat to ``n`` samples over the same time, by straight lines."""
    places = np.linspace(0, len(values) - 1, n)
    stretched: Beat = np.interp(places, np.arange(len(values)), values)
    return stretched
