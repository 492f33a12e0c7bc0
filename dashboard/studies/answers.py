"""What the page Analyze asks for, and what it posts; all of it is about what one person sent in.

``GET /studies``                       files that were sent in with their states, newest first;
                                       ``workers``, ``most_mb``, ``keep_s``, ``piece``, ``formats``
``GET /studies/page?job=ID``           what the page shows of a study that is done
``GET /studies/strip?job=ID&from=S``   ten seconds of it, from second S of the recording on
``GET /studies/file?job=ID&name=N``    a file to take away; ``analysis.json`` is the analysis

What is posted is described in `dashboard.studies.intake`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, Response, request

from dashboard.answers import refusals
from dashboard.answers.asking import StoreThread
from dashboard.answers.fetching import GetRoutes, number, text
from dashboard.answers.own import send_as, send_one, standing
from dashboard.answers.posting import PostRoutes, answer
from dashboard.studies.intake import PIECE_BYTES, Intake
from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs import trace
from ecg_monitor.jobs.folders import JobFacts, JobFolder, owner_of
from ecg_monitor.jobs.queue import JobQueue
from ecg_monitor.records.formats.registry import FORMATS
from ecg_monitor.ward.access import RIGHTS

STRIP_S = 10.0
ANALYSIS = "analysis.json"
NEEDED = RIGHTS["analyse files"]


def install(server: Flask, settings: Settings, store: StoreThread) -> None:
    """Add the addresses to a server that `dashboard.doors.guard` guards.

    Raises:
        SettingsError: an address is malformed.
    """
    queue = JobQueue(settings)
    intake = Intake(settings, queue)
    studies = Studies(settings, intake, queue)
    posting = PostRoutes(server, settings, store)
    posting.add_bytes("/studies/piece", _piece(intake), NEEDED, PIECE_BYTES)
    posting.add("/studies/start", intake.start, NEEDED, first=intake.look)
    for name in ("begin", "example", "remove"):
        posting.add(f"/studies/{name}", getattr(intake, name), NEEDED)
    fetching = GetRoutes(server, store)
    for path, look in (
        ("/studies", studies.listed),
        ("/studies/page", studies.page),
        ("/studies/strip", studies.strip),
        ("/studies/file", studies.file),
    ):
        fetching.add_own(path, look, NEEDED)


class Studies:
    """Tells what has become of what somebody has sent in.

    Args:
        settings: largest upload, how long it is kept.
        intake: where files are.
        queue: where they wait.
    """

    def __init__(self, settings: Settings, intake: Intake, queue: JobQueue) -> None:
        self._settings = settings
        self._folders = intake.folders
        self._queue = queue

    def listed(self, user: str) -> Response:
        """List what somebody has sent in."""
        owner = owner_of(user)
        rows = []
        for facts in self._folders.of(owner):
            folder = self._folders.find(facts.id, owner)
            if folder is not None and facts.task == "study":
                rows.append(self._told(folder, facts))
        return answer(
            200,
            jobs=rows,
            workers=self._queue.workers(),
            most_mb=self._settings.api_upload_mb,
            keep_s=self._settings.api_keep_s,
            piece=PIECE_BYTES,
            formats=[{"name": one.name, "endings": one.endings} for one in FORMATS],
        )

    def page(self, user: str) -> Response:
        """Send what the page shows of a study."""
        folder, _ = self._done(user)
        return Response((folder.path / "page.json").read_bytes(), mimetype="application/json")

    def strip(self, user: str) -> Response:
        """Send ten seconds of a study's signal."""
        folder, _ = self._done(user)
        about = orjson.loads((folder.path / "page.json").read_bytes())
        first = number(request.args, "from", -STRIP_S, 1e9)
        found = trace.strip(folder.path, about, first, STRIP_S) if "leads" in about else None
        return answer(404, error=refusals.gone()) if found is None else answer(200, **found)

    def file(self, user: str) -> Response:
        """Send a file to take away."""
        folder, facts = self._done(user)
        name = text(request.args, "name")
        if name == ANALYSIS:
            return send_as(folder.result, f"{Path(facts.name).stem or 'analysis'}.json")
        return send_one(folder.files, name)

    def _done(self, user: str) -> tuple[JobFolder, JobFacts]:
        folder = self._folders.find(text(request.args, "job"), owner_of(user))
        facts = None if folder is None else folder.facts()
        is_study = facts is not None and facts.task == "study"
        if folder is None or facts is None or not is_study or not folder.result.exists():
            raise FileNotFoundError
        return folder, facts

    def _told(self, folder: JobFolder, facts: JobFacts) -> dict[str, Any]:
        return {
            "id": facts.id,
            "name": facts.name,
            "size": facts.size,
            "example": facts.options.get("example"),
            "created_at": facts.created_at,
            **standing(self._queue, folder),
        }


def _piece(intake: Intake) -> Callable[[bytes, str], dict[str, Any]]:
    def take(content: bytes, user: str) -> dict[str, Any]:
        at = int(number(request.args, "at", 0, 1e12))
        return intake.piece(user, text(request.args, "upload"), at, content)

    return take
