"""A strip may be measured with a ruler: 25 mm/s, 10 mm/mV, in PDF, SVG and PNG."""

import base64
import re
import shutil
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecg_monitor.records.recording import INVALID_SAMPLE, InvalidStretch, Recording
from gateway.drawing.png import PIXELS_PER_MM
from gateway.drawing.sheet import TRACE
from gateway.export.excerpt import Excerpt
from gateway.export.formats import FORMATS
from gateway.export.writing import written

FS = 500.0
UP_S = (2.0, 4.0, 6.0, 8.0)
POINTS_PER_MM = 72 / 25.4
PDFTOPPM = shutil.which("pdftoppm")


def steps() -> Excerpt:
    """Flat line of 10 s with four steps of 1 mV, 1 s long; the last second has no value."""
    n = round(10 * FS)
    mv = np.zeros(n)
    for at in UP_S:
        mv[round(at * FS) : round((at + 1) * FS)] = 1.0
    samples = np.rint(200 * mv + 1024).astype(np.int16)[None]
    samples[:, round(9.5 * FS) :] = INVALID_SAMPLE
    return Excerpt(
        Recording(
            name="steps", fs=FS, leads=("II",), gain=(200.0,), baseline=(1024.0,),
            samples=samples, invalid=(InvalidStretch(0, round(9.5 * FS), n),),
        )
    )  # fmt: skip


def draw(form: str, folder: Path) -> Path:
    return written(FORMATS[form], steps(), folder / f"steps.{form}", lambda _: None)[0]


def streams(pdf: bytes) -> str:
    """All content of a PDF that reportlab has packed, as text."""
    texts = []
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", pdf, flags=re.DOTALL):
        content = packed.strip()
        if content.endswith(b"~>"):
            content = base64.a85decode(content, adobe=True)
        texts.append(zlib.decompress(content))
    return b"\n".join(texts).decode("latin-1")


def of_pdf(path: Path) -> np.ndarray:
    """The longest line of the PDF, mm from the lower left corner, shape (n, 2)."""
    lines = re.findall(r"([\d.]+ [\d.]+ m (?:[\d.]+ [\d.]+ l ?)+) S", streams(path.read_bytes()))
    words = max(lines, key=len).replace(" m", "").replace(" l", "").split()
    return np.array(words, float).reshape(-1, 2) / POINTS_PER_MM


def of_svg(path: Path) -> np.ndarray:
    text = path.read_text("utf-8")
    width, height, box = re.search(
        r'width="(\S+)mm" height="(\S+)mm" viewBox="([^"]+)"', text
    ).groups()
    assert box == f"0 0 {width} {height}"  # its units are millimetres
    lines = re.findall(r'polyline points="([^"]+)"', text)
    points = np.array([p.split(",") for p in max(lines, key=len).split()], float)
    return points * (1, -1)


@pytest.mark.parametrize(("form", "read"), [("pdf", of_pdf), ("svg", of_svg)])
def test_lines_of_vector_formats(form, read, tmp_path):
    points = read(draw(form, tmp_path))
    assert len(points) == 9.5 * FS
    assert np.ptp(points[:, 1]) == pytest.approx(10.0, abs=0.01)
    rises = points[1:][np.diff(points[:, 1]) > 5, 0]
    np.testing.assert_allclose(np.diff(rises), 50.0, atol=0.01)
    assert points[-1, 0] - points[0, 0] == pytest.approx(25 * (9.5 - 1 / FS), abs=0.01)


def traced(picture: np.ndarray, dots_per_mm: float) -> None:
    """See steps of 10 mm, 50 mm apart, in the columns of pixels that are dark."""
    dark = (picture.astype(int) < (90, 90, 110)).all(axis=2)
    left = round(45 * dots_per_mm)  # beside the names of the leads and the calibration pulse
    rows = np.flatnonzero(dark[:, left:].sum(axis=1) > 20 * dots_per_mm)
    gaps = np.flatnonzero(np.diff(rows) > 5 * dots_per_mm)
    assert len(gaps) == 1
    low, high = rows[: gaps[0] + 1], rows[gaps[0] + 1 :]
    assert (high.mean() - low.mean()) / dots_per_mm == pytest.approx(10.0, abs=0.15)
    upright = dark[low[-1] + 5 : high[0] - 5].mean(axis=0) > 0.9
    edges = np.flatnonzero(np.diff(upright.astype(int)) > 0)
    edges = edges[edges > left]
    assert len(edges) == 2 * len(UP_S)
    np.testing.assert_allclose(np.diff(edges) / dots_per_mm, 25.0, atol=0.2)


def test_pixels_of_a_picture(tmp_path):
    with Image.open(draw("png", tmp_path)) as picture:
        assert picture.info["dpi"] == pytest.approx((25.4 * PIXELS_PER_MM,) * 2, rel=1e-3)
        traced(np.asarray(picture.convert("RGB")), PIXELS_PER_MM)


@pytest.mark.skipif(PDFTOPPM is None, reason="pdftoppm (poppler-utils) is not installed")
def test_pixels_of_a_page_rendered_by_poppler(tmp_path):
    draw("pdf", tmp_path)
    dots = 8 * 25.4
    words = [PDFTOPPM, "-r", f"{dots}", "-png", "-singlefile", "steps.pdf", "page"]
    subprocess.run(words, cwd=tmp_path, check=True)
    with Image.open(tmp_path / "page.png") as picture:
        assert picture.size == pytest.approx((297 * 8, 210 * 8), abs=2)
        traced(np.asarray(picture.convert("RGB")), 8)


def test_the_trace_is_dark_enough_to_be_told_from_the_paper():
    assert int(TRACE[1:3], 16) < 90
