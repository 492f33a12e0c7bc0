"""Writes docs/RESULTS.md: what the networks of the zoo reach, beside what their authors claim.

A network's row in the registry names its files in `docs/figures/` and its claims; a file is what
`ecg-monitor evaluate DB_DIR --network NAME --figures FILE` or a command like it writes. So a new
network is on the page once its row and its files are there.

  python -m workbench.results.networks           write the page
  python -m workbench.results.networks --check   exit status 1 if it would change
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from models.zoo import registry
from models.zoo.network import Network
from workbench.results.figures import FOLDER, ROOT, read
from workbench.results.quotes import written

PAGE = ROOT / "docs" / "RESULTS.md"
TEXT = ROOT / "workbench" / "results" / "networks.md"
"""What stands before the tables: how to read them."""
BEYOND = ROOT / "workbench" / "results" / "beyond.md"
"""What stands after them: models asked together, and public challenges."""
IMAGES = ROOT / "docs" / "images"
PICTURES: Mapping[str, str] = {
    "": "confusion matrix, ROC curves and beats that were called wrongly",
    "-curves": "loss by epoch, training and validation",
}
"""Endings of the names of pictures, and what they show."""
WORDS: Mapping[str, str] = {
    "accuracy": "accuracy",
    "binary_accuracy": "accuracy, first class or not",
    "weighted_precision": "precision, weighted",
    "weighted_f1": "F1, weighted",
    "macro_f1": "F1, mean of the classes",
    "macro_auc": "AUC, mean of the labels",
    "auc": "AUC",
    "f1": "F1 of the abnormal class",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "balanced/accuracy/mean": "accuracy, mean of balanced draws",
    "balanced/f1/mean": "F1, mean of balanced draws",
}
"""Figures of a whole result, in the order in which they are shown, and what people call them."""
PARTS = ("auc", "precision", "recall", "f1")
"""Figures of one class or label, in order."""


@dataclass(frozen=True, slots=True)
class Result:
    """A file of figures of a network.

    Attributes:
        file: its name in `docs/figures/` without ``.json``.
        values: what was measured.
    """

    file: str
    values: Mapping[str, Any]

    @property
    def split(self) -> str:
        """The split that was reported on; the name of the file where the result has none."""
        return str(self.values.get("split", self.file))

    @property
    def told(self) -> bool:
        """Whether the page knows any of its figures."""
        return any(self.find(path) is not None for path in WORDS)

    def find(self, path: str) -> Any:
        """Return a value by its path, None where the result has none."""
        found: Any = self.values
        for key in path.split("/"):
            if not isinstance(found, Mapping) or key not in found:
                return None
            found = found[key]
        return found

    def quote(self, path: str) -> str:
        """Return the reference that a document quotes the figure by, with its interval."""
        if self.find(path) is None:
            return "-"
        text = f"{{{self.file}:{path}|.3f}}"
        bounds = self._bounds(path)
        if bounds:
            low, high = (f"{{{self.file}:{bound}|.3f}}" for bound in bounds)
            text += f" ({low} to {high})"
        return text

    def _bounds(self, path: str) -> tuple[str, str] | None:
        if path.endswith("/mean"):
            stem = path.removesuffix("mean")
            return f"{stem}low", f"{stem}high"
        parts = path.split("/")
        name = f"{parts[2]} {parts[1]}" if len(parts) == 3 else path
        found = self.values.get("intervals", {})
        return (f"intervals/{name}/0", f"intervals/{name}/1") if name in found else None


def results(network: Network) -> tuple[Result, ...]:
    """Return the results of a network that are there, of a form that the page knows."""
    paths = (FOLDER / f"{name}.json" for name in network.figures)
    found = (Result(path.stem, read(path).values) for path in paths if path.is_file())
    return tuple(result for result in found if result.told)


def page() -> str:
    """Return the page, its quotes filled in."""
    parts = [TEXT.read_text(encoding="utf-8").rstrip()]
    shown = [(network, found) for network in registry.networks() if (found := results(network))]
    parts.append("## In short\n\n" + _summary(shown))
    parts += [section(network, found) for network, found in shown]
    parts.append(BEYOND.read_text(encoding="utf-8").rstrip())
    return written("\n\n".join(parts) + "\n")


def section(network: Network, found: tuple[Result, ...]) -> str:
    """Return what the page says of one network."""
    lines = [
        f"## {network.name}",
        f"{network.title}. <!-- stated: published -->{network.citation}. Claim: "
        f"{network.claim or 'none; a design of our own'}.<!-- /stated -->",
    ]
    if network.card:
        lines.append(f"Data, protocol, limits: [its card](../{network.card}).")
    rows = [f"| {name} | {' | '.join(cells)} |" for name, cells in _rows(network, found)]
    heads = " | ".join(["", "claim", *(f"ours, {one.split}" for one in found)])
    sources = [f"{one.split}: {{{one.file}:@source}}" for one in found]
    seeds = [
        f"seed {one.values['seed']}, weights trained at commit {one.values['trained_at']}"
        if "seed" in one.values and "trained_at" in one.values
        else ""
        for one in found
    ]
    told = [f"{a}; {b}." if b else f"{a}." for a, b in zip(sources, seeds, strict=True)]
    notes = [note for one in found for note in one.values.get("notes", ())]
    table = [f"| {heads} |".replace("|  |", "| |"), "|---" * (2 + len(found)) + "|", *rows]
    lines.append(
        "<!-- figures\n" + "\n".join([*table, "", *told, *notes]) + "\n-->\n<!-- /figures -->"
    )
    if network.claimed:
        lines.append(against_claims(network, found[0]))
    lines += [
        f"![{network.name}, {one.split}: {words}](images/{name})"
        for one in found
        for ending, words in PICTURES.items()
        if (IMAGES / (name := f"{one.file.replace('zoo-', 'results-', 1)}{ending}.png")).is_file()
    ]
    return "\n\n".join(lines)


def against_claims(network: Network, result: Result) -> str:
    """Return which claims the result on the authors' own split does not reach, as they round it."""
    missed = []
    for path, claim in network.claimed.items():
        value = result.find(path)
        decimals = len(f"{claim:g}".partition(".")[2])
        if value is not None and round(float(value), max(decimals, 2)) < claim:
            missed.append(_words(path))
    if not missed:
        return f"Every claim is reached on the split {result.split}."
    return f"Below the claim on the split {result.split}: {'; '.join(missed)}."


