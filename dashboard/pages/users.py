"""The page of users: accounts, open sessions, and who did what. For administrators."""

from __future__ import annotations

from typing import Any

from dashboard.pages.view import view


def layout(**_: str) -> Any:
    """Return the page; what it shows the browser asks for, and only an administrator gets it."""
    return view("users")
