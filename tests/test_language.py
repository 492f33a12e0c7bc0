"""The sources speak plainly: docstrings stand alone, classes are nouns of the field.

`SPOKEN` lists all packages of the product and the workbench; a new one joins it at once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SPOKEN = (
    "dashboard",
    "detector",
    "ecg_monitor",
    "gateway",
    "heartbeats",
    "ingest",
    "models",
    "simulator",
    "workbench",
)
DIALECT = {
    "Asked",
    "Brought",
    "Fetched",
    "Found",
    "Heard",
    "Judged",
    "Noted",
    "Placed",
    "Prepared",
    "Raised",
    "Received",
    "Said",
    "Scored",
    "Seen",
    "Taken",
    "Told",
    "Wishes",
}
"""Names of classes that say what was done to a thing, and not what it is."""
Tree = tuple[str, ast.Module]


def trees() -> Iterator[Tree]:
    for package in SPOKEN:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            yield name, ast.parse(path.read_text(encoding="utf-8"))


TREES = list(trees())


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of each string that stands as a statement of its own: docs of whatever kind."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str() as text)):
                yield node.lineno, text


def is_names(node: ast.expr) -> bool:
    """Whether a literal holds nothing but strings: there is no reason to unpack it."""
    return isinstance(node, ast.Tuple | ast.List | ast.Set) and all(
        isinstance(item, ast.Constant) and isinstance(item.value, str) for item in node.elts
    )


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree[0])
def test_docstrings_stand_alone(tree: Tree) -> None:
    for line, text in docstrings(tree[1]):
        assert not text.startswith(("...", "…")), f"{tree[0]}:{line} continues a neighbour"
        first = text.lstrip()[:1]
        assert not first.islower(), f"{tree[0]}:{line} begins within a sentence: {text[:40]!r}"


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree[0])
def test_classes_are_named_after_things(tree: Tree) -> None:
    names = {node.name for node in ast.walk(tree[1]) if isinstance(node, ast.ClassDef)}
    assert not {name.lstrip("_") for name in names} & DIALECT


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree[0])
def test_words_are_not_unpacked_to_save_lines(tree: Tree) -> None:
    splats = [
        node.lineno
        for node in ast.walk(tree[1])
        if isinstance(node, ast.Starred) and is_names(node.value)
    ]
    assert not splats, f"{tree[0]}:{splats}: write the words as they are, with `# fmt: skip`"


def test_the_rules_see_what_they_forbid() -> None:
    code = 'A = 1\n"""... and more."""\nclass Told: ...\nB = {*("a", "b"), "c"}\n'
    tree = ("made up", ast.parse(code))
    for rule in (
        test_docstrings_stand_alone,
        test_classes_are_named_after_things,
        test_words_are_not_unpacked_to_save_lines,
    ):
        with pytest.raises(AssertionError):
            rule(tree)


def test_every_package_is_there() -> None:
    for package in SPOKEN:
        assert any(name.startswith(package + "/") for name, _ in TREES), package
    assert len(TREES) > 150