def _words(path: str) -> str:
    if path in WORDS:
        return WORDS[path]
    _, name, part = path.split("/")
    return f"{name}, {part}".replace(", f1", ", F1").replace(", auc", ", AUC")


def _rows(network: Network, found: tuple[Result, ...]) -> Iterator[tuple[str, list[str]]]:
    for path, words in WORDS.items():
        yield from _row(network, found, path, words)
    for kind in ("classes", "labels"):
        names = dict.fromkeys(
            name
            for one in found
            if isinstance(one.values.get(kind), Mapping)
            for name in one.values[kind]
        )
        for name in names:
            for part in PARTS:
                path = f"{kind}/{name}/{part}"
                yield from _row(network, found, path, _words(path))


def _row(
    network: Network, found: tuple[Result, ...], path: str, words: str
) -> Iterator[tuple[str, list[str]]]:
    cells = [one.quote(path) for one in found]
    if set(cells) != {"-"}:
        claim = network.claimed.get(path)
        yield words, ["-" if claim is None else f"{claim:g}", *cells]


def _summary(shown: list[tuple[Network, tuple[Result, ...]]]) -> str:
    lines = ["| network | figure | claim | split | ours |", "|---|---|---|---|---|"]
    for network, found in shown:
        path = next((p for p in network.claimed if any(one.find(p) for one in found)), None)
        path = path or next(p for p in WORDS if any(one.find(p) is not None for one in found))
        for one in found:
            claim = network.claimed.get(path)
            cells = (
                network.name,
                WORDS.get(path, path),
                "-" if claim is None else f"{claim:g}",
                one.split,
                one.quote(path),
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "<!-- figures\n" + "\n".join(lines) + "\n-->\n<!-- /figures -->"


def main() -> int:
    """Write or check the page; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args().check
    now = page()
    stale = not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != now
    if stale and not check:
        PAGE.write_text(now, encoding="utf-8")
    print("docs/RESULTS.md:", ("stale" if check else "written") if stale else "as the figures are")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
