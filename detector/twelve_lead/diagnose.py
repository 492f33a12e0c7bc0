"""Findings of a twelve-lead recording: windows of 10 s, each judged, and their mean."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.twelve_lead.quality import LeadReport, doubts, look_over
from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import Recording
from models.diagnosis import inputs
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.leads import STANDARD

Diagnosis = dict[str, Any]
"""JSON-ready outcome of `diagnose`, which describes it."""
DIGITS = 4
"""Probabilities are given to so many digits."""


def diagnose(
    recording: Recording,
    network: DiagnosisNetwork,
    *,
    age: float | None = None,
    sex: str | None = None,
) -> Diagnosis:
    """Return which findings a recording shows.

    Args:
        recording: of 2.5 s or more, 100 .. 2000 Hz, with one or more of the twelve leads.
        network: what judges it.
        age: years; without, what the recording's header says.
        sex: ``"F"`` or ``"M"``; without, what the header says.

    Returns:
        ``record``, ``model``; ``labels``: the probability of each, the mean over windows;
        ``decisions``: labels at or above their thresholds; ``windows``: ``start_s``,
        ``duration_s``, ``leads`` and ``labels`` of each; ``quality``: leads ``used``,
        ``derived``, ``missing``, ``flat``, ``ignored``, ``gaps`` by lead, ``voltage_known``,
        ``age``, ``sex``, ``notes``.

    Raises:
        RecordError: the recording cannot be judged, or lacks leads that the network needs.
    """
    report = look_over(recording)
    manifest = network.manifest
    lacking = network.lacks(report.present)
    if lacking:
        raise RecordError(
            f"{recording.name}: {manifest.name} needs {len(manifest.needs)} leads and "
            f"{', '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} missing; "
            "ecg-diagnosis takes any leads"
        )
    header_age, header_sex = person_of(recording.comments)
    age, sex = age if age is not None else header_age, sex or header_sex
    windows = inputs.windows(report.signal, recording.fs)
    usable = np.flatnonzero(windows.mask.any(axis=1))
    if not len(usable):
        raise RecordError(f"{recording.name}: no window of 10 s shows anything in half of its time")
    judged = inputs.Windows(
        windows.ecg[usable],
        windows.mask[usable],
        tuple(windows.start_s[i] for i in usable),
        tuple(windows.covered_s[i] for i in usable),
    )
    told = inputs.about(age, sex, voltage=report.voltage)
    each = network.probabilities(judged, told)
    mean = np.average(each, axis=0, weights=judged.covered_s)
    return {
        "record": recording.name,
        "model": manifest.name,
        "labels": _named(manifest.labels, mean),
        "decisions": [
            label
            for label, p, limit in zip(manifest.labels, mean, manifest.thresholds, strict=True)
            if p >= limit
        ],
        "windows": [
            {
                "start_s": start,
                "duration_s": covered,
                "leads": [n for n, on in zip(STANDARD, judged.mask[i], strict=True) if on],
                "labels": _named(manifest.labels, each[i]),
            }
            for i, (start, covered) in enumerate(zip(judged.start_s, judged.covered_s, strict=True))
        ],
        "quality": _quality(
            report,
            [*report.notes, *doubts(judged, report)],
            recording.duration_s,
            len(windows.ecg) - len(usable),
            age,
            sex,
        ),
    }


def _named(labels: tuple[str, ...], values: npt.NDArray[np.float64]) -> dict[str, float]:
    return {label: round(float(p), DIGITS) for label, p in zip(labels, values, strict=True)}


def _quality(
    report: LeadReport,
    notes: list[str],
    duration_s: float,
    skipped: int,
    age: float | None,
    sex: str | None,
) -> dict[str, Any]:
    if duration_s < inputs.SAMPLES / inputs.FS:
        notes.append(
            f"lasts {duration_s:.3g} s; the networks were trained on 10 s, so what comes "
            "seldom (ectopy, pauses) may not be in it"
        )
    if skipped:
        notes.append(f"{skipped} windows of 10 s without a lead that shows anything left out")
    if report.flat:
        notes.append(f"{', '.join(report.flat)} flat: not used")
    holes = [f"{lead} ({share:.1%})" for lead, share in report.gaps.items() if share < 1]
    if holes:
        notes.append(
            f"without a value in places: {', '.join(holes)}; bridged by a line, and left out of "
            "a window where it is more than half"
        )
    if report.missing:
        notes.append(f"judged without {', '.join(report.missing)}: less sure than with all leads")
    if not report.voltage:
        notes.append("voltages unknown: hypertrophy and ST changes are judged by shape alone")
    return {
        "used": list(report.used),
        "derived": list(report.derived),
        "missing": list(report.missing),
        "flat": list(report.flat),
        "ignored": list(report.ignored),
        "gaps": report.gaps,
        "voltage_known": report.voltage,
        "age": age,
        "sex": sex,
        "notes": notes,
    }


def person_of(comments: tuple[str, ...]) -> tuple[float | None, str | None]:
    """Return age in years and sex from the comments of a header, None where they say nothing.

    >>> person_of(("Age: 74", "Sex: Male", "Dx: RBBB"))
    (74.0, 'M')
    >>> person_of(("<age>: 51 <sex>: F",)), person_of(("69 M 1085 1629 x1",))
    ((51.0, 'F'), (None, None))
    """
    text = "\n".join(comments)
    age = re.search(r"\bage\W{1,4}(\d{1,3}(?:\.\d+)?)\b", text, re.IGNORECASE)
    sex = re.search(r"\bsex\W{1,4}([fm])", text, re.IGNORECASE)
    years = float(age.group(1)) if age else None
    if years is not None and not 0 < years <= 120:
        years = 90.0 if years == 300 else None
    return years, sex.group(1).upper() if sex else None
