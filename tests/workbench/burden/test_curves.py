"""The picture of what a wait before the sound spares."""

from __future__ import annotations

from ecg_monitor.ward.alerts.policy import Policy
from workbench.alarm_review.load import AlarmLoad
from workbench.burden.curves import draw


def test_a_picture_is_drawn_of_any_number_of_recordings(tmp_path):
    load = AlarmLoad()
    load.take([], 3600.0)
    delays = load.as_map()["delays"]
    draw(tmp_path / "one.png", {"one": delays}, Policy())
    assert (tmp_path / "one.png").read_bytes()[1:4] == b"PNG"
