"""``ecg-monitor patients`` as it is typed."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import redis

from ecg_monitor import cli


@pytest.fixture
def run(redis_url: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Any:
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    client.close()
    monkeypatch.setenv("ECG_REDIS_URL", redis_url)

    def typed(*words: str, fails: bool = False) -> str:
        status = cli.main(["patients", *words])
        said = capsys.readouterr()
        assert status == (2 if fails else 0), said.err
        return str(said.err if fails else said.out)

    return typed


def test_a_stay_at_the_command_line(run: Any) -> None:
    assert run() == "no patients\n"
    run("admit", "bed-01", "--patient", "4711", "--name", "Ada L.", "--category", "neonatal",
        "--by", "A. Nurse")  # fmt: skip
    assert "Ada L.  neonatal" in run()
    told = run("limits", "bed-01", "rate.high_bpm=190", "alarms.couplet=off", "rate.pause_s=2.5")
    assert [line.split() for line in told.splitlines() if line.endswith("*")] == [
        ["rate.high_bpm", "190.0", "200.0", "*"],
        ["rate.pause_s", "2.5", "2.0", "*"],
        ["alarms.couplet", "off", "low", "*"],
    ]
    run("limits", "bed-01", "rate.pause_s=default", "alarms.couplet=default")
    assert orjson.loads(run("list", "--json"))[0]["limits"] == {"rate": {"high_bpm": 190}}
    run("note", "bed-01", "restless")
    assert "restless" in run("note", "bed-01")
    run("transfer", "bed-01", "bed-02", "--by", "B. Doctor")
    assert orjson.loads(run("list", "--json"))[0]["bed"] == "bed-02"
    run("discharge", "bed-02")
    assert run() == "no patients\n"
    audit = run("audit")
    assert "limits.rate.high_bpm: - -> 190" in audit
    whats = [entry["what"] for entry in orjson.loads(run("audit", "bed-01", "--json"))]
    assert whats == ["admitted", "changed", "changed", "noted", "leaving", "left"]
    assert run("audit", "--since", "0s") == "nothing\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["admit"], "admit: name the bed"),
        (["admit", "bed-01"], "give the patient's number with --patient"),
        (["discharge", "bed-01"], "there is no patient"),
        (["limits", "bed-01", "rate.high_bpm=1"], "must be 10 .. 300"),
        (["transfer", "bed-01"], "write the other bed"),
    ],
)
def test_mistakes_are_told(run: Any, words: list[str], told: str) -> None:
    assert told in run(*words, fails=True)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("rate", "write SECTION.KEY=VALUE"),
        ("rate.high_bpm=fast", "rate.high_bpm must be a number, or default"),
        ("rate.high_bpm=5", "rate.high_bpm must be 10 .. 300, got 5"),
        ("alarms.vf=off", "alarms.vf must stay high"),
    ],
)
def test_wrong_limits_are_told(run: Any, word: str, told: str) -> None:
    run("admit", "bed-01", "--patient", "1")
    assert told in run("limits", "bed-01", word, fails=True)
