"""What a reviewer says is kept beside the record, and what cannot be meant is told."""

import sqlite3

import pytest

from ecg_monitor.archive.annotations.acts import LONGEST_TEXT, ActKind
from ecg_monitor.archive.annotations.book import FILE, ReviewBook
from ecg_monitor.archive.annotations.reviewing import read_reviewed
from ecg_monitor.archive.kept.index import Index
from ecg_monitor.archive.reading import read_interval
from ecg_monitor.archive.retention import clear_out
from ecg_monitor.core.errors import ReviewError
from tests.support.archive import (
    DEVICE,
    FS,
    RR_N,
    T0,
    arrive,
    find_beats,
    packets,
    recording,
    reviewed_record,
    signal,
)  # fmt: skip


def at(number: int) -> float:
    """When a beat of the record was, Unix s."""
    return T0 + (number + 1) * RR_N / FS


def test_beats_are_called_otherwise_deleted_and_inserted(root, reviewer):
    before = {path: path.read_bytes() for path in root.rglob("signals/**/*") if path.is_file()}
    one = reviewer()
    (relabelled,) = one.label([at(3) + 0.001], "S")
    assert (relabelled.before, relabelled.samples) == ("V", (4 * RR_N,))
    one.delete([at(0)])
    inserted = one.insert(at(5) + 0.03, "V")
    assert inserted.samples == (6 * RR_N,)  # on the peak, not where the pointer was
    found = read_reviewed(root, DEVICE)
    assert (found.corrected, dict(found.reviewers())) == (3, {"A. Doctor": 3})
    beats = found.recording.beats
    assert beats[0].sample == 2 * RR_N
    assert [b.symbol for b in beats if b.sample in (4 * RR_N, 6 * RR_N)] == ["S", "V"]
    part = read_reviewed(root, DEVICE, at(3) - 0.3, at(3) + 0.3)
    assert [b.symbol for b in part.recording.beats] == ["S"]
    for _ in range(3):
        one.undo()
    with pytest.raises(ReviewError, match="nothing to undo"):
        one.undo()
    assert (
        read_reviewed(root, DEVICE).recording.beats == read_interval(root, DEVICE).recording.beats
    )
    one.redo()  # what was undone last
    assert read_reviewed(root, DEVICE).recording.beats[3].symbol == "S"
    assert before == {path: path.read_bytes() for path in before}


def test_all_of_a_class_in_an_interval(root, reviewer):
    (act,) = reviewer().relabel_class(T0, T0 + 60, "V", "/")
    assert act.before == f"V {len(act.samples)}"
    assert len(act.samples) == 8
    symbols = [b.symbol for b in read_reviewed(root, DEVICE).recording.beats]
    assert (symbols.count("/"), symbols.count("V")) == (8, 7)
    with pytest.raises(ReviewError, match="no beat V in that time"):
        reviewer().relabel_class(T0, T0 + 60, "V", "S")


def test_two_reviewers_of_one_beat(root, reviewer):
    reviewer("a").label([at(3)], "F")
    reviewer("b").label([at(3)], "S")
    beat = next(b for b in read_reviewed(root, DEVICE).beats if b.sample == 4 * RR_N)
    assert (beat.symbol, beat.original, beat.by, beat.disputed) == ("S", "V", "b", True)
    reviewer("b").undo()
    beat = next(b for b in read_reviewed(root, DEVICE).beats if b.sample == 4 * RR_N)
    assert (beat.symbol, beat.by, beat.disputed) == ("F", "a", False)


def test_rhythms_notes_and_verdicts(root, reviewer):
    one = reviewer()
    one.mark(T0 + 10, T0 + 20, "(AFIB", "")
    note = one.mark(T0 + 30, T0 + 31, "", "<b>look</b>\n\x07here")
    assert note.text == "<b>look</b> here"
    (alarm,) = read_interval(root, DEVICE).alarms
    one.judge(alarm.id, "false", "artefact")
    found = read_reviewed(root, DEVICE)
    # The alarm of the record is a rhythm as well, from 4 s to 12 s.
    assert found.rhythms == ((1000, "(VT"), (round(10 * FS), "(AFIB"), (round(20 * FS), "(U"))
    (verdict,) = found.verdicts[alarm.id]
    assert (verdict.value, verdict.text, verdict.by) == ("false", "artefact", "A. Doctor")
    assert [act.what for act in found.acts] == [ActKind.RHYTHM, ActKind.NOTE, ActKind.VERDICT]


