"""Where the reference comparisons lie."""

from pathlib import Path

import pytest

from tests.support.places import shared


@pytest.fixture(scope="session")
def bxb_folder() -> Path:
    """Folder of what WFDB's ``bxb`` says of other detectors."""
    return shared("reference/ec57")
