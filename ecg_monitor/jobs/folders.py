"""Where uploads and their analyses lie: one private folder each, which ends by its age.

Below ``api/jobs`` of the state folder each owner, a token or a person, has a folder, and each of
their jobs one in that.

==============  ====================================================================
file            content
==============  ====================================================================
``job.json``    whose it is and what was said about it; written last: a folder
                without it is an upload that was never finished
``upload``      folder of the files that were sent
``result.json``  the analysis, once it is done
``files``       folder of the files that were written, if it was an export or a study
``page.json``   what the page of a study shows, beside its signal (`ecg_monitor.jobs.trace`)
``error.json``  why there is none: ``{"text": text, "values": map}`` of an `EcgMonitorError`
==============  ====================================================================
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

from ecg_monitor.core.errors import EcgMonitorError
from ecg_monitor.core.settings import Settings

log = logging.getLogger("jobs")

Task = Literal["analysis", "export", "study"]
JOB_ID = re.compile(r"[0-9a-f]{32}")
UNFINISHED_S = 3600.0
"""An upload that has not become a job after this time never will, s."""
PRIVATE = 0o700
FREE_BYTES = 500_000_000
"""Space on the disk that uploads leave to others."""
_OWNER_LETTERS = 16
"""Of a digest: enough to tell owners apart, and no use for anything else."""


class JobFoldersFullError(EcgMonitorError):
    """There is no place for one more job."""


class TooManyJobsError(JobFoldersFullError):
    """So many jobs of one owner are kept that there is no place for one more."""


def owner_of(user: str) -> str:
    """Return the owner of what a person sends in: no token's, whatever the person is called."""
    return hashlib.sha256(f"person {user}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What is known of a job from its beginning.

    Attributes:
        id: 128 random bits.
        owner: digest of the token that sent it, or of the person (`owner_of`); no other sees it.
        person: who that is, or who stands behind that token.
        name: name of the file as it was sent, for people.
        size: bytes that were sent.
        created_at: Unix s.
        task: ``analysis`` of an upload, ``export`` of what a bed has recorded, or ``study``: an
            analysis for a person, with the page that shows it.
        options: what was asked for beside: of an upload ``fs`` and ``leads``, of an export
            ``device``, ``start``, ``end``, ``format``, ``language``, of a study ``language``, and
            ``example`` if nothing was sent.
    """

    id: str
    owner: str
    person: str
    name: str
    size: int
    created_at: float
    task: Task = "analysis"
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobFolder:
    """The folder of one job."""

    path: Path

    @property
    def upload(self) -> Path:
        """Folder of what was sent."""
        return self.path / "upload"

    @property
    def result(self) -> Path:
        """The analysis."""
        return self.path / "result.json"

    @property
    def files(self) -> Path:
        """Folder of the files that an export writes."""
        return self.path / "files"

    def without_place(self, text: str) -> str:
        """Return a message without where things lie on this machine."""
        for place in (self.upload, self.files, self.path):
            text = text.replace(f"{place}/", "").replace(str(place), "it")
        return text

    def error(self) -> str | None:
        """Return why there is no analysis; None if nothing has gone wrong."""
        failure = self.failure()
        return None if failure is None else str(failure)

    def failure(self) -> EcgMonitorError | None:
        """Return why there is no analysis, so that it can be told in any language."""
        try:
            told = orjson.loads((self.path / "error.json").read_bytes())
            return EcgMonitorError(str(told["text"]), **dict(told["values"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, IndexError):
            return EcgMonitorError("the job has failed")

    def facts(self) -> JobFacts | None:
        """Return what is known of the job; None while it is none, or if it is gone.

        Raises:
            OSError: the disk fails: nobody knows whether there is a job.
        """
        try:
            return JobFacts(**orjson.loads((self.path / "job.json").read_bytes()))
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
            return None

    def begin(self, facts: JobFacts) -> None:
        """Write down what the job is, by which the folder becomes one."""
        self.write("job.json", asdict(facts))

    def finish(self, analysis: dict[str, Any]) -> None:
        """Keep an analysis; what was sent is not needed any more."""
        self.write("result.json", analysis)
        shutil.rmtree(self.upload, ignore_errors=True)

    def fail(self, error: EcgMonitorError) -> None:
        """Keep why there is no analysis. A result that is there stands."""
        if not self.path.is_dir() or self.result.exists():
            return
        values = {name: _plain(value) for name, value in error.values.items()}
        text = self.without_place(error.text if values else str(error))
        facts = self.facts()
        if facts is not None:  # people know the file by the name that they gave it
            text = text.replace(f"recording{Path(facts.name).suffix.lower()}", facts.name)
        self.write("error.json", {"text": text, "values": values})
        shutil.rmtree(self.upload, ignore_errors=True)

    def write(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a map as JSON; whoever looks finds a whole file or none.

        Raises:
            OSError: the disk does not take it.
        """
        draft = self.path / f"{name}.{os.getpid()}"
        draft.write_bytes(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY))
        draft.replace(self.path / name)


