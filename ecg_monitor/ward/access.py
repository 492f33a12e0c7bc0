"""Signed links and cookies, roles, and the addresses under which the dashboard is reached.

A link is a self-contained text signed with the system's secret (``ECG_SECRET``): it names a user
and a role, travels in a URL and is good for `LINK_S`. A cookie carries the signed token of a
session that is kept in Redis (see `ecg_monitor.ward.accounts`); what is not signed by us is refused
without asking Redis. Each kind is signed under a salt of its own: a link is no cookie, and a cookie
is no link.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, Literal, get_args
from urllib.parse import urlencode, urlsplit

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import Settings

Role = Literal["viewer", "clinician", "admin"]
"""A viewer sees; a clinician also handles alarms and patients; an admin also manages users."""
ROLES: tuple[Role, ...] = get_args(Role)
"""From the weakest to the strongest."""

Right = Literal["analyse files", "take records away"]
RIGHTS: dict[Right, Role] = {"analyse files": "clinician", "take records away": "clinician"}
"""What takes a role of its own: the role that it takes. A file is sent in to be worked on, and may
be a patient's who is not here; what is exported leaves the hospital's guard: both are more than
seeing."""

LINK_S = 12 * 3600
"""A link printed at the start of a shift works to its end."""
SESSION_COOKIE = "ecg_session"
MAX_TOKEN = 1024
"""Characters. Longer texts are refused unread."""

_LINK_SALT = "ecg-monitor sign-in link"
_SESSION_SALT = "ecg-monitor session"
_WILDCARDS = {"", "0.0.0.0", "::"}  # noqa: S104 - recognised, not bound


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says.

    Attributes:
        user: whom it signs in.
        role: what the user may do then.
        made_at: Unix s; whole seconds.
    """

    user: str
    role: Role
    made_at: float


def sign_in_link(settings: Settings, user: str = "local", role: Role = "admin") -> str:
    """Return an address that signs in the browser that opens it within `LINK_S`.

    Args:
        settings: secret, public address.
        user: who that is; what they do about alerts carries the name.
        role: what they may do.

    Raises:
        SettingsError: links are switched off, there is no secret to sign one with, or the public
            address is malformed.
    """
    if settings.links == "off":
        raise SettingsError("ECG_LINKS is off: sign in with a user name and a password")
    token = make_link_token(settings.require("secret"), user, role)
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


def make_link_token(secret: str, user: str = "local", role: Role = "admin") -> str:
    """Return the signed text that a sign-in link carries."""
    return URLSafeTimedSerializer(secret, salt=_LINK_SALT).dumps([user, role])


def read_link_token(secret: str, token: str) -> Link | None:
    """Return what a link's token says; None if it is forged, damaged or too old."""
    if not token or len(token) > MAX_TOKEN:
        return None
    serializer = URLSafeTimedSerializer(secret, salt=_LINK_SALT)
    try:
        said, made_at = serializer.loads(token, max_age=LINK_S, return_timestamp=True)
    except BadData:
        return None
    match said:
        case [str(user), str(role)]:
            known = next((one for one in ROLES if one == role), None)
            return None if known is None else Link(user, known, made_at.timestamp())
    return None


def new_token() -> str:
    """Return the secret of a new session: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """Return the name under which the session of a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_cookie(secret: str, token: str) -> str:
    """Return the signed text of a session's cookie."""
    return URLSafeSerializer(secret, salt=_SESSION_SALT).dumps(token)


def digest_of_cookie(secret: str, cookie: str) -> str | None:
    """Return the name of a cookie's session; None if the cookie is forged or damaged.

    Whether there is such a session, and whether it is over, the signature does not tell.
    """
    if not cookie or len(cookie) > MAX_TOKEN:
        return None
    try:
        token: Any = URLSafeSerializer(secret, salt=_SESSION_SALT).loads(cookie)
    except BadData:
        return None
    return digest_of(token) if isinstance(token, str) else None


def digest_of_cookie_header(secret: str, header: str) -> str | None:
    """Return the name of the session in a raw ``Cookie`` header, or None."""
    try:
        morsel = SimpleCookie(header).get(SESSION_COOKIE)
    except CookieError:
        return None
    return None if morsel is None else digest_of_cookie(secret, morsel.value)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
