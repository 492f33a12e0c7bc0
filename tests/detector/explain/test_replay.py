"""Explanations of real beats, and of the arithmetic behind them."""

from pathlib import Path

import numpy as np
import pytest

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.labelling import Labelling
from detector.explain.replay import replay
from detector.explain.variants import occlude, saliency, stretches
from ecg_monitor.core.errors import ExplainError
from ecg_monitor.core.types import Beat
from ecg_monitor.records import read_record

SECONDS = 70
RECORD = "208"  # of DS1: many ventricular and fusion beats


@pytest.fixture(scope="module")
def packets(mitdb: Path):
    from ecg_monitor.core.types import Packet

    record = read_record(mitdb / RECORD)
    gain, baseline = tuple(map(float, record.gain)), tuple(map(float, record.baseline))
    return [
        Packet("bed", "boot", i, n0, 0.0, record.fs, record.leads, gain, baseline,
               record.samples[:, n0 : n0 + 90].astype(np.int16))
        for i, n0 in enumerate(range(0, int(SECONDS * record.fs), 90))
    ]  # fmt: skip


@pytest.fixture(scope="module")
def beats(packets):
    """What is told live."""
    outputs = Analyzer().feed(packets)
    return [e for output in outputs for e in output.events if isinstance(e, Beat)]


def last(beats, label: str) -> Beat:
    return next(b for b in reversed(beats) if b.label == label and b.n < (SECONDS - 3) * 360)


@pytest.mark.parametrize("label", ["N", "V"])
def test_the_replay_says_what_was_said_live(packets, beats, label):
    beat = last(beats, label)
    answer = replay(packets, "boot", beat.n)
    assert answer["label"] == label
    assert answer["probabilities"] == beat.probabilities
    assert answer["anomaly"] == beat.anomaly
    assert answer["rr"]["last_s"] == pytest.approx(beat.rr_s)
    assert answer["context_s"] == pytest.approx(beat.n / 360, abs=0.1)
    earlier = [b for b in beats if b.n < beat.n]
    assert answer["anomalies"]["count"] == sum(b.anomaly is not None for b in earlier)
    assert answer["normal"]["count"] == min(60, sum(b.label == "N" for b in earlier))


def test_what_came_before_is_labelled_in_batches(packets, beats, monkeypatch):
    """A call of the networks for each beat took a person's waiting time, over a second."""
    calls: list[int] = []
    label = Labelling.label

    def counted(self, some, windows):
        calls.append(len(some))
        return label(self, some, windows)

    monkeypatch.setattr(Labelling, "label", counted)
    replay(packets, "boot", last(beats, "V").n)
    assert sum(calls) > 60
    assert len(calls) < sum(calls) / 3


def test_a_ventricular_beat_hangs_on_its_shape(packets, beats):
    surest = max((b for b in beats if b.label == "V"), key=lambda b: b.probabilities["V"])
    answer = replay(packets, "boot", surest.n)
    assert answer["usual_shape"]["V"] < 0.5 < answer["probabilities"]["V"]
    values = np.array(answer["saliency"])
    strongest = (values.argmax() / answer["fs"]) - answer["before_s"]
    assert abs(strongest) < 0.25, "the QRS complex and its slopes"
    assert values.max() > 0.1


def test_what_is_drawn_is_the_signal(packets, beats):
    beat = last(beats, "N")
    answer = replay(packets, "boot", beat.n)
    assert answer["leads"] == ("MLII", "V1")
    window = np.array(answer["window"][0])
    peak = int(answer["before_s"] * answer["fs"])
    assert abs(int(np.abs(window).argmax()) - peak) <= 3
    rebuilt = answer["rebuilt"]
    from_sample = round((answer["before_s"] - rebuilt["before_s"]) * answer["fs"])
    part = window[from_sample : from_sample + len(rebuilt["residual"])]
    joined = np.add(rebuilt["reconstruction"], rebuilt["residual"])
    assert np.allclose(joined, part, atol=0.0021), "to the rounding"


def test_a_replay_that_begins_in_the_middle_finds_the_same_beat(packets, beats):
    beat = last(beats, "V")
    answer = replay([p for p in packets if p.n0 >= 20 * 360], "boot", beat.n)
    assert answer["label"] == "V"
    assert answer["context_s"] == pytest.approx(beat.n / 360 - 20, abs=0.3)


def test_what_cannot_be_explained_is_told(packets, beats):
    beat = last(beats, "N")
    with pytest.raises(ExplainError, match="no longer kept"):
        replay([p for p in packets if p.n0 > beat.n], "boot", beat.n)
    with pytest.raises(ExplainError, match="no longer kept"):
        replay(packets, "other boot", beat.n)
    with pytest.raises(ExplainError, match="does not show"):
        replay(packets, "boot", beat.n + 120)  # between two beats
    with pytest.raises(ExplainError, match="took more than"):
        replay(packets, "boot", beat.n, limit_s=0)


def test_an_occluded_stretch_joins_without_a_step():
    rng = np.random.default_rng(1)
    template, offset = rng.normal(size=(2, 320)), np.linspace(1, 2, 320)
    for where in stretches(320):
        covered = occlude(template + offset, template, where)
        assert np.allclose(covered, template + offset), "a ramp is no difference of shape"
    window = rng.normal(size=(2, 320))
    covered = occlude(window, template, slice(100, 112))
    assert np.array_equal(covered[:, :100], window[:, :100])
    assert np.array_equal(covered[:, 112:], window[:, 112:])
    assert not np.array_equal(covered[:, 100:112], window[:, 100:112])


def test_saliency_lies_where_something_is_lost():
    lost = np.array([1.0 if where.start <= 160 < where.stop else 0.0 for where in stretches(320)])
    found = saliency(lost, 320)
    assert found[160] == 1
    assert found[:148].max() == found[173:].max() == 0
