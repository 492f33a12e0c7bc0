"""Which beats pulses brought, and that they are shown in order, once, whenever they came."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detector.analyzer.pulses import AHEAD_S, DELAYS, PulseOrigin, Pulses
from ecg_monitor.core.checkpoint import codec

FS = 250.0
DELAY = 20


def brought(delays: list[int | None], rr: int = 200) -> list[PulseOrigin]:
    """Whether beats every ``rr`` samples are paced; None: no pulse ahead of the beat."""
    pulses = Pulses(FS)
    found = []
    for i, delay in enumerate(delays):
        n = 1000 + i * rr
        if delay is not None:
            pulses.add(n - delay, (n - delay,))
        found.append(pulses.origin(n, rr / FS))
        pulses.until(n)
    return found


def test_a_beat_soon_after_a_pulse_is_paced():
    assert brought([DELAY] * 10) == [PulseOrigin.SURELY] * 10
    assert brought([None, DELAY]) == [PulseOrigin.NO, PulseOrigin.SURELY]
    assert brought([round(AHEAD_S * FS) + 2] * 3) == [PulseOrigin.NO] * 3  # of the atrium


def test_pulses_that_ignore_the_heart_seldom_bring_a_beat():
    usual = [DELAY] * DELAYS
    found = brought([*usual, DELAY + 4, DELAY + 12, DELAY])
    assert found[-3:] == [PulseOrigin.SURELY, PulseOrigin.PERHAPS, PulseOrigin.SURELY]


def test_the_r_peak_may_be_found_on_either_wave_of_the_complex():
    found = brought([DELAY, DELAY, DELAY, DELAY + 14, DELAY, DELAY + 14] * 3)
    assert found == [PulseOrigin.SURELY] * 18


def test_ventricular_tachycardia_under_pacing_is_none_of_the_pacemaker():
    assert brought([DELAY] * 5, rr=round(60 / 170 * FS)) == [PulseOrigin.NO] * 5


@given(
    st.lists(st.integers(0, 5000), unique=True).map(sorted),
    st.lists(st.integers(0, 6000)).map(sorted),
)
def test_each_pulse_is_shown_once_in_order(at, asked):
    pulses = Pulses(FS)
    pulses.add(0, tuple(at))
    shown = []
    for n in asked:
        fresh = pulses.until(n)
        assert all(pulse <= n for pulse in fresh)
        shown += fresh
        saved, pulses = codec.pack(pulses), Pulses(FS)
        codec.unpack(pulses, saved)
    assert shown == [pulse for pulse in at if asked and pulse <= asked[-1]]


def test_a_break_forgets_what_was_not_shown():
    pulses = Pulses(FS)
    pulses.add(0, (10, 20))
    pulses.break_off()
    assert pulses.until(100) == []
    assert pulses.origin(30, 1.0) is PulseOrigin.NO
