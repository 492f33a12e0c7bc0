"""The languages of the dashboard: messages are looked up by their English text.

``locale/{language}/*.json`` hold ``{"English text": "translation"}``, one file per part of the
dashboard. A text that depends on a count maps to one translation per plural category of the
language (CLDR: ``{"one": ..., "other": ...}``; Arabic has six). The whole catalogue of a language
goes to the browser with the page (``<script id="messages">``), where ``assets/base/i18n.js`` looks
messages up in the same way.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import orjson

LANGUAGES: Final = {"en": "English", "fr": "Français", "ar": "العربية"}
"""Codes, and what each language calls itself."""
RIGHT_TO_LEFT: Final = frozenset({"ar"})

Translation = str | dict[str, str]
"""A text, or a text per plural category."""

_LOCALE = Path(__file__).with_name("locale")


@cache
def catalogue(language: str) -> dict[str, Translation]:
    """Return all translations of a language; English has none.

    Raises:
        ValueError: two files translate the same text differently.
    """
    messages: dict[str, Translation] = {}
    for path in sorted((_LOCALE / language).glob("*.json")):
        for text, translation in orjson.loads(path.read_bytes()).items():
            if messages.setdefault(text, translation) != translation:
                raise ValueError(f"{path} translates {text!r} unlike another file")
    return messages


def translate(text: str, language: str, **values: object) -> str:
    """Return ``text`` in a language, with ``{name}`` filled in; the text itself if not known."""
    found = catalogue(language).get(text, text)
    if not isinstance(found, str):  # depends on a count: the browser's business
        found = text
    return found.format(**values) if values else found


def direction(language: str) -> str:
    """Return the value of ``dir`` for a language: ``rtl`` or ``ltr``."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
