"""``ecg-monitor devices`` as people call it."""

import json
import time

import pytest

from ecg_monitor import cli
from ecg_monitor.core import keys
from ecg_monitor.ward.devices.roster import RosterEntry


@pytest.fixture
def ask(redis_url, monkeypatch, capsys):
    """Return a function that runs the command; it returns status and output."""
    monkeypatch.setenv("ECG_REDIS_URL", redis_url)

    def run(*words: str) -> tuple[int, str]:
        status = cli.main(["devices", *words])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def test_list_and_remove(ask, redis_url):
    import redis

    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        assert ask() == (0, "no devices\n")
        partition = keys.partition_of("bed-07", 4)
        entry = RosterEntry(time.time() - 7200, time.time() - 3600)
        client.hset(keys.roster(partition), "bed-07", entry.to_text())
        status, printed = ask()
        assert status == 0
        assert "bed-07" in printed
        assert [one["device"] for one in json.loads(ask("list", "--json")[1])] == ["bed-07"]
        assert ask("remove")[0] == 2
        status, printed = ask("remove", "bed-08")
        assert (status, "no such device" in printed) == (2, True)
        assert ask("remove", "bed-07", "--by", "A. Nurse")[0] == 0
        assert json.loads(client.hget(keys.removals(partition), "bed-07"))["by"] == "A. Nurse"
