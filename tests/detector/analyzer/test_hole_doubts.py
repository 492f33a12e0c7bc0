"""What holes leave unknown of a beat, as the rules are told."""

import pytest

from detector.analyzer.labelling import Verdict
from detector.analyzer.stream import holes_of
from detector.engine.rows import BeatRow
from detector.rhythm.beats import PERHAPS, Holes
from ecg_monitor.core.types import BeatLabel


def beat(before: int = 800, *, hidden: bool = False, cut: bool = False) -> BeatRow:
    return BeatRow(0, 1000, 1350, before, 1200, 1, 1, hidden=hidden, cut=cut)


@pytest.mark.parametrize(
    ("label", "ventricular", "perhaps"),
    [("N", PERHAPS, True), ("S", 0.24, True), ("N", 0.09, False), ("V", 0.3, False)],
)
def test_a_beat_of_another_class_may_be_ventricular(
    label: BeatLabel, ventricular: float, perhaps: bool
) -> None:
    verdict = Verdict(label, {"N": 1 - ventricular, "V": ventricular}, None)
    assert holes_of(beat(), verdict) == Holes(perhaps=perhaps)


def test_what_is_hidden_is_of_no_class_for_holes_alone() -> None:
    unknown, known = Verdict("Q", {"Q": 1.0}, None), Verdict("N", {"N": 1.0, "V": 0.0}, None)
    assert holes_of(beat(-1, hidden=True, cut=True), unknown) == Holes(False, True, True)
    assert holes_of(beat(hidden=True), known) == Holes()
    assert holes_of(beat(), unknown) == Holes()
