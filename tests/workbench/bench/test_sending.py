"""What is counted is the process of the simulator, and what it sends reaches Redis."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ecg_monitor.core.settings import Settings
from ecg_monitor.launch.services.start import start_services
from workbench.bench import sending
from workbench.bench.whole.system import Load
from workbench.results import figures


async def test_a_packet_costs_something_and_all_are_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "WARM_UP_S", 1.0)
    load = Load(beds=20, seconds=3.0, packet_ms=200.0, scenarios=("sinus",))
    settings = replace(Settings(), state=str(tmp_path))
    with start_services(settings) as services:
        found = await sending.measure(services.configure(settings), load, figures.ROOT)
    assert found["us_per_packet"] > 0
    assert found["packets"] > 0.5 * 20 * 3.0 / 0.2
