"""The page to sign in, the links that sign in, and what a page may do about its own session.

``GET /signin``            the page; with ``?token=...`` a link, which signs in at once
``POST /signin``           the page's form: user name and password
``GET /session``           JSON about the session; does not count as doing something
``POST /session/active``   the user did something: the idle time begins anew
``POST /session/again``    ``{"name", "password"}``: who is at an idle session, which may act again
                           then; ``{"same": whether it is the one who had signed in}``
``POST /session/end``      sign out
``POST /session/wall``     become a display on a wall: viewer, without idle time, for 7 days;
                           ``{"units": [id, ...]}``: of these care units alone
``POST /session/password`` change one's own password; all one's sessions end

Posts must come from a page of the dashboard itself (``Origin``): a page of another site can sign
nobody in or out, with the visitor's cookie or with a password of its own.
"""

from __future__ import annotations

import logging
import re
from html import escape
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dashboard.answers import refusals
from dashboard.answers.posting import answer, fields_of_request
from dashboard.doors.visitors import Visitors
from dashboard.i18n.messages import direction, translate
from dashboard.i18n.preferences import language, theme
from ecg_monitor.core.errors import AccountError, EcgMonitorError, TooManyAttemptsError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import StoreError
from ecg_monitor.ward import access
from ecg_monitor.ward.accounts.entrance import LONGEST_S, WALL_S

log = logging.getLogger(__name__)

_PAGE = Path(__file__).with_name("sign_in.html").read_text(encoding="utf-8")
_PLACE = re.compile(r"\{%(\w+)%\}")
_MAX_FORM_BYTES = 16 * 1024


def install(server: Flask, settings: Settings, visitors: Visitors) -> None:
    """Add the addresses to a server that `dashboard.doors.guard` guards.

    Raises:
        SettingsError: the public address is malformed.
    """
    _SignIn(settings, visitors).install(server)


def refuse() -> Response:
    """Answer a request without a session: a page to sign in, or a bare 401 for a script."""
    if "text/html" in request.headers.get("Accept", ""):
        return _page(401, next_path=request.full_path.rstrip("?"))
    return Response(
        "not signed in\n", 401, {"Cache-Control": "no-store"}, content_type="text/plain"
    )


