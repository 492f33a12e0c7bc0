"""An EC57 report as one HTML page that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from models.scoring.evaluation import COUNTS, KINDS, WINDOWS, Report
from models.scoring.svg import bars_svg, confusion_svg
from models.scoring.table import TITLES, number, percent, short_windows

_NAMES = {"qrs": "QRS", "veb": "VEB", "sveb": "SVEB"}
_LONG = {
    "qrs": "heartbeats",
    "veb": "ventricular ectopic beats",
    "sveb": "supraventricular ectopic beats",
}

_STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2330;--soft:#657083;--rule:#dfe4ea;
--cell:#f3f5f8;--good:#1f7a6b;--bad:#c2533a;--strong:#fff;--one:#3566a8;--two:#d9952b}
@media(prefers-color-scheme:dark){:root{--paper:#11161d;--ink:#e4e9f0;--soft:#93a0b2;
--rule:#2a323d;--cell:#1a212a;--good:#45b29d;--bad:#e0795f;--strong:#0c1015;
--one:#6f9fe0;--two:#e0ae58}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1060px;padding:40px 24px 64px;background:var(--paper);
color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:26px;margin:0}h2{font-size:18px;margin:44px 0 10px}
p{color:var(--soft);margin:4px 0 12px;max-width:70ch}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(230px,1fr));gap:14px;
margin-top:22px}
.card{border:1px solid var(--rule);border-radius:10px;padding:14px 18px}
.card b{font-size:26px;font-weight:600;font-variant-numeric:tabular-nums}
.card span{color:var(--soft)}
.pair{display:flex;gap:28px}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;width:100%}
th,td{padding:4px 9px;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
th{color:var(--soft);font-weight:500;font-size:13px}
th:first-child,td:first-child{text-align:left}
tr.sum td{font-weight:600}
svg{display:block}
svg text{fill:var(--ink);font:12px system-ui,sans-serif;text-anchor:middle}
svg .axis{font-weight:600;font-size:14px}svg .count{font-size:13px}
svg .strong{fill:var(--strong)}svg .tick{text-anchor:end;fill:var(--soft);font-size:11px}
svg .name{text-anchor:end;fill:var(--soft);font-size:10px}
svg .cell{fill:var(--cell)}svg .hit{fill:var(--good)}
svg .miss{fill:var(--bad)}svg .s0{fill:var(--one)}svg .s1{fill:var(--two)}
svg .grid{stroke:var(--rule)}
.key i{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 5px 0 14px}
.key .k0{background:var(--one)}.key .k1{background:var(--two)}
"""


def render_html(report: Report) -> str:
    """Return the report as a page: gross figures, confusion matrix, bars and table per record.

    Args:
        report: outcome of `evaluate`.
    """
    records = report["records"]
    learning_min = report["settings"]["learning_s"] / 60
    body = [
        "<h1>Beat-by-beat performance, ANSI/AAMI EC57</h1>",
        f"<p>{len(records)} record{'' if len(records) == 1 else 's'}. Unless said otherwise, "
        f"figures leave out the first {learning_min:g} min of each record.</p>",
        _cards(report["ec57"]["gross"]),
        "<h2>Gross figures</h2>",
        _gross(report),
        "<h2>Detection in windows of ten seconds</h2>",
        "<p>AUecdf: area under the distribution of the rate over windows, 0 if each is perfect; "
        "it foretells false rate alarms (Daluwatte 2018). Right of it: share of windows with a "
        "lower rate, %.</p>",
        _table(*short_windows(report)),
        "<h2>Confusion matrix</h2>",
        "<p>Reference in rows, test in columns; shades are shares of a row. o: no such beat, "
        "x: none during a shutdown. Records whose classes are not scored are left out.</p>",
        f'<div class="wide">{confusion_svg(report["ec57"]["confusion"])}</div>',
        "<h2>Errors of detection per record</h2>",
        _key("missed beats", "invented beats"),
        _detection_bars(records),
        *(part for kind in ("veb", "sveb") for part in _class_bars(records, kind)),
        "<h2>Per record</h2>",
        _records(report),
        "<h2>Settings</h2>",
        _settings(report["settings"]),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>EC57 report</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(body)}</body></html>\n"
    )


def _cards(gross: dict[str, Any]) -> str:
    cards = "".join(
        f'<div class="card"><span>{_NAMES[kind]}, {_LONG[kind]}</span><div class="pair">'
        f"<div><b>{percent(gross[kind]['se'])}</b><br><span>Se %</span></div>"
        f"<div><b>{percent(gross[kind]['ppv'])}</b><br><span>+P %</span></div></div></div>"
        for kind in KINDS
    )
    return f'<div class="cards">{cards}</div>'


