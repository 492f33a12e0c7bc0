"""Takes a file in, piece by piece: no request is large, and one that is lost is sent again.

``POST /studies/begin``                ``{"name", "size"}``: may it come, and under which id
``POST /studies/piece?upload=ID&at=N``  bytes of it from byte N on; says how many there are now
``POST /studies/start``                ``{"upload", "language"}`` and of a table of text ``leads``,
                                       ``fs``, ``unit``: it is all there, and is queued
``POST /studies/example``              ``{"name", "language"}``
``POST /studies/remove``               ``{"job"}``: a study, or a file that is coming in
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import orjson

from dashboard.answers.posting import Fields
from ecg_monitor.core.errors import EcgMonitorError, RequestError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.store import Store, StoreError
from ecg_monitor.jobs.beat_tables import is_table_of_beats
from ecg_monitor.jobs.examples import EXAMPLES
from ecg_monitor.jobs.folders import JOB_ID, JobFacts, JobFolder, JobFolders, owner_of
from ecg_monitor.jobs.queue import JobQueue
from ecg_monitor.jobs.uploads import UNPACKED, check_upload, kept_name, shown_name
from ecg_monitor.ward.accounts import changes
from ecg_monitor.ward.accounts.trail import AccountAct, Entry

MOST_KEPT = 50
"""Files of one person that are kept at a time, with those that are coming in."""
PIECE_BYTES = 512 * 1024
"""A piece: half of what the dashboard's server takes in one request."""
UNITS = ("mV", "uV", "V")
LANGUAGES = ("en", "fr", "ar")
_COMING = "coming.json"
_MEGABYTE = 1_000_000


