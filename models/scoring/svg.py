"""The figures of the HTML report, as inline SVG. Colours come from the page's style sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from models.scoring.counts import CLASSES

_CELL = 58
_MARGIN = 34
_BAR_HEIGHT = 130
_SLOT = 19
_AXIS = 44


def confusion_svg(confusion: Mapping[str, Mapping[str, int]]) -> str:
    """Return the confusion matrix as a heat map.

    Shades show the share of the row, so that rare classes show; numbers are counts.

    Args:
        confusion: ``{reference label: {test label: count}}``.
    """
    side = _MARGIN + _CELL * len(CLASSES)
    parts = [_open(side, side, "Confusion matrix, reference in rows, test in columns")]
    for place, label in enumerate(CLASSES):
        middle = _MARGIN + _CELL * (place + 0.5)
        parts.append(_text(middle, _MARGIN - 10, label.lower(), "axis"))
        parts.append(_text(_MARGIN / 2, middle + 5, label, "axis"))
    for y, reference in enumerate(CLASSES):
        total = sum(confusion[reference].values())
        for x, test in enumerate(CLASSES):
            count = confusion[reference][test]
            share = count / total if total else 0.0
            left, top = _MARGIN + _CELL * x, _MARGIN + _CELL * y
            kind = "hit" if reference == test else "miss"
            ink = "count strong" if share > 0.55 else "count"
            parts.append(
                f"<g><title>reference {reference}, test {test}: {count} ({share:.2%} of the row)"
                f'</title><rect class="cell" x="{left}" y="{top}" width="{_CELL - 2}" '
                f'height="{_CELL - 2}" rx="4"/>'
            )
            if count:
                shade = 0.08 + 0.92 * share
                parts.append(
                    f'<rect class="{kind}" x="{left}" y="{top}" width="{_CELL - 2}" '
                    f'height="{_CELL - 2}" rx="4" fill-opacity="{shade:.3f}"/>'
                )
                parts.append(_text(left + _CELL / 2 - 1, top + _CELL / 2 + 4, str(count), ink))
            parts.append("</g>")
    return "".join([*parts, "</svg>"])


def bars_svg(
    title: str,
    names: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    top: float,
    unit: str = "",
) -> str:
    """Return grouped bars, one group per record.

    Args:
        title: what the figure shows, for screen readers.
        names: record names, one per group.
        series: name of each series -> one value per record, None for no bar. At most two.
        top: value of the axis' upper end; taller bars end there, their true value in the tip.
        unit: written behind the axis labels.
    """
    width = _AXIS + _SLOT * max(1, len(names)) + 6
    parts = [_open(width, _BAR_HEIGHT + 52, title)]
    for fraction in (0.0, 0.5, 1.0):
        y = 10 + _BAR_HEIGHT * (1 - fraction)
        parts.append(f'<line class="grid" x1="{_AXIS}" x2="{width}" y1="{y}" y2="{y}"/>')
        parts.append(_text(_AXIS - 6, y + 4, f"{top * fraction:g}{unit}", "tick"))
    thickness = (_SLOT - 5) / max(1, len(series))
    for group, name in enumerate(names):
        left = _AXIS + _SLOT * group + 2.5
        for place, (label, values) in enumerate(series.items()):
            value = values[group]
            if value is None:
                continue
            height = _BAR_HEIGHT * min(1.0, value / top)
            parts.append(
                f'<rect class="s{place}" x="{left + place * thickness:.1f}" '
                f'y="{10 + _BAR_HEIGHT - height:.1f}" width="{thickness - 0.5:.1f}" '
                f'height="{height:.1f}"><title>{escape(name)}: {escape(label)} {value:.4g}{unit}'
                f"</title></rect>"
            )
        x, y = left + _SLOT / 2, _BAR_HEIGHT + 18
        parts.append(
            f'<text class="name" x="{x:.1f}" y="{y}" transform="rotate(-60 {x:.1f} {y})">'
            f"{escape(name)}</text>"
        )
    return "".join([*parts, "</svg>"])


def _open(width: float, height: float, title: str) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"<title>{escape(title)}</title>"
    )


def _text(x: float, y: float, text: str, style: str) -> str:
    return f'<text class="{style}" x="{x:g}" y="{y:g}">{escape(text)}</text>'
