from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from models.zoo import registry
from models.zoo.network import ROOT
from models.zoo.registry import UnknownNetworkError

NETWORKS = registry.networks()


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_a_row_names_what_exists(network) -> None:
    assert registry.network(network.name) is network
    assert network.labels
    assert network.citation
    if network.trainable:
        for path in (network.module, network.data):
            assert importlib.util.find_spec(path) is not None, path
    else:
        assert network.command or not network.module
    for name in network.weights.values():
        assert (ROOT / name).is_file(), name
        assert network.licence
    if network.card:
        assert (ROOT / network.card).is_file()


def test_a_name_that_is_almost_right_gets_the_right_one() -> None:
    with pytest.raises(UnknownNetworkError, match=r"no network cnn1d; did you mean cnn-1d"):
        registry.network("cnn1d")
    with pytest.raises(UnknownNetworkError, match=r"there are cnn-bilstm-attention, .*qrs"):
        registry.network("0000")


def test_listing_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom models.zoo import registry\nregistry.networks()\n"
        "print(sorted({'torch', 'lightning', 'onnxruntime', 'scipy', 'numpy'} & set(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert out.stdout.strip() == "[]"


def test_released_weights_stay_small() -> None:
    sizes = [path.stat().st_size for network in NETWORKS for path in network.files()]
    assert sum(sizes) < 15e6