def _gross(report: Report) -> str:
    headings = ["Window", "Beats", "Se %", "+P %", "F1 %"]
    headings += [*(count.upper() for count in COUNTS), "FP/h", "mean Se %", "mean +P %"]
    rows = []
    for window in WINDOWS:
        for kind in KINDS:
            score = report[window]["gross"][kind]
            mean = report[window]["average"][kind]
            cells = [TITLES[window], _NAMES[kind]]
            cells += [percent(score[rate], 3) for rate in ("se", "ppv", "f1")]
            cells += [number(score[count], 0) for count in COUNTS]
            cells += [number(score["fp_per_hour"]), percent(mean["se"]), percent(mean["ppv"])]
            rows.append(cells)
    timing = report["ec57"]["timing"]
    note = (
        f"<p>R peaks: {timing['matched']} matched; distance from the reference "
        f"{number(timing['median_abs_ms'])} ms (median), {number(timing['p95_abs_ms'])} ms "
        f"(95th percentile), {number(timing['bias_ms'])} ms late (median).</p>"
    )
    return _table(headings, rows) + note


def _detection_bars(records: dict[str, Any]) -> str:
    series = {
        label: [entry["ec57"]["qrs"][count] for entry in records.values()]
        for label, count in (("missed", "fn"), ("invented", "fp"))
    }
    tallest = max((value for values in series.values() for value in values), default=0)
    figure = bars_svg("Missed and invented beats", list(records), series, _round_up(tallest))
    return f'<div class="wide">{figure}</div>'


def _class_bars(records: dict[str, Any], kind: str) -> list[str]:
    """Return heading, key and figure; nothing when no record has such beats."""
    scores = {
        name: score
        for name, entry in records.items()
        if (score := entry["ec57"][kind])["se"] is not None
    }
    if not scores:
        return []
    series = {
        label: [None if score[rate] is None else 100 * score[rate] for score in scores.values()]
        for label, rate in (("Se", "se"), ("+P", "ppv"))
    }
    figure = bars_svg(f"{_NAMES[kind]} per record", list(scores), series, 100.0, "%")
    return [
        f"<h2>{_NAMES[kind]} per record</h2><p>Records with {_LONG[kind]} only.</p>",
        _key("Se", "+P"),
        f'<div class="wide">{figure}</div>',
    ]


def _records(report: Report) -> str:
    headings = ["Record", *(f"{_NAMES[k]} {r}" for k in KINDS for r in ("Se", "+P", "F1"))]
    headings += ["FN", "FP", "median ms", "95 % ms"]
    rows = [
        _record_row(name, entry["ec57"], entry["ec57"]["timing"])
        for name, entry in report["records"].items()
    ]
    window = report["ec57"]
    sums = [
        _record_row("gross", window["gross"], window["timing"]),
        _record_row("average", window["average"], {}),
    ]
    return _table(headings, rows, sums)


def _record_row(name: str, scores: dict[str, Any], timing: dict[str, Any]) -> list[str]:
    cells = [percent(scores[kind][rate]) for kind in KINDS for rate in ("se", "ppv", "f1")]
    cells += [number(scores["qrs"].get(count), 0) for count in ("fn", "fp")]
    cells += [number(timing.get(key)) for key in ("median_abs_ms", "p95_abs_ms")]
    return [name, *cells]


def _settings(settings: dict[str, Any]) -> str:
    rows = [[name, _plain(value)] for name, value in settings.items()]
    return _table(["Setting", "Value"], rows)


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], sums: Sequence[Sequence[str]] = ()
) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join(_tr(row) for row in rows) + "".join(_tr(row, "sum") for row in sums)
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _tr(cells: Sequence[str], style: str = "") -> str:
    mark = f' class="{style}"' if style else ""
    return f"<tr{mark}>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _key(*labels: str) -> str:
    marks = "".join(f'<i class="k{n}"></i>{escape(label)}' for n, label in enumerate(labels))
    return f'<p class="key">{marks}</p>'


def _round_up(value: float) -> float:
    """Return the next of 10, 20, 50, 100, 200, 500 ... for the axis."""
    step = 10.0
    while True:
        for factor in (1, 2, 5):
            if value <= step * factor:
                return step * factor
        step *= 10
