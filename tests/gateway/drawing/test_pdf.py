"""Text of a PDF: letters of Arabic, letters that no font has, and no font at all."""

import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from ecg_monitor.core.errors import ExportError
from gateway.drawing.fonts import Font, find_font
from gateway.drawing.pdf import PdfSheet

ARABIC = "تقرير تخطيط القلب"
PDFTOTEXT = shutil.which("pdftotext")
FOUND = find_font()


def latin(tmp_path: Path) -> Font:
    return find_font(places=[str(tmp_path)])


@pytest.mark.skipif(not FOUND.has_arabic, reason="no font with Arabic letters is installed")
@pytest.mark.skipif(PDFTOTEXT is None, reason="pdftotext (poppler-utils) is not installed")
def test_text_can_be_selected_in_every_language(tmp_path):
    sheet = PdfSheet(tmp_path / "a.pdf", FOUND, title=ARABIC)
    lines = (ARABIC, "Fréquence cardiaque : 77 /min", "25 mm/s · 10 mm/mV")
    for i, line in enumerate(lines):
        sheet.text(100, 20 + 10 * i, line, align="centre", rtl=line == ARABIC)
    assert 20 < sheet.text_width(ARABIC, size=10) < 40
    sheet.save()
    assert b"ASCII85Decode" not in (tmp_path / "a.pdf").read_bytes()  # a quarter larger, and slow
    done = subprocess.run([PDFTOTEXT, "a.pdf", "-"], cwd=tmp_path, check=True, capture_output=True)
    told = unicodedata.normalize("NFKC", done.stdout.decode())
    for line in lines:
        assert line in told


def test_without_a_font_for_arabic_latin_is_written_and_arabic_refused(tmp_path):
    font = latin(tmp_path)
    assert not font.has_arabic
    sheet = PdfSheet(tmp_path / "a.pdf", font, title="x")
    sheet.text(10, 10, "Fréquence ≥ 2 s, œdème, 中")  # what it lacks becomes a question mark
    with pytest.raises(ExportError, match="no font with Arabic letters was found; install DejaVu"):
        sheet.text(10, 20, ARABIC)
    with pytest.raises(ExportError, match="has neither DejaVuSans"):
        find_font(str(tmp_path))


def test_a_font_that_is_named_is_taken(tmp_path):
    own = latin(tmp_path)
    shutil.copy(own.regular, tmp_path / "DejaVuSans.ttf")
    shutil.copy(own.bold, tmp_path / "DejaVuSans-Bold.ttf")
    assert find_font(str(tmp_path)).regular == tmp_path / "DejaVuSans.ttf"
