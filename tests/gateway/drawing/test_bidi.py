"""Lines of mixed directions are drawn in the order of Unicode UAX #9."""

import pytest

from gateway.drawing.bidi import LEFT_TO_RIGHT, has_rtl, visual_runs

A, B = "القلب", "معدل"


def drawn(text: str, *, rtl: bool) -> list[tuple[str, bool]]:
    return [(run.text, run.is_rtl) for run in visual_runs(text, rtl=rtl)]


@pytest.mark.parametrize(
    ("text", "rtl", "runs"),
    [
        ("", True, []),
        ("ECG II", False, [("ECG II", False)]),
        (A, True, [(A, True)]),
        # A word of Latin letters within Arabic stands where it is read, from right to left.
        (f"{A} ECG {B}", True, [(f" {B}", True), ("ECG", False), (f"{A} ", True)]),
        (f"ECG {A} II", False, [("ECG ", False), (A, True), (" II", False)]),
        # Digits run from left to right, with the signs between and beside them.
        (f"{A} 1.5", True, [("1.5", False), (f"{A} ", True)]),
        (f"{A} (3)", True, [(")", True), ("3", False), (f"{A} (", True)]),
        ("25% II", True, [("II", False), (" ", True), ("25%", False)]),
        # A mark keeps a value of digits and letters together; it is not drawn.
        (
            f"{A}: {LEFT_TO_RIGHT}77/min{LEFT_TO_RIGHT}",
            True,
            [("77/min", False), (f"{A}: ", True)],
        ),
    ],
)
def test_order_of_runs(text, rtl, runs):
    assert drawn(text, rtl=rtl) == runs


def test_brackets_are_mirrored_and_nothing_is_lost():
    text = f"{A} (II, V1) {B} 12:30 - 5 %"
    runs = visual_runs(text, rtl=True)
    assert sorted("".join(run.text for run in runs)) == sorted(text)
    assert visual_runs(f"(3) {A}", rtl=True)[-1].mirrored.endswith(("(", ")"))
    assert has_rtl(text)
    assert not has_rtl("II, V1 ≥ 2")
