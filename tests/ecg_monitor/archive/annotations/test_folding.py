"""The record with acts laid over it: undoing everything gives the record, of two acts the newer."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_monitor.archive.annotations.acts import Act, ActKind, in_effect, to_redo, to_undo
from ecg_monitor.archive.annotations.folding import ReviewedBeat, beats_of, rhythms_of, verdicts_of
from ecg_monitor.records.recording import BeatMark, RhythmMark

ORIGINAL = [BeatMark(100, "N"), BeatMark(200, "V"), BeatMark(300, "N")]
PLACES = st.sampled_from([100, 150, 200, 300])


def act(number: int, what: ActKind, value: str = "", by: str = "a", **other) -> Act:
    fields = {"samples": (), "start": 0.0, "end": 1.0, "at": float(number)} | other
    return Act(what, "bed-1", "boot", by=by, value=value, id=number, **fields)


ACTS = st.lists(
    st.builds(
        lambda what, places, value, by: (what, tuple(places), value, by),
        st.sampled_from([ActKind.LABEL, ActKind.DELETE, ActKind.INSERT]),
        st.lists(PLACES, min_size=1, max_size=3, unique=True),
        st.sampled_from("NSVFQ/"),
        st.sampled_from("ab"),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(ACTS, st.permutations(range(8)))
def test_what_is_undone_leaves_the_record_as_it_was(some, order):
    acts = [
        act(i + 1, what, "" if what is ActKind.DELETE else value, by, samples=places)
        for i, (what, places, value, by) in enumerate(some)
    ]
    undone = [
        act(100 + i, ActKind.UNDO, target=acts[k].id) for i, k in enumerate(order) if k < len(acts)
    ]
    assert in_effect([*acts, *undone]) == []
    beats = beats_of(ORIGINAL, in_effect([*acts, *undone]))
    assert [(one.sample, one.symbol) for one in beats] == ORIGINAL
    assert all(one == ReviewedBeat(one.sample, one.original, one.original) for one in beats)
    again = [act(200 + i, ActKind.REDO, target=one.id) for i, one in enumerate(acts)]
    both = beats_of(ORIGINAL, in_effect([*acts, *undone, *again]))
    assert both == beats_of(ORIGINAL, acts)
    assert {one.original for one in both if one.sample in (100, 200, 300)} == {"N", "V"}


def test_of_two_reviewers_the_newer_holds_and_it_is_told_that_they_differ():
    acts = [
        act(1, ActKind.LABEL, "S", "a", samples=(200,)),
        act(2, ActKind.LABEL, "F", "b", samples=(200,)),
        act(3, ActKind.DELETE, "", "a", samples=(100,)),
        act(4, ActKind.INSERT, "V", "b", samples=(250,)),
    ]
    first, second, inserted, last = beats_of(ORIGINAL, acts)
    assert first == ReviewedBeat(100, "", "N", "a", 3, disputed=False)
    assert second == ReviewedBeat(200, "F", "V", "b", 2, disputed=True)
    assert inserted == ReviewedBeat(250, "V", "", "b", 4, disputed=False)
    assert last == ReviewedBeat(300, "N", "N")
    agreed = beats_of(ORIGINAL, [*acts, act(5, ActKind.LABEL, "F", "a", samples=(200,))])
    assert not agreed[1].disputed


def test_an_inserted_beat_that_is_deleted_is_gone():
    acts = [
        act(1, ActKind.INSERT, "V", samples=(250,)),
        act(2, ActKind.DELETE, samples=(250,)),
    ]
    assert 250 not in [one.sample for one in beats_of(ORIGINAL, acts)]


def test_each_undoes_and_does_again_their_own():
    acts = [act(1, ActKind.LABEL, "S", "a", samples=(200,)), act(2, ActKind.NOTE, by="b", text="x")]
    assert to_undo(acts, "a") == acts[0]
    assert to_redo(acts, "a") is None
    acts.append(act(3, ActKind.UNDO, by="a", target=1))
    assert to_undo(acts, "a") is None
    assert to_redo(acts, "a") == acts[0]
    acts.append(act(4, ActKind.REDO, by="a", target=1))
    assert (to_undo(acts, "a"), to_redo(acts, "a")) == (acts[0], None)
    acts += [act(5, ActKind.UNDO, by="a", target=1), act(6, ActKind.DELETE, by="a", samples=(100,))]
    assert to_redo(acts, "a") is None


def test_a_rhythm_holds_where_it_was_drawn():
    original = (RhythmMark(0, "(N"), RhythmMark(500, "(AFIB"))
    drawn = [act(1, ActKind.RHYTHM, "(SVTA", samples=(300, 700))]
    assert rhythms_of(original, drawn, 1000) == (
        (0, "(N"), (300, "(SVTA"), (700, "(AFIB"),
    )  # fmt: skip
    assert rhythms_of(original, [], 1000) == original
    assert rhythms_of((), drawn, 1000) == ((300, "(SVTA"), (700, "(U"))


def test_of_an_alarm_each_reviewers_newest_verdict_is_told():
    said = [
        act(1, ActKind.VERDICT, "true", "a", alarm="x"),
        act(2, ActKind.VERDICT, "false", "b", alarm="x"),
        act(3, ActKind.VERDICT, "false", "a", alarm="x"),
    ]
    assert verdicts_of(said) == {"x": (said[1], said[2])}
