"""A PNG picture to draw on; it knows its pixels per inch, so that it prints to scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, features

from gateway.drawing.fonts import Font
from gateway.drawing.sheet import INK, POINT_MM, Align, Colour, Floats

PIXELS_PER_MM = 8
"""8 pixels a mm are 203.2 per inch: a step of 0.1 mV is 8 pixels, one of 40 ms as well."""
_FINER = 2
"""Drawn so many times larger, then made smaller, so that slanting lines are smooth."""
_INCH_MM = 25.4


class PngSheet:
    """One picture; see `gateway.drawing.sheet.Sheet`."""

    def __init__(self, path: Path, font: Font, *, size: tuple[float, float]) -> None:
        self.width, self.height = size
        self._path, self._font = path, font
        self._scale = PIXELS_PER_MM * _FINER
        shape = round(self.width * self._scale), round(self.height * self._scale)
        self._picture = Image.new("RGB", shape, "#ffffff")
        self._draw = ImageDraw.Draw(self._picture)
        self._whole: Image.Image | None = None
        self._frame = (0, 0, 0, 0)

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
        points = np.stack([xs, ys], axis=1) * self._scale
        if dashed:
            for first, last in zip(points[:-1:2], points[1::2], strict=False):
                self._draw.line([*first, *last], fill=colour, width=self._pixels(width))
            return
        self._draw.line(
            points.ravel().tolist(), fill=colour, width=self._pixels(width), joint="curve"
        )

    def segments(self, ends: Floats, *, width: float, colour: Colour) -> None:
        """Draw straight lines from (x0, y0) to (x1, y1), mm, shape (n, 4)."""
        for row in (ends * self._scale).tolist():
            self._draw.line(row, fill=colour, width=self._pixels(width))

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
        corners = [one * self._scale for one in (x, y, x + width, y + height)]
        self._draw.rectangle(corners, fill=fill, outline=edge, width=self._pixels(0.2))

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
        """Write a line of text with its baseline at ``y``, mm."""
        anchor = {"left": "ls", "centre": "ms", "right": "rs"}[align]
        self._draw.text(
            (x * self._scale, y * self._scale), text, colour, self._face(size, bold),
            anchor=anchor, direction="rtl" if rtl and features.check("raqm") else None,
        )  # fmt: skip

    def text_width(self, text: str, *, size: float = 8, bold: bool = False) -> float:
        """Return the width of a text, mm."""
        return float(self._face(size, bold).getlength(text)) / self._scale

    def clip(self, x: float, y: float, width: float, height: float) -> None:
        """Draw only within a rectangle, mm, until `unclip`."""
        left, top, right, bottom = (
            round(one * self._scale) for one in (x, y, x + width, y + height)
        )
        self._frame = (left, top, right, bottom)
        self._whole = self._picture.copy()

    def unclip(self) -> None:
        """Draw everywhere again."""
        if self._whole is not None:
            self._whole.paste(self._picture.crop(self._frame), self._frame[:2])
            self._picture, self._whole = self._whole, None
            self._draw = ImageDraw.Draw(self._picture)

    def save(self) -> None:
        """Write the file."""
        size = round(self.width * PIXELS_PER_MM), round(self.height * PIXELS_PER_MM)
        small = self._picture.resize(size, Image.Resampling.BOX)
        dots = PIXELS_PER_MM * _INCH_MM
        small.save(self._path, format="PNG", dpi=(dots, dots), optimize=True)

    def _pixels(self, width: float) -> int:
        return max(1, round(width * self._scale))

    def _face(self, size: float, bold: bool) -> ImageFont.FreeTypeFont:
        file = self._font.bold if bold else self._font.regular
        return ImageFont.truetype(str(file), size * POINT_MM * self._scale)
