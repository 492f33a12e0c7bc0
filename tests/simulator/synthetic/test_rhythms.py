"""Each rhythm shows what it is recognised by."""

from itertools import pairwise

import numpy as np
import pytest

from simulator.synthetic import RHYTHMS, EpisodeMark, Scenario, Segment, SyntheticPatient
from simulator.synthetic.beats.rhythms import GENERATORS

FS = 360


def times(block, symbols=""):
    return np.array([b.sample / FS for b in block.beats if not symbols or b.symbol in symbols])


def symbols(block):
    return "".join(beat.symbol for beat in block.beats)


def test_every_rhythm_has_a_generator():
    assert set(GENERATORS) == set(RHYTHMS)


def test_bigeminy_has_full_compensatory_pauses(quiet_patient):
    block = quiet_patient("sinus", rate=75, hrv=0.0, pvc="bigeminy").generate(60)
    assert symbols(block).startswith("NVNVNV")
    normal = times(block, "N")
    assert np.diff(normal) == pytest.approx(1.6, abs=0.01)
    coupling = (
        times(block, "V")[: len(normal) - 1] - normal[: len(times(block, "V"))][: len(normal) - 1]
    )
    assert np.all((coupling > 0.38) & (coupling < 0.55))
    assert block.rhythms[0].aux == "(B"


@pytest.mark.parametrize(("pattern", "unit"), [("trigeminy", "NNV"), ("quadrigeminy", "NNNV")])
def test_regular_ectopy(quiet_patient, pattern, unit):
    assert unit * 8 in symbols(quiet_patient("sinus", pvc=pattern).generate(60))


def test_couplets_come_in_pairs(quiet_patient):
    text = symbols(quiet_patient("sinus", pvc="couplets", pvc_per_min=15.0).generate(120))
    assert text.count("V") > 10
    assert {len(run) for run in text.split("N") if run} == {2}


def test_single_pvcs_stand_alone_in_several_forms(quiet_patient):
    block = quiet_patient("sinus", pvc="single", pvc_per_min=20.0, pvc_forms=3).generate(120)
    assert "VV" not in symbols(block)
    heights = {int(np.sign(block.samples[0, b.sample])) for b in block.beats if b.symbol == "V"}
    assert heights == {-1, 1}


def test_runs_are_marked_as_vt(quiet_patient):
    patient = quiet_patient("sinus", pvc="runs", pvc_per_min=10.0, run_beats=6, run_rate=160.0)
    block = patient.generate(120)
    runs = [episode for episode in block.episodes if episode.kind == "vt"]
    assert runs
    for run in runs[:-1]:
        inside = [b for b in block.beats if run.start - 36 <= b.sample <= run.end + 36]
        assert [b.symbol for b in inside] == ["V"] * 6
        rr = np.diff([b.sample for b in inside]) / FS
        assert 60 / rr.mean() == pytest.approx(160, rel=0.03)
    auxes = [rhythm.aux for rhythm in block.rhythms]
    assert auxes[:3] == ["(N", "(VT", "(N"]


def test_premature_atrial_beats_reset_the_sinus_node(quiet_patient):
    block = quiet_patient("sinus", rate=60, hrv=0.0, pac_per_min=10.0).generate(180)
    found = 0
    for before, beat, after in zip(block.beats, block.beats[1:], block.beats[2:], strict=False):
        if (before.symbol, beat.symbol, after.symbol) == ("N", "A", "N"):
            found += 1
            assert 0.6 < (beat.sample - before.sample) / FS < 0.75
            assert 1.0 < (after.sample - beat.sample) / FS < 1.15
    assert found > 5


def test_fibrillation_is_irregular_without_p_but_with_f_waves(quiet_patient):
    block = quiet_patient("af", leads=("V1",), fwave_mv=0.1, rate=60).generate(300)
    rr = np.diff(times(block))
    assert rr.std() / rr.mean() == pytest.approx(0.22, abs=0.04)
    assert abs(np.corrcoef(rr[:-1], rr[1:])[0, 1]) < 0.2
    quiet = np.concatenate(
        [block.samples[0, b.sample - 90 : b.sample - 30] for b in block.beats if b.sample > 90]
    )
    assert 0.04 < quiet.std() / 200 < 0.14
    averaged = np.mean(
        [block.samples[0, b.sample - 90 : b.sample - 30] for b in block.beats if b.sample > 90], 0
    )
    assert averaged.std() / 200 < 0.02


def test_p_wave_precedes_sinus_beats(quiet_patient):
    block = quiet_patient("sinus", leads=("II",), rate=60).generate(30)
    for beat in block.beats[1:]:
        before = block.samples[0, beat.sample - 90 : beat.sample - 20] / 200
        assert 0.08 < before.max() < 0.25


