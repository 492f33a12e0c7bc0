"""Every network of twelve leads takes what its row says, and one step makes it better."""

import pytest

torch = pytest.importorskip("torch")

from models.diagnosis.networks import resnet34, superclasses  # noqa: E402
from models.zoo import registry  # noqa: E402

torch.set_num_threads(1)  # several would wait for one another on a busy machine


@pytest.mark.parametrize("name", ["ptbxl-cnn", "ptbxl-lstm", "ptbxl-hybrid", "resnet34-12lead"])
def test_a_step_lowers_the_loss(name):
    row = registry.network(name)
    module = resnet34 if name.startswith("resnet") else superclasses
    torch.manual_seed(1)
    network = module.build(row)
    samples = row.sees.samples // 4
    if name == "resnet34-12lead":
        assert sum(p.numel() for p in network.parameters()) == pytest.approx(16.6e6, rel=0.01)
        network = resnet34.ResNet34(len(row.labels), width=4, dropout=0.0)
        samples = 1500
    for one in network.modules():
        if isinstance(one, torch.nn.Dropout):
            one.p = 0.0
    signal = torch.randn(2, row.sees.leads, samples)
    holds = (torch.rand(2, len(row.labels)) < 0.5).float()
    optimiser = torch.optim.SGD(network.parameters(), 0.01)
    losses = []
    for _ in range(2):
        said = network(signal)
        assert said.shape == holds.shape
        loss = torch.nn.functional.binary_cross_entropy_with_logits(said, holds)
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert losses[1] < losses[0]


def test_the_deep_network_takes_any_leads():
    network = resnet34.ResNet34(9, leads=("II", "V1"), width=4).eval()
    signal = torch.randn(1, 12, 800)
    other = signal.clone()
    other[:, [0, *range(2, 6), *range(7, 12)]] = 0
    assert torch.equal(network(signal), network(other))


def test_scale_and_offset_do_not_matter():
    network = superclasses.SuperclassCnn().eval()
    signal = torch.randn(1, 12, 1000)
    assert torch.allclose(network(signal), network(1000 * signal + 3), atol=1e-4)
