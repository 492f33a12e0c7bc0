"""What goes out as FHIR fits the published models of releases 4B and 5 (fhir.resources).

Release 4B differs from 4, which we name, in none of the resources that we use.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from fhir.resources.bundle import Bundle as BundleR5
from fhir.resources.R4B.bundle import Bundle as BundleR4B
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from ecg_monitor.core.types import Alarm
from ecg_monitor.ward.alerts.book import AlertBook
from ecg_monitor.ward.alerts.exchange.fhir import (
    Resource,
    bundle,
    bundle_of,
    technical_communication,
)
from ecg_monitor.ward.alerts.exchange.fhir_r5 import to_r5
from ecg_monitor.ward.alerts.policy import PRIORITIES

RELEASES: list[tuple[type[BaseModel], Callable[[Resource], Resource]]] = [
    (BundleR4B, lambda made: made),
    (BundleR5, to_r5),
]
STRIP: dict[str, Any] = {
    "rule": "no QRS complex",
    "fs": 250.0,
    "from_n": 990,
    "to_n": 1000,
    "gaps": [[994, 996]],
    "leads": [
        {
            "name": "II",
            "gain": 200.0,
            "baseline": 1024.0,
            "segments": [{"n": 990, "adc": [1024, 1025, -3, 0]}, {"n": 996, "adc": [1, 2, 3, 4]}],
        },
        {"name": "MLII", "gain": 400.0, "baseline": -1.5, "segments": []},
    ],
}

NO_LEADS: dict[str, Any] = {**STRIP, "leads": []}


def made_of(kind="asystole", priority="high", value=4.2, limit=4.0, evidence=STRIP) -> Resource:
    alarm = Alarm(kind, priority, 1000, 1500, True, value, limit)
    entry = AlertBook().note("bed-01", "b", alarm, 1.7e9 - 4.0, 1.7e9)
    assert entry is not None
    made = bundle(entry, evidence)
    assert made is not None
    return made


def check(model: type[BaseModel], resource: Resource) -> None:
    """Validate the JSON that goes out, and that the model has understood all of it."""
    understood = model.model_validate_json(orjson.dumps(resource)).model_dump_json()
    assert names_of(orjson.loads(understood)) == names_of(resource)


def names_of(value: Any) -> Any:
    """The skeleton of a resource: its names, without what they hold."""
    if isinstance(value, list):
        return [names_of(one) for one in value]
    if isinstance(value, dict):
        return {name: names_of(one) for name, one in value.items()}
    return None


@pytest.mark.parametrize(("model", "form"), RELEASES, ids=["R4B", "R5"])
@given(
    kind=st.sampled_from(["asystole", "vt", "leadoff", "no_data", "extreme_tachycardia"]),
    priority=st.sampled_from(PRIORITIES),
    value=st.none() | st.floats(0, 400),
    limit=st.none() | st.floats(0, 400),
    evidence=st.sampled_from([None, STRIP, NO_LEADS, {**NO_LEADS, "fs": None}]),
)
def test_every_alert_fits_the_model(model, form, kind, priority, value, limit, evidence):
    check(model, form(made_of(kind, priority, value, limit, evidence)))


@pytest.mark.parametrize(("model", "form"), RELEASES, ids=["R4B", "R5"])
def test_what_concerns_the_system_fits_the_model(model, form):
    told = technical_communication("disk/1", "Redis takes no writes", 1.7e9)
    check(model, form(bundle_of([told], 1.7e9)))


@pytest.mark.parametrize(
    ("model", "other_form"), [(BundleR4B, to_r5), (BundleR5, lambda made: made)], ids=["R4B", "R5"]
)
def test_the_models_tell_the_releases_apart(model, other_form):
    with pytest.raises(ValidationError):
        check(model, other_form(made_of()))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda observed, _: observed.pop("status"),
        lambda observed, _: observed.pop("code"),
        lambda observed, _: observed.update(issued="yesterday"),
        lambda observed, _: observed["component"][-1]["valueSampledData"].pop("dimensions"),
        lambda observed, _: observed["component"][-1]["valueSampledData"].update(factor="x"),
        lambda _, told: told.pop("status"),
        lambda _, told: told.update(recipients=[]),
        lambda _, told: told["payload"][0].update(contentAttachment={"title": "both"}),
    ],
)
@pytest.mark.parametrize(("model", "form"), RELEASES, ids=["R4B", "R5"])
def test_the_models_look_into_the_entries(model, form, spoil):
    resource = copy.deepcopy(form(made_of()))
    spoil(*(entry["resource"] for entry in resource["entry"]))
    with pytest.raises(ValidationError):
        check(model, resource)
