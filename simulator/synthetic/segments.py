"""One segment of a scenario: a rhythm with its parameters, validated on construction."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, fields
from typing import Any

from ecg_monitor.core.errors import ScenarioError
from simulator.synthetic.leads import LEAD_NAMES

_PVC = ("pvc", "pvc_per_min", "pvc_forms", "run_beats", "run_rate")
_ECTOPY = (*_PVC, "pac_per_min", "fusion")
_PACED = ("capture", "spike_mv", "fusion", "pr_s")
_BEATS = ("rate", "hrv", "lf_hf")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """WFDB name of a rhythm, its default rate, and the parameters that it has of its own.

    Attributes:
        aux: WFDB rhythm string. Where PhysioNet's table has none, that of the VFDB or a plain
            extension (``(ASYS``, ``(BIII``).
        rate: default rate, beats per minute.
        parameters: fields of `Segment` that it uses besides those that all use.
    """

    aux: str
    rate: float
    parameters: tuple[str, ...]


RHYTHMS: dict[str, Rhythm] = {
    "sinus": Rhythm("(N", 72, (*_BEATS, *_ECTOPY, "conduction", "pr_s")),
    "pauses": Rhythm("(N", 72, (*_BEATS, "conduction", "pr_s", "pause_s", "pause_every_s")),
    "af": Rhythm("(AFIB", 95, ("rate", "irregularity", *_PVC, "conduction", "fwave_mv")),
    "flutter": Rhythm("(AFL", 150, ("conduction", "atrial_rate", "av_ratio", "fwave_mv")),
    "svt": Rhythm("(SVTA", 185, (*_BEATS, "conduction")),
    "junctional": Rhythm("(NOD", 48, (*_BEATS, "conduction")),
    "ivr": Rhythm("(IVR", 36, _BEATS),
    "vt": Rhythm("(VT", 180, ("rate", "irregularity", "vt_form")),
    "vf": Rhythm("(VFL", 0, ("vf_mv", "vf_hz")),
    "asystole": Rhythm("(ASYS", 0, ("atrial_rate",)),
    "av-block-1": Rhythm("(BI", 68, (*_BEATS, "conduction", "pr_s")),
    "av-block-2-i": Rhythm("(BII", 75, (*_BEATS, "conduction", "pr_s", "block_cycle")),
    "av-block-2-ii": Rhythm("(BII", 75, (*_BEATS, "conduction", "pr_s", "block_cycle")),
    "av-block-3": Rhythm("(BIII", 36, (*_BEATS, "atrial_rate", "escape")),
    "paced": Rhythm("(P", 70, ("rate", "pacing", "output", *_PACED)),
}
"""All rhythms by name."""

RHYTHM_FIELDS = frozenset(name for rhythm in RHYTHMS.values() for name in rhythm.parameters)
"""Fields of `Segment` that belong to some rhythms only."""

_NUMBERS: dict[str, tuple[float, float]] = {
    "duration_s": (1, math.inf),
    "rate": (15, 300),
    "hrv": (0, 0.2),
    "lf_hf": (0, 20),
    "respiration_depth": (0, 0.5),
    "qrs_mv": (0.05, 10),
    "t_mv": (-3, 3),
    "st_mv": (-2, 2),
    "wander_mv": (0, 5),
    "muscle_mv": (0, 2),
    "mains_mv": (0, 5),
    "pr_s": (0.08, 0.6),
    "pvc_per_min": (0, 60),
    "pac_per_min": (0, 60),
    "run_rate": (60, 300),
    "fusion": (0, 1),
    "irregularity": (0, 0.5),
    "fwave_mv": (0, 1),
    "atrial_rate": (0, 400),
    "vf_mv": (0.05, 3),
    "vf_hz": (2.5, 9),
    "pause_s": (1, 30),
    "pause_every_s": (2, 3600),
    "output": (0, 1),
    "capture": (0, 1),
    "spike_mv": (0.1, 50),
}
_INTEGERS = {
    "pvc_forms": (1, 3),
    "run_beats": (3, 100),
    "av_ratio": (0, 8),
    "block_cycle": (2, 10),
    "vt_form": (0, 2),
}
_CHOICES: dict[str, tuple[str, ...]] = {
    "rhythm": tuple(RHYTHMS),
    "conduction": ("normal", "lbbb", "rbbb"),
    "pvc": ("none", "single", "bigeminy", "trigeminy", "quadrigeminy", "couplets", "runs"),
    "escape": ("ventricular", "junctional"),
    "pacing": ("ventricular", "atrial", "dual"),
    "st_lead": LEAD_NAMES,
    "leadoff_shape": ("flat", "rail", "hum"),
}
_LEAD_LISTS = ("leadoff", "saturated", "inverted")
_MAY_BE_NONE = ("irregularity", "rate", "t_mv", "pr_s", "atrial_rate", "fwave_mv")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one rhythm.

    Amplitudes hold on lead II; the other leads follow by projection of the same dipole.

    Attributes:
        rhythm: one of `RHYTHMS`.
        duration_s: length in s; infinite only in the last segment of a scenario.
        rate: rate of the rhythm's beats per minute (of the sinus node in block; of the escape
            rhythm in ``av-block-3``), 15 .. 300. None: the rhythm's default. In ``flutter`` it
            follows from `atrial_rate` and `av_ratio` and cannot be set.
        hrv: standard deviation over mean of RR at 60 bpm and below; less above, in proportion
            to the RR interval.
        lf_hf: ratio of low- to high-frequency power of the RR intervals.
        respiration_depth: part of the amplitude that breathing modulates.
        qrs_mv: peak deflection of the QRS complex of the rhythm's main beat, mV. Ectopic beats
            and P waves (these never enlarged) scale with it.
        t_mv: peak of the T wave of the main beat with its sign, mV. None: in natural proportion.
        st_mv: shift of the ST segment, mV, on `st_lead`.
        st_lead: lead towards which the injury current points.
        wander_mv: baseline wander, RMS, mV.
        muscle_mv: muscle noise (above 20 Hz), RMS, mV.
        mains_mv: mains hum, amplitude of the fundamental, mV.
        leadoff: detached leads; ``["all"]`` for every lead.
        leadoff_shape: what a detached lead shows: ``flat`` (0 mV), ``rail`` (end of the range)
            or ``hum`` (mains).
        leadoff_flag: whether the device reports detached leads.
        saturated: leads driven to the end of the range without report.
        inverted: leads with swapped polarity.
        conduction: shape of conducted beats: ``normal`` (N), ``lbbb`` (L) or ``rbbb`` (R).
        pr_s: PR interval, s. None: 0.16 (0.30 in ``av-block-1``), shorter at high rates.
        pvc: pattern of ventricular ectopy.
        pvc_per_min: how often single PVCs, couplets or runs come.
        pvc_forms: number of different PVC shapes, 1 .. 3.
        pac_per_min: how often atrial premature beats come.
        run_beats: beats per run.
        run_rate: rate within couplets and runs, bpm.
        fusion: part of the single PVCs (of the paced beats) that are fusion beats.
        irregularity: standard deviation over mean of RR. None: 0.22 in ``af``, 0.015 in ``vt``.
        fwave_mv: amplitude of fibrillatory waves on V1, or of flutter waves on II, mV. None:
            0.09 and 0.22.
        atrial_rate: atrial beats per minute: in ``flutter`` (None: 300), ``av-block-3``
            (None: 84), and P waves without QRS in ``asystole`` (None: no P waves).
        av_ratio: flutter waves per conducted beat; 0: varying 2 .. 4.
        vt_form: which ventricular shape, 0 .. 2.
        vf_mv: amplitude of fibrillation, mV: 2 times its RMS on lead II. Coarse above 0.2.
        vf_hz: its dominant frequency, Hz.
        block_cycle: P waves per dropped beat (4: 4:3 conduction; 2: 2:1).
        escape: origin of the escape rhythm.
        pacing: chamber that is paced.
        output: part of the cycles in which the pacemaker gives its pulses.
        capture: part of the ventricular spikes that capture.
        spike_mv: amplitude of the spikes, mV.
        pause_s: length of a pause from R to R, s.
        pause_every_s: time from one pause to the next, s.

    Raises:
        ScenarioError: a field has a wrong value or does not belong to the rhythm; names it.
    """

    rhythm: str
    duration_s: float = math.inf
    rate: float | None = None
    hrv: float = 0.04
    lf_hf: float = 1.0
    respiration_depth: float = 0.05
    qrs_mv: float = 1.1
    t_mv: float | None = None
    st_mv: float = 0.0
    st_lead: str = "II"
    wander_mv: float = 0.04
    muscle_mv: float = 0.008
    mains_mv: float = 0.003
    leadoff: tuple[str, ...] = ()
    leadoff_shape: str = "flat"
    leadoff_flag: bool = True
    saturated: tuple[str, ...] = ()
    inverted: tuple[str, ...] = ()
    conduction: str = "normal"
    pr_s: float | None = None
    pvc: str = "none"
    pvc_per_min: float = 6.0
    pvc_forms: int = 1
    pac_per_min: float = 0.0
    run_beats: int = 5
    run_rate: float = 160.0
    fusion: float = 0.0
    irregularity: float | None = None
    fwave_mv: float | None = None
    atrial_rate: float | None = None
    av_ratio: int = 2
    vt_form: int = 1
    vf_mv: float = 0.6
    vf_hz: float = 4.8
    block_cycle: int = 4
    escape: str = "ventricular"
    pacing: str = "ventricular"
    output: float = 1.0
    capture: float = 1.0
    spike_mv: float = 2.5
    pause_s: float = 3.5
    pause_every_s: float = 15.0

    def __post_init__(self) -> None:
        _check_values(self)
        _check_applies(self)
        if self.pvc != "none" and self.mean_rate > 160:
            raise ScenarioError(f"pvc: needs a rate of at most 160 bpm, got {self.mean_rate:g}")
        if self.rhythm == "pauses" and self.pause_every_s <= self.pause_s:
            raise ScenarioError(
                f"pause_every_s: must be longer than pause_s ({self.pause_s:g}), "
                f"got {self.pause_every_s:g}"
            )
        if self.rhythm in {"flutter", "av-block-3"} and not self.atrial_per_min >= 30:
            raise ScenarioError(f"atrial_rate: must be 30 .. 400, got {self.atrial_rate:g}")

    @property
    def mean_rate(self) -> float:
        """Rate in beats per minute: as given, or the rhythm's default."""
        return RHYTHMS[self.rhythm].rate if self.rate is None else self.rate

    @property
    def atrial_per_min(self) -> float:
        """Atrial rate in beats per minute: as given, or the rhythm's default."""
        defaults = {"flutter": 300.0, "av-block-3": 84.0}
        return defaults.get(self.rhythm, 0.0) if self.atrial_rate is None else self.atrial_rate

    @property
    def aux(self) -> str:
        """WFDB rhythm string, which for sinus rhythm depends on rate and ectopy."""
        if self.rhythm == "sinus":
            if self.pvc == "bigeminy":
                return "(B"
            if self.pvc == "trigeminy":
                return "(T"
            if self.mean_rate < 60:
                return "(SBR"
        return RHYTHMS[self.rhythm].aux


FIELDS = tuple(item.name for item in fields(Segment))
"""Names of all parameters of a segment."""


def closest(name: str, known: tuple[str, ...]) -> str:
    """Return ``"; did you mean X?"`` when a known name is near, else an empty text."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _check_values(segment: Segment) -> None:
    for name, choices in _CHOICES.items():
        value = getattr(segment, name)
        if not isinstance(value, str) or value not in choices:
            hint = closest(str(value), choices)
            raise ScenarioError(f"{name}: must be one of {', '.join(choices)}; got {value!r}{hint}")
    for name, limits in {**_NUMBERS, **_INTEGERS}.items():
        value = getattr(segment, name)
        if (value is None and name in _MAY_BE_NONE) or _is_default(segment, name):
            continue
        check_number(name, value, limits, whole=name in _INTEGERS)
    for name in _LEAD_LISTS:
        _check_leads(name, getattr(segment, name))
    if not isinstance(segment.leadoff_flag, bool):
        raise ScenarioError(f"leadoff_flag: must be true or false, got {segment.leadoff_flag!r}")


def check_number(name: str, value: Any, limits: tuple[float, float], *, whole: bool) -> None:
    """Check that a value is a number within its limits.

    Raises:
        ScenarioError: it is not; names the field.
    """
    if type(value) is not int and (whole or type(value) is not float):
        kind = "a whole number" if whole else "a number"
        raise ScenarioError(f"{name}: must be {kind}, got {value!r}")
    low, high = limits
    if not low <= value <= high:
        span = f"{low:g} .. {high:g}" if high < math.inf else f"at least {low:g}"
        raise ScenarioError(f"{name}: must be {span}, got {value:g}")


def _check_leads(name: str, value: Any) -> None:
    if not isinstance(value, tuple):
        raise ScenarioError(f"{name}: must be a list of lead names, got {value!r}")
    for lead in value:
        if lead not in (*LEAD_NAMES, "all"):
            raise ScenarioError(
                f"{name}: {lead!r} is not a lead; known: all, {', '.join(LEAD_NAMES)}"
            )


def _check_applies(segment: Segment) -> None:
    parameters = RHYTHMS[segment.rhythm].parameters
    for name in RHYTHM_FIELDS.difference(parameters):
        if not _is_default(segment, name):
            raise ScenarioError(
                f"{name}: does not belong to rhythm {segment.rhythm!r}, "
                f"whose own parameters are {', '.join(parameters)}"
            )


def _is_default(segment: Segment, name: str) -> bool:
    return getattr(segment, name) is _DEFAULTS[name] or (
        type(getattr(segment, name)) is type(_DEFAULTS[name])
        and getattr(segment, name) == _DEFAULTS[name]
    )


_DEFAULTS: dict[str, Any] = {item.name: item.default for item in fields(Segment)}
