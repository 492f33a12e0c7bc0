"""Maps of what networks look at: of released weights, complete, and gone with what was learnt."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("captum")

from models.zoo import registry, weights  # noqa: E402
from models.zoo.modules import cnn_1d  # noqa: E402
from tests.support.twelve_leads import millivolts  # noqa: E402
from workbench.explain_networks import maps, sanity, subject, thawed  # noqa: E402
from workbench.explain_networks.command import attention_behind  # noqa: E402
from workbench.explain_networks.examples import ExplainedSignals  # noqa: E402

torch.set_num_threads(1)  # several would wait for one another on a busy machine

CHECKED = [
    ("cnn-bilstm-attention", "attention"),
    ("cnn-bilstm-attention", "integrated gradients"),
    ("cnn-bilstm-attention", "Grad-CAM"),
    ("cnn-1d", "integrated gradients"),
    ("cnn-1d", "Grad-CAM"),
    ("hybrid-autoencoder", "residual"),
    ("ptbxl-cnn", "Grad-CAM"),
    ("ptbxl-hybrid", "Grad-CAM"),
    ("ecg-diagnosis", "Grad-CAM"),
]


def beats(samples: int, count: int = 4) -> np.ndarray:
    """Return made beats, scaled to 0 .. 1, each another, the last tenth of them 0."""
    time = np.arange(samples) / 125
    rows = []
    for number in range(count):
        waves = (
            (0.02, 0.02, 1.0),
            (0.3 + 0.02 * number, 0.05, 0.3),
            (0.7, 0.02 + 0.01 * number, 1),
        )
        row = sum(high * np.exp(-0.5 * ((time - at) / width) ** 2) for at, width, high in waves)
        row[-samples // 10 :] = 0
        rows.append(row / row.max())
    return np.array(rows, np.float32)[:, None]


@pytest.fixture(scope="module")
def loaded():
    kept: dict[str, subject.Subject] = {}

    def load(name: str) -> subject.Subject:
        if name not in kept:  # loading compares its answers with those of the shipped file
            split = "patients" if name.startswith("cnn") else ""
            kept[name] = subject.load(name, split)
        return kept[name]

    return load


def signals(name: str) -> np.ndarray:
    row = registry.network(name)
    if row.sees.leads == 1:
        return beats(row.sees.samples)
    return np.stack([millivolts(10, 100, bpm=bpm) for bpm in (55, 90)]).astype(np.float32)


@pytest.mark.parametrize(("name", "method"), CHECKED)
def test_a_network_that_learnt_nothing_has_another_map(loaded, name, method) -> None:
    signal = signals(name)
    targets = np.zeros(len(signal), np.int64)
    found = sanity.check(loaded(name), method, signal, targets)
    assert found.signed < sanity.BOUND, found
    assert found.passed
    assert method in maps.methods(loaded(name))


def test_a_map_of_the_signal_alone_is_found_out(loaded, monkeypatch) -> None:
    ways = {**maps.METHODS, "the signal": lambda _, signal, __: signal}
    monkeypatch.setattr(sanity, "METHODS", ways)
    found = sanity.check(loaded("cnn-1d"), "the signal", beats(187), np.zeros(4, np.int64))
    assert found.signed == found.size == 1
    assert not found.passed
    assert not found.size_passed


def test_integrated_gradients_are_complete(loaded, monkeypatch) -> None:
    """Together they are what the signal changes the logit by (Sundararajan et al. 2017)."""
    monkeypatch.setattr(maps, "STEPS", 200)
    network = loaded("cnn-1d")
    signal, targets = beats(187, 2), np.array([0, 2])
    found = maps.integrated_gradients(network, signal, targets).sum(axis=(1, 2))
    seen = network.prepare(torch.from_numpy(signal))[0]
    with torch.no_grad():
        change = (network.network(seen) - network.network(seen * 0)).numpy()
    assert found == pytest.approx(change[np.arange(2), targets], rel=0.05, abs=0.05)


def test_attention_is_shared_out_and_lies_behind_the_beat_in_part(loaded) -> None:
    network = loaded("cnn-bilstm-attention")
    signal = beats(187)
    weights_over_time = maps.attention(network, signal, np.zeros(4, np.int64))
    assert weights_over_time.shape == signal.shape
    assert (weights_over_time >= 0).all()
    shown = ExplainedSignals(signal, np.arange(4), ("a", "b", "c", "d"))
    behind = attention_behind(network, shown)
    assert set(behind) == set(network.labels)
    assert all(0 < share < 1 for share in behind.values())


@pytest.mark.parametrize("name", ["ptbxl-lstm"])
def test_other_networks_answer_as_their_files_do(loaded, name) -> None:
    assert maps.methods(loaded(name)) == ("integrated gradients",)


def test_a_file_of_another_network_is_refused() -> None:
    row = registry.network("cnn-1d")
    other = registry.network("cnn-bilstm-attention")
    module = cnn_1d.build(row)
    model = weights.released(other, "patients").read_bytes()
    with pytest.raises(thawed.ThawError, match="it is of another network"):
        thawed.fill(module, model, lambda: module(torch.zeros(1, 1, 187)))
