import numpy as np
import pytest

from ecg_monitor.core.errors import RecordError
from models.scoring import Beats
from models.scoring.beats import END_OF_TIME
from models.scoring.databases import EC57


def test_annotations_become_beats_by_the_label_map() -> None:
    samples, symbols = [5, 10, 20, 30, 40], ["+", "L", "j", "E", "/"]

    assert Beats.from_annotations(samples, symbols).labels.tolist() == ["N", "N", "V", "Q"]
    as_bxb = Beats.from_annotations(samples, symbols, labels=EC57)
    assert as_bxb.labels.tolist() == ["N", "S", "V", "Q"]
    assert as_bxb.samples.tolist() == [10, 20, 30, 40]
    assert as_bxb.samples.dtype == np.int64
    assert len(as_bxb) == 4


def test_flutter_is_from_bracket_to_bracket() -> None:
    beats = Beats.from_annotations([5, 10, 15, 20, 30], ["N", "[", "!", "]", "["])

    assert beats.flutter == ((10, 20), (30, END_OF_TIME))
    assert beats.samples.tolist() == [5]


def test_shutdown_lasts_until_the_next_noise_mark_of_another_kind() -> None:
    beats = Beats.from_annotations(
        [5, 10, 15, 20, 30], ["~", "~", "~", "~", "~"], [1, -1, -1, 3, 0]
    )

    assert beats.shutdown == ((10, 20),)
    assert len(beats) == 0


def test_without_subtypes_noise_marks_are_no_shutdown() -> None:
    assert Beats.from_annotations([5], ["~"]).shutdown == ()


@pytest.mark.parametrize(
    ("samples", "labels", "problem"),
    [
        ([3, 2], ["N", "N"], "beat 1 lies before"),
        ([1], ["N", "N"], "one label per beat"),
        ([1], ["L"], "'L' not among N S V F Q"),
        ([1], [""], "'' not among"),
    ],
)
def test_wrong_beats_are_refused(samples: list[int], labels: list[str], problem: str) -> None:
    with pytest.raises(RecordError, match=problem):
        Beats.from_labels(samples, labels)


def test_float_sample_indices_are_refused() -> None:
    with pytest.raises(RecordError, match=r"beats\.samples: float64"):
        Beats(np.array([1.5]), np.array(["N"]))


def test_annotations_of_unequal_lengths_are_refused() -> None:
    with pytest.raises(RecordError, match="2 samples, 1 symbols and 1 subtypes"):
        Beats.from_annotations([1, 2], ["N"])
