"""Lets nobody see anything without having signed in, and sets the browser's own defences.

``/healthz`` is open and tells only that the process answers; so are the page to sign in, what it is
drawn with, and ``/metrics``, which has a guard of its own. Everything else without a session is a
401 with the page to sign in, or a bare 401 for what a script fetches. To those inside,
``flask.g.user`` says who asks, ``flask.g.role`` what they may do, ``flask.g.visit`` the session and
``flask.g.sight`` which beds they may see. An address that names a bed of another care unit is a 403
(`dashboard.answers.sight`), whatever it would answer.

Who is idle goes on seeing everything and does nothing: what would change something is a 403 with
``"who": true`` until somebody says who they are (``/session/again``).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from dashboard.addresses import hub_address
from dashboard.answers import refusals, sight
from dashboard.answers.asking import StoreThread
from dashboard.answers.posting import answer
from dashboard.doors import sign_in
from dashboard.doors.visitors import Visitors
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward import access

_OPEN = frozenset(
    {
        "/healthz",
        "/signin",
        "/metrics",
        "/assets/base/theme.css",
        "/assets/base/theme.js",
        "/assets/session/sign_in.css",
        "/assets/icon.svg",
    }
)

_PAGES = frozenset({"/", "/<path:path>"})
"""Dash's names for the addresses of all pages."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_WHILE_IDLE = frozenset({"/_dash-update-component", "/session/again", "/session/end"})
"""What an idle session may post: Dash asks for the empty element of a page that way."""


def install(server: Flask, settings: Settings, store: StoreThread) -> Visitors:
    """Guard every address of the server; returns who knows the visitors.

    Raises:
        SettingsError: the secret is missing, or an address is malformed.
    """
    visitors = Visitors(settings, store)
    policy = _content_policy(settings)

    @server.before_request
    def check() -> Response | None:
        if request.path in _OPEN:
            return None
        cookie = request.cookies.get(access.SESSION_COOKIE, "")
        # Whoever changes something must not have been signed out a second ago.
        visit = visitors.find(cookie, fresh=request.method != "GET")
        if visit is None:
            return sign_in.refuse()
        g.visit, g.user, g.role = visit, visit.session.user, visit.session.role
        g.sight = visitors.sight_of(visit)
        if visit.idle and request.method not in _READING and request.path not in _WHILE_IDLE:
            return answer(403, error=refusals.unknown_who(), who=True)
        return _refuse_beds()

    @server.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", content_type="text/plain")

    @server.after_request
    def defend(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _policy_of_response(policy)
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        if response.mimetype in {"text/html", "application/json"}:
            # Nobody gets a patient from the browser's memory who has signed out.
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    sign_in.install(server, settings, visitors)
    return visitors


def _refuse_beds() -> Response | None:
    """Answer a request whose address names a bed that the visitor does not see; None: go on.

    The document of a page tells nothing of a bed: its element says that the bed is not theirs
    (`dashboard.web.pages`), and the query may hold what the page is to be filtered by.
    """
    if request.endpoint in _PAGES or sight.sees_all({**request.args, **(request.view_args or {})}):
        return None
    return answer(403, error=refusals.other_unit())


def _content_policy(settings: Settings) -> dict[str, str]:
    """Return what a page may load and run: nothing that stands in the document itself.

    A document that has a script in it says so in ``flask.g.script_hashes``; ``flask.g.style_nonce``
    is carried by the styles that its own scripts make.

    Raises:
        SettingsError: an address is malformed.
    """
    return {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": f"'self' {_hub_sources(settings)}",
        "object-src": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
    }


def _hub_sources(settings: Settings) -> str:
    """Return where the hub is, seen from the pages to which it listens.

    A policy cannot name a host by its IPv6 address (CSP Level 3, section 6.7.2.8): there the
    response allows all hosts.
    """
    address = hub_address(settings)
    if not address.startswith(":"):
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.netloc}"
    pages = [urlsplit(origin) for origin in access.allowed_origins(settings)]
    found = set()
    for page in pages:
        if ":" not in (page.hostname or ""):
            scheme = "wss" if page.scheme == "https" else "ws"
            found.add(f"{scheme}://{page.hostname}{address}")
    return " ".join(sorted(found))


def _policy_of_response(policy: dict[str, str]) -> str:
    """Return the policy with what the document of the present request needs."""
    rules = {**policy, "script-src": " ".join([policy["script-src"], *g.get("script_hashes", ())])}
    if "style_nonce" in g:
        rules["style-src"] += f" 'nonce-{g.style_nonce}'"
    if request.host.startswith("["):  # by its IPv6 address, which no source can name
        rules["connect-src"] += " ws: wss:"
    return "; ".join(f"{name} {value}" for name, value in rules.items())