@pytest.mark.parametrize(("ratio", "rate"), [(2, 150), (3, 100), (4, 75)])
def test_flutter_conducts_one_in_n(quiet_patient, ratio, rate):
    block = quiet_patient("flutter", av_ratio=ratio).generate(60)
    assert 60 / np.diff(times(block)) == pytest.approx(rate, rel=0.02)
    spectrum = np.abs(np.fft.rfft(block.samples[0]))
    assert spectrum[5 * 60] > 20 * np.median(spectrum)


def test_wide_beats_have_discordant_t_waves(quiet_patient):
    cases = [("sinus", {"conduction": "lbbb"}), ("ivr", {}), ("paced", {}), ("vt", {"rate": 80})]
    for rhythm, parameters in cases:
        block = quiet_patient(rhythm, fs=FS, **parameters).generate(20)
        for row in block.samples:
            for beat in block.beats[1:-1]:
                qrs = row[beat.sample - 10 : beat.sample + 15]
                t = row[beat.sample + 60 : beat.sample + 150]
                peak = qrs[np.argmax(np.abs(qrs))]
                assert np.sign(peak) == -np.sign(t[np.argmax(np.abs(t))]), rhythm


def test_rbbb_shows_a_second_r_in_v1(quiet_patient):
    block = quiet_patient("sinus", fs=FS, leads=("II", "V1"), conduction="rbbb").generate(10)
    for beat in block.beats[1:-1]:
        v1 = block.samples[1, beat.sample - 15 : beat.sample + 36] / 200
        trough = int(np.argmin(v1))
        assert v1[:trough].max() > 0.08
        assert v1[trough:].max() > 0.3
        assert v1.min() < -0.2


def test_ventricular_fibrillation_is_disorder_without_beats(quiet_patient):
    for mv in (0.8, 0.1):
        block = quiet_patient("vf", leads=("II",), vf_mv=mv, vf_hz=5.0).generate(120)
        assert block.beats == ()
        assert [rhythm.aux for rhythm in block.rhythms] == ["(VFL"]
        signal = block.samples[0] / 200
        assert signal.std() == pytest.approx(mv / 2, rel=0.25)
        power = np.abs(np.fft.rfft(signal)) ** 2
        hz = np.fft.rfftfreq(len(signal), 1 / FS)
        band = (hz > 2) & (hz < 9)
        assert power[band].sum() / power[1:].sum() > 0.9
        # No line stands out: it is not a sine wave.
        assert np.sort(power)[-3:].sum() / power.sum() < 0.4


def test_asystole_has_a_slight_baseline_only():
    block = SyntheticPatient("asystole", seed=4).generate(60)
    assert block.beats == ()
    assert 0 < np.abs(block.samples).max() / 200 < 0.3
    assert block.samples.std() > 0


def test_asystole_with_p_waves(quiet_patient):
    signal = quiet_patient("asystole", leads=("II",), atrial_rate=60).generate(20).samples[0] / 200
    assert 0.08 < signal.max() < 0.2
    assert quiet_patient("asystole", atrial_rate=60).generate(20).beats == ()


def test_pauses_last_as_asked(quiet_patient):
    block = quiet_patient("pauses", pause_s=4.0, pause_every_s=20.0, rate=70).generate(100)
    rr = np.diff(times(block))
    assert np.sum(rr > 2) == 5
    assert rr[rr > 2] == pytest.approx(4.0, abs=0.01)
    assert sum(episode.kind == "pause" for episode in block.episodes) == 5


def test_first_degree_block_has_a_long_pr(quiet_patient):
    # 0.30 s from P onset to QRS onset puts the P peak about 0.29 s before the R peak.
    block = quiet_patient("av-block-1", leads=("II",), rate=60, hrv=0.0).generate(20)
    for beat in block.beats[1:]:
        before = block.samples[0, beat.sample - 140 : beat.sample - 30]
        assert (140 - int(np.argmax(before))) / FS == pytest.approx(0.285, abs=0.03)


def test_wenckebach_groups(quiet_patient):
    block = quiet_patient("av-block-2-i", rate=60, hrv=0.0, block_cycle=4).generate(60)
    rr = np.diff(times(block))
    for i in range(0, len(rr) - 2, 3):
        assert rr[i] > rr[i + 1] > 1.0
        assert rr[i + 2] < 2.0
    assert rr[:3].sum() == pytest.approx(4.0, abs=0.02)


def test_mobitz_ii_drops_without_warning(quiet_patient):
    rr = np.diff(
        times(quiet_patient("av-block-2-ii", rate=60, hrv=0.0, block_cycle=3).generate(60))
    )
    assert rr[:6] == pytest.approx([1, 2] * 3, abs=0.01)


@pytest.mark.parametrize(("escape", "symbol"), [("ventricular", "E"), ("junctional", "j")])
def test_third_degree_block_dissociates(quiet_patient, escape, symbol):
    patient = quiet_patient(
        "av-block-3", leads=("II",), rate=40, hrv=0.0, atrial_rate=90, escape=escape
    )
    block = patient.generate(60)
    assert set(symbols(block)) == {symbol}
    assert 60 / np.diff(times(block)) == pytest.approx(40, rel=0.01)


