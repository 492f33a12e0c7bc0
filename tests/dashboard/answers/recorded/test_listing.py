"""The list of recordings tells what is kept of the beds that one sees, and by which terms."""

import orjson
import pytest
import redis

from ecg_monitor.core import keys
from ecg_monitor.core.errors import SettingsError
from ecg_monitor.core.settings import Settings
from ecg_monitor.ward import access
from tests.support.archive import DEVICE, T0, reviewed_record

UNIT = {"id": "ab12cd34", "name": "ICU", "key": "icu", "version": 1, "by": "", "at": 0}
OTHER = {"id": "ab12cd35", "name": "Ward", "key": "ward", "version": 1, "by": "", "at": 0}


@pytest.fixture
def settings(redis_url, tmp_path):
    reviewed_record(tmp_path)
    with redis.Redis.from_url(redis_url) as store:
        store.flushall()
        for one in (UNIT, OTHER):
            store.hset(keys.UNITS, one["id"], orjson.dumps(one))
        given = {"unit": UNIT["id"], "version": 1, "by": "", "at": 0}
        store.hset(keys.UNIT_BEDS, DEVICE, orjson.dumps(given))
        for name, unit in (("amina", UNIT), ("karim", OTHER)):
            seen = {"name": name, "units": [unit["id"]], "version": 1, "by": "", "at": 0}
            store.hset(keys.UNIT_PEOPLE, name, orjson.dumps(seen))
        store.set(keys.UNITS_VERSION, 1)
        store.hset(keys.devices(0), DEVICE, orjson.dumps({"meta": {"label": "Window"}}))
    units = orjson.dumps({"icu": {"days": 7}, "Gone": {"gb": 1}}).decode()
    return Settings(
        redis_url=redis_url, secret="x" * 32, partitions=1, archive=str(tmp_path),
        archive_units=units,
    )  # fmt: skip


def test_who_sees_the_bed_sees_its_recording_and_its_terms(settings, client_for, cookie_of):
    client = client_for(settings)
    client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, "amina", "viewer"))
    told = client.get("/recorded").json
    (row,) = told["recordings"]
    assert (row["device"], row["unit"], row["days"], row["gb"]) == (DEVICE, "ICU", 7.0, 50.0)
    assert (round(row["start"] - T0), round(row["end"] - T0)) == (0, 120)
    assert row["bytes"] > 0
    assert told["unknown"] == ["Gone"]
    assert row["label"] == client.get(f"/recorded/{DEVICE}/spans").json["label"] == "Window"
    client.set_cookie(access.SESSION_COOKIE, cookie_of(settings, "karim", "clinician"))
    assert client.get("/recorded").json["recordings"] == []


def test_a_setting_that_cannot_be_read_does_not_start(settings, client_for):
    with pytest.raises(SettingsError, match="ECG_ARCHIVE_UNITS"):
        client_for(Settings(redis_url=settings.redis_url, secret="x" * 32, archive_units="x"))
