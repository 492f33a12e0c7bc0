"""What is counted as code, and which chains and circles of imports are found."""

from __future__ import annotations

import doctest
from pathlib import Path

from workbench.results import house

PROGRAM = '''"""A module."""

import os  # why


class Thing:
    """A thing."""

    size: int
    """How large it is."""

    def act(self) -> str:
        """Act."""
        # first
        return """
a text
"""
'''


def test_the_examples_in_the_docstrings() -> None:
    outcome = doctest.testmod(house)
    assert (outcome.failed, outcome.attempted) == (0, 4)


def test_lines_of_code_are_neither_comments_nor_docstrings() -> None:
    assert house.lines_of_python(PROGRAM) == len(
        ["import", "class", "size", "def", "return", "a text", "end of text"]
    )


def test_a_folder_is_counted_with_its_scripts(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "a.py").write_text("x = 1\n\n# y\n", encoding="utf-8")
    (tmp_path / "below" / "b.py").write_text("x = 1\ny = 2\n", encoding="utf-8")
    (tmp_path / "c.js").write_text("// x\nlet x = 1;\n", encoding="utf-8")
    (tmp_path / "d.css").write_text("/* x\n y */\np {\n}\n", encoding="utf-8")
    assert house.count(tmp_path) == (2, 3, 3)


def test_several_circles_are_told_apart() -> None:
    imports = {"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"e"}, "e": {"c", "a"}, "f": set()}
    assert house.circles(imports) == [["a", "b"], ["c", "d", "e"]]


def test_the_longest_chain_is_not_the_first() -> None:
    imports = {"a": {"z", "b"}, "b": {"c"}, "c": {"z"}, "z": set(), "y": {"z"}}
    assert house.longest_chain(imports) == ["a", "b", "c", "z"]