def test_pacing_spikes_and_capture(quiet_patient):
    def spikes(block):
        steps = np.abs(np.diff(block.samples[0].astype(int))) > 1.5 * 200
        return int(np.sum(np.diff(np.flatnonzero(steps)) > 10)) + 1

    paced = quiet_patient("paced", fs=FS, spike_mv=8.0, rate=60).generate(60)
    assert spikes(paced) == 60
    assert set(symbols(paced)) == {"/"}
    dual = quiet_patient("paced", fs=FS, spike_mv=8.0, rate=60, pacing="dual").generate(60)
    assert spikes(dual) == 120
    failing = quiet_patient("paced", fs=FS, spike_mv=8.0, rate=60, capture=0.5).generate(60)
    assert spikes(failing) == 60
    assert 15 < len(failing.beats) < 45
    assert quiet_patient("paced", capture=0.0).generate(60).beats == ()
    fused = quiet_patient("paced", fusion=1.0).generate(20)
    assert set(symbols(fused)) == {"f"}


def test_svt_is_narrow_fast_and_ectopic(quiet_patient):
    block = quiet_patient("svt", rate=190).generate(20)
    assert set(symbols(block)) == {"A"}
    assert block.rhythms[0].aux == "(SVTA"


@pytest.mark.parametrize(
    ("parameters", "symbol"),
    [({}, "N"), ({"conduction": "lbbb"}, "L"), ({"conduction": "rbbb"}, "R")],
)
def test_conduction_sets_the_symbol(quiet_patient, parameters, symbol):
    assert set(symbols(quiet_patient("sinus", **parameters).generate(10))) == {symbol}


def test_sinus_bradycardia_is_called_so(quiet_patient):
    assert quiet_patient("sinus", rate=45).generate(5).rhythms[0].aux == "(SBR"


def test_heart_rate_variability_has_its_two_bands(quiet_patient):
    def band_powers(lf_hf):
        block = quiet_patient("sinus", rate=75, hrv=0.06, lf_hf=lf_hf).generate(600)
        beats = times(block)
        grid = np.arange(5, 590, 0.25)
        rr = np.interp(grid, beats[1:], np.diff(beats))
        power = np.abs(np.fft.rfft((rr - rr.mean()) * np.hanning(len(rr)))) ** 2
        hz = np.fft.rfftfreq(len(rr), 0.25)
        bands = ((hz > 0.04) & (hz < 0.15)), ((hz > 0.15) & (hz < 0.4))
        return np.std(np.diff(beats)) / 0.8, *(power[band].sum() for band in bands)

    for lf_hf in (0.5, 4.0):
        deviation, low, high = band_powers(lf_hf)
        assert deviation == pytest.approx(0.06 * 0.8, rel=0.25)
        # Interpolation between beats takes some of the faster band away.
        assert 0.7 * lf_hf < low / high < 2.2 * lf_hf


def test_segments_follow_and_loop():
    scenario = Scenario((Segment("sinus", 10), Segment("vf", 5), Segment("asystole", 5)))
    block = SyntheticPatient(scenario, FS).generate(40)
    assert [(r.sample / FS, r.aux) for r in block.rhythms] == [
        (0, "(N"), (10, "(VFL"), (15, "(ASYS"), (20, "(N"), (30, "(VFL"), (35, "(ASYS"),
    ]  # fmt: skip
    assert block.episodes == tuple(
        EpisodeMark(round(a * FS), round(b * FS), kind)
        for a, b, kind in [
            (0, 10, "sinus"), (10, 15, "vf"), (15, 20, "asystole"),
            (20, 30, "sinus"), (30, 35, "vf"), (35, 40, "asystole"),
        ]
    )  # fmt: skip
    for beat in block.beats:
        assert (beat.sample / FS) % 20 < 10.1


def test_without_loop_the_last_segment_goes_on():
    scenario = Scenario((Segment("sinus", 5), Segment("asystole", 5)), loop=False)
    block = SyntheticPatient(scenario, FS).generate(60)
    assert block.beats[-1].sample < 5.1 * FS
    assert [mark.aux for mark in block.rhythms] == ["(N", "(ASYS"]


def test_wfdb_annotations_bracket_fibrillation():
    scenario = Scenario((Segment("sinus", 4), Segment("vf", 3), Segment("sinus", 4)))
    samples, codes, texts = SyntheticPatient(scenario, FS).generate(11).wfdb_annotations()
    assert all(a <= b for a, b in pairwise(samples))
    assert codes[0] == "+"
    assert texts[0] == "(N"
    assert codes.count("[") == codes.count("]") == 1
    assert samples[codes.index("]")] - samples[codes.index("[")] == 3 * FS - 1
    assert set(codes) == {"+", "N", "[", "]"}
