"""Who is away, as the parts' reports show it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.ward.system.conditions import PART_AWAY_S, Condition, Figures, judge
from ecg_monitor.ward.system.parts import PartsReading


def report(role: str, t: float, **more: Any) -> dict[str, Any]:
    link = {"broker_away_s": 0.0, "broker_lost": 0, "session_taken": 0} if role == "ingest" else {}
    return {"role": role, "t": t, **link, **more}


class Watch:
    """Looks once a second at the reports of one ingest and one detector."""

    def __init__(self) -> None:
        self.sight = PartsReading()
        self.known: dict[str, Condition] = {}
        self.clock = 0.0
        self.reports = {"ingest:h:1": report("ingest", 0.0), "detect:h:2": report("detect", 0.0)}

    def step(self, *reporting: str, refused: str = "", after_s: float = 1.0, **more: Any) -> None:
        self.clock += after_s
        for role in reporting:
            name = next(name for name in self.reports if name.startswith(role))
            told = more if role == "ingest" else {}
            self.reports[name] = report(role, self.clock, **told)
        figures = self.sight.look(Figures(refused=refused), self.reports, self.clock)
        self.known = judge(figures, self.known, self.clock)

    @property
    def kinds(self) -> set[str]:
        return set(self.known)


BOTH = ("ingest", "detect")


def test_a_part_that_falls_silent_is_told_within_five_seconds() -> None:
    watch = Watch()
    for _ in range(5):
        watch.step(*BOTH)
        assert not watch.kinds
    for _ in range(4):
        watch.step("detect")
    assert watch.kinds == {"ingest_away"}
    watch.step(*BOTH)
    assert not watch.kinds


def test_what_stood_there_before_the_first_look_is_no_sign_of_life() -> None:
    watch = Watch()
    for _ in range(5):
        watch.step()
    assert watch.kinds == {"ingest_away", "detector_away"}


def test_nobody_is_silent_while_nothing_can_be_seen() -> None:
    watch = Watch()
    watch.step(*BOTH)
    watch.step(after_s=60.0)  # this process stood still, or Redis did
    assert not watch.kinds
    watch.step(*BOTH)
    for _ in range(30):
        watch.step(refused="READONLY")
    assert watch.kinds == {"store_refuses"}
    watch.step()
    watch.step(*BOTH)
    assert not watch.kinds


def test_what_was_known_goes_on_until_its_cause_has_been_seen_to_end() -> None:
    watch = Watch()
    watch.step(*BOTH)
    for _ in range(5):
        watch.step("detect")
    assert watch.kinds == {"ingest_away"}
    watch.step(refused="READONLY")
    assert watch.kinds == {"ingest_away", "store_refuses"}
    watch.step()
    assert watch.kinds == {"ingest_away"}
    watch.sight = PartsReading()  # the next process that watches
    watch.step("detect")
    assert watch.kinds == {"ingest_away"}
    watch.step(*BOTH)
    assert not watch.kinds


def test_packets_that_redis_did_not_take_are_nobodys_silence() -> None:
    sight, known = PartsReading(), {}

    def step(clock: float, quiet_s: float, refused: str = "") -> set[str]:
        figures = sight.look(Figures(refused=refused, quiet_s=quiet_s), {}, clock)
        known.update(now=judge(figures, known.get("now", {}), clock))
        return known["now"].keys() & {"no_packets", "store_refuses"}

    assert step(0.0, 1.0) == set()
    for at in range(1, 10):
        assert step(float(at), 1.0 + at, "READONLY") == {"store_refuses"}
    assert step(10.0, 11.0) == set()
    assert step(11.0, 0.5) == set()
    for at in range(12, 20):
        last = step(float(at), 0.5 + at - 11)
    assert last == {"no_packets"}
    assert step(20.0, 9.5, "READONLY") == {"no_packets", "store_refuses"}
    assert step(21.0, 10.5) == {"no_packets"}
    assert step(22.0, 0.1) == set()


def test_a_broker_that_ingest_has_lost() -> None:
    watch = Watch()
    watch.step(*BOTH)
    watch.step(*BOTH, broker_away_s=0.9, broker_lost=1)
    assert not watch.kinds
    watch.step(*BOTH, broker_away_s=2.1, broker_lost=1)
    assert watch.kinds == {"broker_away"}
    assert watch.known["broker_away"].text == "the MQTT broker does not answer ingest"
    watch.step(*BOTH, broker_away_s=0.0, broker_lost=1)
    assert not watch.kinds


def test_of_several_brokers_those_that_are_away_are_named() -> None:
    watch = Watch()
    watch.step(*BOTH, brokers={"broker 1 of 2, a:1": 0.0, "broker 2 of 2, b:1": 0.0})
    watch.reports["ingest:h:3"] = report("ingest", 0.0)
    both = {"broker 1 of 2, a:1": 2.0, "broker 2 of 2, b:1": 3.0}
    one = both | {"broker 1 of 2, a:1": 0.0}
    watch.reports["ingest:h:3"] = report("ingest", 1.5, brokers=one)
    watch.step(*BOTH, broker_away_s=2.0, brokers=both)
    text = watch.known["broker_away"].text
    assert text == "the MQTT broker does not answer ingest (broker 2 of 2, b:1)", (
        "one has the other"
    )
    watch.reports["ingest:h:3"] = report("ingest", 2.5, brokers=both)
    watch.step(*BOTH, broker_away_s=2.0, brokers=both)
    assert watch.known["broker_away"].value == 3.0
    assert "a:1; broker 2 of 2, b:1" in watch.known["broker_away"].text
    watch.reports["ingest:h:3"] = report("ingest", 3.5, brokers=dict.fromkeys(both, 0.0))
    watch.step(*BOTH, broker_away_s=2.0, brokers=both)
    assert not watch.kinds, "each has an ingest"


def test_a_session_that_others_take_is_told() -> None:
    watch = Watch()
    watch.step(*BOTH)
    watch.step(*BOTH, broker_lost=3, session_taken=2)
    assert watch.kinds == {"broker_unsteady", "session_taken"}
    for _ in range(5):
        watch.step("detect")  # and then ingest dies: it is not better for that
    assert watch.kinds == {"broker_unsteady", "session_taken", "ingest_away"}
    watch.step(*BOTH, broker_lost=1)
    assert watch.kinds == {"broker_unsteady"}
    watch.step(*BOTH)
    assert not watch.kinds


@given(st.lists(st.tuples(st.booleans(), st.floats(0.5, 2.5)), min_size=1, max_size=40))
def test_away_is_told_of_those_alone_who_have_long_been_silent(
    steps: list[tuple[bool, float]],
) -> None:
    watch = Watch()
    watch.step(*BOTH)
    silent_since = watch.clock
    for reports, after_s in steps:
        watch.step("detect", *(["ingest"] if reports else []), after_s=after_s)
        if reports:
            silent_since = watch.clock
        silent_s = round(watch.clock - silent_since, 1)
        assert watch.kinds == ({"ingest_away"} if silent_s > PART_AWAY_S else set())


def test_a_recorder_is_missed_unless_it_was_stopped() -> None:
    watch = Watch()
    watch.step(*BOTH)
    watch.reports["record:h:3"] = report("record", 0.0)
    for _ in range(3):
        watch.step(*BOTH, "record")
    assert not watch.kinds
    watch.step(*BOTH, "record")
    watch.reports["record:h:3"]["recording_held"] = "the disk is full"
    watch.step(*BOTH)
    assert watch.kinds == {"not_recorded"}
    assert watch.known["not_recorded"].text.endswith("not kept on disk: the disk is full")
    for _ in range(4):
        watch.step(*BOTH)
    assert watch.kinds == {"recorder_away"}
    del watch.reports["record:h:3"]
    watch.step(*BOTH)
    assert not watch.kinds
