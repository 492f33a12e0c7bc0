"""docs/KUBERNETES.md names objects and values that the chart has."""

from __future__ import annotations

import re

import yaml

from tests.support.containers.helm import CHART, RELEASE, rendered
from tests.support.places import ROOT

PAGE = (ROOT / "docs" / "KUBERNETES.md").read_text(encoding="utf-8")


def test_objects_that_are_named_exist() -> None:
    documents = rendered()
    there = {one["metadata"]["name"] for one in documents}
    there |= {f"{one['metadata']['name']}-0" for one in documents if one["kind"] == "StatefulSet"}
    named = set(re.findall(rf"\b{RELEASE}-ecg-monitor(?:-[a-z0-9]+)+", PAGE))
    assert len(named) > 2
    assert named <= there


def test_values_that_are_named_exist() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    tops = "|".join(values)
    named = set(re.findall(rf"(?:--set |`)((?:{tops})(?:\.\w+)*)(?=[=`])", PAGE))
    assert len(named) > 8
    for path in named:
        found = values
        for step in path.split("."):
            assert step in found, path
            found = found[step]
