"""docs/RESULTS.md is what the registry and the figures make it."""

from __future__ import annotations

from dataclasses import replace

from models.zoo import registry
from workbench.results import networks
from workbench.results.networks import Result

RESULT = Result(
    "zoo-tiny-mixed",
    {
        "accuracy": 0.9,
        "classes": {"S": {"f1": 0.5, "recall": 0.4}},
        "intervals": {"accuracy": [0.8, 0.95], "f1 S": [0.1, 0.7]},
        "balanced": {"f1": {"mean": 0.9, "low": 0.8, "high": 1.0}},
    },
)


def test_the_page_is_as_the_figures_are() -> None:
    assert networks.PAGE.read_text(encoding="utf-8") == networks.page(), "run make figures-docs"


def test_a_figure_is_quoted_with_its_interval() -> None:
    file = "zoo-tiny-mixed"
    assert RESULT.quote("accuracy") == (
        f"{{{file}:accuracy|.3f}} ({{{file}:intervals/accuracy/0|.3f}} to "
        f"{{{file}:intervals/accuracy/1|.3f}})"
    )
    assert f"{{{file}:intervals/f1 S/1|.3f}}" in RESULT.quote("classes/S/f1")
    assert RESULT.quote("classes/S/recall") == f"{{{file}:classes/S/recall|.3f}}"
    assert f"{{{file}:balanced/f1/low|.3f}}" in RESULT.quote("balanced/f1/mean")


def test_what_was_not_measured_is_a_dash() -> None:
    assert RESULT.quote("classes/Q/f1") == "-"
    assert RESULT.quote("macro_auc") == "-"


def test_claims_that_are_not_reached_are_named() -> None:
    network = replace(
        registry.network("cnn-1d"),
        claimed={"accuracy": 0.9, "classes/S/f1": 0.5, "classes/S/recall": 0.41},
    )
    said = networks.against_claims(
        network, replace(RESULT, values={**RESULT.values, "split": "mixed"})
    )
    assert said == "Below the claim on the split mixed: S, recall."


def test_a_result_of_another_form_is_left_out() -> None:
    assert RESULT.told
    assert not Result("other", {"nine labels": {"AF": 0.9}}).told
    assert Result("other", {"macro_auc": 0.9}).split == "other"
