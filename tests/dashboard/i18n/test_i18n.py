"""Every text that people read is in every catalogue, and nothing else is."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from dashboard.i18n import messages as i18n
from dashboard.i18n.messages import LANGUAGES, catalogue, direction, translate
from dashboard.web.pages import PAGES

DASHBOARD = Path(i18n.__file__).parents[1]
FOREIGN = sorted(set(LANGUAGES) - {"en"})
# CLDR, cardinal numbers.
PLURALS = {"fr": {"one", "many", "other"}, "ar": {"zero", "one", "two", "few", "many", "other"}}

TEXT = r'"((?:[^"\\\n]|\\.)*)"'
CALL = re.compile(r"(?<![\w.])t\(\s*[\"'`]")  # a variable is a text that a server sent
ONE = re.compile(rf"(?<![\w.])t\(\s*{TEXT}\s*[,)]")
COUNT_CALL = re.compile(r"(?<![\w.])tn\(\s*(?=\S)")
COUNT = re.compile(rf"(?<![\w.])tn\(\s*{TEXT},\s*{TEXT},")
PYTHON_CALLS = {"translate", "titled"}


def scripts() -> Iterator[tuple[Path, str]]:
    for path in sorted(DASHBOARD.rglob("*.js")):
        code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        code = re.sub(r"(?m)(^|\s)//.*$", "", code)
        if path.name != "i18n.js":  # the functions themselves
            yield path, code


def literal(text: str) -> str:
    return str(orjson.loads(f'"{text}"'))


def used() -> tuple[set[str], set[str]]:
    """Texts that are shown, and those of them that depend on a count."""
    plain: set[str] = set()
    counted: set[str] = set()
    for _, code in scripts():
        plain |= {literal(text) for text in ONE.findall(code)}
        counted |= {literal(many) for _, many in COUNT.findall(code)}
    for path in DASHBOARD.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in PYTHON_CALLS and isinstance(node.args[0], ast.Constant):
                plain.add(str(node.args[0].value))
    return plain | {page.title for page in PAGES.values()}, counted


def of_python() -> re.Pattern[str]:
    """What Python modules may say: errors, for one, are translated where they are shown."""
    found = set()
    for package in (DASHBOARD, DASHBOARD.parent / "ecg_monitor", DASHBOARD.parent / "gateway"):
        for path in package.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(re.escape(node.value))
                elif isinstance(node, ast.JoinedStr):
                    found.add("".join(pattern(part) for part in node.values))
    return re.compile("|".join(f"(?:{one})" for one in found if len(one) > 2), re.IGNORECASE)


def pattern(part: ast.expr) -> str:
    """A part of a formatted text: itself, or anything."""
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"


def places(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def forms(translation: Any) -> list[str]:
    return [translation] if isinstance(translation, str) else list(translation.values())


@pytest.mark.parametrize("language", FOREIGN)
def test_every_text_is_translated(language: str) -> None:
    plain, counted = used()
    known = catalogue(language)
    assert len(plain) > 60
    missing = sorted((plain | counted) - known.keys())
    assert not missing, "\n".join(missing)
    wrong = [text for text in plain - counted if not isinstance(known[text], str)]
    assert not wrong, f"translated per count, but shown without: {wrong}"


@pytest.mark.parametrize("language", FOREIGN)
def test_no_translation_is_left_over(language: str) -> None:
    plain, counted = used()
    spoken = of_python()
    left = catalogue(language).keys() - plain - counted
    assert sorted(text for text in left if not spoken.fullmatch(text)) == []


@pytest.mark.parametrize("language", FOREIGN)
def test_translations_have_the_places_of_their_text(language: str) -> None:
    for text, translation in catalogue(language).items():
        for form in forms(translation):
            assert form.strip() == form != "", text
            # "one bed" need not say 1, nor Arabic's dual 2.
            needed = set(places(text)) - ({"n"} if isinstance(translation, dict) else set())
            assert needed <= set(places(form)) <= set(places(text)), text


@pytest.mark.parametrize("language", FOREIGN)
def test_counted_texts_have_every_plural_form(language: str) -> None:
    _, counted = used()
    for text in counted & catalogue(language).keys():
        translation = catalogue(language)[text]
        assert isinstance(translation, dict), text
        assert set(translation) == PLURALS[language], text


def test_texts_are_literal() -> None:
    """A text that is put together at run time would be in no catalogue."""
    for path, code in scripts():
        assert len(CALL.findall(code)) == len(ONE.findall(code)), f"{path.name}: t() of no literal"
        assert len(COUNT_CALL.findall(code)) == len(COUNT.findall(code)), f"{path.name}: tn()"


def test_arabic_is_written_in_arabic() -> None:
    for text, translation in catalogue("ar").items():
        words = re.sub(r"\{\w+\}", "", text)
        if text != "ecg-monitor" and re.search(r"[a-z]{4}", words):  # no unit, nor such as RMSSD
            for form in forms(translation):
                assert re.search(r"[\u0600-\u06ff]", form), text


def test_translate_fills_places_and_falls_back() -> None:
    assert translate("Beds", "ar") == "الأسرّة"
    assert translate("unknown to all: {x}", "fr", x=3) == "unknown to all: 3"
    assert translate("Beds", "en") == "Beds"


def test_direction() -> None:
    assert [direction(language) for language in ("en", "fr", "ar")] == ["ltr", "ltr", "rtl"]


def test_files_that_contradict_one_another_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xx").mkdir()
    (tmp_path / "xx" / "a.json").write_text('{"Bed": "Lit"}')
    (tmp_path / "xx" / "b.json").write_text('{"Bed": "Couche"}')
    monkeypatch.setattr(i18n, "_LOCALE", tmp_path)
    with pytest.raises(ValueError, match="unlike another file"):
        catalogue("xx")
