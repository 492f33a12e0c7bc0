"""FHIR R4 resources: strict checks of the shape, against the rules of the specification."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.alerts.book import AlertBook
from ecg_monitor.ward.alerts.exchange.fhir import LOINC, MDC, UCUM, bundle, communication
from ecg_monitor.ward.alerts.exchange.fhir_r5 import to_r5
from ecg_monitor.ward.alerts.policy import PRIORITIES
from ecg_monitor.ward.alerts.trail import Entry, EntryKind

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
OBSERVATION = {
    *("resourceType", "id", "identifier", "status", "category", "code", "device", "issued"),
    *("effectiveDateTime", "effectivePeriod", "interpretation", "component", "note"),
}
COMMUNICATION = {
    *("resourceType", "id", "status", "category", "priority", "about", "sent", "sender"),
    "payload",
}


def check_instant(text: str) -> None:
    assert INSTANT.fullmatch(text), text
    datetime.fromisoformat(text)


def check_concept(concept: dict[str, Any]) -> None:
    assert concept
    assert set(concept) <= {"coding", "text"}
    for coding in concept.get("coding", ()):
        assert set(coding) == {"system", "code", "display"}
        assert coding["system"].startswith(("http://", "urn:oid:"))


def check_quantity(quantity: dict[str, Any]) -> None:
    assert isinstance(quantity["value"], float | int)
    if "code" in quantity:
        assert quantity["system"] == UCUM
        assert quantity["unit"]


def check_component(component: dict[str, Any]) -> None:
    check_concept(component["code"])
    values = [name for name in component if name.startswith("value")]
    assert len(values) == 1, "value[x] is one"
    assert set(component) <= {"code", "referenceRange", values[0]}
    if values[0] == "valueSampledData":
        data = component["valueSampledData"]
        assert set(data) == {"origin", "period", "factor", "dimensions", "data"}
        check_quantity(data["origin"])
        assert data["period"] > 0
        assert data["dimensions"] == 1
        assert re.fullmatch(r"(E|-?\d+)( (E|-?\d+))*", data["data"])
    elif values[0] == "valueQuantity":
        check_quantity(component["valueQuantity"])
        for limits in component.get("referenceRange", ()):
            assert {"low", "high"} & limits.keys()
    else:
        assert component["valueString"]


def check_bundle(resource: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    orjson.dumps(resource)
    assert set(resource) == {"resourceType", "type", "timestamp", "entry"}
    assert (resource["resourceType"], resource["type"]) == ("Bundle", "collection")
    check_instant(resource["timestamp"])
    for entry in resource["entry"]:
        assert entry["fullUrl"] == f"urn:uuid:{uuid.UUID(entry['resource']['id'])}"
        assert ID.fullmatch(entry["resource"]["id"])
    observed, told = (entry["resource"] for entry in resource["entry"])
    assert observed["resourceType"] == "Observation"
    assert set(observed) <= OBSERVATION
    assert observed["status"] in {"preliminary", "final"}
    assert ("effectiveDateTime" in observed) != ("effectivePeriod" in observed)
    check_instant(observed["issued"])
    check_concept(observed["code"])
    for concept in (*observed["category"], *observed.get("interpretation", ())):
        check_concept(concept)
    for component in observed["component"]:
        check_component(component)
    assert told["resourceType"] == "Communication"
    assert set(told) == COMMUNICATION
    assert told["status"] == "completed"
    assert told["priority"] in {"routine", "urgent", "asap", "stat"}
    check_instant(told["sent"])
    assert told["about"] == [{"reference": resource["entry"][0]["fullUrl"]}]
    assert all(set(part) == {"contentString"} for part in told["payload"])
    return observed, told


def raised(kind="asystole", priority="high", value=4.2, limit=4.0, at=1.7e9) -> Entry:
    alarm = Alarm(kind, priority, 1000, 1500, True, value, limit)
    entry = AlertBook().note("bed-01", "b", alarm, at - 4.0, at)
    assert entry is not None
    return entry


def evidence_for(lead: str = "II", **changes) -> dict[str, Any]:
    return {
        **{
            "rule": "no QRS complex",
            "fs": 250.0,
            "from_n": 990,
            "to_n": 1000,
            "gaps": [[994, 996]],
        },
        "leads": [
            {
                **{"name": lead, "gain": 200.0, "baseline": 1024.0},
                "segments": [
                    {"n": 990, "adc": [1024, 1025, -3, 0]},
                    {"n": 996, "adc": [1, 2, 3, 4]},
                ],
            }
        ],
        **changes,
    }


def test_a_strip_keeps_its_gaps_and_its_scale():
    observed, told = check_bundle(bundle(raised(), evidence_for()))
    strip = observed["component"][-1]
    assert strip["code"]["coding"][0] == {
        **{"system": MDC, "code": "131330", "display": "MDC_ECG_ELEC_POTL_II"},
    }
    data = strip["valueSampledData"]
    assert data["data"] == "1024 1025 -3 0 E E 1 2 3 4"
    assert data["period"] == 4.0
    # adc * factor + origin is the voltage: 1024 units are 0 mV, 200 more are 1 mV.
    assert 1024 * data["factor"] + data["origin"]["value"] == pytest.approx(0)
    assert 1224 * data["factor"] + data["origin"]["value"] == pytest.approx(1)
    assert observed["status"] == "final"
    assert observed["effectivePeriod"]["start"] < observed["effectivePeriod"]["end"]
    assert told["priority"] == "stat"


@pytest.mark.parametrize(
    ("lead", "code"), [("I", "131329"), ("III", "131389"), ("V1", "131331"), ("aVF", "131392")]
)
def test_lead_codes(lead, code):
    observed, _ = check_bundle(bundle(raised(), evidence_for(lead)))
    assert observed["component"][-1]["code"]["coding"][0]["code"] == code


def test_a_lead_without_a_code_has_its_name():
    observed, _ = check_bundle(bundle(raised(), evidence_for("MLII")))
    assert observed["component"][-1]["code"] == {"text": "ECG lead MLII"}


def test_the_rate_that_decided_has_its_code_and_its_limit():
    entry = raised("extreme_bradycardia", value=34.0, limit=40.0)
    observed, _ = check_bundle(bundle(entry, None))
    assert observed["status"] == "preliminary"
    rate = observed["component"][1]
    assert rate["code"]["coding"][0]["system"] == LOINC
    assert rate["code"]["coding"][0]["code"] == "8867-4"
    assert rate["valueQuantity"]["code"] == "/min"
    assert rate["referenceRange"][0]["low"]["value"] == 40.0


def test_the_same_alert_gets_the_same_id():
    one, _ = check_bundle(bundle(raised(), None))
    other, _ = check_bundle(bundle(raised(), evidence_for()))
    assert one["id"] == other["id"]


@given(
    st.sampled_from(["asystole", "vt", "leadoff", "no_data", "extreme_tachycardia"]),
    st.sampled_from(PRIORITIES),
    st.none() | st.floats(0, 400),
    st.none() | st.floats(0, 400),
    st.sampled_from(
        [None, evidence_for(), evidence_for(leads=[]), evidence_for(fs=None, leads=[])]
    ),
)
def test_every_alert_makes_valid_resources(kind, priority, value, limit, evidence):
    check_bundle(bundle(raised(kind, priority, value, limit), evidence))


def test_release_5_says_the_same_in_its_own_words():
    made = bundle(raised(), evidence_for())
    assert made is not None
    new = to_r5(made)
    (old_strip,) = find(made, "valueSampledData")
    (strip,) = find(new, "valueSampledData")
    assert "period" not in strip
    assert (strip["interval"], strip["intervalUnit"]) == (old_strip["period"], "ms")
    assert (strip["data"], strip["origin"]) == (old_strip["data"], old_strip["origin"])
    (said,) = find(made, "contentString")
    assert find(new, "contentString") == []
    assert find(new, "contentCodeableConcept") == [{"text": said}]
    back = orjson.loads(orjson.dumps(new))
    strip_of = find(back, "valueSampledData")[0]
    strip_of["period"] = strip_of.pop("interval")
    del strip_of["intervalUnit"]
    payload = find(back, "payload")[0][0]
    payload["contentString"] = payload.pop("contentCodeableConcept")["text"]
    assert back == orjson.loads(orjson.dumps(made))  # nothing else has changed


def find(value: Any, name: str) -> list[Any]:
    """All values of a name, wherever they are."""
    if isinstance(value, list):
        return [one for item in value for one in find(item, name)]
    if not isinstance(value, dict):
        return []
    here = [value[name]] if name in value else []
    return here + [one for item in value.values() for one in find(item, name)]


def test_a_pause_is_no_resource():
    entry = Entry(EntryKind.PAUSED, "N. N.", 1.7e9, "bed-01")
    assert bundle(entry, None) is None
    with pytest.raises(ValueError, match="not about an alert"):
        communication(entry)
