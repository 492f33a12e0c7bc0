"""FHIR R4 resources of an alert: Observation with its strip, and Communication. Pure.

The Observation carries the ECG as in the specification's own example of an electrocardiogram:
MDC codes of ISO/IEEE 11073-10101, one ``SampledData`` component per lead, in mV. A missing sample
is ``E`` (error), so that a gap keeps its length and nothing is joined over it. Of the alarm itself
we know no agreed code for each kind, so it is given as text; the heart rate that decided has its
LOINC code. The Communication (category ``alert``) tells that staff are to be told, refers to the
Observation, and carries the priority.

Devices are referred to by identifier; who the patient is, this system does not know: whoever
receives the Bundle knows which device is at which patient, and adds ``subject``.

Sources: https://hl7.org/fhir/R4/observation-example-sample-data.html,
https://hl7.org/fhir/R4/datatypes.html#SampledData, https://hl7.org/fhir/R4/communication.html.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ecg_monitor.core.types import Priority
from ecg_monitor.ward.alarms.catalogue import KINDS
from ecg_monitor.ward.alerts.evidence import Evidence
from ecg_monitor.ward.alerts.model import Alert
from ecg_monitor.ward.alerts.trail import Entry, EntryKind

Resource = dict[str, Any]

MDC = "urn:oid:2.16.840.1.113883.6.24"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
DEVICE_SYSTEM = "urn:ecg-monitor:device"
ALERT_SYSTEM = "urn:ecg-monitor:alert"
_HL7 = "http://terminology.hl7.org/CodeSystem"
_NAMESPACE = uuid.UUID("5b0f36e4-8b43-4c0e-9d55-3f0d5b8ad4a1")
"""Of our own making: resources of the same alert always get the same id."""

_ECG = (131328, "MDC_ECG_ELEC_POTL")
LEAD_CODE = {
    **{"I": 1, "II": 2, "V1": 3, "V2": 4, "V3": 5, "V4": 6, "V5": 7, "V6": 8},
    **{"III": 61, "aVR": 62, "aVL": 63, "aVF": 64},
}
"""Lead numbers of ISO/IEEE 11073-10101 (those of SCP-ECG), added to `_ECG`. A lead that is not
here, such as the modified leads of ambulatory recorders, is named by text alone."""

_REQUEST_PRIORITY: dict[Priority, str] = {
    "high": "stat",
    "medium": "asap",
    "technical": "urgent",
    "low": "routine",
}
_INTERPRETATION: dict[Priority, tuple[str, str]] = {
    "high": ("AA", "Critical abnormal"),
    "medium": ("A", "Abnormal"),
    "low": ("A", "Abnormal"),
}


def bundle(entry: Entry, evidence: Evidence | None) -> Resource | None:
    """Return a Bundle with Observation and Communication for a change of an alert.

    Args:
        entry: the change; None comes back for one that is not about an alert.
        evidence: strip and numbers, or None while they are not complete.
    """
    if entry.alert is None:
        return None
    return bundle_of([observation(entry.alert, evidence), communication(entry)], entry.at)


def bundle_of(resources: Iterable[Resource], at: float) -> Resource:
    """Return a Bundle of resources, made at Unix time ``at``, s."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": instant(at),
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    }


def observation(alert: Alert, evidence: Evidence | None) -> Resource:
    """Return the Observation of an alert; ``preliminary`` until its strip is there."""
    resource: Resource = {
        "resourceType": "Observation",
        "id": _id("Observation", alert.id),
        "identifier": [{"system": ALERT_SYSTEM, "value": alert.id}],
        "status": "preliminary" if evidence is None else "final",
        "category": ecg_category(),
        "code": ecg_code(f"ECG alarm: {_words(alert.kind)}"),
        "device": device_reference(alert.device),
        "issued": instant(alert.raised_at),
        "component": [_kind(alert)],
    }
    interpretation = _INTERPRETATION.get(alert.priority)
    if interpretation is not None:
        system = f"{_HL7}/v3-ObservationInterpretation"
        resource["interpretation"] = [_concept(system, *interpretation)]
    resource.update(_effective(alert, evidence))
    if alert.value is not None:
        resource["component"].append(_number(alert, alert.value))
    if evidence is not None:
        resource["note"] = [{"text": evidence["rule"]}]
        resource["component"] += [_strip(evidence, lead) for lead in evidence["leads"]]
    return resource


def communication(entry: Entry) -> Resource:
    """Return the Communication of a change of an alert.

    Raises:
        ValueError: the change is not about an alert.
    """
    alert = entry.alert
    if alert is None:
        raise ValueError("the entry is not about an alert")
    level = f" (level {entry.number})" if entry.what is EntryKind.ESCALATED else ""
    return {
        "resourceType": "Communication",
        "id": _id("Communication", f"{alert.id}/{entry.what}/{entry.number}/{entry.at!r}"),
        "status": "completed",
        "category": [_concept(f"{_HL7}/communication-category", "alert", "Alert")],
        "priority": _REQUEST_PRIORITY[alert.priority],
        "about": [{"reference": f"urn:uuid:{_id('Observation', alert.id)}"}],
        "sent": instant(entry.at),
        "sender": device_reference(alert.device),
        "payload": [
            {
                "contentString": f"{alert.device}: {_words(alert.kind)}, "
                f"{alert.priority} priority: {entry.what}{level} by {entry.who}"
            }
        ],
    }


