"""What the review page takes away: an interval of a bed's record as files, or as a report.

``POST /recorded/export``   ``{"device", "within", "from", "to", "format", "language"}``: it is
                            queued (`ecg_monitor.jobs.exports`); times are Unix seconds
``POST /recorded/forget``   ``{"device", "job"}``: one is deleted, or ended if it is under way
``GET /recorded/DEVICE/exports``            those of the user about a bed, newest first, and which
                                            formats there are
``GET /recorded/DEVICE/file?job=ID&name=N``  a file of one

A worker writes them, by the code of `ecg-monitor export` and `report`. They are cut to the span of
the past that the page shows, belong to who asked, and end by age, or with the sight of the bed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import orjson
from flask import Flask, Response, request

from dashboard.answers.asking import StoreThread
from dashboard.answers.fetching import GetRoutes, text
from dashboard.answers.own import send_one, standing
from dashboard.answers.posting import Fields, PostRoutes, answer, number_of, text_of
from dashboard.answers.recorded.reading import span_of
from ecg_monitor.core.errors import EcgMonitorError, RequestError
from ecg_monitor.core.keys import DEVICE_ID, DEVICE_NAMES
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.jobs.exports import LONGEST_S, check, facts_of
from ecg_monitor.jobs.folders import JobFacts, JobFolder, JobFolders, owner_of
from ecg_monitor.jobs.queue import JobQueue
from ecg_monitor.ward.access import RIGHTS
from ecg_monitor.ward.accounts.changes import add_entry
from ecg_monitor.ward.accounts.trail import Entry

log = logging.getLogger(__name__)

NEEDED = RIGHTS["take records away"]
MOST_KEPT = 50
"""Exports and files of one person that are kept at a time."""


def install(server: Flask, settings: Settings, store: StoreThread) -> None:
    """Add the addresses to a server that `dashboard.doors.guard` guards.

    Raises:
        SettingsError: an address is malformed.
    """
    exports = Exports(settings)
    posting = PostRoutes(server, settings, store)
    posting.add("/recorded/export", exports.begin, NEEDED)
    posting.add("/recorded/forget", exports.remove, NEEDED)
    fetching = GetRoutes(server, store)
    fetching.add_own("/recorded/<device>/exports", exports.exports, NEEDED)
    fetching.add_own("/recorded/<device>/file", exports.file, NEEDED)


class Exports:
    """Asks for exports, and tells what has become of them.

    Args:
        settings: where they lie and wait, how long they are kept.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folders = JobFolders(settings)
        self._queue = JobQueue(settings)

    async def begin(self, store: Store, fields: Fields, user: str, address: str) -> Fields:
        """Queue an export.

        Raises:
            EcgMonitorError: it cannot be asked for, or there is no place for it.
            StoreError: Redis does not answer.
        """
        device, form = text_of(fields, "device"), text_of(fields, "format")
        if not DEVICE_ID.fullmatch(device):
            raise RequestError(f"device names are {DEVICE_NAMES}")
        within = number_of(fields, "within") if "within" in fields else None
        since, until = await span_of(store, self._settings, device, within)
        start, end = max(since, number_of(fields, "from")), min(until, number_of(fields, "to"))
        language = text_of(fields, "language") if "language" in fields else "en"
        check(form, language, start, end)
        options = {"start": start, "end": end, "language": language, "packed": True}
        folder = await asyncio.to_thread(self._placed, owner_of(user))
        facts = facts_of(folder, owner_of(user), user, device, form, options)
        try:
            await asyncio.to_thread(folder.begin, facts)
            detail = f"{device} as {form}, {end - start:.0f} s"
            await add_entry(store, Entry("exported", user, user, time.time(), address, detail))
            await asyncio.to_thread(self._queue.put, folder)
        except (StoreError, asyncio.CancelledError):  # the latter: it took too long
            await asyncio.to_thread(self._folders.remove, folder)
            raise
        except OSError as error:
            await asyncio.to_thread(self._folders.remove, folder)
            raise EcgMonitorError("the export cannot be kept now; try again later") from error
        return {"job": facts.id}

    async def remove(self, store: Store, fields: Fields, user: str, address: str) -> Fields:  # noqa: ARG002
        """Delete an export, ending it if it is under way.

        Raises:
            RequestError: there is no such export of theirs.
            StoreError: Redis does not answer.
        """
        found = self._find(text_of(fields, "job"), user, text_of(fields, "device"))
        if found is None:
            raise RequestError("there is no such export (any more)")
        folder, facts = found
        await asyncio.to_thread(self._folders.remove, folder)
        await asyncio.to_thread(self._queue.remove, facts.id)
        return {}

    def exports(self, user: str, device: str) -> Response:
        """List what somebody has taken of a bed."""
        rows = []
        for facts in self._folders.of(owner_of(user)):
            found = self._find(facts.id, user, device)
            if found is None:
                continue
            try:
                rows.append(self._told(*found))
            except FileNotFoundError:
                log.info("export %s was removed while it was looked at", facts.id)
        return answer(
            200,
            exports=rows,
            workers=self._queue.workers(),
            formats=[{"name": name, "longest_s": most} for name, most in LONGEST_S.items()],
            keep_s=self._settings.api_keep_s,
        )

    def file(self, user: str, device: str) -> Response:
        """Send a file of an export, piece by piece."""
        found = self._find(text(request.args, "job"), user, device)
        if found is None or not found[0].result.exists():
            raise FileNotFoundError
        return send_one(found[0].files, text(request.args, "name"))

    def _placed(self, owner: str) -> JobFolder:
        self._folders.check_place(owner, MOST_KEPT, 0)
        try:
            return self._folders.make(owner)
        except OSError as error:
            raise EcgMonitorError("the export cannot be kept now; try again later") from error

    def _find(self, job: str, user: str, device: str) -> tuple[JobFolder, JobFacts] | None:
        folder = self._folders.find(job, owner_of(user))
        facts = None if folder is None else folder.facts()
        if folder is None or facts is None or facts.task != "export":
            return None
        return (folder, facts) if facts.options.get("device") == device else None

    def _told(self, folder: JobFolder, facts: JobFacts) -> dict[str, Any]:
        how = standing(self._queue, folder)
        done = orjson.loads(folder.result.read_bytes()) if how["state"] == "finished" else {}
        return {
            "id": facts.id,
            "format": facts.options["format"],
            "from": facts.options["start"],
            "to": facts.options["end"],
            **how,
            "files": done.get("files", []),
            "notes": done.get("notes", []),
        }
