from collections.abc import Callable

import pytest

from simulator.synthetic import Scenario, Segment, SyntheticPatient

QUIET = {"wander_mv": 0.0, "muscle_mv": 0.0, "mains_mv": 0.0, "respiration_depth": 0.0}

PatientMaker = Callable[..., SyntheticPatient]


@pytest.fixture
def quiet_patient() -> PatientMaker:
    """Makes a patient of one endless segment without noise, in the standard body."""

    def make(rhythm: str, *, fs=360.0, leads=("II", "V1"), seed=0, variety=0.0, **parameters):
        segment = Segment(rhythm, **{**QUIET, **parameters})
        return SyntheticPatient(Scenario((segment,), variety=variety), fs, leads, seed)

    return make
