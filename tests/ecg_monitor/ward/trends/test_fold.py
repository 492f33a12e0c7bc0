"""Events folded into minutes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.types import Alarm, Beat, Measurement, Vitals
from ecg_monitor.ward.trends.fold import SETTLE_S, Fold

FS = 100.0


def vitals(second: int, rate: float | None = 60.0, quality: str = "good") -> Vitals:
    return Vitals(round(second * FS), rate, quality)


def beat(at_s: float, label: str = "N", anomaly: float | None = 0.1) -> Beat:
    n = round(at_s * FS)
    return Beat(n, label, {}, anomaly, 1.0, n + 140)


def stream(seconds: int) -> list:
    """A beat a second, each told 1.4 s later, as the analyzer does; every tenth is ventricular."""
    events: list = []
    for second in range(seconds):
        if second >= 2:
            label = "V" if second % 10 == 0 else "N"
            events.append(beat(second - 1.5, label, 0.9 if label == "V" else 0.1))
        events.append(vitals(second, 60.0 + second % 3))
    return events


def test_a_minute_holds_what_was_told_of_it():
    (first, second) = Fold("b", FS).take(stream(130))
    one = first.numbers
    assert (one.number, one.boot, one.first_n) == (0, "b", 0)
    assert one.heart_rate == (61.0, 60.0, 62.0)
    assert one.quality == (60, 0, 0, 0)
    assert one.counts == (54, 0, 6, 0, 0)
    assert one.anomaly[1] == 0.9
    assert one.unusual == 6
    assert second.numbers.first_n == 6000
    offsets = first.beats.beats["offset"].tolist()
    assert offsets[:2] == [50, 150]
    assert second.beats.beats["offset"][0] == 50


def test_a_minute_stays_open_until_all_of_it_has_been_told():
    fold = Fold("b", FS)
    assert fold.take([vitals(s) for s in range(60 + int(SETTLE_S))]) == []
    (minute,) = fold.take([beat(59.9), vitals(60 + int(SETTLE_S))])
    assert minute.numbers.counts == (1, 0, 0, 0, 0)
    # What is told of a closed minute all the same is passed over: it has been written.
    assert fold.take([beat(59.8), vitals(200)])[0].numbers.counts == (0, 0, 0, 0, 0)


def test_seconds_of_fibrillation_are_counted_while_its_alarm_is_present():
    fold = Fold("b", FS)
    begins = Alarm("af", "low", 500, 1000, True)
    fold.take([*map(vitals, range(11)), begins, *map(vitals, range(11, 41))])
    fold.take([Alarm("af", "low", 500, 4000, False), *map(vitals, range(41, 60))])
    assert fold.running()[0].numbers.af_s == 30


def test_measurements_give_the_median_of_each_lead():
    fold = Fold("b", FS)
    for n, level in enumerate((0.1, 0.3, 0.2)):
        told = Measurement(
            1000 * n, 8, 60.0, {"II": level}, 90.0 + n, 150.0 + n, 400.0 - n, None, None
        )
        fold.take([told])
    (minute,) = fold.running()
    assert minute.numbers.st_mv == {"II": 0.2}
    assert minute.numbers.qrs_ms == 91.0
    assert (minute.numbers.pr_ms, minute.numbers.qt_ms) == (151.0, 399.0)
    assert minute.numbers.qtc_ms is None


@settings(deadline=None)
@given(st.lists(st.integers(1, 199), max_size=6, unique=True).map(sorted))
def test_cuts_and_checkpoints_change_nothing(cuts):
    whole = Fold("b", FS)
    events = stream(200)
    wanted = [*whole.take(events), *whole.finish()]
    fold, found = Fold("b", FS), []
    for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True):
        found += fold.take(events[a:b])
        fold = codec.unpacked(Fold, codec.pack(fold))
    found += fold.finish()
    assert [one.numbers for one in found] == [one.numbers for one in wanted]
    assert [one.beats.beats.tolist() for one in found] == [
        one.beats.beats.tolist() for one in wanted
    ]
