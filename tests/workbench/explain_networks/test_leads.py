"""What leads count for, of a network whose worth is known."""

import numpy as np
import pytest

from models.diagnosis.data.collection import Collection
from models.diagnosis.inference import DiagnosisNetwork
from models.diagnosis.labels import NAMES
from models.diagnosis.leads import STANDARD
from tests.support.twelve_leads import millivolts
from workbench.explain_networks import leads

V1 = STANDARD.index("V1")


class LivesOnV1:
    """Says every label by the height of V1 in the first half of the signal."""

    manifest = DiagnosisNetwork.load().manifest

    def answers(self, ecg, mask, about):
        height = ecg[:, V1, :500].max(axis=1) * mask[:, V1]
        return np.repeat(1 / (1 + np.exp(-(8 * height - 4)))[:, None], len(NAMES), axis=1)


@pytest.fixture(scope="module")
def recordings() -> Collection:
    rng = np.random.default_rng(1)
    labels = np.zeros((40, len(NAMES)), np.float32)
    labels[::2] = 1
    ecg = rng.normal(0, 0.05, (40, 12, 1000)).astype(np.float32)
    ecg[::2, V1, 100] = 1
    return Collection(
        np.array([f"r{i}" for i in range(40)]),
        ecg,
        np.ones((40, 12), np.float32),
        np.zeros((40, 5), np.float32),
        labels,
        np.ones_like(labels),
        np.array(["validation"] * 40),
    )


def test_the_lead_that_decides_is_missed_most(recordings):
    found = leads.importance(LivesOnV1(), recordings)
    assert found["ranking"][0] == "V1"
    assert set(found["lost"]) == set(NAMES)
    assert found["lost"]["AF"]["V1"] > 5
    assert all(found["lost"]["AF"][lead] == 0 for lead in STANDARD if lead != "V1")


def test_a_lead_that_tells_nothing_alone_is_a_coin(recordings):
    found = leads.alone(LivesOnV1(), recordings)["auc"]["RBBB"]
    assert found["V1"] == 1
    assert found["II"] == 0.5


def test_a_claim_is_held_against_the_other_leads(recordings, monkeypatch):
    monkeypatch.setattr(leads, "TIMES", 50)
    found = leads.claims(LivesOnV1(), recordings)
    assert found["AF"]["named"] == 1
    assert found["AF"]["others"] == 0.5
    assert found["LBBB"]["low"] > 0.4
    assert len(found["table"]["rows"]) == len(leads.CLAIMS)


def test_only_the_second_that_decides_counts(recordings):
    fall = leads.over_time(LivesOnV1(), recordings, 0, "AF")
    assert fall.shape == (12, 10)
    assert tuple(map(int, np.unravel_index(fall.argmax(), fall.shape))) == (V1, 1)
    assert (fall > 1).sum() == 1


def test_a_real_network_is_asked(recordings):
    few = recordings.where(np.arange(12))
    few.ecg[:] = millivolts(10, 100).astype(np.float32)
    found = leads.importance(DiagnosisNetwork.load(), few)
    assert sorted(found["ranking"]) == sorted(STANDARD)
    assert all(np.isfinite(list(row.values())).all() for row in found["lost"].values())
