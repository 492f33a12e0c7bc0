"""The HTML document of a page: made per request, in the language and theme of who asks."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from html import escape
from typing import Any

import dash
import orjson
from flask import g, request

from dashboard.i18n.messages import catalogue, direction, translate
from dashboard.i18n.preferences import language, theme
from dashboard.i18n.vocabulary import definitions, vocabulary
from dashboard.web import files
from dashboard.web.pages import page_of
from dashboard.web.shell import INDEX

PLACE = re.compile(r"\{%(\w+)%\}")
"""A place in a document: ``{%name%}``."""
_FILE = re.compile(r'(?<=")/assets/([\w/]+\.(?:css|js))(?=")')
"""A file of ours that the document names."""


class Dashboard(dash.Dash):
    """A Dash application whose document follows the request."""

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override]
        """Return the document; ``parts`` are Dash's own pieces of it.

        Dash starts itself from a script in the document, and its scripts put styles into it:
        `dashboard.doors.guard` is told the one's hash, and the others' nonce.
        """
        modules = files.import_map()
        g.script_hashes = [*self.csp_hashes(), _hash_source(modules)]
        g.style_nonce = secrets.token_urlsafe(16)
        return document(nonce=g.style_nonce, modules=modules, **parts)


def document(**parts: str) -> str:
    """Return the document of the present request, around Dash's own ``parts`` of it."""
    spoken, chosen = language(), theme()
    page = page_of(request.path)
    values = {
        "nonce": "",
        "modules": "{}",
        **parts,
        "lang": spoken,
        "dir": direction(spoken),
        "theme": chosen,
        "shown": "dark" if chosen == "system" else chosen,  # until theme.js knows better
        "title": escape(parts.get("title", "")),
        "page": page,
        "needed": "\n".join(
            f'<link rel="modulepreload" href="{files.address_of(name)}">'
            for name in files.needed(page)
        ),
        "messages": script_json({**definitions(spoken), **catalogue(spoken)}),
        "vocabulary": script_json(vocabulary(spoken)),
    }
    # In one go: no value is searched for places again.
    index = _FILE.sub(lambda found: files.address_of(found[1]), INDEX)
    return PLACE.sub(lambda place: values[place[1]], index)


def _hash_source(script: str) -> str:
    """Return what a content policy calls a script that stands in the document."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def titled(text: str) -> Callable[..., str]:
    """Return what Dash calls, with the variables of a page's path, for the page's title."""
    return lambda **_: f"{translate(text, language())} · ecg-monitor"


def script_json(value: Any) -> str:
    """Return JSON that may stand in a ``script`` element: nothing in it ends the element."""
    text = orjson.dumps(value).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
