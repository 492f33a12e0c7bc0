"""Shows the outcome of a measurement of the whole system as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from workbench.bench.whole.verdict import is_busy

_MEANING = {
    "ingest": "packet at ingest",
    "beat": "beat found",
    "label": "beat classified",
    "alert": "alarm raised",
    "frame": "samples at a client",
}


def show(measured: Mapping[str, Any], console: Console) -> None:
    """Print the outcome of `workbench.bench.whole.system.measure`."""
    samples = measured["samples"]
    console.print(
        f"{measured['beds']} beds for {measured['seconds']:.0f} s, {samples['devices']} live after "
        f"{measured['all_beds_live_after_s']:.1f} s; {samples['seen']:,} samples per lead: "
        f"[bold]{measured['lost_samples']} lost[/], {samples['repeated']} repeated; "
        f"{measured['beats']:,} beats; {measured['memory_per_bed_kib']:g} KiB a bed",
        highlight=False,
    )
    title = "Delay beyond packet and look-ahead, ms"
    delays = Table(title=title, title_justify="left")
    for name in ("stage", "p50", "p95", "p99", "count"):
        delays.add_column(name, justify="left" if name == "stage" else "right")
    rows = [(_MEANING[name], row) for name, row in measured["delay_ms"].items()]
    for name, row in [*rows, ("floor: a process that sleeps", measured["floor_ms"])]:
        cells = ("-" if row[p] is None else f"{row[p]:.1f}" for p in ("p50", "p95", "p99"))
        delays.add_row(name, *cells, f"{row['count']:,}")
    console.print(delays)
    usage = Table(title="Processes", title_justify="left")
    for name in ("process", "CPU, % of a core", "memory early, MB", "memory late, MB"):
        usage.add_column(name, justify="right" if name != "process" else "left")
    for name, row in measured["processes"].items():
        usage.add_row(name, *(str(row[k]) for k in ("cpu_percent", "rss_early_mb", "rss_late_mb")))
    console.print(usage)
    if measured["held"]:
        console.print(f"[green]held[/]: {measured['beds']} beds", highlight=False)
    else:
        why = "; ".join(measured["why_not"])
        console.print(f"[red]not held[/]: {measured['beds']} beds: {why}", highlight=False)
    if is_busy(measured["floor_ms"]):
        console.print("this machine did other work besides: see the floor", style="yellow")
