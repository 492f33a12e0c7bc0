"""Checks, before a command's work begins, that the files of its end can be written."""

from __future__ import annotations

import os
from pathlib import Path

from ecg_monitor.core.errors import SettingsError


def check_output(option: str, path: Path | None) -> None:
    """Make the folder of a file that an option names, and see that it can be written.

    An evaluation may take an hour: a slip in a path must not show at its end.

    Args:
        option: how the user named the file, ``"--json"``.
        path: the file; None where the option was not given.

    Raises:
        SettingsError: it cannot be written; names the option.
    """
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{option}: {path.parent} is no folder: {error.strerror}") from error
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise SettingsError(f"{option}: {path!s:.80}: {error.strerror}") from error
    if is_folder:
        raise SettingsError(f"{option}: {path} is a folder; name a file in it")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise SettingsError(f"{option}: {path} may not be written; name another file")
