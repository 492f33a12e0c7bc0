"""Arms swapped by calculation: exact, its own reverse, and without what has no beats."""

import numpy as np
import pytest

from models.diagnosis import inputs
from tests.support.twelve_leads import millivolts
from workbench.fits import reversal


def test_the_swap_is_exact_and_its_own_reverse():
    ecg = millivolts()
    turned = reversal.with_arms_swapped(ecg)
    one, two, three, avr, avl, avf = ecg[:6]
    assert turned[:6] == pytest.approx(np.stack([-one, three, two, avl, avr, avf]))
    assert np.array_equal(turned[6:], ecg[6:])
    assert reversal.with_arms_swapped(turned) == pytest.approx(ecg)


def test_windows_without_beats_are_left_out():
    ready = inputs.windows(millivolts(), 500).ecg[0]
    plain, turned = reversal.pairs([ready, np.zeros_like(ready)])
    assert plain.shape == turned.shape == (1, 7)
    assert plain[0, 0] > 0.9  # I goes with V6 ...
    assert turned[0, 0] < -0.9  # ... and against it once the arms are swapped
