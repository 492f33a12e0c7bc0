"""Refusals that many addresses answer with, in the language of the present request.

What is wrong with the content of a request stays in the words of `ecg_monitor.errors`, which name
its fields.
"""

from __future__ import annotations

from dashboard.i18n import translate
from dashboard.preferences import language
from ecg_monitor.access import Role


def foreign() -> str:
    """Say that a request did not come from a page of this dashboard."""
    return translate("not a page of this dashboard", language())


def needs(role: Role) -> str:
    """Say which role is needed."""
    if role == "admin":
        return translate("only an administrator may do this", language())
    return translate("only a clinician may do this", language())


def store_away() -> str:
    """Say that Redis does not answer."""
    return translate("the data store does not answer", language())


def gone() -> str:
    """Say that there is no such thing (any more)."""
    return translate("it is not there, or no longer", language())
