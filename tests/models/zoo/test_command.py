from __future__ import annotations

import json

import pytest

from ecg_monitor.cli import main
from models.zoo import registry


def test_the_table_has_every_network(capsys) -> None:
    assert main(["models"]) == 0
    shown = capsys.readouterr().out
    for network in registry.networks():
        assert network.name in shown


def test_one_network_in_full(capsys, tmp_path) -> None:
    path = tmp_path / "beats.json"
    assert main(["models", "beats", "--json", str(path)]) == 0
    shown = capsys.readouterr().out
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["labels"] == ["N", "S", "V", "F"]
    assert found["files"][0]["sha256"] in shown.replace("│", "").replace("\n", "").replace(" ", "")
    assert "ecg-monitor train beats" in shown


@pytest.mark.parametrize("network", registry.networks(), ids=lambda network: network.name)
def test_every_network_can_be_told_of(network, capsys) -> None:
    assert main(["models", network.name]) == 0
    assert network.title in capsys.readouterr().out.replace("\n", " ")
