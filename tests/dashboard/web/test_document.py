"""The document of a page follows the language and the theme of who asks."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson
import pytest
from flask import Flask

from dashboard.answers.posting import MAX_BODY_BYTES
from dashboard.i18n.messages import catalogue
from dashboard.i18n.preferences import language, theme
from dashboard.i18n.vocabulary import definitions, vocabulary
from dashboard.web.document import document, script_json, titled
from dashboard.web.shell import shell

PARTS = dict.fromkeys(
    ("metas", "css", "config", "scripts", "app_entry", "favicon", "renderer"), "<!-- dash -->"
)


def asked(**request: Any) -> str:
    with Flask("test").test_request_context("/", **request):
        return document(title="Beds", **PARTS)


def cookie(text: str) -> dict[str, Any]:
    return {"headers": {"Cookie": text}}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "en"),
        ({"Accept-Language": "fr-CA,fr;q=0.9,en;q=0.8"}, "fr"),
        ({"Accept-Language": "ar-EG"}, "ar"),
        ({"Accept-Language": "de-DE, ar;q=0.3, en;q=0.2"}, "ar"),
        ({"Accept-Language": "de"}, "en"),
        ({"Accept-Language": "fr", "Cookie": "ecg_language=ar"}, "ar"),
        ({"Accept-Language": "fr", "Cookie": "ecg_language=xx"}, "fr"),
        ({"Accept-Language": ";;;"}, "en"),
    ],
)
def test_language_of_a_request(headers: dict[str, str], expected: str) -> None:
    with Flask("test").test_request_context("/", headers=headers):
        assert language() == expected
        assert f'<html lang="{expected}"' in document(title="", **PARTS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", "dark"), ("light", "light"), ("system", "system"), ("dark", "dark"), ('"><b', "dark")],
)
def test_theme_of_a_request(value: str, expected: str) -> None:
    with Flask("test").test_request_context("/", **cookie(f"ecg_theme={value}")):
        assert theme() == expected


def test_outside_of_a_request() -> None:
    assert (language(), theme()) == ("en", "dark")


def test_arabic_runs_from_right_to_left() -> None:
    page = asked(**cookie("ecg_language=ar; ecg_theme=light"))
    assert '<html lang="ar" dir="rtl" data-theme="light" data-theme-choice="light"' in page


def test_system_theme_is_dark_until_the_browser_says_otherwise() -> None:
    page = asked(**cookie("ecg_theme=system"))
    assert 'data-theme="dark" data-theme-choice="system"' in page


@pytest.mark.parametrize("spoken", ["en", "fr", "ar"])
def test_messages_come_with_the_page(spoken: str) -> None:
    page = asked(**cookie(f"ecg_language={spoken}"))
    found = re.search(r'<script id="messages" type="application/json">(.*?)</script>', page)
    assert found is not None
    assert json.loads(found[1]) == {**definitions(spoken), **catalogue(spoken)}


@pytest.mark.parametrize("spoken", ["en", "fr", "ar"])
def test_words_of_alarms_and_limits_come_with_the_page(spoken: str) -> None:
    page = asked(**cookie(f"ecg_language={spoken}"))
    found = re.search(r'<script id="vocabulary" type="application/json">(.*?)</script>', page)
    assert found is not None
    assert json.loads(found[1]) == vocabulary(spoken)


def test_theme_is_set_before_the_sheets() -> None:
    page = asked()
    assert page.index("/assets/base/theme.js") < page.index("/assets/base/theme.css")


@pytest.mark.parametrize(
    "text", ["</script><script>", "<!--", "a & b", "\u2028\u2029", "{%title%}"]
)
def test_nothing_ends_the_script_element(text: str) -> None:
    made = script_json({text: text})
    assert not set("<>&\u2028\u2029") & set(made)
    assert orjson.loads(made) == {text: text}


def test_a_value_is_not_searched_for_places() -> None:
    with Flask("test").test_request_context("/"):
        page = document(title="{%messages%} <b>", **PARTS)
    assert "<title>{%messages%} &lt;b&gt;</title>" in page


def test_titles_and_shell_speak_the_language_of_the_request() -> None:
    title = titled("Beds")
    with Flask("test").test_request_context("/", **cookie("ecg_language=fr")):
        assert title(device="bed-1") == "Lits · ecg-monitor"
        assert "Aller au contenu" in str(shell(":1"))
    assert title() == "Beds · ecg-monitor"


def test_a_page_is_told_how_much_the_dashboard_reads() -> None:
    with Flask("test").test_request_context("/"):
        assert f"data-most-bytes={MAX_BODY_BYTES}" in str(shell(":1"))
