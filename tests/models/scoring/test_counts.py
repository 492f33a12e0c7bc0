import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scoring import CLASSES, Confusion, Score

# Cell (r, c) holds a number of its own, so that a wrong cell in a sum shows.
DISTINCT = Confusion(tuple(tuple(2 ** (7 * r + c) for c in range(7)) for r in range(7)), 7200.0)

confusions = st.builds(
    Confusion,
    st.lists(
        st.lists(st.integers(0, 99), min_size=7, max_size=7).map(tuple), min_size=7, max_size=7
    ).map(tuple),
    st.integers(0, 99).map(float),
)


def cells_of(count: int) -> set[str]:
    """Which cells of `DISTINCT` sum to the count."""
    return {
        reference + test.lower()
        for r, reference in enumerate(CLASSES)
        for c, test in enumerate(CLASSES)
        if count >> (7 * r + c) & 1
    }


def test_cells_are_reference_then_test() -> None:
    assert cells_of(DISTINCT["N", "V"]) == {"Nv"}


def test_veb_rule() -> None:
    veb = DISTINCT.veb

    assert cells_of(veb.tp) == {"Vv"}
    assert cells_of(veb.fn) == {"Vn", "Vs", "Vf", "Vq", "Vo", "Vx"}
    assert cells_of(veb.fp) == {"Nv", "Sv", "Ov", "Xv"}


def test_sveb_rule() -> None:
    sveb = DISTINCT.sveb

    assert cells_of(sveb.tp) == {"Ss"}
    assert cells_of(sveb.fn) == {"Sn", "Sv", "Sf", "Sq", "So", "Sx"}
    assert cells_of(sveb.fp) == {"Ns", "Vs", "Fs", "Os", "Xs"}


def test_qrs_rule() -> None:
    qrs = DISTINCT.qrs

    assert cells_of(qrs.tp) == {r + c for r in "NSVFQ" for c in "nsvfq"}
    assert cells_of(qrs.fn) == {r + c for r in "NSVFQ" for c in "ox"}
    assert cells_of(qrs.fp) == {r + c for r in "OX" for c in "nsvfq"}


def test_rates() -> None:
    score = Score(tp=6, fn=2, fp=4, seconds=1800.0)

    assert score.se == pytest.approx(0.75)
    assert score.ppv == pytest.approx(0.6)
    assert score.f1 == pytest.approx(2 / 3)
    assert score.fp_per_hour == pytest.approx(8.0)


def test_rates_that_nothing_defines_are_none() -> None:
    nothing = Score(0, 0, 0, 0.0)

    assert (nothing.se, nothing.ppv, nothing.f1, nothing.fp_per_hour) == (None,) * 4
    all_missed = Score(0, 3, 0, 60.0)
    assert (all_missed.se, all_missed.ppv, all_missed.f1) == (0.0, None, 0.0)


@given(st.lists(confusions, max_size=4))
def test_total_adds_cell_by_cell(parts: list[Confusion]) -> None:
    total = Confusion.total(parts)

    for reference in CLASSES:
        for test in CLASSES:
            assert total[reference, test] == sum(part[reference, test] for part in parts)
    assert total.seconds == sum(part.seconds for part in parts)
    assert total.sveb.fp == sum(part.sveb.fp for part in parts)


def test_map_has_all_cells() -> None:
    shown = DISTINCT.to_map()

    assert list(shown) == list(CLASSES)
    assert shown["S"]["X"] == DISTINCT["S", "X"]
