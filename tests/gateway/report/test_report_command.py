"""A report in each language of a recording that is analysed, and of one without a heartbeat."""

import re
from pathlib import Path

import pytest

from ecg_monitor.cli import main
from ecg_monitor.ward.words import Words
from gateway.drawing.fonts import find_font
from gateway.report import words


def report(source: Path, output: Path, *options: str) -> int:
    return main(["report", str(source), "--output", str(output), *options])


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_a_report_in_every_language(language, mitdb, tmp_path):
    if language == "ar" and not find_font().has_arabic:
        pytest.skip("no font with Arabic letters is installed")
    path = tmp_path / "a.pdf"
    assert report(mitdb / "208", path, "--end", "15", "--language", language) == 0
    content = path.read_bytes()
    assert content.startswith(b"%PDF-")
    pages = len(re.findall(rb"/Type /Page\b", content))
    assert 2 <= pages <= 6
    assert f"/Lang ({language})".encode() in content


def test_a_flat_line_is_reported_as_such(tmp_path, capsys):
    table = tmp_path / "flat.csv"
    table.write_text("time,II\n" + "".join(f"{n / 250:.3f},0.0\n" for n in range(2500)))
    path = tmp_path / "flat.pdf"
    assert report(table, path) == 0
    assert path.read_bytes().startswith(b"%PDF-")
    assert report(table, path) == 2
    assert "is there already; --force" in capsys.readouterr().err


def test_every_word_is_there_in_every_language():
    found = {name: one for name, one in vars(words).items() if isinstance(one, Words)}
    tables = (words.CLASSES, words.CAPTIONS)
    everything = [*found.values(), *words.QUALITIES, *(w for one in tables for w in one.values())]
    assert len(everything) > 50
    for one in everything:
        assert all((one.en, one.fr, one.ar))
        places = [set(re.findall(r"\{(\w+)\}", text)) for text in (one.en, one.fr, one.ar)]
        assert places[0] == places[1] == places[2]