class _SignIn:
    def __init__(self, settings: Settings, visitors: Visitors) -> None:
        self._visitors = visitors
        self._secret = settings.require("secret")
        self._links = settings.links == "on"
        self._origins = access.allowed_origins(settings)
        self._secure = access.public_url(settings).startswith("https:")

    def install(self, server: Flask) -> None:
        for path, view, method in (
            ("/signin", self._show, "GET"),
            ("/signin", self._sign_in, "POST"),
            ("/session", self._session, "GET"),
            ("/session/active", self._active, "POST"),
            ("/session/again", self._again, "POST"),
            ("/session/end", self._end, "POST"),
            ("/session/wall", self._wall, "POST"),
            ("/session/password", self._password, "POST"),
        ):
            server.add_url_rule(path, f"{method}:{path}", self._checked(view), methods=[method])

    def _checked(self, view: Any) -> Any:
        """Refuse posts of other sites; say what went wrong with others."""

        def checked() -> AnyResponse:
            form = request.path == "/signin"
            posts = request.method == "POST"
            if posts and request.headers.get("Origin", "").lower() not in self._origins:
                log.warning("refused a request of %.80r", request.headers.get("Origin"))
                error: str = "not a page of this dashboard"
                return _page(403, error=error) if form else answer(403, error=error)
            try:
                response: AnyResponse = view()
            except (StoreError, TimeoutError) as problem:
                log.warning("cannot reach Redis: %s", problem or "it is too slow")
                status, error, name = 503, "the data store does not answer", ""
            except EcgMonitorError as problem:
                status, error, name = 401, str(problem), _typed("name")
                if not form:
                    return answer(400, error=refusals.wrong(problem))
                if isinstance(problem, TooManyAttemptsError):
                    return _too_many(problem, name)
            else:
                return response
            if not form:
                return answer(status, error=error)
            return _page(status, error=error, name=name, next_path=_typed("next"))

        return checked

    def _show(self) -> AnyResponse:
        token = request.args.get("token")
        if token is None:
            error = "your session has ended" if "ended" in request.args else ""
            return _page(200, error=error, next_path=request.args.get("next", ""))
        link = access.read_link_token(self._secret, token) if self._links else None
        if link is None:
            raise AccountError("this link is not good, or no longer")
        address, former = _address(), self._former()
        made = self._visitors.enter(lambda entrance: entrance.follow_link(link, address, former))
        # SEE OTHER drops the token from the address bar and the history of the next page.
        return self._let_in(redirect("/", 303), made, LONGEST_S)

    def _sign_in(self) -> AnyResponse:
        if (request.content_length or 0) > _MAX_FORM_BYTES:
            raise AccountError("user name or password is wrong")
        name, password = request.form.get("name", ""), request.form.get("password", "")
        # A session of its own for every sign-in: one that was put into this browser gains nothing.
        address, former = _address(), self._former()
        made = self._visitors.enter(
            lambda entrance: entrance.sign_in(name, password, address, former)
        )
        return self._let_in(redirect(_local(request.form.get("next", "")), 303), made, LONGEST_S)

    def _session(self) -> Response:
        """Tell a page about its session, or by a 401 that it is over."""
        session, left_s = g.visit.session, g.visit.left_s
        return answer(
            200,
            user=session.user,
            role=session.role,
            kind=session.kind,
            left_s=left_s,
            acts_s=g.visit.acts_s,
            idle_s=session.idle_s,
        )

    def _active(self) -> Response:
        digest = g.visit.digest
        self._visitors.enter(lambda entrance: entrance.touch(digest))
        return answer(200)

    def _again(self) -> AnyResponse:
        fields = fields_of_request()
        name, password = fields.get("name"), fields.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            raise AccountError("name and password must be texts")
        visit, address = g.visit, _address()
        made = self._visitors.enter(
            lambda entrance: entrance.come_back(visit, name, password, address)
        )
        if made is None:
            return answer(200, same=True)
        return self._let_in(answer(200, same=False), made, LONGEST_S)

    def _end(self) -> Response:
        visit, address = g.visit, _address()
        self._visitors.enter(lambda entrance: entrance.sign_out(visit, address))
        response = answer(200)
        response.delete_cookie(access.SESSION_COOKIE)
        return response

    def _wall(self) -> AnyResponse:
        units = fields_of_request().get("units", [])
        if not isinstance(units, list) or not all(isinstance(one, str) for one in units):
            raise AccountError("units must be a list of ids")
        if not all(map(g.sight.may_enter, units)):
            raise AccountError("this care unit is not there, or not yours")
        visit, address = g.visit, _address()
        made = self._visitors.enter(lambda entrance: entrance.start_wall(visit, address, units))
        return self._let_in(answer(200), made, WALL_S)

    def _password(self) -> Response:
        fields = fields_of_request()
        old, new = fields.get("old"), fields.get("new")
        if not isinstance(old, str) or not isinstance(new, str):
            raise AccountError("old and new must be texts")
        user, address = g.user, _address()
        self._visitors.enter(lambda entrance: entrance.change_password(user, old, new, address))
        return answer(200)

    def _former(self) -> str:
        cookie = request.cookies.get(access.SESSION_COOKIE, "")
        return access.digest_of_cookie(self._secret, cookie) or ""

    def _let_in(self, response: AnyResponse, token: str, life_s: float) -> AnyResponse:
        response.set_cookie(
            access.SESSION_COOKIE,
            access.make_cookie(self._secret, token),
            max_age=int(life_s),
            httponly=True,
            secure=self._secure,
            samesite="Lax",  # Strict would drop it on the way from a link in a terminal or mail
        )
        response.headers["Cache-Control"] = "no-store"
        return response


def _page(
    status: int, *, error: str = "", name: str = "", next_path: str = "", **error_values: object
) -> Response:
    spoken, chosen = language(), theme()
    values = {
        "lang": spoken,
        "dir": direction(spoken),
        "theme": chosen,
        "shown": "dark" if chosen == "system" else chosen,
        "error": translate(error[:1].upper() + error[1:], spoken, **error_values),
        "hidden": "" if error else "hidden",
        "name": name,
        "next": _local(next_path),
        # Where to go on: the field that is still empty.
        "name_focus": "" if name else "autofocus",
        "password_focus": "autofocus" if name else "",
    }
    values |= {
        place: translate(text, spoken)
        for place, text in {
            "title": "Sign in",
            "user": "User name",
            "password": "Password",
            "submit": "Sign in",
            "help": "No account? Ask an administrator of this monitor.",
            "notice": "Research software, not a medical device",
        }.items()
    }
    text = _PLACE.sub(lambda place: escape(values[place[1]]), _PAGE)
    headers = {
        "Cache-Control": "no-store",
        # A form's Origin is hidden from ourselves too under "no-referrer" (Fetch standard, 3.2).
        "Referrer-Policy": "same-origin",
    }
    return Response(text, status, headers, content_type="text/html; charset=utf-8")


def _too_many(problem: TooManyAttemptsError, name: str) -> Response:
    wait_s = max(1, round(problem.wait_s))
    error = "too many failed attempts; try again in {n} s"
    response = _page(429, error=error, n=wait_s, name=name, next_path=_typed("next"))
    response.headers["Retry-After"] = str(wait_s)
    return response


def _typed(field: str) -> str:
    """Return a field of the form for the page that shows it once more."""
    return request.form.get(field, "")[:1024]


def _local(path: str) -> str:
    """Return a path of this very site: what names another host is none."""
    good = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if good and not path.startswith(("/signin", "/session", "/_dash")) else "/"


def _address() -> str:
    return request.remote_addr or ""
