"""PVCs: couplets, runs, tachycardia, bigeminy, trigeminy, rate, R-on-T."""

import pytest


def test_couplet(heart):
    heart.beats("NNNNVVNNN", 0.8)
    assert heart.raised() == ["couplet"]
    assert heart.episodes("couplet") == [(4.0, 4.8)]


@pytest.mark.parametrize(
    ("labels", "rr_s", "kind", "priority"),
    [
        ("VVV", 0.5, "ventricular_run", "medium"),
        ("VVVV", 0.5, "ventricular_run", "medium"),
        ("VVVVV", 0.5, "vt", "high"),
        ("VVVVV", 0.62, "idioventricular", "medium"),
    ],
)
def test_runs_are_told_by_length_and_rate(heart, labels, rr_s, kind, priority):
    heart.beats("NNNNNN", 0.8).beats(labels, rr_s).beats("NNN", 0.8)
    assert heart.raised()[-1] == kind
    assert "couplet" not in heart.raised()
    alarm = heart.alarms(kind)[0]
    assert alarm.priority == priority
    assert alarm.n / 360 == pytest.approx(4.8 + rr_s, abs=0.01)
    assert heart.episodes(kind) == [
        (round(4.8 + rr_s, 2), pytest.approx(4.8 + len(labels) * rr_s, abs=0.02))
    ]


def test_ventricular_tachycardia_is_told_within_6_s_and_silences_what_is_weaker(heart):
    heart.beats("N" * 20, 0.75).beats("V" * 30, 60 / 206)
    (alarm,) = (a for a in heart.alarms("vt") if a.present)
    assert (alarm.decided_n - alarm.n) / 360 < 6
    assert not {"extreme_tachycardia", "tachycardia", "svt"} & set(heart.raised())


def test_sustained_after_30_s(heart):
    heart.beats("NNNNNN", 0.8).beats("V" * 100, 0.4).beats("NNNN", 0.8)
    assert heart.raised() == ["ventricular_run", "vt", "vt_sustained"]
    (begins,) = (a for a in heart.alarms("vt_sustained") if a.present)
    assert 30.0 <= (begins.decided_n - begins.n) / 360 <= 31.5
    assert len(heart.episodes("vt_sustained")) == 1


def test_a_slow_run_that_quickens_is_a_tachycardia_from_its_fast_beats_on(heart):
    heart.beats("NNNNNN", 0.8).beats("V" * 20, 0.75).beats("V" * 5, 0.5).beats("NNNN", 0.8)
    assert heart.raised() == ["idioventricular", "vt"]
    (begins,) = (alarm for alarm in heart.alarms("vt") if alarm.present)
    # The first fast interval is 0.75 s after a slow one: 4 intervals of 0.5 s are 120 bpm, and
    # one of 0.75 s with three of 0.5 s are 107 bpm, which is enough.
    assert begins.n / 360 == pytest.approx(4.8 + 19 * 0.75, abs=0.01)
    assert heart.episodes("idioventricular") == [(5.55, pytest.approx(19.05, abs=0.01))]


def test_a_run_whose_rate_is_at_the_limit_is_told_once(heart):
    heart.beats("NNNNNN", 0.8).beats("V" * 20, 0.75)
    for _ in range(6):
        heart.beats("VVVVV", 0.59).beats("VVV", 0.62)
    heart.beats("NNNN", 0.8)
    assert heart.raised() == ["idioventricular", "vt"]


def test_a_run_ends_when_no_beat_follows(heart):
    heart.beats("NNNNVVV", 0.5).silence(3.0)
    assert heart.episodes("ventricular_run") == [(2.5, 3.5)]


@pytest.mark.parametrize(
    ("cycle", "kind"), [("NV", "bigeminy"), ("NNV", "trigeminy"), ("NNNV", None), ("VVN", None)]
)
def test_patterns(heart, cycle, kind):
    heart.beats("NNNNN", 0.8).beats(cycle * 5, 0.8).beats("NNNNN", 0.8)
    told = {"bigeminy", "trigeminy"} & set(heart.raised())
    assert told == ({kind} if kind else set())
    if kind:
        ((start, end),) = heart.episodes(kind)
        cycles_s = (end - start) / 0.8 / len(cycle)
        assert 4.3 <= cycles_s <= 6


def test_two_cycles_make_no_pattern(heart):
    heart.beats("NNNNNNVNVNNNN", 0.8)
    assert heart.raised() == []


def test_pvc_rate_counts_one_minute(heart):
    heart.beats("NNNNNNV" * 12, 0.7)
    (alarm,) = heart.alarms("pvc_rate")
    assert (alarm.value, alarm.limit) == (11, 10)
    heart.beats("N" * 200, 0.7)
    assert [a.present for a in heart.alarms("pvc_rate")] == [True, False]


def test_pvcs_as_rare_as_the_limit_are_not_told(heart):
    heart.beats("NNNNNNNNNV" * 40, 0.7)
    assert heart.raised() == []


