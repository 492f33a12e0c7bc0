"""What a wrong answer is put down to, on beats of known times and classes."""

import pytest

from workbench.challenge.causes import cause
from workbench.challenge.kinds import KINDS

END_S = 60.0
SINCE_S = 50.0


def analysis(beats, *, said=(), quality="good"):
    return {
        "duration_s": END_S,
        "beats": [{"time_s": at, "label": label} for at, label in beats],
        "alarms": [{"kind": kind, "cleared_s": cleared} for kind, cleared in said],
        "quality": [
            {"start_s": 0.0, "end_s": SINCE_S, "state": "flat"},
            {"start_s": SINCE_S, "end_s": END_S, "state": quality},
        ],
    }


def beats(bpm, labels="N", until=END_S):
    """Beats at one rate; the labels are those of the last ones, N before them."""
    times = [at for n in range(400) if (at := 0.5 + n * 60 / bpm) < until]
    return list(zip(times, labels.rjust(len(times), "N")[-len(times) :], strict=True))


@pytest.mark.parametrize(
    ("kind", "found", "said", "expected"),
    [
        ("Asystole", beats(60, until=54), [], "a pause long enough was found, and not alarmed"),
        ("Asystole", beats(60, until=57), [], "beats found within a pause"),
        ("Asystole", [], [], "a pause long enough was found, and not alarmed"),
        ("Asystole", beats(60), [], "no pause found"),
        ("Bradycardia", beats(38), [], "a rate low enough was found, and not alarmed"),
        ("Bradycardia", beats(43), [], "rate found just above the limit"),
        ("Bradycardia", beats(80), [], "rate found well above the limit"),
        ("Bradycardia", beats(80), [("asystole", None)], "told as asystole"),
        ("Bradycardia", beats(80), [("asystole", 49.0)], "rate found well above the limit"),
        ("Tachycardia", beats(150), [], "a rate high enough was found, and not alarmed"),
        ("Tachycardia", beats(135), [], "rate found just below the limit"),
        ("Tachycardia", beats(90), [], "rate found well below the limit"),
        ("Tachycardia", beats(90), [("vt", 55.0)], "told as ventricular tachycardia"),
        ("Ventricular_Tachycardia", beats(120, "VVVVVN"), [], "a run long enough was found, and "
         "not alarmed"),
        ("Ventricular_Tachycardia", beats(90, "VVVVVN"), [], "run found as slower"),
        ("Ventricular_Tachycardia", beats(120, "VVVNVN"), [], "run found as shorter: 3 V, "
         "the fast beat beside it N"),
        ("Ventricular_Tachycardia", [(44.0, "N"), *((50 + 0.5 * n, "V") for n in range(4)),
         (53.0, "N")], [], "run found as shorter: 4 V, no fast beat beside it"),
        ("Ventricular_Tachycardia", beats(120, "S" * 25), [], "fast beats labelled S"),
        ("Ventricular_Tachycardia", beats(120, "Q" * 25), [], "fast beats labelled Q"),
        ("Ventricular_Tachycardia", beats(90), [], "no 5 beats above 100/min found"),
        ("Ventricular_Tachycardia", [], [], "no 5 beats above 100/min found"),
        ("Ventricular_Flutter_Fib", [], [("vt", None)], "told as ventricular tachycardia"),
        ("Ventricular_Flutter_Fib", [], [], "waveform not taken for fibrillation"),
    ],
)  # fmt: skip
def test_a_missed_alarm_is_put_down_to_what_was_found(kind, found, said, expected):
    assert cause(KINDS[kind], "fn", analysis(found, said=said), SINCE_S) == expected


@pytest.mark.parametrize(
    ("kind", "found", "expected"),
    [
        ("Asystole", [], "a pause found, in signal called poor"),
        ("Ventricular_Tachycardia", beats(120, "V" * 8), "a run of V found, in signal called poor"),
        ("Ventricular_Tachycardia", beats(120, "V" * 99), "beats called V all along, in signal "
         "called poor"),
    ],
)  # fmt: skip
def test_one_told_though_false_is_put_down_to_what_was_found_and_the_signal(kind, found, expected):
    assert cause(KINDS[kind], "fp", analysis(found, quality="poor"), SINCE_S) == expected
