"""What the hub tells of pacemakers: pulses with the samples, the paced rhythm with the numbers."""

from __future__ import annotations

import numpy as np
import orjson

from dashboard.hub import frames
from dashboard.hub.beds.bed import Bed
from ecg_monitor.core.types import Packet, Vitals, event_to_map


def packet(pacer: tuple[int, ...] | None) -> Packet:
    samples = np.zeros((2, 90), np.int16)
    leads = ("II", "V1")
    return Packet(
        "bed-1", "a", 0, 900, 0.0, 360.0, leads, (200.0,) * 2, (0.0,) * 2, samples, (), pacer
    )


def test_every_lead_carries_the_pulses_also_from_memory() -> None:
    bed = Bed(0, "bed-1")
    packed, _ = bed.accept(packet((3, 61)), 100.0)
    assert packed is not None
    (remembered,) = bed.history(60.0)
    for one, flags in ((packed, 0), (remembered, frames.FLAG_HISTORY)):
        found = frames.unpack(one.lead(0, flags) + one.lead(1, flags))
        assert [frame.pulses for frame in found] == [(3, 61), (3, 61)]


def test_a_device_that_does_not_look_for_pulses_has_none() -> None:
    packed, _ = Bed(0, "bed-1").accept(packet(None), 100.0)
    assert packed is not None
    found = frames.unpack(packed.lead(0) + packed.lead(1))
    assert [frame.pulses for frame in found] == [(), ()]


def test_the_paced_rhythm_is_told_with_the_vitals() -> None:
    bed = Bed(0, "bed-1")
    bed.set_vitals(event_to_map(Vitals(360, 70.0, "good", "paced")))
    assert orjson.loads(bed.vitals_text())["rhythm"] == "paced"
    older = {"type": "vitals", "n": 720, "heart_rate": 70.0, "quality": "good"}
    bed.set_vitals(older)  # of a detector that knows no rhythm
    assert orjson.loads(bed.vitals_text())["rhythm"] is None
