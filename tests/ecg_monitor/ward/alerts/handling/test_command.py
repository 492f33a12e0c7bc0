"""The command line: list, export, audit, acknowledge, pause, show."""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import time

import pytest

from ecg_monitor.core import keys
from ecg_monitor.core.errors import AlertError
from ecg_monitor.core.settings import Settings
from ecg_monitor.core.types import alert_id
from ecg_monitor.ward.alerts.evidence import pack
from ecg_monitor.ward.alerts.handling import command
from ecg_monitor.ward.alerts.handling.desk import Desk
from ecg_monitor.ward.alerts.handling.query import COLUMNS, Query, parse_time, to_csv, to_table

BED = "bed-01"
ASYSTOLE = alert_id(BED, "boot1", "asystole", 1000)
PAUSE = alert_id(BED, "boot1", "pause", 7)
OTHER = alert_id("bed-02", "boot1", "leadoff", 3)


@pytest.fixture
def settings(redis_url) -> Settings:
    return Settings(partitions=1, redis_url=redis_url)


@pytest.fixture
async def ward(redis_client, detector, alarm):
    """Three alerts of two beds: one present, one over, one of another bed."""
    now = time.time()
    await detector.say(alarm(), now=now - 100)
    await detector.say(alarm(kind="pause", priority="medium", n=7), now=now - 90)
    await detector.say(alarm(kind="pause", n=7, present=False), now=now - 80)
    leadoff = alarm(kind="leadoff", priority="technical", n=3, value=None, limit=None)
    await detector.say(leadoff, now=now - 50, device="bed-02")
    return redis_client


async def run(settings: Settings, capsys, *words: str) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    status = await command.carry_out(parser.parse_args(words), settings)
    return status, capsys.readouterr().out