class JobFolders:
    """All jobs of a system.

    Args:
        settings: the state folder, and how long jobs are kept.
    """

    def __init__(self, settings: Settings) -> None:
        self.root = settings.state_dir / "api" / "jobs"
        self._keep_s = settings.api_keep_s

    def make(self, owner: str) -> JobFolder:
        """Make the folder of a new job.

        Args:
            owner: digest of whom it will belong to.

        Raises:
            OSError: it cannot be made.
        """
        folder = JobFolder(self._of(owner) / secrets.token_hex(16))
        folder.path.parent.mkdir(PRIVATE, parents=True, exist_ok=True)
        folder.path.mkdir(PRIVATE)
        folder.upload.mkdir(PRIVATE)
        return folder

    def find(self, job: str, owner: str) -> JobFolder | None:
        """Return the folder of an owner's job; None if there is no such job of theirs."""
        if not JOB_ID.fullmatch(job):
            return None
        folder = JobFolder(self._of(owner) / job)
        facts = folder.facts()
        return folder if facts is not None and facts.owner == owner else None

    def coming(self, job: str, owner: str) -> JobFolder | None:
        """Return the folder of a file of an owner that is no job yet; None if there is none."""
        if not JOB_ID.fullmatch(job):
            return None
        folder = JobFolder(self._of(owner) / job)
        return folder if folder.path.is_dir() and folder.facts() is None else None

    def count(self, owner: str) -> int:
        """Return how many jobs of an owner are kept, with those that are only coming in."""
        place = self._of(owner)
        return len(os.listdir(place)) if place.is_dir() else 0

    def of(self, owner: str) -> list[JobFacts]:
        """Return an owner's jobs, newest first; one that the disk does not give is left out."""
        found = []
        for folder in _within(self._of(owner)):
            try:
                facts = folder.facts()
            except OSError as error:
                log.error("job %s cannot be read: %s", folder.path.name, error)
                continue
            if facts is not None and facts.owner == owner:
                found.append(facts)
        return sorted(found, key=lambda facts: -facts.created_at)

    def check_place(self, owner: str, most: int, size: int) -> None:
        """Make sure that there is a place for one more job of an owner.

        Args:
            owner: whose it will be.
            most: jobs of theirs that may be kept at a time.
            size: bytes that may come.

        Raises:
            JobFoldersFullError: there is none.
        """
        if self.count(owner) >= most:
            raise TooManyJobsError("{most} files are kept; delete some", most=most)
        existing = next(p for p in (self.root, *self.root.parents) if p.exists())
        if shutil.disk_usage(existing).free < FREE_BYTES + size:
            raise JobFoldersFullError("there is no space for uploads now; try again later")

    def remove(self, folder: JobFolder) -> None:
        """Remove a job with all that belongs to it."""
        # Out of sight first: nobody finds half a job.
        (folder.path / "job.json").unlink(missing_ok=True)
        shutil.rmtree(folder.path, ignore_errors=True)

    def sweep(self, now: float | None = None) -> list[str]:
        """Remove jobs that are too old, and uploads that never became one; return their ids.

        A job that the disk does not give stays: how old it is cannot be told.

        Args:
            now: Unix time, s; None: the present.
        """
        now = time.time() if now is None else now
        gone = []
        for folder in self._all():
            try:
                facts = folder.facts()
                since = folder.path.stat().st_mtime if facts is None else facts.created_at
            except FileNotFoundError:
                continue
            except OSError as error:
                log.error("job %s cannot be read, and is not removed: %s", folder.path.name, error)
                continue
            if now - since > (UNFINISHED_S if facts is None else self._keep_s):
                self.remove(folder)
                gone.append(folder.path.name)
        if gone:
            log.info("removed %d jobs that were too old", len(gone))
        return gone

    def _all(self) -> Iterator[JobFolder]:
        if self.root.is_dir():
            for place in os.scandir(self.root):
                yield from _within(Path(place.path))

    def _of(self, owner: str) -> Path:
        return self.root / owner[:_OWNER_LETTERS]


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str) else str(value)


def _within(place: Path) -> Iterator[JobFolder]:
    if place.is_dir():
        for entry in os.scandir(place):
            if JOB_ID.fullmatch(entry.name):
                yield JobFolder(Path(entry.path))
