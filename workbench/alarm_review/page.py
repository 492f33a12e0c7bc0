"""Writes an alarm review as one HTML page that needs no other file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from workbench.alarm_review import verdicts
from workbench.alarm_review.load import load_title
from workbench.alarm_review.review import AlarmReview, Entry
from workbench.alarm_review.tables import most

_STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2330;--soft:#5b6679;--rule:#dfe4ea;
--grid:#f6dcd8;--trace:#1c2330;--true:#1f7a6b;--arguable:#8f6200;--false:#b3402a;--found:#2b5c9e;
--reference:#5b6679}
@media(prefers-color-scheme:dark){:root{--paper:#11161d;--ink:#e4e9f0;--soft:#93a0b2;
--rule:#2a323d;--grid:#35262a;--trace:#e4e9f0;--true:#45b29d;--arguable:#e0ae58;--false:#e0795f;
--found:#86b2ee;--reference:#93a0b2}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1100px;padding:40px 24px 64px;background:var(--paper);
color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:26px;margin:0}h2{font-size:18px;margin:44px 0 10px}
h3{font-size:15px;margin:30px 0 2px}
p{color:var(--soft);margin:2px 0 8px;max-width:80ch}
pre{color:var(--soft);font:13px/1.45 ui-monospace,monospace;overflow-x:auto}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:4px 12px;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
th{color:var(--soft);font-weight:500;font-size:13px}
th.words,td.words{text-align:left}td.words{white-space:normal}
svg{display:block;border:1px solid var(--rule)}.whole svg{max-width:100%;height:auto}
svg .grid{stroke:var(--grid);fill:none}svg .trace{stroke:var(--trace);fill:none;stroke-width:1.2;
stroke-linejoin:round}
svg text{font:12px system-ui,sans-serif;fill:var(--soft)}svg .beat{text-anchor:middle}
svg .found{fill:var(--found)}svg .reference{fill:var(--reference)}
svg .ectopic{font-weight:700}svg .onset{stroke:var(--false);stroke-width:1.5}
svg .decided{stroke:var(--arguable);stroke-dasharray:5 4;stroke-width:1.5}
.true{color:var(--true)}.arguable{color:var(--arguable)}.false{color:var(--false)}
b{font-weight:600}
"""
_LEFT = ' class="words"'
_ORDER = ("false", "arguable", "true")


def render_html(review: AlarmReview) -> str:
    """Return the page: counts, then a strip of every high-priority alarm, the false ones first."""
    figures = review.as_map()
    body = [
        "<h1>High-priority alarms against the reference annotations</h1>",
        f"<p>{figures['hours']:.1f} h of ECG through the live analyzer in packets of "
        f"{review.packet_ms:g} ms, with its own beats. Of each alarm the strip is shown: above "
        "the leads the beats as found, below them as annotated; a solid line at the onset, a "
        "dashed one at the decision.</p>",
        _outcomes(figures),
        f"<h2>{escape(load_title(figures['load']))}</h2>",
        "<p>Raised: conditions that began. Alerts: what staff have to handle, where a condition "
        "that keeps coming back is one alert with a count. Audible: at most, as if each alert were "
        "acknowledged before the next comes. The database was collected for its arrhythmias: it "
        "has more of them than a ward.</p>",
        render_table(
            figures["load"]["table"]["columns"], figures["load"]["table"]["rows"], words=2
        ),
        *(_section(name, review.entries) for name in _ORDER),
        "<h2>All alarms</h2>",
        _counts(figures),
        "<h2>Rules of the verdicts</h2>",
        f"<pre>{escape((verdicts.__doc__ or '').strip())}</pre>",
    ]
    return wrapped("Alarm review", body)


def wrapped(title: str, body: Iterable[str]) -> str:
    """Return a page of its own with this title and these parts, in the style of the strips."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(body)}</body></html>\n"
    )


def _section(outcome: str, entries: Sequence[Entry]) -> str:
    chosen = [entry for entry in entries if entry.fields["outcome"] == outcome]
    parts = [f'<h2 class="{outcome}">{outcome.capitalize()}: {len(chosen)}</h2>']
    return "".join([*parts, *map(_alarm, chosen)])


def _alarm(entry: Entry) -> str:
    fields = entry.fields
    value = "" if fields["value"] is None else f" {fields['value']:g} (limit {fields['limit']:g})"
    return (
        f"<h3>{escape(fields['record'])} at {fields['onset_s']:.1f} s: "
        f"{escape(fields['kind'].replace('_', ' '))}{value}</h3>"
        f'<p><b class="{fields["outcome"]}">{fields["outcome"]}</b>: {escape(fields["reason"])}; '
        f"rhythm {escape(' '.join(fields['rhythms']) or 'not annotated')}; decided after "
        f"{fields['decided_s'] - fields['onset_s']:.1f} s</p>"
        f'<div class="wide">{entry.strip}</div>'
    )


def _outcomes(figures: dict[str, Any]) -> str:
    rows = [
        [kind, *(f"{row[name]:g}" for name in ("raised", "per_hour", "true", "arguable", "false"))]
        for kind, row in figures["high"].items()
    ]
    return render_table(["Alarm", "Raised", "Per hour", "True", "Arguable", "False"], rows)


def _counts(figures: dict[str, Any]) -> str:
    rows = [
        [row["priority"], row["kind"], f"{row['raised']}", f"{row['per_hour']:g}"]
        for row in figures["counts"]
    ]
    for row, cells in zip(figures["counts"], rows, strict=True):
        cells.append(most(row["records"]))
    return render_table(["Priority", "Alarm", "Raised", "Per hour", "Most in"], rows)


def render_table(headings: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """Return an HTML table; its first ``words`` columns hold words, the others numbers."""
    head = "".join(
        f"<th{_LEFT if i < words else ''}>{escape(heading)}</th>"
        for i, heading in enumerate(headings)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{_LEFT if i < words else ''}>{escape(cell)}</td>" for i, cell in enumerate(cells)
        )
        + "</tr>"
        for cells in rows
    )
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'
