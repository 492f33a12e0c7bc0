"""PAC runs and supraventricular tachycardia."""


def test_three_pacs_make_a_run(heart):
    heart.beats("NNNNSSNNN", 0.8)
    assert heart.raised() == []
    heart.beats("SSSS", 0.5).beats("NNN", 0.8)
    assert heart.raised() == ["pac_run"]
    assert len(heart.episodes("pac_run")) == 1


def test_a_change_of_rate_that_begins_with_beats_called_s_is_no_run(heart):
    heart.beats("NNNNNNNN", 0.8).beats("SSSSS", 0.5).beats("NNNNNNNN", 0.5)
    assert "pac_run" not in heart.raised()
    assert heart.episodes("pac_run") == []


def test_slow_supraventricular_beats_are_an_escape_rhythm_and_no_run(heart):
    heart.beats("NNNN", 0.8).beats("SSSSS", 0.9).beats("NNNN", 0.8)
    assert heart.raised() == []
    assert heart.episodes("pac_run") == []


def test_svt_begins_suddenly(heart):
    heart.beats("N" * 20, 0.8).beats("N" * 12, 60 / 190).beats("N" * 10, 0.8)
    assert "svt" in heart.raised()
    ((start, end),) = heart.episodes("svt")
    assert abs(start - 16.3) < 0.1
    assert abs(end - start - 11 * 60 / 190) < 0.1


def test_a_rate_that_climbs_is_no_svt(heart):
    for step in range(160):
        heart.beats("N", 0.8 - step * 0.003)
    assert "svt" not in heart.raised()
    assert "extreme_tachycardia" in heart.raised()
