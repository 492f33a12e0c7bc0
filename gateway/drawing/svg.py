"""An SVG picture to draw on; its size is in millimetres, so that it prints to scale."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from gateway.drawing.sheet import INK, POINT_MM, Align, Colour, Floats

_ANCHOR = {"left": "start", "centre": "middle", "right": "end"}
_LETTER_WIDTH = 0.58
"""Mean width of a letter of DejaVu Sans in parts of its size: what is set, the viewer decides."""
_NAMED = 'font-family="DejaVu Sans, Arial, sans-serif"'


class SvgSheet:
    """One picture; see `gateway.drawing.sheet.Sheet`."""

    def __init__(self, path: Path, *, title: str, size: tuple[float, float]) -> None:
        self.width, self.height = size
        self._path = path
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:g}mm" '
            f'height="{self.height:g}mm" viewBox="0 0 {self.width:g} {self.height:g}" {_NAMED}>',
            f"<title>{escape(title)}</title>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
        ]
        self._clips = 0

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
        points = " ".join(f"{x:.3f},{y:.3f}" for x, y in zip(xs, ys, strict=True))
        dash = ' stroke-dasharray="0.7 0.7"' if dashed else ""
        self._parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
            f'stroke-linejoin="round" stroke-linecap="round"{dash}/>'
        )

    def segments(self, ends: Floats, *, width: float, colour: Colour) -> None:
        """Draw straight lines from (x0, y0) to (x1, y1), mm, shape (n, 4)."""
        code = "".join(f"M{a:.3f} {b:.3f}L{c:.3f} {d:.3f}" for a, b, c, d in ends.tolist())
        self._parts.append(f'<path d="{code}" stroke="{colour}" stroke-width="{width:g}"/>')

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
        self._parts.append(
            f'<rect x="{x:.3f}" y="{y:.3f}" width="{width:.3f}" height="{height:.3f}" '
            f'fill="{fill or "none"}" stroke="{edge or "none"}" stroke-width="0.2"/>'
        )

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
        """Write a line of text with its baseline at ``y``, mm; the viewer shapes it."""
        weight = ' font-weight="bold"' if bold else ""
        anchor = _ANCHOR[align]
        if rtl:  # the start of such a line is its right end
            anchor = {"start": "end", "end": "start"}.get(anchor, anchor)
        way = ' direction="rtl"' if rtl else ""
        self._parts.append(
            f'<text x="{x:.3f}" y="{y:.3f}" font-size="{size * POINT_MM:.3f}" fill="{colour}" '
            f'text-anchor="{anchor}"{weight}{way}>{escape(text)}</text>'
        )

    def text_width(self, text: str, *, size: float = 8, bold: bool = False) -> float:  # noqa: ARG002
        """Return about the width of a text, mm."""
        return _LETTER_WIDTH * size * POINT_MM * len(text)

    def clip(self, x: float, y: float, width: float, height: float) -> None:
        """Draw only within a rectangle, mm, until `unclip`."""
        self._clips += 1
        self._parts.append(
            f'<clipPath id="c{self._clips}"><rect x="{x:.3f}" y="{y:.3f}" width="{width:.3f}" '
            f'height="{height:.3f}"/></clipPath><g clip-path="url(#c{self._clips})">'
        )

    def unclip(self) -> None:
        """Draw everywhere again."""
        self._parts.append("</g>")

    def save(self) -> None:
        """Write the file."""
        self._path.write_text("\n".join([*self._parts, "</svg>\n"]), encoding="utf-8")
