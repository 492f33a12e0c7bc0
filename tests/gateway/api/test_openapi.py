"""The description for programs: its examples are what the models take and give."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from gateway.api import routes


def models() -> list[type[BaseModel]]:
    found = []
    for module in pkgutil.iter_modules(routes.__path__):
        loaded = importlib.import_module(f"{routes.__name__}.{module.name}")
        found += [
            one
            for one in vars(loaded).values()
            if isinstance(one, type)
            and issubclass(one, BaseModel)
            and one.__module__ == loaded.__name__
        ]
    return found


def examples(model: type[BaseModel]) -> list[Any]:
    extra: Any = model.model_config.get("json_schema_extra") or {}
    return list(extra.get("examples", []))


@pytest.mark.parametrize("model", models(), ids=lambda one: one.__name__)
def test_examples_are_what_the_model_takes(model: type[BaseModel]) -> None:
    for example in examples(model):
        read = model.model_validate(example)
        assert read.model_dump(by_alias=True).keys() >= example.keys()


async def test_every_answer_and_question_has_an_example(api: httpx.AsyncClient) -> None:
    described = (await api.get("/openapi.json")).json()
    schemas = described["components"]["schemas"]
    named = set()
    for path, acts in described["paths"].items():
        for act in acts.values():
            assert act["tags"], path
            assert act["description"], path
            bodies = [act.get("requestBody", {}), *act["responses"].values()]
            for body in bodies:
                content = body.get("content", {}).get("application/json", {})
                named.add(content.get("schema", {}).get("$ref", "").rpartition("/")[2])
    told = named - {"", "ErrorAnswer"}
    assert len(told) > 10
    lacking = {name for name in told if not schemas[name].get("examples")}
    assert not lacking
    assert "/v1/alarms/{device}/{boot}/{kind}/{n}/acknowledge" in described["paths"]
    security = described["components"]["securitySchemes"]["bearer"]
    assert security["scheme"] == "bearer"
