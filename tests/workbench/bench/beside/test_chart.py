"""The picture of cost by beds."""

from __future__ import annotations

from workbench.bench.beside.chart import draw


def test_the_picture_is_drawn(tmp_path):
    path = tmp_path / "cost.png"
    draw(path, {10: 500.0, 100: 400.0, 2000: 380.0}, {"another way": 50_000.0})
    assert path.read_bytes().startswith(b"\x89PNG")
