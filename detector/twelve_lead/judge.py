"""What one ten-second window of a bed shows: states of leads, probabilities, J points.

Its outcome depends on the window alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from detector.twelve_lead.quality import FS_LEAST_HZ, LARGEST_MV, contradict
from detector.twelve_lead.st_levels import StLevels, st_levels
from detector.twelve_lead.windows import WINDOW_S, Piece, Window
from ecg_monitor.ward.signal.diagnosis import LeadState, Reason
from models.diagnosis import inputs
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.leads import (
    FROM_I_AND_II,
    LIMB,
    STANDARD,
    FloatArray,
    TwelveLeads,
    arrange,
    standard_lead,
)

LIMBS_LEAST, CHEST_LEAST = 2, 1
"""Leads that must show something. With I, II and V2 alone the network's macro AUC is 0.911, with
all twelve 0.927; with limb leads alone it is 0.905, with chest leads 0.883
(``models/diagnosis/MODEL_CARD.md``)."""
DIGITS = 4
REHEARSED_HZ = 250
"""Sampling rate of the signal of `rehearse`, Hz."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What a window shows.

    Attributes:
        leads: state of each standard lead.
        gaps: share without a value, by lead, where there is any.
        signal: mV in the standard order, NaN where there is no value, shape (12, n); leads that
            were not looked at are NaN throughout. None: nobody has looked.
        probabilities: of each label; empty if it was not judged.
        decisions: labels at or above their thresholds.
        reason: why it was not judged; None: it was.
        st: levels of the J point; None: the leads do not allow it, or too few beats are alike.
    """

    leads: Mapping[str, LeadState]
    gaps: Mapping[str, float]
    signal: FloatArray | None
    probabilities: Mapping[str, float] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()
    reason: Reason | None = None
    st: StLevels | None = None


def unjudged(reason: Reason) -> Verdict:
    """Return the verdict on what nobody has looked at."""
    return Verdict(dict.fromkeys(STANDARD, "missing"), {}, None, reason=reason)


def judge(window: Window, network: DiagnosisNetwork | None) -> Verdict:
    """Judge ten seconds.

    Args:
        window: the signal.
        network: what judges it; None: it could not be loaded.
    """
    names, rows = window.rows()
    arranged, states, gaps = _looked_over(names, rows)
    seen = Verdict(states, gaps, arranged.signal)
    if window.fs < FS_LEAST_HZ:
        return _unjudged(seen, "slow")
    cut = inputs.windows(arranged.signal, window.fs)
    shown = cut.mask[0] > 0
    if shown[:LIMB].sum() < LIMBS_LEAST or shown[LIMB:].sum() < CHEST_LEAST:
        return _unjudged(seen, "few_leads")
    if float(np.abs(cut.ecg).max()) > LARGEST_MV:
        return _unjudged(seen, "voltage")
    calculated = {name for name, state in states.items() if state in ("derived", "missing")}
    if contradict(cut, calculated):
        return _unjudged(seen, "contradictory")
    st = st_levels(arranged.signal, window.fs, [at - window.n for at in window.beats])
    if network is None:
        return replace(_unjudged(seen, "network"), st=st)
    manifest = network.manifest
    told = inputs.about(None, None, voltage=True)
    (answers,) = network.answers(cut.ecg[:1], cut.mask[:1], told[None])
    each = [round(float(p), DIGITS) for p in answers]
    limits = zip(manifest.labels, each, manifest.thresholds, strict=True)
    return Verdict(
        states,
        gaps,
        arranged.signal,
        dict(zip(manifest.labels, each, strict=True)),
        tuple(label for label, p, limit in limits if p >= limit),
        st=st,
    )


def rehearse(network: DiagnosisNetwork) -> Verdict:
    """Judge ten made-up seconds, so that a first real window finds all modules imported.

    Those that judging alone needs (scipy.signal) take seconds to import on a busy machine, in
    which no alarm of the process would be decided.
    """
    length = round(WINDOW_S * REHEARSED_HZ)
    wave = np.zeros(length)
    beats = list(range(REHEARSED_HZ // 2, length, REHEARSED_HZ))
    wave[beats] = 1000.0
    heights = np.concatenate([FROM_I_AND_II @ (0.5, 1.0), np.ones(len(STANDARD) - LIMB)])
    samples = np.outer(heights, wave).astype(np.int16)
    units = (1000.0,) * len(STANDARD), (0.0,) * len(STANDARD)
    piece = Piece(0, length, STANDARD, *units, 0, [samples])
    return judge(Window(0, "", "", 0, length, float(REHEARSED_HZ), [piece], beats), network)


def _unjudged(seen: Verdict, reason: Reason) -> Verdict:
    return Verdict(seen.leads, seen.gaps, seen.signal, reason=reason)


def _looked_over(
    names: tuple[str, ...], rows: FloatArray
) -> tuple[TwelveLeads, dict[str, LeadState], dict[str, float]]:
    """Arrange leads; return them, the state of each standard lead, and their gaps."""
    there = np.isfinite(rows)
    share = there.mean(axis=1)
    off = share < inputs.MOST_MISSING
    flat = ~off & _is_flat(rows)
    arranged = arrange(np.where((off | flat)[:, None], np.nan, rows), names)
    states: dict[str, LeadState] = {}
    gaps: dict[str, float] = {}
    for row, name in enumerate(names):
        known = standard_lead(name)
        if known is None or known[0] in states:
            continue
        lead = known[0]
        states[lead] = "off" if off[row] else "flat" if flat[row] else "good"
        if share[row] < 1:
            gaps[lead] = round(1 - float(share[row]), DIGITS)
            states[lead] = "gaps" if states[lead] == "good" else states[lead]
    for lead in arranged.derived:
        states[lead] = "derived"
    return arranged, {lead: states.get(lead, "missing") for lead in STANDARD}, gaps


def _is_flat(rows: FloatArray) -> npt.NDArray[np.bool_]:
    return np.array([
        bool(good.any() and row[good].std() <= inputs.FLAT_MV)
        for row, good in zip(rows, np.isfinite(rows), strict=True)
    ])  # fmt: skip
