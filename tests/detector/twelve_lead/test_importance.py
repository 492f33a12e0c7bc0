"""Parts are left out one by one; what a label loses by it is what the part had contributed."""

import numpy as np
import pytest

from detector.twelve_lead.importance import PARTS, importance
from models.diagnosis import inputs
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.leads import STANDARD
from tests.support.twelve_leads import millivolts

ABOUT = inputs.about(None, None, voltage=True)


class Reader:
    """Stands for a network that reads one lead at one time alone."""

    def __init__(self, lead: int, part: int) -> None:
        self.lead, self.part = lead, part

    def answers(self, ecg, mask, about):
        length = inputs.SAMPLES // PARTS
        piece = ecg[:, self.lead, self.part * length : (self.part + 1) * length]
        moves = piece.std(axis=1) > 0.05
        there = mask[:, self.lead] > 0
        return np.where(moves & there, 0.9, 0.1)[:, None]


@pytest.fixture(scope="module")
def window():
    return inputs.windows(millivolts(), 500.0)


def test_what_a_network_reads_is_found(window):
    part = int(np.argmax(window.ecg[0, 6].reshape(PARTS, -1).std(axis=1)))
    found = importance(Reader(6, part), window.ecg[0], window.mask[0], ABOUT)
    assert found.probabilities == pytest.approx([0.9])
    assert STANDARD[int(np.argmax(found.leads[0]))] == "V1"
    assert np.count_nonzero(found.leads[0]) == 1
    assert int(np.argmax(found.parts[0])) == part
    assert (found.low[0], found.high[0]) == pytest.approx((0.1, 0.9))


def test_of_the_released_network(window):
    network = DiagnosisNetwork.load()
    mask = window.mask[0].copy()
    mask[7] = 0
    found = importance(network, window.ecg[0] * mask[:, None], mask, ABOUT)
    assert found.leads.shape == (len(network.manifest.labels), 12)
    assert found.parts.shape == (len(network.manifest.labels), PARTS)
    assert (found.leads[:, 7] == 0).all(), "a lead that is not there adds nothing"
    assert (found.low <= found.probabilities).all()
    assert (found.probabilities <= found.high).all()


def test_a_lone_lead_cannot_be_left_out(window):
    mask = np.zeros(12, np.float32)
    mask[1] = 1
    found = importance(DiagnosisNetwork.load(), window.ecg[0] * mask[:, None], mask, ABOUT)
    assert not found.leads.any()
    assert (found.low == found.high).all()
