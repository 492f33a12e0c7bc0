"""Refusals that many addresses answer with, in the language of the present request."""

from __future__ import annotations

from dashboard.i18n.messages import catalogue, translate
from dashboard.i18n.preferences import language
from ecg_monitor.core.errors import EcgMonitorError
from ecg_monitor.ward.access import Role

_FIELDS = {
    "patient": "Patient number",
    "name": "Name",
    "text": "Note",
    "label": "Name",
    "place": "Place on the wall",
}
"""What pages call the fields that errors name."""


def foreign() -> str:
    """Say that a request did not come from a page of this dashboard."""
    return translate("not a page of this dashboard", language())


def needs(role: Role) -> str:
    """Say which role is needed."""
    if role == "admin":
        return translate("only an administrator may do this", language())
    return translate("only a clinician may do this", language())


def other_unit() -> str:
    """Say that a bed is of a care unit whose beds the user does not see."""
    return translate("This bed is of another care unit", language())


def unknown_who() -> str:
    """Say that an idle session does nothing until somebody says who they are."""
    return translate("Nobody has done anything here for a while: say who you are first", language())


def store_away() -> str:
    """Say that Redis does not answer."""
    return translate("the data store does not answer", language())


def unanswered(error: Exception) -> str:
    """Say why a question has no answer: Redis does not answer, or all of it takes too long."""
    if isinstance(error, TimeoutError):
        return translate("it takes too long now; try again", language())
    return store_away()


def too_large() -> str:
    """Say that a request is larger than it may be."""
    return translate("the request is too large", language())


def no_space() -> str:
    """Say that the disk does not take what was sent."""
    return translate("the file cannot be kept now; try again later", language())


def gone() -> str:
    """Say that there is no such thing (any more)."""
    return translate("it is not there, or no longer", language())


def wrong(error: EcgMonitorError) -> str:
    """Say what is wrong with a request.

    What only a program can get wrong (a field that is no text) has no translation: it is told in
    the words of the error.
    """
    values = dict(error.values)
    if values.get("field") in _FIELDS:
        values["field"] = translate(_FIELDS[str(values["field"])], language())
    sentence = error.text[:1].upper() + error.text[1:]
    known = sentence in catalogue(language())
    return translate(sentence if known else error.text, language(), **values)
