"""The loop trains, repeats itself with the same seed, and learns nothing from unknown labels."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from models.diagnosis.data.collection import Collection  # noqa: E402
from models.diagnosis.inference import DiagnosisNetwork  # noqa: E402
from models.diagnosis.inputs import Windows  # noqa: E402
from models.diagnosis.labels import NAMES  # noqa: E402
from models.diagnosis.networks.compact import CompactNet, scaled  # noqa: E402
from models.diagnosis.training.augment import Augmentation, augmented, kept_leads  # noqa: E402
from models.diagnosis.training.calibrate import released  # noqa: E402
from models.diagnosis.training.loop import Options, fit, masked_loss, predict  # noqa: E402

SMALL = (8, 8, 8, 8)
SAMPLES = 300
torch.set_num_threads(1)  # several would wait for one another on a busy machine


@pytest.fixture(scope="module")
def data() -> Collection:
    """Forty windows of noise; where the first label holds, lead I has a slow wave."""
    rng = np.random.default_rng(3)
    ecg = rng.normal(0, 0.2, (40, 12, SAMPLES)).astype(np.float32)
    labels = np.zeros((40, len(NAMES)), np.float32)
    labels[::2, 0] = 1
    ecg[::2, 0] += 2 * np.sin(np.arange(SAMPLES) / 30)
    known = np.zeros_like(labels)
    known[:, 0] = 1
    return Collection(
        np.array([f"r{i}" for i in range(40)]),
        ecg,
        np.ones((40, 12), np.float32),
        np.tile(np.array([1, 0, 1, 1, 1], np.float32), (40, 1)),
        labels,
        known,
        np.array(["train"] * 28 + ["validation"] * 12),
    )


def trained(data, seed=1, epochs=3):
    torch.manual_seed(seed)
    network = CompactNet(len(NAMES), widths=SMALL)
    options = Options(
        epochs=epochs, batch=14, seed=seed, augmentation=Augmentation(leads=0, shift=20)
    )
    nothing = np.zeros((len(data), 0), np.float32)
    said = []
    return fit(network, data, nothing, options, said.append), said


def test_the_same_seed_gives_the_same_weights_and_learns(data):
    network, said = trained(data, epochs=4)
    again, _ = trained(data, epochs=4)
    for one, other in zip(network.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(one, other)
    assert said[-1].loss < said[0].loss
    assert said[-1].auc[0] > 0.9


def test_labels_that_are_not_known_do_not_count():
    logits = torch.zeros(2, 3, requires_grad=True)
    weigh = torch.tensor([[1.0, 0, 0], [1, 0, 0]])
    masked_loss(logits, torch.ones(2, 3), weigh, 0.0).backward()
    assert (logits.grad[:, 0] != 0).all()
    assert (logits.grad[:, 1:] == 0).all()


def test_the_exported_network_says_what_the_trained_one_does(data):
    torch.manual_seed(1)
    network = CompactNet(len(NAMES), widths=SMALL).eval()
    data = dataclasses.replace(data, ecg=np.tile(data.ecg, (1, 1, 4))[:, :, :1000])
    manifest, model = released([network, network], data.of("validation"), {"seed": 1})
    assert manifest.labels == NAMES
    assert manifest.thresholds[1] == 0.5  # nothing is known of it
    exported = DiagnosisNetwork(manifest, model)
    windows = Windows(data.ecg[:3], data.mask[:3], (0, 10, 20), (10, 10, 10))
    found = exported.probabilities(windows, data.about[0])
    heat = manifest.training["temperature"]
    rows = dataclasses.replace(data.where(np.arange(3)), about=data.about[[0, 0, 0]])
    expected = 1 / (1 + np.exp(-predict(network, rows) / heat))
    assert np.abs(found - expected).max() < 2e-3
    together = exported.answers(data.ecg[:3], data.mask[:3], data.about[[0, 0, 0]])
    assert np.abs(found - together).max() < 1e-5


def test_the_network_sees_shapes_and_the_relation_of_limb_leads(data):
    ecg, mask, about = (torch.from_numpy(a[:2]) for a in (data.ecg, data.mask, data.about))
    shapes, told = scaled(ecg, mask, about)
    larger, told_larger = scaled(3 * ecg, mask, about)
    assert torch.allclose(shapes, larger, atol=1e-3)
    assert (told_larger[:, :7] > told[:, :7] + 1).all()
    unknown = about.clone()
    unknown[:, 0] = 0
    assert (scaled(ecg, mask, unknown)[1][:, :7] == 0).all()
    halves = ecg.clone()
    halves[:, :, SAMPLES // 2 :] = 0
    assert torch.allclose(scaled(halves, mask, about)[1], told, atol=0.2)


def test_augmentation_leaves_a_lead_and_masks_what_is_gone(data):
    random = torch.Generator().manual_seed(4)
    masks = kept_leads(400, 1.0, random)
    assert (masks.sum(dim=1) >= 1).all()
    limbs = masks[:, :6].sum(dim=1)
    assert set(limbs.tolist()) == {0, 1, 6}
    ecg, mask, about = (torch.from_numpy(a) for a in (data.ecg, data.mask, data.about))
    how = Augmentation(leads=1.0, voltage=1.0, person=1.0, short=1.0)
    x, there, told = augmented(ecg, mask, about, how, random)
    assert x.shape == ecg.shape
    assert (x[there == 0] == 0).all()
    assert (told == 0).all()
    assert (about != 0).any()
