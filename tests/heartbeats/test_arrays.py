"""What is made of arrays as strangers bring them: an error that helps, or a note, or nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.errors import EcgMonitorError, SignalError
from ecg_monitor.records.recording import Recording
from heartbeats import arrays

FS = 250.0
T = np.arange(int(10 * FS)) / FS
ECG_MV = 1.2 * np.exp(-(((T % 0.8 - 0.3) / 0.012) ** 2)) + 0.2 * np.sin(T)


def taken(signal, fs=FS, **said) -> Recording:
    said = {"leads": None, "unit": "mV", "gain": None, "baseline": 0.0} | said
    return arrays.recording_of(signal, fs, **said)


def voltages_mv(recording: Recording) -> np.ndarray:
    """What the recording says, mV, shape (n_leads, n_samples); NaN where it has no value."""
    gain = np.array(recording.gain)[:, None]
    mv = (recording.samples - np.array(recording.baseline)[:, None]) / gain
    mv[~recording.valid()] = np.nan
    return mv


def refused(argument: str, problem: str, *args, **said) -> None:
    with pytest.raises(SignalError, match=problem) as caught:
        taken(*args, **said)
    assert caught.value.argument == argument
    assert str(caught.value).startswith(f"{argument}: ")


def test_an_error_is_ours_and_also_the_one_that_a_stranger_expects():
    with pytest.raises(EcgMonitorError):
        taken([])
    with pytest.raises(ValueError, match="empty"):
        taken([])


@pytest.mark.parametrize(
    ("signal", "problem"),
    [
        ([], "is empty"),
        (np.zeros((2, 0)), "is empty"),
        (ECG_MV[: int(2 * FS) - 1], r"lasts 2 s \(1 x 499 samples\); give 2 s or more"),
        (np.zeros((2, 2, 500)), "must have the shape"),
        (np.float64(3), "must have the shape"),
        (ECG_MV + 0j, "complex numbers"),
        (ECG_MV > 0, "True and False"),
        ([None, 1.0] * 500, "put NaN"),
        (["a"] * 500, "holds <U1, not numbers"),
        ([[1.0, 2.0], [1.0]], "rows of different length"),
        (np.full(500, np.nan), "NaN all along"),
        (np.where(T[7] == T, np.inf, ECG_MV), "is infinite in ECG;"),
        (np.where(T[7] == T, 1e300, ECG_MV), "reaches 1e[+]300 in ECG"),
        (np.tile(ECG_MV, (17, 1)), "has 17 rows, which are leads, and at most 16"),
    ],
)
def test_what_is_no_signal(signal, problem):
    refused("signal", problem, signal)


@pytest.mark.parametrize(
    "fs", [0, -360, np.nan, np.inf, 49.9, 2001, True, "360", None, 360 + 0j, [360], ECG_MV]
)
def test_what_is_no_sampling_rate(fs):
    refused("fs", "must be", ECG_MV, fs)


def test_sampling_rates_at_the_ends_of_the_range():
    assert taken(ECG_MV, 50).fs == 50.0
    assert taken(np.tile(ECG_MV, 2), np.int64(2000)).fs == 2000.0


@pytest.mark.parametrize(
    ("argument", "problem", "said"),
    [
        ("leads", "must name each of the 2 rows", {"leads": ["II"]}),
        ("leads", "must name each of the 2 rows", {"leads": "II"}),
        ("leads", "got II more than once", {"leads": ["II", "II"]}),
        ("leads", "must be names", {"leads": [1, 2]}),
        ("unit", "must be mV, uV, nV or V", {"unit": "mmHg"}),
        ("unit", "must be mV, uV, nV or V", {"unit": ""}),
        ("unit", "must be mV, uV, nV or V", {"unit": None}),
        ("gain", "their unit is said to be uV", {"unit": "uV", "gain": 200}),
        ("gain", "greater than 0", {"gain": 0}),
        ("gain", "greater than 0", {"gain": [200, -200]}),
        ("gain", "one for each of 2 leads", {"gain": [200, 200, 200]}),
        ("gain", "must be a number", {"gain": "high"}),
        ("baseline", "must be a number", {"gain": 200, "baseline": np.nan}),
    ],
)
def test_what_cannot_be_said_about_two_leads(argument, problem, said):
    refused(argument, problem, np.stack([ECG_MV, -ECG_MV]), **said)


def test_a_plain_signal_needs_no_note():
    recording = taken(ECG_MV)
    assert recording.notes == ()
    assert recording.leads == ("ECG",)
    assert recording.invalid == ()
    assert np.abs(voltages_mv(recording) - ECG_MV).max() <= 0.0005 + 1e-12


@pytest.mark.parametrize(
    "form",
    [
        list,
        np.float32,
        lambda x: np.repeat(x, 2)[::2],
        lambda x: np.frombuffer(x.tobytes()),
        lambda x: x[::-1].copy()[::-1],
        lambda x: x.astype(">f8"),
        lambda x: x[None, :],
    ],
    ids=["list", "float32", "strided", "read-only", "reversed view", "big-endian", "one row"],
)
def test_the_same_values_in_another_form_are_the_same(form):
    recording = taken(form(ECG_MV))
    assert recording.notes == ()
    np.testing.assert_array_equal(recording.samples, taken(ECG_MV).samples)


def test_the_array_stays_as_it_was():
    signal = np.where(T < 1, np.nan, ECG_MV)
    before = signal.copy()
    taken(signal)
    np.testing.assert_array_equal(signal, before)


def test_samples_by_leads_is_turned_and_told():
    rows = np.stack([ECG_MV, -ECG_MV])
    turned = taken(rows.T, leads=["II", "V1"])
    np.testing.assert_array_equal(turned.samples, taken(rows).samples)
    assert turned.leads == ("II", "V1")
    assert turned.notes == ("shape (2500, 2) was taken for (n_samples, n_leads): 2 leads",)


def test_a_column_is_one_lead():
    assert taken(ECG_MV[:, None]).leads == ("ECG",)


def test_names_are_made_legal_and_told():
    recording = taken(np.stack([ECG_MV, -ECG_MV]), leads=["lead II!", "V1"])
    assert recording.leads == ("lead_II", "V1")
    assert recording.notes == ("lead 'lead II!' is called lead_II",)


def test_what_has_no_value_is_a_detached_electrode():
    rows = np.stack([ECG_MV, -ECG_MV])
    rows[0, 250:500] = rows[0, 1000:1125] = np.nan
    recording = taken(rows, leads=["II", "V1"])
    assert [tuple(span) for span in recording.invalid] == [(0, 250, 500), (0, 1000, 1125)]
    assert recording.notes == (
        "II has no value for 1.5 s in 2 stretches: taken for a detached electrode",
    )
    np.testing.assert_allclose(voltages_mv(recording), rows, atol=0.0005 + 1e-12)


def test_a_lead_without_any_value_leaves_the_others():
    recording = taken(np.stack([ECG_MV, np.full_like(ECG_MV, np.nan)]))
    assert recording.notes == (
        "ECG2 has no value for 10 s in 1 stretch: taken for a detached electrode",
    )


@pytest.mark.parametrize("turn", [False, True])
def test_what_a_mask_hides_has_no_value(turn):
    rows = np.ma.masked_greater(np.tile(ECG_MV, (2, 1)), 1.0)
    assert rows.mask.any()
    recording = taken(rows.T if turn else rows)
    np.testing.assert_array_equal(recording.valid(), ~rows.mask)


def test_converter_values_are_kept_as_they_are():
    counts = np.rint(ECG_MV * 200 + 1024).astype(np.int16)
    recording = taken(counts, gain=200, baseline=1024)
    np.testing.assert_array_equal(recording.samples[0], counts)
    assert (recording.gain, recording.baseline) == ((200.0,), (1024.0,))
    assert recording.notes == ()


def test_every_lead_may_have_a_gain_of_its_own():
    counts = np.rint(np.stack([ECG_MV * 200, ECG_MV * 400 + 5])).astype(np.int32)
    recording = taken(counts, gain=[200, 400], baseline=[0, 5])
    np.testing.assert_allclose(voltages_mv(recording), np.stack([ECG_MV] * 2), atol=0.0026)


def test_converter_values_as_floats():
    counts = np.rint(ECG_MV * 200 + 1024)
    recording = taken(counts, gain=200, baseline=1024)
    np.testing.assert_allclose(voltages_mv(recording)[0], (counts - 1024) / 200, atol=1e-9)


@pytest.mark.parametrize(
    ("unit", "per_mv", "kind"),
    [
        ("uV", 1e3, np.int32),
        ("uV", 1e3, float),
        ("µV", 1e3, float),
        ("V", 1e-3, float),
        ("nV", 1e6, np.int64),
    ],
)
def test_units(unit, per_mv, kind):
    recording = taken((ECG_MV * per_mv).astype(kind), unit=unit)
    assert recording.notes == ()
    np.testing.assert_allclose(voltages_mv(recording)[0], ECG_MV, atol=0.0011)


@pytest.mark.parametrize("kind", [np.int16, np.uint16, float])
def test_converter_values_taken_for_millivolts_are_told(kind):
    counts = np.rint(ECG_MV * 400 + 2048).astype(kind)
    recording = taken(counts)
    (note,) = recording.notes
    assert "taken as converter values without a gain" in note
    span = np.ptp(voltages_mv(recording))
    assert 1 < span < 4


def test_volts_taken_for_millivolts_are_told():
    doubt, hint = taken(ECG_MV / 1000).notes
    assert "is the unit right?" in doubt
    assert 'unit="V"' in hint


def test_an_electrode_potential_costs_steps_and_is_told():
    shifted = ECG_MV + np.where(T > 5, 300, 0)
    recording = taken(shifted)
    assert recording.notes == ("ECG has so wide a range that it is kept in steps of 4.6 µV",)
    assert np.abs(voltages_mv(recording)[0] - shifted).max() <= 0.0024


def test_a_constant_lead_is_told():
    assert taken(np.full(1000, 0.3)).notes == ("ECG has the same value all along",)


def test_a_long_array_is_gone_through_in_blocks(monkeypatch):
    rows = np.stack([ECG_MV, np.where((T > 3) & (T < 4.1), np.nan, -ECG_MV)])
    whole = taken(rows)
    monkeypatch.setattr(arrays, "BLOCK", 97)
    cut = taken(rows)
    np.testing.assert_array_equal(cut.samples, whole.samples)
    assert (cut.gain, cut.baseline, cut.invalid) == (whole.gain, whole.baseline, whole.invalid)


@given(
    st.lists(
        st.floats(-3000, 3000) | st.just(float("nan")) | st.integers(-5, 5).map(float),
        min_size=100,
        max_size=120,
    ),
    st.sampled_from(["mV", "uV"]),
)
def test_values_survive_within_a_step(values, unit):
    signal = np.array(values)
    if np.isnan(signal).all():
        refused("signal", "NaN all along", signal, 50, unit=unit)
        return
    recording = taken(signal, 50, unit=unit)
    per_mv = 1.0 if unit == "mV" else 1000.0
    if any("without a gain" in note for note in recording.notes):
        per_mv = 1000 / recording.gain[0] * per_mv  # the unit is another: only the shape is kept
        mv = voltages_mv(recording)[0]
        assert np.array_equal(np.isnan(mv), np.isnan(signal))
        return
    half_step = 0.5 / recording.gain[0]
    np.testing.assert_allclose(
        voltages_mv(recording)[0], signal / per_mv, atol=half_step * 1.001 + 1e-9
    )
