"""What one person has sent in or had written: how far each job is, and its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Response, send_file

from dashboard.answers import refusals
from ecg_monitor.core.errors import EcgMonitorError
from ecg_monitor.jobs.folders import JobFolder
from ecg_monitor.jobs.queue import JobQueue


def standing(queue: JobQueue, folder: JobFolder) -> dict[str, Any]:
    """Return how a job stands, for a page, with what went wrong in the language of the request.

    Raises:
        StoreError: Redis does not answer.
    """
    how = queue.look(folder)
    failure = folder.failure() or (EcgMonitorError(how.error) if how.error else None)
    return {
        "state": how.state,
        "progress": how.progress,
        "ahead": how.ahead,
        "error": None if failure is None else refusals.wrong(failure),
    }


def send_one(files: Path, name: str) -> Response:
    """Send a file of a folder, piece by piece, to be kept under its own name.

    Raises:
        FileNotFoundError: the folder, or a file of that name in it, is not there.
    """
    path = next((one for one in files.iterdir() if one.name == name), None)
    if path is None:
        raise FileNotFoundError(name)
    return send_as(path, name)


def send_as(path: Path, name: str) -> Response:
    """Send a file, piece by piece, to be kept under a name."""
    return send_file(path, as_attachment=True, download_name=name, max_age=0)
