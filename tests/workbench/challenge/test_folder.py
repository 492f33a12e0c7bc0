"""The list of alarms of a challenge's folder: what it may hold, and what is refused."""

import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records import BeatMark, Recording, RhythmMark
from ecg_monitor.records.recording import InvalidStretch
from workbench.challenge.folder import ListedAlarm, read_alarms, until
from workbench.challenge.kinds import KINDS


def listed(folder, text):
    (folder / "ALARMS").write_text(text)
    return read_alarms(folder)


def test_a_list_is_read_in_order(tmp_path):
    alarms, refused = listed(tmp_path, "b,Asystole,1\n\n a , Tachycardia , 0 \n")
    assert alarms == [
        ListedAlarm("b", KINDS["Asystole"], True),
        ListedAlarm("a", KINDS["Tachycardia"], False),
    ]
    assert refused == []


@pytest.mark.parametrize(
    ("line", "record", "words"),
    [
        ("x,Fever,1", "x", "unknown kind 'Fever'; the kinds are Asystole, Bradycardia"),
        ("x,Asystole,yes", "x", "'yes' is not 1 (true alarm) or 0"),
        ("x,Asystole", "line 2", "is not RECORD,KIND,TRUE"),
        (",Asystole,1", "line 2", "is not RECORD,KIND,TRUE"),
        ("../x,Asystole,1", "line 2", "is no name of a file in the folder"),
        ("good,Asystole,0", "good", "listed twice"),
        ("good.hea,Asystole,0", "good", "listed twice"),
        ("..,Asystole,0", "line 2", "is no name of a file in the folder"),
        ("a\0b,Asystole,0", "line 2", "record 'a\\x00b' is no name of a file in the folder"),
    ],
)
def test_a_line_that_names_no_alarm_is_counted_with_its_reason(tmp_path, line, record, words):
    alarms, refused = listed(tmp_path, f"good,Asystole,1\n{line}\n")
    assert [one.record for one in alarms] == ["good"]
    assert [one.record for one in refused] == [record]
    assert words in refused[0].reason


@pytest.mark.parametrize("text", ["", "\n\n", "x,Fever,1\n"])
def test_a_list_without_an_alarm_is_an_error(tmp_path, text):
    with pytest.raises(RecordError, match="lists no alarm that can be scored"):
        listed(tmp_path, text)


def test_a_folder_without_a_list_is_an_error_that_says_what_is_missing(tmp_path):
    with pytest.raises(RecordError, match="no file ALARMS; it has a line RECORD,KIND,TRUE"):
        read_alarms(tmp_path)
    with pytest.raises(RecordError, match="is not a folder"):
        read_alarms(tmp_path / "nowhere")
    (tmp_path / "ALARMS").mkdir()
    with pytest.raises(RecordError, match="cannot be read"):
        read_alarms(tmp_path)


def test_what_is_not_utf_8_costs_its_own_line(tmp_path):
    """A list in another encoding is refused; one name in it, as in Latin-1, leaves the others."""
    (tmp_path / "ALARMS").write_bytes(b"good,Asystole,1\npati\xebnt,Asystole,0\n")
    alarms, refused = read_alarms(tmp_path)
    assert [one.record for one in alarms] == ["good"]
    assert [one.record for one in refused] == ["line 2"]
    assert "is not UTF-8 text" in refused[0].reason
    refused[0].reason.encode()
    (tmp_path / "ALARMS").write_bytes("good,Asystole,1\n".encode("utf-16"))
    with pytest.raises(RecordError, match=r"lists no alarm that can be scored: line 1: .* UTF-8"):
        read_alarms(tmp_path)


def test_the_mark_that_some_editors_put_before_a_text_is_no_part_of_a_name(tmp_path):
    (tmp_path / "ALARMS").write_bytes(b"\xef\xbb\xbfgood,Asystole,1\r\n")
    alarms, refused = read_alarms(tmp_path)
    assert ([one.record for one in alarms], refused) == (["good"], [])


def test_what_follows_the_alarm_is_cut_off():
    fs = 100.0
    whole = Recording(
        *("a", fs, ("II",), (200.0,), (0.0,), np.arange(1000, dtype=np.int16)[None]),
        beats=(BeatMark(100, "N"), BeatMark(700, "V")),
        rhythms=(RhythmMark(0, "(N"), RhythmMark(600, "(VT")),
        invalid=(InvalidStretch(0, 450, 550), InvalidStretch(0, 800, 900)),
    )
    cut = until(whole, 5.0)
    assert cut.duration_s == 5.0
    assert cut.samples.tolist() == [list(range(500))]
    assert cut.beats == (BeatMark(100, "N"),)
    assert cut.rhythms == (RhythmMark(0, "(N"),)
    assert cut.invalid == (InvalidStretch(0, 450, 500),)
    assert until(whole, 10.0) is whole