class Intake:
    """Takes files in, and puts them into the queue.

    Args:
        settings: largest upload, where it is kept.
        queue: where jobs wait.
    """

    def __init__(self, settings: Settings, queue: JobQueue) -> None:
        self.folders = JobFolders(settings)
        self.most_bytes = settings.api_upload_mb * _MEGABYTE
        self._megabytes = settings.api_upload_mb
        self._queue = queue

    async def begin(self, store: Store, fields: Fields, user: str, address: str) -> Fields:  # noqa: ARG002
        """Make a place for a file.

        Raises:
            EcgMonitorError: it is of no kind that is read, empty, too large, or there is no place.
        """
        name, size = _text(fields, "name"), _whole(fields, "size")
        if size == 0:
            raise RequestError("the file is empty")
        if size > self.most_bytes:
            raise RequestError("the file is larger than {most} MB", most=self._megabytes)
        kept = kept_name(name)
        return {"upload": await asyncio.to_thread(self._make, user, name, kept, size)}

    def piece(self, user: str, upload: str, at: int, content: bytes) -> Fields:
        """Write a piece of a file to its place; one that comes twice changes nothing.

        Raises:
            RequestError: there is no such upload, or the piece does not belong there.
            OSError: the disk does not take it.
        """
        folder, coming = self._coming(user, upload)
        path = folder.upload / coming["kept"]
        there = path.stat().st_size
        if not 0 <= at <= there or at + len(content) > coming["size"]:
            raise RequestError(
                "the piece does not belong there: {there} bytes are here", there=there
            )
        file = os.open(path, os.O_WRONLY)
        try:
            os.pwrite(file, content, at)
        finally:
            os.close(file)
        return {"there": max(there, at + len(content))}

    def look(self, fields: Fields, user: str) -> Fields | None:
        """Make sure that a file can be worked on, before it is queued.

        Returns:
            ``{"ask": preview}`` of a table of text that cannot be read without being told its
            columns, unit or rate (`ecg_monitor.records.formats.text.preview`); None if nothing
            has to be asked.

        Raises:
            EcgMonitorError: it is not all there, or holds no recording.
        """
        folder, coming = self._coming(user, _text(fields, "upload"))
        if "leads" in _options(fields):
            return None
        ask = self._looked_at(folder.upload / coming["kept"], coming)
        return None if ask is None else {"ask": ask}

    async def start(self, store: Store, fields: Fields, user: str, address: str) -> Fields:
        """Queue a file that is all there.

        Returns:
            ``{"job": id}``

        Raises:
            EcgMonitorError: there is no such file, or it is told to be read in no way that exists.
            StoreError: Redis does not answer.
        """
        folder, coming = self._coming(user, _text(fields, "upload"))
        facts = self._facts(folder, user, coming["name"], coming["size"], _options(fields))
        await self._queued(store, folder, facts, address)
        return {"job": facts.id}

    async def example(self, store: Store, fields: Fields, user: str, address: str) -> Fields:
        """Queue an example.

        Raises:
            EcgMonitorError: there is no such example, or no place.
        """
        name = _one_of(fields, "name", EXAMPLES)
        options = {"language": _one_of(fields, "language", LANGUAGES, "en"), "example": name}
        folder = await asyncio.to_thread(self._placed, user, 0)
        await self._queued(store, folder, self._facts(folder, user, name, 0, options), address)
        return {"job": folder.path.name}

    async def remove(self, store: Store, fields: Fields, user: str, address: str) -> Fields:
        """Remove a study, ending it if it is under way, or a file that is coming in.

        Raises:
            RequestError: there is no such thing of theirs.
        """
        job = _text(fields, "job")
        folder = self.folders.find(job, owner_of(user))
        facts = None if folder is None else folder.facts()
        if folder is None or facts is None:
            coming, _ = self._coming(user, job)
            await asyncio.to_thread(self.folders.remove, coming)
            return {}
        await asyncio.to_thread(self.folders.remove, folder)
        await asyncio.to_thread(self._queue.remove, job)
        await _note(store, "upload_deleted", facts, address)
        return {}

    def _make(self, user: str, name: str, kept: str, size: int) -> str:
        folder = self._placed(user, size)
        (folder.upload / kept).touch()
        folder.write(_COMING, {"name": shown_name(name), "kept": kept, "size": size})
        return folder.path.name

    def _placed(self, user: str, size: int) -> JobFolder:
        owner = owner_of(user)
        self.folders.check_place(owner, MOST_KEPT, size)
        try:
            return self.folders.make(owner)
        except OSError as error:
            raise EcgMonitorError("the file cannot be kept now; try again later") from error

    def _coming(self, user: str, upload: str) -> tuple[JobFolder, dict[str, Any]]:
        folder = self.folders.coming(upload, owner_of(user)) if JOB_ID.fullmatch(upload) else None
        try:
            if folder is not None:
                return folder, orjson.loads((folder.path / _COMING).read_bytes())
        except (FileNotFoundError, ValueError):
            pass
        raise RequestError("there is no such file coming in (any more); send it again")

    def _looked_at(self, path: Path, coming: dict[str, Any]) -> Fields | None:
        """Make sure that a file can be worked on; return what has to be asked first, or None."""
        from ecg_monitor.records.formats.text.preview import preview  # noqa: PLC0415 - loads numpy
        from ecg_monitor.records.reader import is_table  # noqa: PLC0415

        there = path.stat().st_size
        if there != coming["size"]:
            raise RequestError(
                "{there} of {size} bytes have come; send it again", there=there, size=coming["size"]
            )
        try:
            check_upload(path, UNPACKED * self.most_bytes)
            if not is_table(path) or is_table_of_beats(path):
                return None
            found = preview(path)
        except EcgMonitorError as error:
            text = str(error).removeprefix(f"{path}: ").replace(f"{path.parent}/", "")
            self.folders.remove(JobFolder(path.parent.parent))
            raise type(error)(error.text if error.values else text, **error.values) from error
        if found.is_sure:
            return None
        return {
            "columns": found.columns,
            "chosen": found.chosen,
            "rows": found.rows,
            "has_time": found.has_time,
            "has_unit": found.has_unit,
            "unit": found.unit,
            "doubt": found.doubt,
        }

    def _facts(
        self, folder: JobFolder, user: str, name: str, size: int, options: Fields
    ) -> JobFacts:
        return JobFacts(
            id=folder.path.name,
            owner=owner_of(user),
            person=user,
            name=name,
            size=size,
            created_at=time.time(),
            task="study",
            options=options,
        )

    async def _queued(self, store: Store, folder: JobFolder, facts: JobFacts, address: str) -> None:
        """Make a folder a job, tell the audit trail, and queue it.

        Raises:
            StoreError: Redis does not answer; then there is no job.
        """
        await asyncio.to_thread(folder.begin, facts)
        try:
            await _note(store, "upload_analysed", facts, address)
            await asyncio.to_thread(self._queue.put, folder)
        except (StoreError, asyncio.CancelledError):  # the latter: it took too long
            # What was sent stays: the page may try to start it again.
            (folder.path / "job.json").unlink(missing_ok=True)
            raise


async def _note(store: Store, what: AccountAct, facts: JobFacts, address: str) -> None:
    detail = f"{facts.name}, {facts.size} bytes"
    await changes.add_entry(
        store, Entry(what, facts.person, facts.person, time.time(), address, detail)
    )


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value or len(value) > 255:
        raise RequestError(f"{name} must be a text of at most 255 characters")
    return value


def _options(fields: Fields) -> Fields:
    """Return how a file is to be read and told of; with ``leads`` if it is a table of text."""
    options: Fields = {"language": _one_of(fields, "language", LANGUAGES, "en")}
    if "leads" in fields:
        options |= {
            "leads": _names(fields),
            "fs": _rate(fields),
            "unit": _one_of(fields, "unit", UNITS, "mV"),
        }
    return options


def _whole(fields: Fields, name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise RequestError(f"{name} must be a whole number from 0 on")
    return value


def _one_of(fields: Fields, name: str, known: tuple[str, ...], default: str | None = None) -> str:
    value = fields.get(name, default)
    if value not in known:
        raise RequestError(f"{name} must be one of {', '.join(known)}")
    return str(value)


def _names(fields: Fields) -> list[str]:
    names = fields["leads"]
    if not isinstance(names, list) or not 0 < len(names) <= 64:
        raise RequestError("choose at least one column")
    if not all(isinstance(one, str) and len(one) <= 255 for one in names):
        raise RequestError("leads must be names of columns")
    return names


def _rate(fields: Fields) -> float | None:
    value = fields.get("fs")
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 1e6:
        raise RequestError("the sampling rate must be a number of Hz above 0")
    return float(value)
