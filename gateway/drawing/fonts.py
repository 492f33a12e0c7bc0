"""The font that documents are set in: one with Arabic and Latin letters, from this machine.

None comes with what the project stands on, so DejaVu Sans, Noto or Arial is looked for where
systems keep it, or in the folder of the setting ``fonts``. Without one, the Latin font of reportlab
is taken; Arabic is then refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ecg_monitor.core.errors import ExportError

_FILES = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("Arial.ttf", "Arial Bold.ttf"),
    ("arial.ttf", "arialbd.ttf"),
)
"""Regular and bold files of fonts that have Arabic letters."""
_FOLDERS = (
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/dejavu",
    "/usr/share/fonts/dejavu-sans-fonts",
    "/usr/share/fonts/TTF",
    "/usr/local/share/fonts",
    "/opt/homebrew/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts/Supplemental",
    "C:/Windows/Fonts",
)


@dataclass(frozen=True, slots=True)
class Font:
    """A pair of font files.

    Attributes:
        regular: the file of its normal weight.
        bold: the file of its heavy weight.
        has_arabic: whether it has the letters of Arabic.
    """

    regular: Path
    bold: Path
    has_arabic: bool


def find_font(folder: str = "", places: Sequence[str] = _FOLDERS) -> Font:
    """Return the font to write with.

    Args:
        folder: what the setting ``fonts`` names; empty: where systems keep their fonts.
        places: where those are.

    Raises:
        ExportError: the folder that the setting names has none of the fonts.
    """
    for place in (folder,) if folder else places:
        for regular, bold in _FILES:
            files = Path(place).expanduser() / regular, Path(place).expanduser() / bold
            if all(file.is_file() for file in files):
                return Font(*files, has_arabic=True)
    if folder:
        raise ExportError(
            f"ECG_FONTS: {folder} has neither DejaVuSans.ttf and DejaVuSans-Bold.ttf nor Arial"
        )
    import reportlab  # noqa: PLC0415

    own = Path(reportlab.__file__).parent / "fonts"
    return Font(own / "Vera.ttf", own / "VeraBd.ttf", has_arabic=False)
