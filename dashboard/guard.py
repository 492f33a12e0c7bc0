"""Lets nobody see anything without having signed in, and sets the browser's own defences.

``/signin?token=...`` turns a good link into a session cookie. ``/healthz`` is open and tells only
that the process answers. Everything else without a good cookie is a 401 page that says how to get
a link, or a bare 401 for what a script fetches. To those inside, ``flask.g.user`` says who
asks, ``flask.g.role`` what they may do.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dashboard.addresses import hub_address
from ecg_monitor import access
from ecg_monitor.settings import Settings

_SIGN_IN_PAGE = Path(__file__).with_name("signed_out.html")


def install(server: Flask, settings: Settings) -> None:
    """Guard every address of the server.

    Raises:
        SettingsError: the secret is missing, or an address is malformed.
    """
    secret = settings.require("secret")
    secure = access.public_url(settings).startswith("https:")
    policy = _content_policy(settings)
    signed_out = _SIGN_IN_PAGE.read_text(encoding="utf-8")

    def refuse() -> Response:
        wants_page = "text/html" in request.headers.get("Accept", "")
        text, kind = (signed_out, "text/html") if wants_page else ("not signed in\n", "text/plain")
        return Response(
            text, 401, {"Cache-Control": "no-store"}, content_type=f"{kind}; charset=utf-8"
        )

    @server.before_request
    def check() -> Response | None:
        if request.path in {"/healthz", "/signin"}:
            return None
        cookie = request.cookies.get(access.SESSION_COOKIE, "")
        g.user = access.session_user(secret, cookie)
        g.role = "admin"
        return refuse() if g.user is None else None

    @server.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", content_type="text/plain")

    @server.get("/session")
    def session() -> Response:
        """Tell a page whose hub connection was refused whether its session has ended."""
        return Response(status=204)

    @server.get("/signin")
    def sign_in() -> AnyResponse:
        user = access.link_user(secret, request.args.get("token", ""))
        if user is None:
            return refuse()
        # SEE OTHER drops the token from the address bar and the history of the next page.
        response = redirect("/", 303)
        response.set_cookie(
            access.SESSION_COOKIE,
            access.make_session(secret, user),
            max_age=access.SESSION_S,
            httponly=True,
            secure=secure,
            samesite="Lax",  # Strict would drop it on the way from a link in a terminal or mail
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    @server.after_request
    def defend(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


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
