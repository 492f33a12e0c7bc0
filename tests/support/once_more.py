"""Runs failed tests of pages once more, alone: ``python -m tests.support.once_more STATUS``.

Chromium without a graphics card shares two cores with three workers of tests, and once in some
thousand tests one of its keys or answers is lost on the way. A fault of ours fails again. Tests of
anything else are not run again, nor many that failed together.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson

from tests.support.places import PAGES, ROOT

MOST = 3
"""Failures that can be chance, of the about 200 tests of pages."""

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
    by_chance = all(one.startswith(PAGES) for one in failed) and len(failed) <= MOST
    return failed if status == FAILED and by_chance else []


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