@pytest.mark.parametrize(
    ("do", "wrong"),
    [
        (lambda one: one.label([at(3) + 0.4], "V"), "there is no beat at that time"),
        (lambda one: one.label([at(3)], "X"), "a beat is one of"),
        (lambda one: one.label([], "V"), "about 1 to"),
        (lambda one: one.label([float("nan")], "V"), "about 1 to"),
        (lambda one: one.label([T0 + 9999], "V"), "nothing is kept, or no longer"),
        (lambda one: one.insert(at(3) + 0.05, "V"), "there is a beat already"),
        (lambda one: one.insert(T0 - 99, "V"), "nothing is kept"),
        (lambda one: one.mark(T0 + 20, T0 + 10, "(AFIB", ""), "must end after its start"),
        (lambda one: one.mark(T0, T0 + 10, "(XYZ", ""), "a rhythm is one of"),
        (lambda one: one.mark(T0, T0 + 10, "", " \n"), "name a rhythm or write"),
        (lambda one: one.mark(T0, T0 + 10, "", "x" * 1_000_000), f"at most {LONGEST_TEXT}"),
        (lambda one: one.mark(T0, T0 + 1e6, "(N", ""), "a day at most"),
        (lambda one: one.judge("nothing", "true", ""), "nothing is kept"),
        (lambda one: one.judge("nothing", "false", ""), "say why"),
        (lambda one: one.judge("nothing", "maybe", ""), "a verdict is one of"),
    ],
)
def test_what_cannot_be_meant_is_told_and_not_kept(root, reviewer, do, wrong):
    with pytest.raises(ReviewError, match=wrong):
        do(reviewer())
    assert read_reviewed(root, DEVICE).journal == ()


def test_nobody_reviews_beyond_the_stay_that_they_see(root, reviewer):
    one = reviewer(since=T0 + 60, until=T0 + 90)
    with pytest.raises(ReviewError, match="not of this patient"):
        one.label([at(3)], "S")
    with pytest.raises(ReviewError, match="not of this patient"):
        one.mark(T0 + 50, T0 + 70, "(N", "")
    with pytest.raises(ReviewError, match="nothing is kept"):
        one.insert(T0 + 30, "V")


def test_what_has_left_takes_what_was_said_of_it_along(root, reviewer):
    reviewer().label([at(3)], "S")
    index = Index.open(root)
    assert clear_out(root, index, days=1, size=0, now=index.segments(DEVICE)[0].added + 2e5) == 1
    index.close()
    book = ReviewBook.open(root)
    assert book.acts(DEVICE, 0, 1e12) == []
    book.close()
    with pytest.raises(ReviewError, match="nothing is kept, or no longer"):
        reviewer().label([at(3)], "S")


def test_a_journal_that_another_holds_is_told(root, reviewer, monkeypatch):
    monkeypatch.setattr("ecg_monitor.archive.annotations.book.BUSY_S", 0.05)
    reviewer().label([at(3)], "S")
    holder = sqlite3.connect(root / FILE, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(ReviewError, match="somebody else is writing"):
        reviewer().label([at(3)], "F")
    assert len(read_reviewed(root, DEVICE).journal) == 1  # reading goes on
    holder.execute("ROLLBACK")
    holder.close()
    reviewer().label([at(3)], "F")


async def test_what_was_said_before_a_sealing_holds_after_it(redis_client, tmp_path, reviewer):
    root = tmp_path / "live"
    root.mkdir()
    await arrive(redis_client, packets(signal(2500)))
    await find_beats(redis_client, {500: "N", 800: "V"})
    one = reviewer()
    object.__setattr__(one, "root", root)
    with recording(redis_client, root) as recorder:
        await recorder.turn()
        start = read_interval(root, DEVICE).start
        one.label([start + 800 / FS], "F")
        assert [b.symbol for b in read_reviewed(root, DEVICE).recording.beats] == ["N", "F"]
        await recorder.seal()
    assert [b.symbol for b in read_reviewed(root, DEVICE).recording.beats] == ["N", "F"]
    assert [b.symbol for b in read_interval(root, DEVICE).recording.beats] == ["N", "V"]


def test_a_record_of_another_archive_has_no_acts(tmp_path):
    reviewed_record(tmp_path / "other")
    assert read_reviewed(tmp_path / "other", DEVICE).journal == ()
