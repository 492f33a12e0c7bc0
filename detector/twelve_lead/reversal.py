"""Do the arm electrodes look swapped? A small model of lead I against V6, and of the P wave.

The commonest lead reversal: with the arms swapped, I is upside down, II and III change places, and
so do aVR and aVL; the chest leads stay. So I no longer goes with V6, which looks at the heart from
the same side, and its P wave points down. A heart on the right side of the chest looks alike in
the limb leads.

The weights are fitted by ``python -m workbench.fits.reversal`` on PTB-XL's folds 1 to 8, each
recording as it is and swapped; the threshold is where three of a thousand of them as they are are
called swapped: few are, so most calls would be wrong otherwise. How it does on recordings of
another clinic is in `models/diagnosis/MODEL_CARD.md`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.diagnosis.inputs import FS, Windows
from models.diagnosis.leads import LIMB, STANDARD, FloatArray

ONE, TWO, AVR, V6 = (STANDARD.index(name) for name in ("I", "II", "aVR", "V6"))
NEEDED = (ONE, TWO, V6)
"""Leads without which nothing is said."""
BEFORE, AFTER = 30, 40
"""Samples of the median beat at 100 Hz: 300 ms ahead of the R peak, 400 ms after it."""
QRS, P, T = slice(24, 37), slice(4, 22), slice(40, 68)
"""Where in it these waves are looked for: -60 to 60 ms, -260 to -90 ms, 100 to 370 ms."""
LEAST_BEATS = 3
APART_S = 0.3
"""Two beats are so far apart at least."""
SMOOTH_S = 0.08
HEIGHT = 0.3
"""A beat's energy is at least this share of the largest but for the top 2 %."""
NAMES = ("qrs_v6", "t_v6", "qrs_net_I", "qrs_net_aVR", "p_net_I", "p_II", "p_v6")
"""What is measured: correlation of I and V6 in the QRS complex and the T wave; net deflection of
the QRS complex in I and aVR, and of the P wave in I, by the limb leads' size; correlation of the P
waves of I and II, and of I and V6."""
WEIGHTS = (-2.048, -1.628, -1.139, 0.469, -0.994, 0.258, -2.322)
INTERCEPT = -0.04
THRESHOLD = 0.569


def beats(ecg: npt.NDArray[np.floating]) -> npt.NDArray[np.intp]:
    """Return where the beats of a window are, by the energy of all leads, sample indices.

    Args:
        ecg: at 100 Hz, shape (12, n).
    """
    from scipy.ndimage import uniform_filter1d  # noqa: PLC0415  # slow to load
    from scipy.signal import find_peaks  # noqa: PLC0415

    size = ecg.std(axis=1, keepdims=True)
    slopes = np.diff(ecg / np.where(size > 0, size, 1.0), axis=1, append=0.0)
    energy = uniform_filter1d((slopes**2).sum(axis=0), round(SMOOTH_S * FS))
    least = HEIGHT * float(np.percentile(energy, 98))
    found, _ = find_peaks(energy, height=max(least, 1e-12), distance=round(APART_S * FS))
    return np.asarray(found, np.intp)


def measures(ecg: npt.NDArray[np.floating]) -> FloatArray | None:
    """Return what is weighed of a window, shape (len(NAMES),); None if it has too few beats.

    Args:
        ecg: at 100 Hz, any unit, leads in the order of `STANDARD`, shape (12, n).
    """
    at = beats(ecg)
    at = at[(at >= BEFORE) & (at < ecg.shape[1] - AFTER)]
    if len(at) < LEAST_BEATS:
        return None
    middle = np.median([ecg[:, one - BEFORE : one + AFTER] for one in at], axis=0)
    size = float(np.sqrt((middle[:LIMB] ** 2).mean())) or 1.0
    middle = middle / size
    level = middle[:, P.stop : QRS.start + 1].mean(axis=1, keepdims=True)
    above = middle - level
    return np.array(
        [
            _alike(middle[ONE, QRS], middle[V6, QRS]),
            _alike(middle[ONE, T], middle[V6, T]),
            above[ONE, QRS].mean(),
            above[AVR, QRS].mean(),
            _wave(middle[ONE, P]),
            _alike(middle[ONE, P], middle[TWO, P]),
            _alike(middle[ONE, P], middle[V6, P]),
        ]
    )


def _alike(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating]) -> float:
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / size if size > 0 else 0.0


def _wave(part: npt.NDArray[np.floating]) -> float:
    """Return the net deflection of a wave from the line between the ends of its part."""
    line = np.linspace(part[:3].mean(), part[-3:].mean(), len(part))
    return float((part - line).mean())


def probability(measured: FloatArray) -> float:
    """Return how likely the arms are swapped, with as many recordings swapped as not."""
    score = INTERCEPT + float(np.dot(WEIGHTS, measured))
    return float(1.0 / (1.0 + np.exp(-score)))


def swapped(windows: Windows) -> bool | None:
    """Return whether the arm electrodes look swapped, by the median over windows.

    Args:
        windows: of one recording.

    Returns:
        None if I, II or V6 is missing, or no window has beats enough.
    """
    found = [
        probability(measured)
        for ecg, mask in zip(windows.ecg, windows.mask, strict=True)
        if mask[list(NEEDED)].all() and (measured := measures(ecg)) is not None
    ]
    return float(np.median(found)) > THRESHOLD if found else None
