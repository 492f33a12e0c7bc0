"""Scores a beat that comes alone, without the patient that it belongs to.

Networks of the registry that see one beat alone answer (`zoo`). The autoencoder that runs live
rebuilds the beat, and answers where no other does. It holds beats against their patient's template;
for a beat alone there is none, so that it is its own.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt

from ecg_monitor.core.errors import SignalError
from gateway.scoring import zoo
from gateway.scoring.score import BeatScore
from models.autoencoder import calibration, inputs
from models.autoencoder.inference import Autoencoder
from models.zoo.network import Network

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
    rebuilt = _by_autoencoder(beat)
    network = _chosen(len(beat), model)
    if network is None:
        return rebuilt
    answer = zoo.ask(network, beat)
    return replace(answer, reconstruction=rebuilt.reconstruction, rebuilt_by=AUTOENCODER)


def names() -> list[str]:
    """Return the networks that may be asked for."""
    return [*(row.name for row in zoo.offered()), AUTOENCODER]


def _chosen(samples: int, model: str | None) -> Network | None:
    """Return the network to ask; None: the autoencoder."""
    if model is None:
        return zoo.best_for(samples)
    if model == AUTOENCODER:
        return None
    network = next((row for row in zoo.offered() if row.name == model), None)
    if network is None:
        close = difflib.get_close_matches(model, names(), n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise SignalError("model", f"is not one of {', '.join(names())}{hint}")
    if network.sees.samples != samples:
        raise SignalError(
            "beat", f"must have {network.sees.samples} samples for {model}, got {samples}"
        )
    return network


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
