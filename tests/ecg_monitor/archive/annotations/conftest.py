"""A bed whose record has beats of known places: a spike on each, and an alarm."""

import numpy as np
import pytest

from ecg_monitor.archive.annotations.reviewer import Reviewer
from tests.support.archive import reviewed_record


@pytest.fixture
def root(tmp_path):
    """Archive with a record of two minutes."""
    reviewed_record(tmp_path)
    return tmp_path


@pytest.fixture
def reviewer(root):
    """Makes a reviewer who may see all of it."""
    counter = iter(np.arange(1.0, 1000.0).tolist())

    def make(by: str = "A. Doctor", since: float = 0.0, until: float = 1e11) -> Reviewer:
        return Reviewer(root, "bed-01", since, until, by, now=lambda: next(counter))

    return make
