"""Lets nobody see anything without having signed in, and sets the browser's own defences.

``/healthz`` is open and tells only that the process answers; so are the page to sign in, what it is
drawn with, and ``/metrics``, which has a guard of its own. Everything else without a session is a
401 with the page to sign in, or a bare 401 for what a script fetches. To those inside,
``flask.g.user`` says who asks, ``flask.g.role`` what they may do and ``flask.g.visit`` the session.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from dashboard.addresses import hub_address
from dashboard.answers.asking import StoreThread
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
        return None

    @server.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", content_type="text/plain")

    @server.after_request
    def defend(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    sign_in.install(server, settings, visitors)
    return visitors


def _content_policy(settings: Settings) -> str:
    address = hub_address(settings)
    if address.startswith(":"):
        hub = f"ws://*{address} wss://*{address}"
    else:
        parts = urlsplit(address)
        hub = f"{parts.scheme}://{parts.netloc}"
    rules = {
        "default-src": "'self'",
        "script-src": "'self' 'unsafe-inline'",  # Dash starts itself from an inline script
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "connect-src": f"'self' {hub}",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
