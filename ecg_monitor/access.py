"""Who may see patients' data: signed links that sign a browser in, signed session cookies.

Both are self-contained texts signed with the system's secret (``ECG_SECRET``), so that the
dashboard and the hub agree without sharing anything else, and a restart signs nobody out.
A link travels in a URL and is good for `LINK_S`; opening it sets a cookie good for `SESSION_S`.
Each kind is signed under a salt of its own: a link is no session, and a session is no link.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Literal, get_args
from urllib.parse import urlencode, urlsplit

from itsdangerous import BadData, URLSafeTimedSerializer

from ecg_monitor.errors import SettingsError
from ecg_monitor.settings import Settings

Role = Literal["viewer", "clinician", "admin"]
"""A viewer sees; a clinician also handles alarms and patients; an admin also manages users."""
ROLES: tuple[Role, ...] = get_args(Role)
"""From the weakest to the strongest."""

LINK_S = 12 * 3600
"""A link printed at the start of a shift works to its end."""
SESSION_S = 7 * 24 * 3600
"""A wall display that reconnects must not be signed out overnight."""
SESSION_COOKIE = "ecg_session"
MAX_TOKEN = 1024
"""Characters. Longer texts are refused unread."""

_LINK_SALT = "ecg-monitor sign-in link"
_SESSION_SALT = "ecg-monitor session"
_WILDCARDS = {"", "0.0.0.0", "::"}  # noqa: S104 - recognised, not bound


def sign_in_link(settings: Settings, user: str = "local") -> str:
    """Return an address that signs in the browser that opens it within `LINK_S`.

    Args:
        settings: secret, public address.
        user: who that is; what they do about alerts carries the name.

    Raises:
        SettingsError: there is no secret to sign it with, or the public address is malformed.
    """
    token = make_link_token(settings.require("secret"), user)
    return f"{public_url(settings)}/signin?{urlencode({'token': token})}"


def public_url(settings: Settings) -> str:
    """Return the address under which browsers reach the dashboard, without a final slash.

    Raises:
        SettingsError: ``ECG_PUBLIC_URL`` is not an http or https address.
    """
    if not settings.public_url:
        host = "127.0.0.1" if settings.host in _WILDCARDS else settings.host
        return f"http://{_bracketed(host)}:{settings.port}"
    parts = urlsplit(settings.public_url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise SettingsError(
            "ECG_PUBLIC_URL must look like https://monitor.example.org, "
            f"got {settings.public_url!r}"
        )
    return settings.public_url.rstrip("/")


def allowed_origins(settings: Settings) -> frozenset[str]:
    """Return the values of a browser's ``Origin`` header under which the hub may be opened.

    They are the dashboard's public address and the names under which this very machine reaches
    it. A page of any other site that opens the hub with the visitor's cookie is refused.
    """
    parts = urlsplit(public_url(settings))
    local = {f"http://{host}:{settings.port}" for host in ("localhost", "127.0.0.1", "[::1]")}
    return frozenset({f"{parts.scheme}://{parts.netloc}".lower(), *local})


def at_least(role: Role, needed: Role) -> bool:
    """Whether ``role`` may do what takes ``needed``."""
    return ROLES.index(role) >= ROLES.index(needed)


def make_link_token(secret: str, user: str = "local") -> str:
    """Return the signed text that a sign-in link carries."""
    return _serializer(secret, _LINK_SALT).dumps(user)


def link_user(secret: str, token: str) -> str | None:
    """Return the user that a link's token signs in; None if it is forged, damaged or too old."""
    return _user(secret, _LINK_SALT, token, LINK_S)


def make_session(secret: str, user: str) -> str:
    """Return the signed text of a session cookie."""
    return _serializer(secret, _SESSION_SALT).dumps(user)


def session_user(secret: str, cookie: str) -> str | None:
    """Return the user of a session cookie; None if it is forged, damaged or too old."""
    return _user(secret, _SESSION_SALT, cookie, SESSION_S)


def user_of_cookie_header(secret: str, header: str) -> str | None:
    """Return the signed-in user of a raw ``Cookie`` header, or None."""
    try:
        morsel = SimpleCookie(header).get(SESSION_COOKIE)
    except CookieError:
        return None
    return None if morsel is None else session_user(secret, morsel.value)


def _serializer(secret: str, salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=salt)


def _user(secret: str, salt: str, text: str, max_age_s: int) -> str | None:
    if not text or len(text) > MAX_TOKEN:
        return None
    try:
        user = _serializer(secret, salt).loads(text, max_age=max_age_s)
    except BadData:
        return None
    return user if isinstance(user, str) else None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
