"""Folders of the checkout, and of the data sets beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

SHARED = ROOT.parent / "shared"
"""Data sets and reference results, beside the checkout."""

ARTIFACTS = ROOT / "artifacts"
"""Screenshots that tests take."""

PAGES = (
    "tests/dashboard/browser/",
    "tests/end_to_end/test_browser.py",
    "tests/end_to_end/test_patient_page.py",
)
"""Tests in Chromium."""


def shared(name: str) -> Path:
    """Path of a data set, a file of one or a reference below `SHARED`.

    Skips the test where it is missing; in CI it fails if other data are there.
    """
    path = SHARED / name
    if not path.exists():
        if os.environ.get("CI") == "true" and SHARED.is_dir():
            pytest.fail(f"{path} is missing")
        pytest.skip(f"needs {path}")
    return path
