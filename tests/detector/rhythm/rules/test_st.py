"""ST deviation against the patient's own level."""

import pytest

from detector.rhythm.alarms import AlarmRules
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.types import Alarm, Measurement
from ecg_monitor.ward.limits.model import default_limits

FS = 360.0
EVERY_S = 10.0


class Bed:
    """Measurements every ten seconds."""

    def __init__(self) -> None:
        self.rules = AlarmRules(FS)
        self.at_s = 0.0
        self.alarms: list[tuple[float, Alarm]] = []

    def measure(self, seconds: float, qrs_ms: float = 90.0, **st_mv: float) -> None:
        for _ in range(round(seconds / EVERY_S)):
            self.at_s += EVERY_S
            n = round(self.at_s * FS)
            told = Measurement(n, 12, 72.0, st_mv, qrs_ms, 160.0, 400.0, 420.0, 430.0)
            for event in self.rules.on_measurement(told, n):
                assert isinstance(event, Alarm)
                self.alarms.append((self.at_s, event))

    def reload(self) -> None:
        saved = codec.pack(self.rules)
        self.rules = AlarmRules(FS)
        codec.unpack(self.rules, saved)


@pytest.fixture
def bed() -> Bed:
    bed = Bed()
    bed.measure(320, II=0.05, V5=-0.1)
    return bed


@pytest.mark.parametrize("change", [0.25, -0.25])
def test_a_deviation_is_told_after_a_minute_with_its_lead(bed, change):
    bed.measure(30, II=0.05, V5=-0.1 + change)
    bed.reload()
    assert bed.alarms == []
    bed.measure(50, II=0.05, V5=-0.1 + change)
    ((at_s, alarm),) = bed.alarms
    assert at_s == 320 + 10 + default_limits().st.st_delay_s
    assert (alarm.kind, alarm.priority, alarm.lead) == ("st_deviation", "medium", "V5")
    assert alarm.n == round(330 * FS)
    assert alarm.value == pytest.approx(change)
    bed.measure(20, II=0.05, V5=-0.05)
    assert [alarm.present for _, alarm in bed.alarms] == [True, False]


def test_what_was_there_from_the_start_is_no_deviation():
    bed = Bed()
    bed.measure(900, II=0.4)
    assert bed.alarms == []


def test_a_deviation_that_comes_and_goes_is_not_told(bed):
    for _ in range(6):
        bed.measure(50, II=0.3, V5=-0.1)
        bed.measure(10, II=0.05, V5=-0.1)
    assert bed.alarms == []


def test_one_that_changes_sides_starts_again(bed):
    bed.measure(50, II=0.3, V5=-0.1)
    bed.measure(50, II=-0.2, V5=-0.1)
    assert bed.alarms == []


@pytest.mark.parametrize("width", [130.0, 114.0, 66.0])
def test_another_qrs_complex_says_nothing_of_st(bed, width):
    bed.measure(300, qrs_ms=width, II=0.5, V5=0.5)
    assert "st_deviation" not in {alarm.kind for _, alarm in bed.alarms}
