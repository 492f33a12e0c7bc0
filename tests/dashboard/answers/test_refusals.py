"""What is wrong with a request is said in the language of who asks."""

from __future__ import annotations

import pytest
from flask import Flask

from dashboard.answers import refusals
from dashboard.i18n.preferences import LANGUAGE_COOKIE
from ecg_monitor.core.errors import AccountError, EcgMonitorError, PatientError

TAKEN = PatientError("{device}: there is a patient already", device="bed-1")


def said(error: EcgMonitorError, language: str) -> str:
    app = Flask(__name__)
    with app.test_request_context(headers={"Cookie": f"{LANGUAGE_COOKIE}={language}"}):
        return refusals.wrong(error)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "bed-1: there is a patient already"),
        ("fr", "bed-1 : il y a déjà un patient"),
        ("ar", "bed-1: يوجد مريض بالفعل"),
    ],
)
def test_with_the_values_in_their_places(language: str, words: str) -> None:
    assert said(TAKEN, language) == words
    assert str(TAKEN) == "bed-1: there is a patient already"


def test_fields_have_the_names_that_the_page_gives_them() -> None:
    error = PatientError(
        "{field} must have {least} to {most} characters, got {count}",
        **{"field": "patient", "least": 1, "most": 64, "count": 0},
    )
    assert said(error, "fr") == "Numéro du patient : de 1 à 64 caractères, il y en a 0"


def test_sentences_are_known_whatever_letter_they_begin_with() -> None:
    error = AccountError("there is a user of that name already")
    assert said(error, "fr").startswith("Ce nom")


def test_what_only_a_program_gets_wrong_is_told_as_it_is() -> None:
    for text in ("lead must be below 2", "braces {of} JSON stay"):
        assert said(EcgMonitorError(text), "fr") == text
