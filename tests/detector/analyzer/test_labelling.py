"""The networks on the live stream: labels come in time, once, and do not change with batching."""

import numpy as np
import pytest
import wfdb

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.labelling import Labelling, NetworkState
from detector.analyzer.offline import analyze, packets_of
from detector.engine import state
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.errors import CheckpointError
from ecg_monitor.core.types import Beat, RPeak
from ecg_monitor.records import read_record
from models.autoencoder import inputs
from models.beats import classifier
from models.beats.features import state as seen


def test_the_engine_hands_out_what_the_networks_want():
    assert state.WINDOW == seen.WINDOW
    assert state.WINDOW_BEFORE == seen.PRE >= inputs.BEFORE
    assert state.WINDOW - state.WINDOW_BEFORE >= inputs.AFTER
    assert state.READY_AFTER == classifier.DECIDE_AFTER
    assert state.WINDOW_LEADS == classifier.LEADS_USED


@pytest.fixture(scope="module")
def start_of_208(mitdb):
    """A minute of PVCs and fusion beats."""
    import dataclasses

    recording = read_record(mitdb / "208")
    return dataclasses.replace(recording, samples=recording.samples[:, : 360 * 60])


@pytest.fixture(scope="module")
def events(start_of_208):
    analyzer = Analyzer()
    outputs = analyzer.feed(packets_of(start_of_208, 250))
    return [event for output in outputs for event in output.events]


def test_a_label_comes_within_one_and_a_half_seconds_once_per_beat(events):
    peaks = [event.n for event in events if isinstance(event, RPeak)]
    beats = [event for event in events if isinstance(event, Beat)]
    assert [beat.n for beat in beats] == peaks[: len(beats)]
    assert len(peaks) - len(beats) <= 4
    delays = np.array([(beat.decided_n - beat.n) / 360 for beat in beats])
    settled = np.array([beat.n > 2 * 360 for beat in beats])
    assert delays[settled].max() <= 1.5
    for beat in beats:
        assert sum(beat.probabilities.values()) == pytest.approx(1, abs=0.01)
        assert beat.anomaly is None or 0 <= beat.anomaly <= 1


def test_ectopic_beats_are_told_from_normal_ones(events, mitdb):
    reference = wfdb.rdann(str(mitdb / "208"), "atr", sampto=360 * 60)
    true = {
        n: symbol
        for n, symbol in zip(reference.sample.tolist(), reference.symbol, strict=True)
        if symbol in "NV"
    }
    found = [event for event in events if isinstance(event, Beat)]
    agree = total = 0
    for n, symbol in true.items():
        near = [beat for beat in found if abs(beat.n - n) < 54]
        if near:
            total += 1
            agree += near[0].label == symbol
    assert total > 60
    assert agree / total > 0.9


def test_cutting_the_stream_after_1_5_s_does_not_change_a_label(events, start_of_208):
    """The truncation test: nothing later than 1.5 s after R may matter."""
    import dataclasses

    labels = {e.n: (e.label, e.probabilities, e.anomaly) for e in events if isinstance(e, Beat)}
    for n in list(labels)[10:60:7]:
        end = n + round(1.5 * 360)
        cut = dataclasses.replace(start_of_208, samples=start_of_208.samples[:, :end])
        outputs = Analyzer().feed(packets_of(cut, 250))
        found = {
            e.n: (e.label, e.probabilities, e.anomaly)
            for output in outputs
            for e in output.events
            if isinstance(e, Beat)
        }
        assert found[n] == labels[n]


def test_a_damaged_state_is_refused():
    labelling = Labelling()
    slot = labelling.add(2)
    saved = labelling.save(slot)
    labelling.load(slot, saved)
    state = NetworkState.of(saved)
    damaged = (
        NetworkState(state.contexts[:-1], state.calibration, state.intervals),
        NetworkState(state.contexts, b"", state.intervals),
    )
    for bad in (b"", saved[:-2], *map(codec.pack, damaged)):
        with pytest.raises(CheckpointError):
            labelling.load(slot, bad)


def test_analysis_tells_probabilities_and_anomaly(start_of_208):
    analysis = analyze(start_of_208)
    beat = analysis["beats"][20]
    assert set(beat["probabilities"]) == set("NSVFQ")
    assert beat["anomaly"] is not None