def technical_communication(identity: str, text: str, at: float) -> Resource:
    """Return the Communication of something that concerns the system itself and no patient.

    Args:
        identity: the same for the same message.
        text: what it tells.
        at: Unix time, s.
    """
    return {
        "resourceType": "Communication",
        "id": _id("Communication", identity),
        "identifier": [{"system": ALERT_SYSTEM, "value": identity}],
        "status": "completed",
        "category": [_concept(f"{_HL7}/communication-category", "alert", "Alert")],
        "priority": _REQUEST_PRIORITY["technical"],
        "sent": instant(at),
        "sender": {"display": "ecg-monitor"},
        "payload": [{"contentString": f"ecg-monitor, technical: {text}"}],
    }


def _effective(alert: Alert, evidence: Evidence | None) -> Resource:
    onset_at = alert.raised_at if alert.onset_at is None else alert.onset_at
    if evidence is None or evidence["fs"] is None:
        return {"effectiveDateTime": instant(onset_at)}
    start = onset_at + (evidence["from_n"] - alert.n) / evidence["fs"]
    end = onset_at + (evidence["to_n"] - alert.n) / evidence["fs"]
    return {"effectivePeriod": {"start": instant(start), "end": instant(end)}}


def _kind(alert: Alert) -> Resource:
    return {"code": {"text": "Alarm condition"}, "valueString": _words(alert.kind)}


def _number(alert: Alert, value: float) -> Resource:
    row = KINDS.get(alert.kind)
    quantity = "other" if row is None else row.quantity
    if quantity == "heart_rate":
        code: Resource = {**_concept(LOINC, "8867-4", "Heart rate"), "text": "Heart rate"}
        unit = {"unit": "beats/minute", "system": UCUM, "code": "/min"}
    elif quantity == "duration":
        code = {"text": "Duration that decided"}
        unit = {"unit": "s", "system": UCUM, "code": "s"}
    else:
        code, unit = {"text": "Number that decided"}, {}
    component: Resource = {"code": code, "valueQuantity": {"value": value, **unit}}
    if alert.limit is not None:
        side = "low" if alert.limit > value else "high"
        limits = {side: {"value": alert.limit, **unit}, "text": "Alarm limit"}
        component["referenceRange"] = [limits]
    return component


def _strip(evidence: Evidence, lead: Resource) -> Resource:
    words = ["E"] * (evidence["to_n"] - evidence["from_n"])
    for segment in lead["segments"]:
        at = segment["n"] - evidence["from_n"]
        words[at : at + len(segment["adc"])] = map(str, segment["adc"])
    return lead_component(lead["name"], evidence["fs"], lead["gain"], lead["baseline"], words)


def lead_component(
    name: str, fs: float, gain: float, baseline: float, words: Iterable[str]
) -> Resource:
    """Return the component of an Observation that holds the samples of a lead.

    Args:
        name: of the lead.
        fs: sampling rate, Hz.
        gain: ADC units per mV.
        baseline: ADC value at 0 mV.
        words: ADC values as text; ``E`` where there is none.
    """
    number = LEAD_CODE.get(name)
    code: Resource = {"text": f"ECG lead {name}"}
    if number is not None:
        code = {**_mdc(_ECG[0] + number, f"{_ECG[1]}_{name.upper()}"), **code}
    return {
        "code": code,
        "valueSampledData": {
            "origin": {
                "value": -baseline / gain,
                "unit": "mV",
                "system": UCUM,
                "code": "mV",
            },
            "period": 1000.0 / fs,
            "factor": 1.0 / gain,
            "dimensions": 1,
            "data": " ".join(words),
        },
    }


def ecg_code(text: str) -> Resource:
    """Return the code of an electrocardiogram, with what it is about as its text."""
    return {**_mdc(*_ECG), "text": text}


def ecg_category() -> list[Resource]:
    """Return the category of an Observation of an electrocardiogram."""
    return [_concept(f"{_HL7}/observation-category", "procedure", "Procedure")]


def _concept(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _mdc(code: int, display: str) -> Resource:
    return _concept(MDC, str(code), display)


def device_reference(device: str) -> Resource:
    """Return the reference to a device by its id."""
    return {"identifier": {"system": DEVICE_SYSTEM, "value": device}, "display": device}


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _id(kind: str, name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{name}"))


def instant(at: float) -> str:
    """Return Unix time ``at``, s, as an instant in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
