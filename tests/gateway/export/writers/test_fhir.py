"""The FHIR Bundle fits the published models and gives back every sample."""

from typing import Any

import numpy as np
import orjson
from fhir.resources.R4B.bundle import Bundle

from ecg_monitor.records.recording import INVALID_SAMPLE, InvalidStretch, Recording
from gateway.export.excerpt import AlarmMark, Excerpt
from gateway.export.formats import FORMATS
from gateway.export.writing import written

FS = 250.0


def excerpt(start: float | None) -> Excerpt:
    samples = np.random.default_rng(3).integers(-900, 900, (2, round(70 * FS))).astype(np.int16)
    samples[1, 100:200] = INVALID_SAMPLE
    recording = Recording(
        name="100", fs=FS, leads=("V5", "MLII"), gain=(200.0, 150.0), baseline=(0.0, 1024.0),
        samples=samples, invalid=(InvalidStretch(1, 100, 200),),
    )  # fmt: skip
    alarms = (AlarmMark("vt", "high", 5.0, 9.0),)
    return Excerpt(recording, alarms, 30.0, start, "bed-3" if start else None, "4711")


def entries(what: Excerpt, tmp_path) -> list[Any]:
    (path,) = written(FORMATS["fhir"], what, tmp_path / "one.json", lambda _: None)
    return list(Bundle.model_validate(orjson.loads(path.read_bytes())).entry)


def test_every_sample_comes_back_in_mv_one_observation_a_minute(tmp_path):
    what = excerpt(1_790_000_000.0)
    *signals, alarm = [entry.resource for entry in entries(what, tmp_path)]
    assert len(signals) == 2
    for i, lead in enumerate(what.recording.leads):
        parts = [one.component[i] for one in signals]
        assert {part.code.text for part in parts} == {f"ECG lead {lead}"}
        words = " ".join(part.valueSampledData.data for part in parts).split()
        found = np.array([INVALID_SAMPLE if word == "E" else int(word) for word in words])
        np.testing.assert_array_equal(found, what.recording.samples[i])
        data = parts[0].valueSampledData
        assert float(data.period) == 1000 / FS
        gain, baseline = what.recording.gain[i], what.recording.baseline[i]
        assert float(data.factor) == 1 / gain
        assert float(data.origin.value) == -baseline / gain
    assert signals[0].component[0].code.coding[0].code == str(131328 + 7)
    assert signals[0].component[1].code.coding is None
    assert signals[1].effectivePeriod.start.isoformat() == "2026-09-21T14:14:20+00:00"
    assert signals[0].subject.identifier.value == "4711"
    assert alarm.valueString == "Ventricular tachycardia, high priority"
    assert alarm.effectivePeriod.end.isoformat() == "2026-09-21T14:13:29+00:00"


def test_without_a_time_of_day_a_note_tells_the_place(tmp_path):
    found = entries(excerpt(None), tmp_path)
    assert found[1].resource.effectivePeriod is None
    assert found[1].resource.note[0].text == "from 90.000000 s to 100.000000 s of 100"
    assert len({entry.fullUrl for entry in found}) == len(found)
