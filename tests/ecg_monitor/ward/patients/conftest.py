"""The staff's desk for patients, over a real Redis."""

from __future__ import annotations

import pytest

from ecg_monitor.core.store import Store
from ecg_monitor.ward.patients import transfer
from ecg_monitor.ward.patients.desk import PatientDesk
from tests.support.stays import SETTINGS


@pytest.fixture
def desk(redis_client: Store) -> PatientDesk:
    return PatientDesk(redis_client, SETTINGS)


@pytest.fixture
def ward(redis_client: Store) -> transfer.Ward:
    """The same ward as another process sees it."""
    return transfer.Ward(redis_client, SETTINGS.partitions)