async def test_list_shows_what_is_active(ward, settings, capsys):
    status, out = await run(settings, capsys)
    assert status == 0
    assert ASYSTOLE in out
    assert OTHER in out
    assert PAUSE not in out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--state", "all"], {ASYSTOLE, PAUSE, OTHER}),
        (["--state", "Off"], {PAUSE}),
        (["--state", "On"], {ASYSTOLE, OTHER}),
        (["--device", BED], {ASYSTOLE}),
        (["--kind", "leadoff"], {OTHER}),
        (["--state", "all", "--since", "70s"], {ASYSTOLE, OTHER}),
        (["--state", "all", "--until", "70s"], {ASYSTOLE, PAUSE}),
        (["--device", "bed-09"], set()),
    ],
)
async def test_filters(ward, settings, capsys, words, expected):
    _, out = await run(settings, capsys, "list", *words, "--json")
    assert {row["id"] for row in json.loads(out)} == expected
    _, out = await run(settings, capsys, "list", *words, "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["id"] for row in rows} == expected
    assert all(set(row) == set(COLUMNS) for row in rows)


async def test_acknowledge_and_audit(ward, settings, capsys):
    status, out = await run(settings, capsys, "ack", ASYSTOLE, "--by", "N. N.")
    assert (status, out) == (0, f"{ASYSTOLE}: acknowledged\n")
    _, out = await run(settings, capsys, "ack", "--device", "bed-02", "--by", "N. N.")
    assert out == f"{OTHER}: acknowledged\n"
    status, out = await run(settings, capsys, "ack", f"{BED}/b/vt/1", "--by", "N. N.")
    assert (status, out) == (1, f"{BED}/b/vt/1: unknown\n")
    _, out = await run(settings, capsys, "list", "--json")
    assert {row["presence"] for row in json.loads(out)} == {"Ack"}
    _, out = await run(settings, capsys, "audit", "--device", BED, "--json")
    rows = json.loads(out)
    assert [row["what"] for row in rows] == ["raised", "raised", "cleared", "acknowledged"]
    assert rows[-1]["who"] == "N. N."
    _, out = await run(settings, capsys, "audit", "--kind", "leadoff")
    assert "acknowledged" in out
    assert "asystole" not in out


async def test_pause_and_resume(ward, settings, capsys):
    await run(settings, capsys, "pause", "--device", BED, "--seconds", "30", "--by", "N. N.")
    _, out = await run(settings, capsys, "list", "--device", BED, "--json")
    assert [row["audio"] for row in json.loads(out)] == ["Paused"]
    _, out = await run(settings, capsys, "audit", "--device", BED)
    assert out.splitlines()[-1].split()[2:6] == ["N.", "N.", "paused", BED]
    await run(settings, capsys, "resume", "--device", BED, "--by", "N. N.")
    _, out = await run(settings, capsys, "list", "--device", BED, "--json")
    assert [row["audio"] for row in json.loads(out)] == ["On"]


async def test_standby_and_its_end(ward, settings, capsys):
    words = ("--device", "bed-02", "--minutes", "30", "--reason", "imaging", "--by", "N. N.")
    _, out = await run(settings, capsys, "standby", *words)
    assert re.fullmatch(
        r"bed-02: in standby for 30 min at most \(until \d{4}-\d\d-\d\d [\d:]{8} UTC\)\n", out
    )
    _, out = await run(settings, capsys, "list", "--state", "all", "--device", "bed-02", "--json")
    assert [(row["presence"], row["why"]) for row in json.loads(out)] == [("Off", "standby")]
    for expected in ("monitored again", "was not in standby"):
        _, out = await run(settings, capsys, "monitor", "--device", "bed-02", "--by", "M. M.")
        assert out == f"bed-02: {expected}\n"
    _, out = await run(settings, capsys, "audit", "--device", "bed-02", "--json")
    told = [(row["what"], row["who"]) for row in json.loads(out)]
    assert told[-2:] == [("standby", "N. N."), ("standby_over", "M. M.")]


async def test_show(ward, settings, capsys):
    status, _ = await run(settings, capsys, "show", ASYSTOLE)
    assert status == 1
    evidence = {"rule": "r", "fs": None, "leads": [], "from_n": 0, "to_n": 0}
    await ward.set(keys.strip(0, ASYSTOLE), pack(evidence))
    status, out = await run(settings, capsys, "show", ASYSTOLE)
    assert (status, json.loads(out)) == (0, evidence)
    status, out = await run(settings, capsys, "show", ASYSTOLE, "--fhir")
    assert json.loads(out)["resourceType"] == "Bundle"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["ack"], "name alerts"),
        (["pause"], "--device"),
        (["show"], "name an alert"),
        (["ack", "nonsense"], "is no alert"),
        (["list", "--since", "yesterday"], "is no time"),
        (["pause", "--device", BED, "--seconds", "500"], "120"),
        (["standby"], "--device"),
        (["standby", "--device", BED, "--minutes", "61"], "3600"),
        (["standby", "--device", BED, "--reason", "tired"], "theatre"),
    ],
)
async def test_mistakes_are_told(ward, settings, capsys, words, named):
    with pytest.raises(AlertError, match=named):
        await run(settings, capsys, *words)


async def test_a_screen_acknowledges_only_what_it_has_shown(ward, settings, detector, alarm):
    desk = Desk(ward, settings)
    shown = {row["id"]: row["priority"] for row in await desk.find(Query(device=BED))}
    await detector.say(alarm(kind="vt", n=2000), now=time.time())
    await desk.acknowledge("N. N.", seen=shown)
    rows = await desk.find(Query(device=BED, state="active"))
    assert {row["id"]: str(row["presence"]) for row in rows} == {
        ASYSTOLE: "Ack",
        alert_id(BED, "boot1", "vt", 2000): "On",
    }


def test_times():
    assert parse_time("15m", 1000.0) == 100.0
    assert parse_time("1.5h", 5400.0) == 0.0
    assert parse_time("17.5", 0.0) == 17.5
    assert parse_time("1970-01-01T00:01:00", 0.0) == 60.0
    assert parse_time("1970-01-01T01:01:00+01:00", 0.0) == 60.0


def test_tables():
    rows = [{"id": "a,b", "raised_at": 0.0, "value": None}]
    assert to_csv(rows, ("id", "value")) == 'id,value\n"a,b",\n'
    assert to_table(rows, ("id", "raised_at", "value")).splitlines()[1] == (
        "a,b  1970-01-01 00:00:00  -"
    )
