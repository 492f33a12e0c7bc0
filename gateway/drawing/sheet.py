"""What is drawn on: paper or a picture, measured in millimetres from its upper left corner."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Colour = str
"""As in ``"#c0392b"``."""
Align = Literal["left", "centre", "right"]

INK = "#1b1f24"
GREY = "#6b7280"
TRACE = "#0b1f3a"
GRID_FINE = "#f6d5d2"
GRID_COARSE = "#e9a39c"
ALARM = "#b42318"
POINT_MM = 25.4 / 72
"""A typographic point, mm."""


class Sheet(Protocol):
    """Draws at places in mm: x to the right, y downward."""

    def line(
        self,
        xs: Floats,
        ys: Floats,
        *,
        width: float = 0.2,
        colour: Colour = INK,
        dashed: bool = False,
    ) -> None:
        """Draw a line through points.

        Args:
            xs: places, mm, shape (n,).
            ys: places, mm, shape (n,).
            width: of the line, mm.
            colour: of the line.
            dashed: whether it is dashed.
        """

    def segments(self, ends: Floats, *, width: float, colour: Colour) -> None:
        """Draw straight lines that are not joined.

        Args:
            ends: x0, y0, x1, y1 of each, mm, shape (n, 4).
            width: of the lines, mm.
            colour: of the lines.
        """

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
        """Draw a rectangle, filled, edged or both."""

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
        """Write a line of text.

        Args:
            x: where it begins, ends or has its middle, as ``align`` says, mm.
            y: its baseline, mm.
            text: in the order of reading.
            size: of the letters, points.
            align: which of its parts lies at ``x``.
            bold: whether it is heavy.
            colour: of the letters.
            rtl: whether its paragraph is written from right to left.
        """

    def text_width(self, text: str, *, size: float = 8, bold: bool = False) -> float:
        """Return the width of a text, mm."""

    def clip(self, x: float, y: float, width: float, height: float) -> None:
        """Draw only within a rectangle until `unclip`."""

    def unclip(self) -> None:
        """Draw everywhere again."""


class Picture(Sheet, Protocol):
    """A sheet that is one file."""

    def save(self) -> None:
        """Write the file."""
