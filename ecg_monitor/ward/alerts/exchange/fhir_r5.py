"""FHIR R5 form of what `ecg_monitor.ward.alerts.exchange.fhir` makes. Pure.

Of what those resources use, release 5 has changed two things: ``SampledData.period`` (ms) has
become ``interval`` with an ``intervalUnit``, and the payload of a Communication is no longer a bare
string but, among others, a CodeableConcept.

Sources: https://hl7.org/fhir/R5/datatypes.html#SampledData,
https://hl7.org/fhir/R5/communication.html.
"""

from __future__ import annotations

from typing import Any

from ecg_monitor.ward.alerts.exchange.fhir import Resource


def to_r5(resource: Resource) -> Resource:
    """Return a resource of release 4, as made here, in the form of release 5."""
    made: Resource = _convert(resource)
    return made


def _convert(value: Any) -> Any:
    if isinstance(value, list):
        return [_convert(one) for one in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for name, one in value.items():
        if name == "valueSampledData":
            found[name] = _sampled(one)
        elif name == "contentString":
            found["contentCodeableConcept"] = {"text": one}
        else:
            found[name] = _convert(one)
    return found


def _sampled(data: Resource) -> Resource:
    rest = {name: value for name, value in data.items() if name != "period"}
    return {**rest, "interval": data["period"], "intervalUnit": "ms"}