@pytest.mark.parametrize(("coupling_s", "told"), [(0.30, True), (0.5, False)])
def test_r_on_t(heart, coupling_s, told):
    heart.beats("N" * 10, 0.9).beats("V", coupling_s).beats("NNN", 1.1)
    assert ("r_on_t" in heart.raised()) is told


def test_ectopy_again_and_again_is_one_alarm(heart):
    for _ in range(5):
        heart.beats("N" * 25 + "VV", 0.8)
    assert len(heart.episodes("couplet")) == 4
    assert heart.raised().count("couplet") == 1


def test_a_run_whose_waveform_repeats_faster_is_tachycardia(heart):
    """Every second complex was missed: the beats alone would be an idioventricular rhythm."""
    heart.beats("NNNNNN", 0.8).beats("VVVV", 0.62)
    assert heart.raised() == ["idioventricular"]
    heart.cycle(193.0).beats("V", 0.62)
    assert heart.raised() == ["idioventricular", "vt"]
    assert heart.alarms("vt")[0].value == 193.0
    heart.beats("NNNN", 0.8)
    assert [kind for kind in ("vt", "idioventricular") if heart.episodes(kind)] == ["vt"]


def test_a_waveform_that_does_not_repeat_changes_nothing(heart):
    heart.beats("NNNNNN", 0.8).beats("VVVV", 0.62)
    heart.cycle(0.0).beats("VV", 0.62)
    assert heart.raised() == ["idioventricular"]


def test_a_run_goes_on_over_a_beat_that_a_hole_keeps_from_being_classified(heart):
    heart.beats("N" * 10, 0.8).beats("VV?VV", 0.4).beats("NNNN", 0.8)
    assert heart.raised()[-1] == "vt"
    ((start, end),) = heart.episodes("vt")
    assert (start, end) == (8.4, pytest.approx(10.0, abs=0.01))


def test_a_run_goes_on_over_a_beat_that_a_hole_hides(heart):
    heart.beats("N" * 10, 0.8).beats("VVV", 0.4).hole().beats("V", 0.8).beats("NNNN", 0.8)
    assert heart.raised()[-1] == "vt"
    (alarm,) = (a for a in heart.alarms("vt") if a.present)
    assert alarm.value == pytest.approx(150)  # the interval that hides a beat does not slow it


def test_a_sustained_tachycardia_with_holes_is_one(heart):
    heart.beats("N" * 10, 0.8)
    for _ in range(12):
        heart.beats("VVV?VV", 0.4).hole().beats("V", 0.8)
    heart.beats("NNNN", 0.8)
    assert heart.raised() == ["ventricular_run", "vt", "vt_sustained"]


@pytest.mark.parametrize("since_s", [1.0, 50.0])
def test_holes_that_may_have_changed_a_class_do_not_end_a_run(heart, since_s):
    """Beats are held against those before them: a hole tells on the classes of later ones."""
    heart.beats("N" * 5, 0.8).hole().beats("N", 0.8).beats("N" * round(since_s / 0.8), 0.8)
    heart.beats("VVnVVn", 0.4).beats("NNNN", 0.8)
    assert heart.raised()[-1] == "vt"


@pytest.mark.parametrize("ahead", ["", "N" * 90])
def test_without_holes_the_classes_are_as_they_are(heart, ahead):
    """A hole of 72 s ago takes nothing into doubt, nor does the first beat of all."""
    if ahead:
        heart.beats("NNN", 0.8).hole()
    heart.beats("N" + ahead, 0.8).beats("VVnVVnVV", 0.4).beats("NNNN", 0.8)
    assert not {"vt", "ventricular_run"} & set(heart.raised())


@pytest.mark.parametrize("beats", ["VnnVnn" * 5, "Vn" * 12, "VVnn" * 5, "VVNVVN" * 5])
def test_beats_that_are_seldom_ventricular_make_no_run(heart, beats):
    heart.beats("N" * 5, 0.8).hole().beats("N" * 5, 0.8).beats(beats, 0.5).beats("NNNN", 0.8)
    assert "vt" not in heart.raised()


@pytest.mark.parametrize("beats", ["VN?NVN" * 5, "NV?V" * 8, "V?" * 12, "VV??VV"])
def test_beats_of_unknown_class_make_no_run(heart, beats):
    heart.beats("N" * 10, 0.8).beats(beats, 0.5).beats("NNNN", 0.8)
    assert "vt" not in heart.raised()


def test_a_hole_that_may_hide_more_than_one_beat_ends_a_run(heart):
    heart.beats("N" * 10, 0.8).beats("VVV", 0.4).hole().beats("V", 1.2).beats("VV", 0.4)
    heart.beats("NNNN", 0.8)
    assert "vt" not in heart.raised()
    assert len(heart.episodes("ventricular_run")) == 2
