"""Where the reference comparisons lie."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3].parent / "shared"


def _folder(path: Path) -> Path:
    if not path.is_dir():
        if os.environ.get("CI") == "true" and SHARED.is_dir():
            pytest.fail(f"{path} is missing")
        pytest.skip(f"{path} is missing: agreement with bxb NOT checked")
    return path


@pytest.fixture(scope="session")
def mitdb_folder() -> Path:
    return _folder(SHARED / "data" / "mitdb")


@pytest.fixture(scope="session")
def bxb_folder() -> Path:
    return _folder(SHARED / "reference" / "ec57")
