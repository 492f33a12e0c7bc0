"""Puts together why a beat was called what it was called. Pure.

====================  ==============================================================================
field                 content
====================  ==============================================================================
``label``             class that the replay gave, with ``probabilities`` by class and ``anomaly``
``rhythm``            ``af`` or ``atrial_flutter``, in which no beat is S, if the replay found it;
                      else null
``paced``             a pacemaker's pulse decided it, no network; then there is no ``saliency``, no
                      ``usual_shape`` and no ``usual_timing``
``rr``                ``last_s``, ``next_s``, ``mean10_s``, ``mean300_s``: null if not known
``leads``             names of the leads that the networks see
``fs``                rate of all that follows, Hz
``before_s``          time from the first sample to the R peak, s
``window``            the beat, mV, one list per lead
``normal``            median of the patient's normal beats before it: ``count``, and ``median``,
                      ``low``, ``high`` (tenth and ninetieth percentile), one list per lead; null
                      if there was none
``rebuilt``           autoencoder on the first lead: ``before_s``, ``reconstruction``, ``residual``
                      (mV), ``error``, ``usual``, ``spread``; null if the lead was of no use
``saliency``          per sample: what the log odds of the class lose when the signal there is the
                      patient's normal one; null without a normal beat
``usual_shape``       probabilities of a beat that looks like the normal one, at the same time
``usual_timing``      probabilities of the same beat, had it come on time
``anomalies``         scores of the beats before it: ``count``, ``below`` (share below this one),
                      ``histogram`` (20 bins of 0 .. 1)
``context_s``         seconds of kept signal before the beat
====================  ==============================================================================
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from detector.analyzer.pulses import PulseOrigin
from detector.engine.resample import FS
from detector.engine.state import WINDOW, WINDOW_BEFORE
from detector.explain.probe import SHAPE, BeatContext, Floats, Probe
from detector.explain.variants import occlude, saliency, stretches
from ecg_monitor.core.types import Beat
from models.beats.dataset import CLASSES

BINS = 20
LEAST_NORMALS = 3
CERTAIN = 1e-5
"""Probabilities nearer to 0 or 1 than this are not told apart."""
_MICROVOLTS = 3
_N, _S = CLASSES.index("N"), CLASSES.index("S")
_PROBABILITY = 4


def explain(probe: Probe, told: Beat, leads: tuple[str, ...], context_s: float) -> dict[str, Any]:
    """Return the answer; the probe must have found its beat.

    Args:
        probe: what the replay brought.
        told: what the replay told of the beat.
        leads: names of the device's leads.
        context_s: length of the replayed signal before the beat, s.
    """
    opened = probe.opened
    if opened is None:
        raise ValueError("the probe has found nothing")
    shown = leads[: len(opened.window)]
    last, following, mean10, mean300 = (None if math.isnan(one) else one for one in opened.rr)
    return {
        "label": told.label,
        "probabilities": told.probabilities,
        "anomaly": told.anomaly,
        "rhythm": told.rhythm,
        "paced": _is_paced(opened),
        "rr": {"last_s": last, "next_s": following, "mean10_s": mean10, "mean300_s": mean300},
        "leads": shown,
        "fs": FS,
        "before_s": WINDOW_BEFORE / FS,
        "window": _listed(opened.window[: len(shown)]),
        "normal": _normal(opened, len(shown)),
        "rebuilt": _rebuilt(probe, opened),
        **_variants(probe, opened, told, mean10),
        "anomalies": _anomalies(opened),
        "context_s": round(context_s, 1),
    }


def _normal(opened: BeatContext, n_leads: int) -> dict[str, Any] | None:
    if len(opened.normals) < LEAST_NORMALS:
        return None
    beats = opened.normals[:, :n_leads]
    low, high = np.percentile(beats, (10, 90), axis=0)
    return {
        "count": len(beats),
        "median": _listed(np.median(beats, axis=0)),
        "low": _listed(low),
        "high": _listed(high),
    }


def _rebuilt(probe: Probe, opened: BeatContext) -> dict[str, Any] | None:
    found = probe.rebuild()
    if found is None:
        return None
    residual = opened.window[0, SHAPE] - found.reconstruction
    return {
        "before_s": (WINDOW_BEFORE - SHAPE.start) / FS,
        "reconstruction": _listed(found.reconstruction),
        "residual": _listed(residual),
        "error": round(found.error, 4),
        "usual": round(found.usual, 4),
        "spread": round(found.spread, 4),
    }


def _variants(
    probe: Probe, opened: BeatContext, told: Beat, mean_s: float | None
) -> dict[str, Any]:
    """Ask about the beat in other shapes and at another time, in one call."""
    beats, windows, names = [], [], []
    template = np.median(opened.normals, axis=0) if len(opened.normals) >= LEAST_NORMALS else None
    if template is not None:
        for where in stretches(WINDOW):
            names.append("stretch")
            beats.append(opened.beat)
            windows.append(occlude(opened.window, template, where))
        names += ("usual_shape", "as_it_was")
        beats += (opened.beat, opened.beat)
        windows += (template, opened.window)
    if mean_s is not None and opened.beat.before >= 0:
        length = round(mean_s * FS)
        peak = opened.beat.peak
        names.append("usual_timing")
        beats.append(opened.beat._replace(before=peak - length, after=peak + length))
        windows.append(opened.window)
    result: dict[str, Any] = dict.fromkeys(("saliency", "usual_shape", "usual_timing"))
    if not beats or _is_paced(opened):
        return result
    found = probe.probabilities(beats, np.array(windows))
    if told.probabilities.get("S") == 0.0:  # where no beat is premature, what speaks for S is N's
        found[:, _N] += found[:, _S]
        found[:, _S] = 0.0
    mine = CLASSES.index(told.label)
    if template is not None:
        odds = _log_odds(found[:, mine])
        covered = np.array([name == "stretch" for name in names])
        lost = odds[names.index("as_it_was")] - odds[covered]
        result["saliency"] = _listed(saliency(lost, WINDOW))
    for name, shares in zip(names, np.round(found, _PROBABILITY).tolist(), strict=True):
        if name in result:
            result[name] = dict(zip(CLASSES, shares, strict=True))
    return result


def _is_paced(opened: BeatContext) -> bool:
    return opened.verdict.label == "Q" and opened.beat.origin > PulseOrigin.NO


def _log_odds(probability: Floats) -> Floats:
    kept = np.clip(probability, CERTAIN, 1 - CERTAIN)
    odds: Floats = np.log(kept / (1 - kept))
    return odds


def _anomalies(opened: BeatContext) -> dict[str, Any]:
    scores = np.array(opened.anomalies)
    mine = opened.verdict.anomaly
    below = float((scores < mine).mean()) if mine is not None and len(scores) else None
    histogram, _ = np.histogram(scores, BINS, (0, 1))
    return {"count": len(scores), "below": below, "histogram": histogram.tolist()}


def _listed(values: Floats) -> list[Any]:
    listed: list[Any] = np.round(values, _MICROVOLTS).tolist()
    return listed
