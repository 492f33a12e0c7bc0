"""Arm electrodes that are swapped are noted, and nothing is corrected."""

from __future__ import annotations

import numpy as np
import pytest

from detector.twelve_lead import quality, reversal
from detector.twelve_lead.diagnose import diagnose
from models.diagnosis import inputs
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.leads import STANDARD
from tests.support.twelve_leads import millivolts, recording


def with_arms_swapped(signal: np.ndarray) -> np.ndarray:
    """Return twelve leads as the electrodes would give them: I turned, II and III exchanged ..."""
    one, two, three, avr, avl, avf = signal[:6]
    return np.concatenate([[-one, three, two, avl, avr, avf], signal[6:]])


def windows(signal: np.ndarray) -> inputs.Windows:
    return inputs.windows(signal, 500)


@pytest.mark.parametrize("bpm", [48, 72, 110])
@pytest.mark.parametrize("scale", [1.0, 0.2])
def test_swapped_arms_are_found_and_others_are_not(bpm, scale):
    signal = scale * millivolts(10, bpm=bpm)
    assert reversal.swapped(windows(signal)) is False
    assert reversal.swapped(windows(with_arms_swapped(signal))) is True


def test_it_is_the_exact_swap():
    """Leads that follow from I and II still do so once the arms are swapped."""
    turned = with_arms_swapped(millivolts())
    assert turned[2] == pytest.approx(turned[1] - turned[0])
    assert turned[3] == pytest.approx(-(turned[0] + turned[1]) / 2)
    assert turned[4] == pytest.approx(turned[0] - turned[1] / 2)


def test_without_the_leads_or_the_beats_nothing_is_said():
    signal = millivolts()
    for name in ("I", "V6"):
        lacking = signal.copy()
        lacking[STANDARD.index(name)] = np.nan
        assert reversal.swapped(windows(lacking)) is None
    assert reversal.swapped(windows(np.zeros((12, 5000)))) is None
    assert reversal.swapped(windows(millivolts(2.5, bpm=30))) is None


def test_the_note_stands_in_the_quality_and_the_findings_are_of_the_leads_as_they_are():
    network = DiagnosisNetwork.load()
    turned = with_arms_swapped(millivolts(10))
    found = diagnose(recording(turned), network)
    assert quality.ARMS in found["quality"]["notes"]
    assert quality.ARMS not in diagnose(recording(millivolts(10)), network)["quality"]["notes"]
    ready = windows(recording(turned).samples / 1000.0)
    plain = network.probabilities(ready, inputs.about(None, None, voltage=True))[0]
    assert list(found["labels"].values()) == pytest.approx(plain.tolist(), abs=1e-3)


def test_names_that_contradict_each_other_are_told_instead():
    signal = millivolts()[[1, 0, *range(2, 12)]]
    notes = diagnose(recording(signal), DiagnosisNetwork.load())["quality"]["notes"]
    assert any("names may be swapped" in note for note in notes)
    assert quality.ARMS not in notes
