"""Takes in a file that is sent: waits for its turn, bounds time and size, leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from fastapi import Request
from starlette.datastructures import UploadFile

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.settings import Settings
from ecg_monitor.jobs.folders import (
    JobFacts,
    JobFolder,
    JobFolders,
    JobFoldersFullError,
    TooManyJobsError,
)
from ecg_monitor.jobs.uploads import UNPACKED, check_upload, kept_name, shown_name
from gateway.api.caller import Caller
from gateway.api.errors import ApiError

log = logging.getLogger("api")

AT_A_TIME, OF_ONE = 16, 4
"""Files that are taken in at a time, and those of one token; others wait for their turn."""
TURN_S = 120.0
"""Longest wait for a turn, s."""
TAKES_S = 600.0
"""Longest time in which a file must have come, s."""
MOST_KEPT = 1000
"""Jobs of one token that are kept at a time."""
MULTIPART_BYTES = 64 * 1024
"""What a request may hold beside its file."""
_MEGABYTE = 1_000_000


class UploadQueue:
    """Lets a few in at a time, and fewer of one name; others wait.

    Args:
        most: at a time.
        most_of_one: at a time, of one name.
    """

    def __init__(self, most: int = AT_A_TIME, most_of_one: int = OF_ONE) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._held: Counter[str] = Counter()
        self._changed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def turn(self, name: str, within_s: float = TURN_S) -> AsyncIterator[None]:
        """Hold a turn while the context lasts.

        Raises:
            TimeoutError: it has not come within ``within_s`` seconds.
        """
        async with asyncio.timeout(within_s), self._changed:
            await self._changed.wait_for(lambda: self._is_free(name))
            self._held[name] += 1
        try:
            yield
        finally:
            self._held[name] -= 1
            if not self._held[name]:
                del self._held[name]
            async with self._changed:
                self._changed.notify_all()

    def _is_free(self, name: str) -> bool:
        return self._held.total() < self._most and self._held[name] < self._most_of_one


class Intake:
    """Takes in what is sent.

    Args:
        settings: largest upload, where it is kept.
    """

    def __init__(self, settings: Settings) -> None:
        self.folders = JobFolders(settings)
        self.most_bytes = settings.api_upload_mb * _MEGABYTE
        self._turns = UploadQueue()

    async def take(self, request: Request, caller: Caller) -> tuple[JobFolder, JobFacts]:
        """Take in the file of a request; return its job, which is not queued yet.

        Raises:
            ApiError: the request or its file is wrong, too slow, or there is no place for it.
        """
        owner = caller.token.digest
        await asyncio.to_thread(self.check_place, owner)
        try:
            async with self._turns.turn(owner), asyncio.timeout(TAKES_S):
                return await self._received(request, caller)
        except TimeoutError as error:
            raise ApiError(408, "the file has not come in time; send it again") from error

    async def _received(self, request: Request, caller: Caller) -> tuple[JobFolder, JobFacts]:
        async with request.form(max_files=1, max_fields=2, max_part_size=1024) as form:
            unknown = set(form) - {"file", "fs", "leads"}
            if unknown:
                raise ApiError(422, "the fields are file, fs and leads", field="form")
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise ApiError(422, "send the recording as a file", field="file")
            fs, leads = _rate(form.get("fs")), _leads(form.get("leads"))
            name = file.filename or ""
            try:
                kept = kept_name(name)
            except RecordError as error:
                raise ApiError(422, str(error), field="file") from error
            return await asyncio.to_thread(self._keep, file.file, kept, name, fs, leads, caller)

    def _keep(
        self, file: BinaryIO, kept: str, name: str, fs: float | None, leads: tuple[str, ...],
        caller: Caller,
    ) -> tuple[JobFolder, JobFacts]:  # fmt: skip
        try:
            folder = self.folders.make(caller.token.digest)
        except OSError as error:
            raise _no_space(error) from error
        done = False
        try:
            size = _copy(file, folder.upload / kept)
            if size > self.most_bytes:
                raise ApiError(413, f"the file is larger than {self.most_bytes // _MEGABYTE} MB")
            check_upload(folder.upload / kept, UNPACKED * self.most_bytes)
            facts = JobFacts(
                id=folder.path.name,
                owner=caller.token.digest,
                person=caller.person,
                name=shown_name(name),
                size=size,
                created_at=time.time(),
                options={"fs": fs, "leads": leads},
            )
            folder.begin(facts)
            done = True
        except RecordError as error:
            raise ApiError(422, str(error), field="file") from error
        except OSError as error:
            raise _no_space(error) from error
        finally:
            if not done:
                self.folders.remove(folder)
        return folder, facts

    def check_place(self, owner: str) -> None:
        """Make sure that there is a place for one more job of a token.

        Raises:
            ApiError: there is none.
        """
        try:
            self.folders.check_place(owner, MOST_KEPT, self.most_bytes)
        except TooManyJobsError as error:
            raise ApiError(429, str(error)) from error
        except JobFoldersFullError as error:
            raise ApiError(503, str(error)) from error


def _copy(file: BinaryIO, target: Path) -> int:
    file.seek(0)
    with target.open("xb") as out:
        shutil.copyfileobj(file, out, 1 << 20)
        return out.tell()


def _no_space(error: OSError) -> ApiError:
    log.error("an upload cannot be kept: %s", error)
    return ApiError(503, "the upload cannot be kept now; try again later")


def _rate(value: object) -> float | None:
    if value in (None, ""):
        return None
    try:
        fs = float(str(value))
    except ValueError:
        fs = math.nan
    if not 0 < fs <= 1e6:
        raise ApiError(422, "must be a number of Hz", field="fs")
    return fs


def _leads(value: object) -> tuple[str, ...]:
    names = tuple(one.strip() for one in str(value or "").split(",") if one.strip())
    if any(not one.isprintable() or len(one) > 64 for one in names) or len(names) > 64:
        raise ApiError(422, "must be names of leads, separated by commas", field="leads")
    return names
