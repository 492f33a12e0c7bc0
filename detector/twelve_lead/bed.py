"""Twelve leads of one bed: its windows, and what they show together. Pure."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace

from detector.twelve_lead.judge import Verdict, judge, unjudged
from detector.twelve_lead.lasting import BedFindings, Change
from detector.twelve_lead.stemi import KIND, Elevation, ElevationRule, elevation, unmeasured
from detector.twelve_lead.windows import Cutter, Window
from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.limits.model import Limits
from ecg_monitor.ward.signal.diagnosis import Diagnosis, Finding, StReason
from models.diagnosis import release
from models.diagnosis.inference import DiagnosisNetwork

log = logging.getLogger("detector")

ALL_WELL = ("NORM", "SNR")
"""Labels that say that nothing is wrong. They are not believed of a window with ST elevation: the
network has learnt that from few, and has called synthetic infarctions normal."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a window of a bed has brought.

    Attributes:
        window: the window.
        verdict: what it shows by itself.
        elevated: its ST elevation; None: it shows none.
        st_reason: why elevation was not judged; None: it was.
        changes: findings that begin or end with it.
        alarms: alarms that begin or end with it.
        present: findings that are present after it, with the sample index since when.
    """

    window: Window
    verdict: Verdict
    elevated: Elevation | None
    st_reason: StReason | None
    changes: tuple[Change, ...]
    alarms: tuple[Alarm, ...]
    present: dict[str, int]


@dataclass(slots=True)
class BedTwelve:
    """Twelve leads of one bed.

    Attributes:
        cutter: cuts its signal into windows.
        lasting: findings over its windows.
        elevation: ST elevation over its windows.
    """

    cutter: Cutter
    lasting: BedFindings = field(default_factory=BedFindings)
    elevation: ElevationRule = field(default_factory=ElevationRule)

    def judge(self, network: DiagnosisNetwork | None, limits: Limits) -> Outcome:
        """Judge the oldest window that is due.

        Args:
            network: what judges it; None: it could not be loaded.
            limits: of the patient.
        """
        window = self.cutter.due.pop(0)
        priority = limits.priorities.get(KIND)
        elevated: Elevation | None = None
        why: StReason | None = None
        if window.ended in {"source", "stay"}:
            verdict = unjudged(window.ended)
            changes = list(self.lasting.end(window.ended))
            self.elevation.break_off()
        elif not window.pieces:
            present = dict(self.lasting.present)
            return Outcome(window, unjudged("late"), None, None, (), (), present)
        else:
            verdict = _judged(window, network)
            why = unmeasured(verdict.st, verdict.decisions)
            if verdict.st is not None and why is None:
                levels, st = verdict.st.levels, limits.st
                elevated = elevation(levels, st.elevation_mv, st.elevation_v2_v3_mv)
            if elevated is not None:
                kept = tuple(one for one in verdict.decisions if one not in ALL_WELL)
                verdict = replace(verdict, decisions=kept)
            if verdict.reason is None:
                changes = list(self.lasting.judged(window.n, verdict.decisions))
            else:
                changes = list(self.lasting.passed_over())
        alarms = []
        if why is not None:
            self.elevation.pass_over()
        elif window.ended is None:
            onset = self.elevation.take(window.n, elevated if priority is not None else None)
            if onset is not None and elevated is not None and priority is not None:
                told = (elevated.level, elevated.limit, elevated.lead)
                alarms.append(Alarm(KIND, priority, onset, window.end_n, True, *told))
        over = self.elevation.ended()
        if over is not None:
            alarms.append(Alarm(KIND, priority or "low", over, window.end_n, False))
        present = dict(self.lasting.present)
        return Outcome(window, verdict, elevated, why, tuple(changes), tuple(alarms), present)


def _judged(window: Window, network: DiagnosisNetwork | None) -> Verdict:
    try:
        return judge(window, network)
    except Exception:  # whatever is wrong with it, the alarms of all other beds must go on
        log.exception("window %d of twelve leads cannot be judged", window.number)
        return unjudged("network")


def diagnosis(
    device: str, outcome: Outcome, network: DiagnosisNetwork | None, at: float
) -> Diagnosis:
    """Return the outcome of a window as it is kept; ``at``: Unix time of its end, s."""
    window, verdict = outcome.window, outcome.verdict
    return Diagnosis(
        device=device,
        boot=window.boot,
        stay=window.stay,
        number=window.number,
        n=window.n,
        end_n=window.end_n,
        fs=window.fs,
        at=at,
        network=_name(network),
        leads=verdict.leads,
        gaps=verdict.gaps,
        probabilities=verdict.probabilities,
        thresholds=_thresholds(network),
        decisions=verdict.decisions,
        findings=outcome.present,
        reason=verdict.reason,
        st_mv={} if verdict.st is None else verdict.st.levels,
        st_elevated=() if outcome.elevated is None else outcome.elevated.leads,
        st_reason=outcome.st_reason,
    )


def findings(
    device: str, outcome: Outcome, network: DiagnosisNetwork | None, at: float
) -> list[Finding]:
    """Return what begins or ends with a window as it is kept; arguments as of `diagnosis`."""
    window = outcome.window
    return [
        Finding(
            device=device,
            boot=window.boot,
            stay=window.stay,
            label=change.label,
            present=change.present,
            n=change.n,
            end_n=window.end_n,
            fs=window.fs,
            at=at,
            number=window.number,
            probability=outcome.verdict.probabilities.get(change.label),
            threshold=_thresholds(network).get(change.label, 1.0),
            network=_name(network),
            ended=change.ended,
        )
        for change in outcome.changes
    ]


def _name(network: DiagnosisNetwork | None) -> str:
    if network is None:
        return release.DEFAULT
    return f"{network.manifest.name} {network.manifest.version}"


def _thresholds(network: DiagnosisNetwork | None) -> dict[str, float]:
    if network is None:
        return {}
    return dict(zip(network.manifest.labels, network.manifest.thresholds, strict=True))
