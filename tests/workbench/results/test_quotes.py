"""Quotes of figures in documents."""

import pytest

from workbench.results import quotes
from workbench.results.figures import Figures, FiguresError

VALUES = {
    "mean_ms": -0.25,
    "se": 0.99876,
    "rows": [{"n": 12345}],
    "log": {"columns": ["leads", "F1"], "rows": [["first", "95.0"], ["both", "96.8"]]},
}


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    one = Figures("abc", "2026-11-28", None, "ecg-monitor evaluate ludb/", (), VALUES)

    def figures(name):
        if name != "waves":
            raise FiguresError(f"{name}: no figures")
        return one

    monkeypatch.setattr(quotes, "figures", figures)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("waves:mean_ms|.1f", "-0.2"),
        ("waves:se|.2p", "99.88"),
        ("waves:rows/0/n|,", "12,345"),
        ("waves:rows/0/n", "12345"),
        ("waves:log|table", "| leads | F1 |\n| --- | --- |\n| first | 95.0 |\n| both | 96.8 |"),
        ("waves:@date", "2026-11-28"),
        ("waves:@source", "`ecg-monitor evaluate ludb/`, 2026-11-28, commit abc"),
    ],
)
def test_a_reference_is_written_in_its_format(reference, expected):
    assert quotes.quote(reference) == expected


@pytest.mark.parametrize(
    "reference",
    [
        "other:se",
        "waves:sp",
        "waves:rows/1/n",
        "waves:rows/x",
        "waves:mean_ms|table",
        "waves:log|.1f",
    ],
)
def test_what_does_not_exist_or_does_not_fit_is_an_error(reference):
    with pytest.raises(FiguresError):
        quotes.quote(reference)


def test_stale_quotes_are_written_anew_and_the_rest_is_left():
    text = (
        "QRS <!-- =waves:se|.1p -->99.1<!-- / --> %, by hand 1.5\n\n"
        "<!-- figures\n| a | {waves:mean_ms|.1f} |\n-->\n| a | 7 |\n<!-- /figures -->\n"
    )
    now = quotes.written(text)
    assert now == (
        "QRS <!-- =waves:se|.1p -->99.9<!-- / --> %, by hand 1.5\n\n"
        "<!-- figures\n| a | {waves:mean_ms|.1f} |\n-->\n| a | -0.2 |\n<!-- /figures -->\n"
    )
    assert quotes.written(now) == now


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("F1 is 95.0 here", ["1: F1 is 95.0 here"]),
        ("one\ntwo 97 %", ["2: two 97 %"]),
        ("<!-- =waves:se|.1p -->99.9<!-- / --> and `0.95` and\n```\n0.5\n```", []),
        ("<!-- figures\n{waves:se}\n-->\n0.99\n<!-- /figures -->", []),
        ("<!-- stated: goal -->at least 97 %<!-- /stated --> reached 96.1", ["1: reached 96.1"]),
        ("2026-11-28, 48 records, v1.2.3, [a](0.5/x.md)", []),
    ],
)
def test_scores_outside_of_quotes_are_found(text, found):
    assert quotes.unquoted(text) == found


def test_a_statement_tells_its_kind():
    text = (
        "<!-- stated: look, of 2026 -->1.0<!-- /stated --> <!-- stated: goal -->2.0<!-- /stated -->"
    )
    assert quotes.kinds_of_statements(text) == {"look", "goal"}


def test_documents_are_checked_and_written(monkeypatch, tmp_path, capsys):
    document = tmp_path / "page.md"
    document.write_text("<!-- =waves:se|.1p -->1.0<!-- / --> %\n")
    monkeypatch.setattr(quotes, "ROOT", tmp_path)
    monkeypatch.setattr(quotes, "DOCUMENTS", ("page.md",))
    monkeypatch.setattr("sys.argv", ["quotes", "--check"])
    assert quotes.main() == 1
    assert "1.0" in document.read_text()
    monkeypatch.setattr("sys.argv", ["quotes"])
    assert quotes.main() == 0
    assert document.read_text() == "<!-- =waves:se|.1p -->99.9<!-- / --> %\n"
    monkeypatch.setattr("sys.argv", ["quotes", "--check"])
    assert quotes.main() == 0
    assert "stale: none" in capsys.readouterr().out
