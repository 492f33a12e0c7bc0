"""How the one who asks wants to see the dashboard: language and theme.

Both are cookies that the page itself sets (``assets/header/preferences.js``): they belong to a
screen, not to a person, since whoever stands before a wall display did not sign in there. Without a
cookie the browser's own language counts, and the dark theme: a central station hangs in a room that
is dim at night, and must not light it up because a desktop's setting says so.
"""

from __future__ import annotations

from typing import Final

from flask import has_request_context, request

from dashboard.i18n.messages import LANGUAGES

LANGUAGE_COOKIE: Final = "ecg_language"
THEME_COOKIE: Final = "ecg_theme"
THEMES: Final = ("dark", "light", "system")


def language() -> str:
    """Return the language of the present request; English outside of one."""
    if not has_request_context():
        return "en"
    wanted = request.cookies.get(LANGUAGE_COOKIE, "")
    if wanted in LANGUAGES:
        return wanted
    return request.accept_languages.best_match(list(LANGUAGES), "en") or "en"


def theme() -> str:
    """Return the theme of the present request: one of `THEMES`."""
    wanted = request.cookies.get(THEME_COOKIE, "") if has_request_context() else ""
    return wanted if wanted in THEMES else "dark"
