"""A recording that is fed in large pieces has the events and times of one fed packet by packet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.offline import as_analysis, packets_of, timed_events
from detector.engine.resample import last_needed
from ecg_monitor.core.types import Beat, RPeak
from ecg_monitor.records import Recording
from ecg_monitor.records.recording import InvalidStretch
from gateway.study.examples import made


@pytest.fixture(scope="module")
def runs() -> Recording:
    """Return the beginning of an example with runs of ventricular beats, hence many alarms."""
    ectopy = made("ectopy")
    return replace(ectopy, samples=ectopy.samples[:, :20_000], beats=())


def holes(recording: Recording, *spans_s: tuple[float, float]) -> Recording:
    """Return the recording without its values in those stretches, on all leads."""
    fs = recording.fs
    return replace(
        recording,
        invalid=tuple(
            InvalidStretch(lead, round(start * fs), round(end * fs))
            for start, end in spans_s
            for lead in range(len(recording.leads))
        ),
    )


@pytest.mark.parametrize(
    "spans_s",
    [(), ((20.0, 20.3), (31.0, 31.9)), ((18.2, 19.4), (30.0, 38.0))],
    ids=["whole", "short holes", "long holes"],
)
def test_pieces_bring_the_events_and_times_of_packets(
    runs: Recording, spans_s: tuple[tuple[float, float], ...]
) -> None:
    recording = holes(runs, *spans_s)
    reached: list[float] = []
    single = timed_events(recording, piece_s=0)
    pieces = timed_events(recording, progress=reached.append)
    assert [event for _, event in pieces] == [event for _, event in single]
    analysis = as_analysis(recording, pieces)
    assert analysis == as_analysis(recording, single)
    assert len(analysis["alarms"]) > 5
    assert reached == sorted(reached)
    assert reached[-1] == recording.duration_s


def test_the_packets_of_a_piece_tell_when_an_alarm_was_raised(runs: Recording) -> None:
    fine = as_analysis(runs, timed_events(runs, packet_ms=100))["alarms"]
    coarse = as_analysis(runs, timed_events(runs, packet_ms=1000))["alarms"]
    delays = [
        later["raised_s"] - sooner["raised_s"] for sooner, later in zip(fine, coarse, strict=True)
    ]
    assert all(0 <= delay < 1 for delay in delays)
    assert max(delays) > 0.3


@pytest.mark.parametrize("fs", [250.0, 360.0, 500.0])
def test_a_decision_comes_with_the_very_sample_that_it_needed(runs, fs):
    """Sample by sample: delays are counted from there, here and when a running system is timed."""
    recording = replace(runs, fs=fs, samples=runs.samples[:, : round(10 * fs)])
    analyzer = Analyzer(networks=False)
    found = 0
    for packet in packets_of(recording, 1000.0 / fs):
        for output in analyzer.feed([packet]):
            for event in output.events:
                if isinstance(event, RPeak | Beat):
                    found += 1
                    assert last_needed(event.decided_n, fs) == packet.n1 - 1
    assert found > 6
