import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.errors import RecordError
from models.scoring import Beats, Confusion, compare, match

FS = 360.0
annotator = st.lists(st.tuples(st.integers(0, 3000), st.sampled_from("NSVFQ")), max_size=40).map(
    sorted
)


def beats(marks: list[tuple[int, str]], **segments: tuple[tuple[int, int], ...]) -> Beats:
    found = Beats.from_labels([n for n, _ in marks], [label for _, label in marks])
    return Beats(found.samples, found.labels, **segments)


def cells(confusion: Confusion) -> dict[str, int]:
    """Non-zero cells, ``{"NV": 1}``."""
    return {
        row + column: count
        for row, counts in confusion.to_map().items()
        for column, count in counts.items()
        if count
    }


def counted(reference: Beats, test: Beats, start_s: float = 0.0) -> dict[str, int]:
    return cells(compare(reference, test, FS, start_s=start_s, duration_s=60.0))


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (1054, {"NN": 1}),
        (946, {"NN": 1}),
        (1055, {"NO": 1, "ON": 1}),
        (945, {"NO": 1, "ON": 1}),
    ],
)
def test_window_is_150_ms_inclusive(n: int, expected: dict[str, int]) -> None:
    assert counted(beats([(1000, "N")]), beats([(n, "N")])) == expected


def test_the_nearer_of_two_test_beats_wins() -> None:
    reference = beats([(1000, "N"), (1400, "N")])

    found = beats([(960, "V"), (1010, "N"), (1400, "N")])
    assert counted(reference, found) == {"NN": 2, "OV": 1}
    found = beats([(990, "N"), (1040, "V"), (1400, "N")])
    assert counted(reference, found) == {"NN": 2, "OV": 1}


def test_a_rival_with_a_better_match_of_its_own_does_not_part_a_pair() -> None:
    # 1050 is nearer to 1020 than 970 is, yet it belongs to 1055.
    reference = beats([(1020, "V"), (1055, "N")])

    assert counted(reference, beats([(970, "V"), (1050, "N")])) == {"VV": 1, "NN": 1}


def test_labels_make_the_row_and_the_column() -> None:
    reference = beats([(400, "V"), (800, "F"), (1200, "S")])

    assert counted(reference, beats([(401, "N"), (800, "V")])) == {"VN": 1, "FV": 1, "SO": 1}


def test_flutter_of_the_reference_hides_beats_of_both() -> None:
    reference = beats([(100, "N"), (600, "V"), (1100, "N")], flutter=((500, 1000),))
    found = beats([(100, "N"), (500, "V"), (700, "V"), (1000, "V"), (1100, "N")])

    assert counted(reference, found) == {"NN": 2}


def test_flutter_of_the_test_hides_nothing() -> None:
    reference = beats([(100, "N"), (600, "V")])

    assert counted(reference, beats([(100, "N")], flutter=((500, 1000),))) == {"NN": 1, "VO": 1}


def test_time_in_flutter_and_before_the_start_is_not_scored() -> None:
    reference = beats([], flutter=((0, 7200), (18_000, 99_000)))

    scored = compare(reference, beats([]), FS, start_s=10.0, duration_s=60.0)
    assert scored.seconds == pytest.approx(60.0 - 10.0 - 10.0 - 10.0)


def test_shutdown_makes_x_of_o() -> None:
    reference = beats([(100, "N"), (2000, "N")], shutdown=((400, 600),))
    found = beats([(500, "V"), (900, "V")], shutdown=((1900, 2100),))

    assert counted(reference, found) == {"NO": 1, "NX": 1, "XV": 1, "OV": 1}


def test_a_pair_across_the_start_belongs_to_its_reference_beat() -> None:
    reference, start_s = beats([(3599, "N"), (7200, "N")]), 10.0

    assert counted(reference, beats([(3601, "N"), (7199, "N")]), start_s) == {"NN": 1}
    assert counted(beats([(3600, "V")]), beats([(3599, "V")]), start_s) == {"VV": 1}
    assert counted(beats([(3599, "V")]), beats([(3600, "V")]), start_s) == {}


def test_nothing_against_nothing() -> None:
    assert counted(beats([]), beats([])) == {}
    assert counted(beats([]), beats([(7, "N")])) == {"ON": 1}
    assert counted(beats([(7, "N")]), beats([])) == {"NO": 1}


def test_lateness_in_ms() -> None:
    reference = beats([(100, "N"), (1000, "N"), (2000, "N"), (4000, "N")])
    found = beats([(100, "N"), (1036, "N"), (1982, "N")])
    pairs = match(reference, found, FS)

    assert pairs.late_ms(0.0) == pytest.approx([0.0, 100.0, -50.0])
    assert pairs.late_ms(2.0) == pytest.approx([100.0, -50.0])


@pytest.mark.parametrize("fs", [0.0, -1.0, float("nan"), float("inf")])
def test_sampling_rate_must_be_positive(fs: float) -> None:
    with pytest.raises(RecordError, match="fs:"):
        match(beats([]), beats([]), fs)


@given(reference=annotator, test=annotator)
def test_every_beat_is_counted_once(
    reference: list[tuple[int, str]], test: list[tuple[int, str]]
) -> None:
    pairs = match(beats(reference), beats(test), FS)
    rows = pairs.reference_at[pairs.reference_at >= 0].tolist()
    columns = pairs.test_at[pairs.test_at >= 0].tolist()

    assert rows == list(range(len(reference)))
    assert columns == list(range(len(test)))
    assert (np.abs(pairs.late_ms(0.0)) <= 150.0).all()


@given(reference=annotator)
def test_an_annotator_agrees_with_itself(reference: list[tuple[int, str]]) -> None:
    same = beats(reference)
    confusion = compare(same, same, FS, duration_s=60.0)

    assert confusion.qrs.tp == len(same)
    assert all(pair[0] == pair[1] for pair in cells(confusion))


@given(reference=annotator, test=annotator, shift=st.integers(0, 10**9))
def test_only_differences_of_time_matter(
    reference: list[tuple[int, str]], test: list[tuple[int, str]], shift: int
) -> None:
    later = [[(n + shift, label) for n, label in marks] for marks in (reference, test)]

    assert counted(beats(later[0]), beats(later[1])) == counted(beats(reference), beats(test))


@pytest.mark.serial
def test_half_an_hour_is_matched_in_under_200_ms() -> None:
    rng = np.random.default_rng(5)
    at = np.cumsum(rng.integers(150, 300, 3000))
    reference = Beats(at, np.full(3000, "N"))
    test = Beats(np.sort(at + rng.integers(-60, 60, 3000)), np.full(3000, "N"))

    began = time.process_time()
    compare(reference, test, FS, start_s=300.0, duration_s=1800.0)
    assert time.process_time() - began < 0.2
