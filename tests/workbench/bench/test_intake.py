"""What is counted is the process of ingest, and all that was sent reaches Redis."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ecg_monitor.core.settings import Settings
from ecg_monitor.launch.services.start import start_services
from ecg_monitor.records import Recording
from simulator.synthetic import SyntheticPatient
from simulator.synthetic.leads import LEADS
from workbench.bench import intake
from workbench.results import figures


async def test_a_packet_costs_something_and_none_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "WARM_UP_S", 1.0)
    patient = SyntheticPatient("sinus", 250.0, LEADS[:2], seed=1, gain=1000.0, rail_mv=10.0)
    load = intake.Load(beds=40, seconds=2.0, packet_ms=200.0)
    samples = patient.generate(90.0).samples
    played = Recording("sinus", 250.0, LEADS[:2], (1000.0, 1000.0), (0.0, 0.0), samples)
    sent = intake.prepare([played], load)
    assert len(sent) == pytest.approx(40 * 3.0 / 0.2, rel=0.1)
    assert sent == sorted(sent)
    settings = replace(Settings(), state=str(tmp_path))
    with start_services(settings) as services:
        found = await intake.measure(services.configure(settings), sent, load, figures.ROOT)
    assert found["stored"] == 1.0
    assert found["us_per_packet"] > 0
    assert found["packets"] < len(sent)
