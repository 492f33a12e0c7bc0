"""A PDF to draw on: vector lines, text that can be selected, Arabic shaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import ShapedStr, TTFont, shapeStr
from reportlab.pdfgen.canvas import Canvas

import ecg_monitor
from ecg_monitor.core.errors import ExportError
from gateway.drawing.bidi import LEFT_TO_RIGHT, has_rtl, visual_runs
from gateway.drawing.fonts import Font
from gateway.drawing.sheet import INK, POINT_MM, Align, Colour, Floats

A4 = 210.0, 297.0
"""Width and height of upright paper, mm."""
_PER_MM = 1 / POINT_MM
# Text instead of bytes in a file costs a quarter of its size and of the time that it takes.
rl_config.useA85 = 0


class PdfSheet:
    """Pages of a PDF file; see `gateway.drawing.sheet.Sheet`.

    Attributes:
        width: of the page, mm.
        height: of the page, mm.
        page: number of the page that is drawn on, from 1.
    """

    def __init__(
        self,
        path: Path,
        font: Font,
        *,
        title: str,
        size: tuple[float, float] = A4,
        language: str = "en",
    ) -> None:
        self.width, self.height = size
        self.page = 1
        self._regular, self._bold = _registered(font.regular), _registered(font.bold)
        self._font = font
        self._canvas = Canvas(
            str(path),
            pagesize=(self.width * _PER_MM, self.height * _PER_MM),
            pageCompression=1,
            initialFontName=self._regular,
            lang=language,
        )
        self._canvas.setTitle(title)
        self._canvas.setCreator(f"ecg-monitor {ecg_monitor.__version__}")
        self._canvas.setAuthor("ecg-monitor")

    def line(
        self,
        xs: Floats,
        ys: Floats,
        *,
        width: float = 0.2,
        colour: Colour = INK,
        dashed: bool = False,
    ) -> None:
        """Draw a line through points, mm."""
        if len(xs) < 2:
            return
        self._pen(width, colour)
        canvas = self._canvas
        if dashed:
            canvas.setDash(2, 2)
        # One string for the whole line: a path of reportlab costs a call a point.
        x, y = np.asarray(xs) * _PER_MM, (self.height - np.asarray(ys)) * _PER_MM
        points = [f"{a:.2f} {b:.2f}" for a, b in zip(x.tolist(), y.tolist(), strict=True)]
        canvas._code.append(f"{points[0]} m {' l '.join(points[1:])} l S")
        if dashed:
            canvas.setDash()

    def segments(self, ends: Floats, *, width: float, colour: Colour) -> None:
        """Draw straight lines from (x0, y0) to (x1, y1), mm, shape (n, 4)."""
        self._pen(width, colour)
        x, y = ends[:, ::2] * _PER_MM, (self.height - ends[:, 1::2]) * _PER_MM
        lines = np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], axis=1).tolist()
        code = " ".join(f"{a:.2f} {b:.2f} m {c:.2f} {d:.2f} l" for a, b, c, d in lines)
        self._canvas._code.append(f"{code} S")

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Colour | None = None,
        edge: Colour | None = None,
    ) -> None:
        """Draw a rectangle, mm."""
        if fill is not None:
            self._canvas.setFillColor(HexColor(fill))
        if edge is not None:
            self._pen(0.2, edge)
        self._canvas.rect(
            x * _PER_MM, (self.height - y - height) * _PER_MM, width * _PER_MM, height * _PER_MM,
            stroke=int(edge is not None), fill=int(fill is not None),
        )  # fmt: skip

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 8,
        align: Align = "left",
        bold: bool = False,
        colour: Colour = INK,
        rtl: bool = False,
    ) -> None:
        """Write a line of text with its baseline at ``y``, mm.

        Raises:
            ExportError: the text is Arabic and the font has no such letters.
        """
        if not text:
            return
        name = self._bold if bold else self._regular
        parts = self._parts(text, name, size, rtl)
        width = sum(part[1] for part in parts)
        left = x * _PER_MM - width * {"left": 0.0, "centre": 0.5, "right": 1.0}[align]
        canvas = self._canvas
        canvas.setFont(name, size)
        canvas.setFillColor(HexColor(colour))
        for part, part_width in parts:
            canvas.drawString(left, (self.height - y) * _PER_MM, part)
            left += part_width

    def text_width(self, text: str, *, size: float = 8, bold: bool = False) -> float:
        """Return the width of a text, mm."""
        name = self._bold if bold else self._regular
        return sum(part[1] for part in self._parts(text, name, size, rtl=False)) * POINT_MM

    def clip(self, x: float, y: float, width: float, height: float) -> None:
        """Draw only within a rectangle, mm, until `unclip`."""
        canvas = self._canvas
        canvas.saveState()
        path = canvas.beginPath()
        path.rect(
            x * _PER_MM, (self.height - y - height) * _PER_MM, width * _PER_MM, height * _PER_MM
        )
        canvas.clipPath(path, stroke=0, fill=0)

    def unclip(self) -> None:
        """Draw everywhere again."""
        self._canvas.restoreState()

    def new_page(self) -> None:
        """End the page and begin another."""
        self._canvas.showPage()
        self.page += 1

    def save(self) -> None:
        """Write the file."""
        self._canvas.save()

    def _pen(self, width: float, colour: Colour) -> None:
        self._canvas.setLineWidth(width * _PER_MM)
        self._canvas.setStrokeColor(HexColor(colour))
        self._canvas.setLineJoin(1)
        self._canvas.setLineCap(1)

    def _parts(self, text: str, name: str, size: float, rtl: bool) -> list[tuple[Any, float]]:
        """Return what is drawn from left to right, with widths in points."""
        if has_rtl(text) and not self._font.has_arabic:
            raise ExportError(
                "no font with Arabic letters was found; install DejaVu (fonts-dejavu-core) or name "
                "a folder that has DejaVuSans.ttf by ECG_FONTS"
            )
        known = pdfmetrics.getFont(name).face.charToGlyph
        plain = "".join(c if ord(c) in known or c == LEFT_TO_RIGHT else "?" for c in text)
        parts: list[tuple[Any, float]] = []
        for run in visual_runs(plain, rtl=rtl):
            if not (run.is_rtl and has_rtl(run.text)):
                drawn = run.mirrored
                parts.append((drawn, pdfmetrics.stringWidth(drawn, name, size)))
                continue
            shaped = shapeStr(run.text, name, size)
            width = pdfmetrics.stringWidth(shaped, name, size)
            if isinstance(shaped, ShapedStr):
                width = sum(one.x_advance for one in shaped.__shapeData__) * size / 1000
            parts.append((shaped, width))
        return parts


def _registered(file: Path) -> str:
    """Return the name under which a font file is known to reportlab."""
    name = f"{file.parent.name}-{file.stem}"
    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(name, str(file)))
    return name
