"""Gives what a server does in child processes the lowest priority: it has time.

Redis writes its log anew in a child, which takes a whole core: for a second with 500 beds, for
minutes when a day is kept. On two cores everybody else waits for it meanwhile. At the lowest
priority it takes what the others leave.
"""

from __future__ import annotations

import logging
import os
import subprocess
import threading
import time
from pathlib import Path

log = logging.getLogger(__name__)

LOOK_S = 0.1
"""How often it is looked whether a server has started a child, s."""
LOWEST = 19
"""The largest nice value, see setpriority(2): a 68th of what others take beside it."""


def calm_children(server: subprocess.Popen[bytes]) -> threading.Thread | None:
    """Give each child process of a server the lowest priority, until the server ends.

    Args:
        server: it runs.

    Returns:
        the thread that sees to it; None where the system does not list a process's children.
    """
    listed = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    if not listed.exists():
        return None
    thread = threading.Thread(target=_watch, args=(listed,), name="calm-children", daemon=True)
    thread.start()
    return thread


def _watch(listed: Path) -> None:
    known: set[int] = set()
    while True:
        try:
            children = {int(word) for word in listed.read_bytes().split()}
        except OSError:  # the server has ended
            return
        for child in children - known:
            try:
                os.setpriority(os.PRIO_PROCESS, child, LOWEST)
            except ProcessLookupError:
                continue  # it has ended meanwhile
            except PermissionError as error:
                log.warning("child %d of a server keeps its priority: %s", child, error)
        known = children
        time.sleep(LOOK_S)
