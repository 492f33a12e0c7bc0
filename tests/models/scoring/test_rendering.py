"""The report on a terminal and as a page."""

import io
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from models.scoring import Beats, Case, Report, evaluate, render_html, render_table

VOID = {"meta", "br", "rect", "line"}


def _case(name: str, reference: str, test: str) -> Case:
    at = range(120_000, 120_000 + 360 * len(reference), 360)
    return Case(name, Beats.from_labels(at, reference), Beats.from_labels(at, test), 360.0, 1800.0)


@pytest.fixture
def report() -> Report:
    return evaluate(
        [_case("100", "NNVS", "NNVN"), _case("<&>", "NVVN", "VVNN"), _case("102", "Q", "N")]
    )


class Outline(HTMLParser):
    """Checks that elements nest, and notes what they are."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        # An SVG rect holds a title in places, and is empty in others ("/>").
        if tag not in VOID or (tag == "rect" and not self.get_starttag_text().endswith("/>")):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _terminal(report: Report) -> str:
    console = Console(file=io.StringIO(), width=140)
    console.print(render_table(report))
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_table_has_records_gross_and_average(report: Report) -> None:
    lines = _terminal(report).splitlines()
    rows = {cells[0].strip(): cells for line in lines if (cells := line.strip("│┃ ").split("│"))}

    assert {"100", "<&>", "102 *", "gross", "average"} <= set(rows)
    cells = [cell.strip() for cell in rows["gross"]]
    assert cells[1:7] == ["100.00", "100.00", "100.00", "66.67", "66.67", "66.67"]
    assert [cell.strip() for cell in rows["102 *"]][4] == "\N{EN DASH}"


def test_table_of_no_records() -> None:
    assert "average" in _terminal(evaluate([]))


def test_page_nests_and_escapes(report: Report) -> None:
    page = render_html(report)
    outline = Outline()
    outline.feed(page)
    outline.close()

    assert outline.open == []
    assert outline.seen.count("svg") == 4
    assert "<&>" in outline.text
    assert "<&>" not in page
    assert "66.67" in page


def test_page_needs_nothing_beside_it(report: Report) -> None:
    page = render_html(report)

    assert not re.search(r"https?://|src=|href=|url\(|@import|<script", page)


def test_page_without_ectopic_beats_leaves_their_figures_out() -> None:
    page = render_html(evaluate([_case("100", "NNN", "NNN")]))

    assert "SVEB per record" not in page
    assert page.count("<svg") == 2


def test_page_of_no_records() -> None:
    assert "0 records" in render_html(evaluate([]))
