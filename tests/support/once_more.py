"""Runs failed tests once more, alone: ``python -m tests.support.once_more STATUS``.

Four tests at a time share two cores, some with Chromium that draws without a graphics card, and
once in some thousand tests a key is lost on the way, or what takes a tenth of a second takes five.
A fault of ours fails again. What passes alone is named at the end, to be looked at; many that
failed together are no chance, and are not run again.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson

from tests.support.places import ROOT

MOST = 3
"""Failures that can be chance, of the thousands of tests."""

LAST_FAILED = Path(".pytest_cache/v/cache/lastfailed")
"""Where pytest keeps the tests that failed, below the folder it was started in."""

FAILED = 1
"""How pytest ends when tests have failed; anything else is not about a test."""


def to_repeat(status: int, failed: list[str]) -> list[str]:
    """Return which tests are run once more; none: it stays as it is.

    Args:
        status: how pytest ended.
        failed: ids of the tests that failed.
    """
    return failed if status == FAILED and len(failed) <= MOST else []


def main(status: int, folder: Path = ROOT) -> int:
    """Run what failed once more, where it may be chance; return how it ends."""
    path = folder / LAST_FAILED
    failed = list(orjson.loads(path.read_bytes())) if path.exists() else []
    repeated = to_repeat(status, failed)
    if not repeated:
        return status
    print("once more, alone:", *repeated, sep="\n  ", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", *repeated]
    ended = subprocess.run(command, cwd=folder, check=False)
    if ended.returncode == 0:
        print("failed beside other tests and passed alone, look at them:", *repeated, sep="\n  ")
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
