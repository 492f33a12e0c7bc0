"""A page of a report: where text stands in a language that is written from the right as well."""

from __future__ import annotations

from collections.abc import Sequence

from ecg_monitor.ward.words import Words
from gateway.drawing.bidi import LEFT_TO_RIGHT, has_rtl
from gateway.drawing.pdf import PdfSheet
from gateway.drawing.sheet import GREY, INK, Align, Colour

MARGIN = 15.0
"""Of the paper, mm."""
_SWAPPED: dict[Align, Align] = {"left": "right", "right": "left", "centre": "centre"}
Row = tuple[str, str, str]
"""A label, a value, and what is said of the value (when it was) in small letters."""


class Page:
    """Writes on a sheet in one language; places are mm from the side where its lines begin."""

    def __init__(self, sheet: PdfSheet, language: str) -> None:
        self.sheet = sheet
        self.language = language
        self.rtl = language == "ar"

    def say(self, words: Words, **values: object) -> str:
        """Return words in the language of the page, with ``{name}`` filled in."""
        text = words.of(self.language)
        return text.format(**{k: self._kept(str(v)) for k, v in values.items()}) if values else text

    def _kept(self, value: str) -> str:
        """Return a value whose own order a sentence from the right leaves as it is."""
        return (
            f"{LEFT_TO_RIGHT}{value}{LEFT_TO_RIGHT}" if self.rtl and not has_rtl(value) else value
        )

    def number(self, value: float | None, digits: int = 0) -> str:
        """Return a number as the language writes it; a dash where there is none."""
        if value is None:
            return "-"
        text = f"{value:.{digits}f}"
        return text.replace(".", ",") if self.language == "fr" else text

    def percent(self, share: float, digits: int = 1) -> str:
        """Return a share of 0 .. 1 in percent; what is less than can be told is told as such."""
        least = 0.5 * 10.0**-digits / 100
        if 0 < share < least:
            return f"<{self.number(10.0**-digits, digits)} %"
        return f"{self.number(100 * share, digits)} %"

    def span(self, seconds: float) -> str:
        """Return a length of time: ``12.3 s`` below a minute, else ``h:mm:ss``."""
        if seconds < 60:
            return f"{self.number(seconds, 1)} s"
        whole = round(seconds)
        return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 8,
        align: Align = "left",
        bold: bool = False,
        colour: Colour = INK,
    ) -> None:
        """Write a line; in a language from the right, x counts from the right edge."""
        if self.rtl:
            x, align = self.sheet.width - x, _SWAPPED[align]
        rtl = self.rtl and has_rtl(text)  # a number with its unit is read from the left
        self.sheet.text(x, y, text, size=size, align=align, bold=bold, colour=colour, rtl=rtl)

    def heading(self, x: float, y: float, width: float, text: str) -> None:
        """Write the title of a block with a rule below it."""
        self.write(x, y, text, size=9.5, bold=True)
        left = self.sheet.width - x - width if self.rtl else x
        self.sheet.box(left, y + 1.3, width, 0.25, fill="#9aa3ad")

    def block(self, x: float, y: float, width: float, title: str, rows: Sequence[Row]) -> float:
        """Write a block of labels and values; return where the next may begin, mm."""
        self.heading(x, y, width, title)
        at = y + 5.4
        for label, value, remark in rows:
            self.write(x, at, label, size=8)
            self.write(x + 0.66 * width, at, value, size=8, align="right", bold=True)
            self.write(x + 0.68 * width, at, remark, size=7, colour=GREY)
            at += 4.0
        return at + 3.2
