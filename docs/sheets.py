"""Put the pictures of `screenshots.py --sizes` together: a sheet a page, as docs/SCREENS.md shows.

    python docs/screenshots.py --sizes --into artifacts/pages
    python -m docs.sheets artifacts/pages

A sheet has a line for each size of the window and a column for each look.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from docs.screenshots import IMAGES, LOOKS, PHONE, SIZES, VIEWS

CELL = (640, 360)
"""Of one picture on a sheet, px."""
PHONE_CELL = (390, 844)
GAP = 8
QUALITY = 62
"""Of WebP: letters of 12 px of a small laptop can still be read, half as large."""


def sheet(folder: Path, name: str) -> Image.Image:
    """Return the pictures of a page, put together.

    Raises:
        FileNotFoundError: one has not been taken.
    """
    phone = name in VIEWS and VIEWS[name].size == PHONE
    sizes = ("",) if phone else tuple(SIZES)
    width, height = PHONE_CELL if phone else CELL
    whole = Image.new(
        "RGB",
        (len(LOOKS) * (width + GAP) - GAP, len(sizes) * (height + GAP) - GAP),
        "#808080",
    )
    for line, size in enumerate(sizes):
        for column, look in enumerate(LOOKS):
            with Image.open(folder / f"{name}{size}{look}.png") as picture:
                cell = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
            whole.paste(cell, (column * (width + GAP), line * (height + GAP)))
    return whole


def main() -> None:
    """Write the sheets of all pages whose pictures are in a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where screenshots.py has put the pictures")
    parser.add_argument("--only", default="", help="names of pages, as wall,bed")
    args = parser.parse_args()
    for name in args.only.split(",") if args.only else [*VIEWS, "sign-in"]:
        path = IMAGES / f"sizes-{name}.webp"
        sheet(args.folder, name).save(path, quality=QUALITY, method=6)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
