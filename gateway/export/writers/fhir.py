"""FHIR R4: a Bundle of Observations with SampledData, one for each minute of signal.

Each lead is a component with its samples as ADC values; origin and factor make mV of them, and
``E`` stands where there is no value. Alarms are Observations of their own, and so is what each
reviewer did, with their name as performer and when it was done as issued. Where the source does not
say when it was recorded, a note tells the seconds from its beginning instead.

Sources: https://hl7.org/fhir/R4/observation-example-sample-data.html,
https://hl7.org/fhir/R4/datatypes.html#SampledData.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import orjson

from ecg_monitor.ward.alarms.catalogue import KINDS
from ecg_monitor.ward.alerts.exchange.fhir import (
    device_reference,
    ecg_category,
    ecg_code,
    instant,
    lead_component,
)
from gateway.export.excerpt import AlarmMark, Excerpt, ReviewAct
from gateway.export.formats import Progress

Resource = dict[str, Any]
MINUTE_S = 60.0
"""Signal of one Observation, s: a viewer need not load an hour to show a strip."""
_PATIENT_SYSTEM = "urn:ecg-monitor:patient"
_NAMESPACE = uuid.UUID("0c0e0a52-7c8a-4f3b-9a0f-2f8a2d4e6b11")
"""Of our own making: the same stretch of the same source always gets the same ids."""


def write(excerpt: Excerpt, path: Path, progress: Progress) -> None:
    """Write the Bundle as JSON.

    Args:
        excerpt: what to write.
        path: the file.
        progress: told the share that is done.
    """
    resources = []
    fs, n = excerpt.recording.fs, excerpt.recording.n_samples
    step = max(1, round(MINUTE_S * fs))
    for first in range(0, n, step):
        last = min(first + step, n)
        resources.append(_signal(excerpt, first, last))
        progress(last / n)
    resources += [_alarm(excerpt, i, alarm) for i, alarm in enumerate(excerpt.alarms)]
    acts = () if excerpt.review is None else excerpt.review.acts
    resources += [_act(excerpt, i, act) for i, act in enumerate(acts)]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    }
    path.write_bytes(orjson.dumps(bundle))


def _signal(excerpt: Excerpt, first: int, last: int) -> Resource:
    recording = excerpt.recording
    valid = recording.valid(first, last)
    components = []
    for i, lead in enumerate(recording.leads):
        words = [str(value) for value in recording.samples[i, first:last].tolist()]
        for at in (~valid[i]).nonzero()[0].tolist():
            words[at] = "E"
        gain, baseline = recording.gain[i], recording.baseline[i]
        components.append(lead_component(lead, recording.fs, gain, baseline, words))
    start, end = first / recording.fs, last / recording.fs
    return {
        **_observation(excerpt, f"signal/{first}/{last}", f"ECG of {recording.name}"),
        **_when(excerpt, start, end),
        "component": components,
    }


def _alarm(excerpt: Excerpt, place: int, alarm: AlarmMark) -> Resource:
    row = KINDS.get(alarm.kind)
    name = alarm.kind if row is None else row.name.en
    start = max(0.0, alarm.onset_s)
    end = excerpt.duration_s if alarm.end_s is None else alarm.end_s
    return {
        **_observation(excerpt, f"alarm/{place}/{alarm.kind}", f"ECG alarm: {name}"),
        **_when(excerpt, start, end),
        "valueString": f"{name}, {alarm.priority} priority",
    }


def _act(excerpt: Excerpt, place: int, act: ReviewAct) -> Resource:
    count = f"{len(act.beats)} beats, " if len(act.beats) > 1 else ""
    words = [f"{count}{act.what}", act.value, f"was {act.before}" if act.before else "", act.text]
    return {
        **_observation(excerpt, f"review/{place}/{act.by}/{act.at}", "ECG review"),
        **_when(excerpt, max(0.0, act.onset_s), max(0.0, act.end_s)),
        "issued": instant(act.at),
        "performer": [{"display": act.by}],
        "valueString": ", ".join(word for word in words if word),
    }


def _observation(excerpt: Excerpt, place: str, text: str) -> Resource:
    source = excerpt.device or excerpt.recording.name
    identity = f"{source}/{excerpt.start}/{excerpt.offset_s:.6f}/{place}"
    resource: Resource = {
        "resourceType": "Observation",
        "id": str(uuid.uuid5(_NAMESPACE, identity)),
        "status": "final",
        "category": ecg_category(),
        "code": ecg_code(text),
    }
    if excerpt.device:
        resource["device"] = device_reference(excerpt.device)
    if excerpt.patient:
        identifier = {"system": _PATIENT_SYSTEM, "value": excerpt.patient}
        resource["subject"] = {"type": "Patient", "identifier": identifier}
    return resource


def _when(excerpt: Excerpt, start_s: float, end_s: float) -> Resource:
    """Return the period, or where the source has no time of day a note with the place in it."""
    if excerpt.start is not None:
        start, end = instant(excerpt.start + start_s), instant(excerpt.start + end_s)
        return {"effectivePeriod": {"start": start, "end": end}}
    start, end = (f"{excerpt.offset_s + at:.6f}" for at in (start_s, end_s))
    return {"note": [{"text": f"from {start} s to {end} s of {excerpt.recording.name}"}]}
