"""The sources speak plainly: docstrings stand alone, classes are nouns of the field.

`SPOKEN` lists all packages of the product and the workbench; a new one joins it at once.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
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
    "Acknowledged",
    "Annotated",
    "Asked",
    "Away",
    "Brought",
    "Elsewhere",
    "Exported",
    "Fetched",
    "Fetching",
    "Folded",
    "Followed",
    "Found",
    "Gathered",
    "Happens",
    "Heard",
    "Hearing",
    "Judged",
    "Kept",
    "Lasting",
    "Leaving",
    "Looks",
    "Noted",
    "Now",
    "Opened",
    "Overlooked",
    "Packed",
    "Placed",
    "Posting",
    "Prepared",
    "Published",
    "Raised",
    "Reading",
    "Reasoned",
    "Received",
    "Reviewed",
    "Said",
    "Scaled",
    "Scored",
    "Sealed",
    "Seen",
    "Sees",
    "Surveyed",
    "Taken",
    "Told",
    "Unsaved",
    "Unwatched",
    "Waits",
    "What",
    "Why",
    "Wishes",
}
"""Names of classes that say what was or is done to a thing, or ask for it, and not what it is."""
NEIGHBOURS = re.compile(r"\w+ (it|them|this|these|those)( \w+){0,7}\.")
"""A sentence that names no thing: who reads it alone does not know what it is about."""
Tree = tuple[str, ast.Module]
Rule = Callable[[Tree], Iterator[str]]


def trees() -> Iterator[Tree]:
    for package in SPOKEN:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            yield name, ast.parse(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sources() -> list[Tree]:
    """All files of those packages, parsed: not at collection, which every worker does."""
    return list(trees())


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


def faults_of_docstrings(tree: Tree) -> Iterator[str]:
    for line, text in docstrings(tree[1]):
        if text.startswith(("...", "…")):
            yield f"{tree[0]}:{line} continues a neighbour"
        elif text.lstrip()[:1].islower():
            yield f"{tree[0]}:{line} begins within a sentence: {text[:40]!r}"


def faults_of_pronouns(tree: Tree) -> Iterator[str]:
    for node in ast.walk(tree[1]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node) or ""
            if NEIGHBOURS.match(text):
                yield f"{tree[0]}:{node.lineno} names no thing: {text[:40]!r}"


def faults_of_classes(tree: Tree) -> Iterator[str]:
    for node in ast.walk(tree[1]):
        if isinstance(node, ast.ClassDef) and node.name.lstrip("_") in DIALECT:
            yield f"{tree[0]}:{node.lineno} {node.name} says what was done to a thing"


def faults_of_splats(tree: Tree) -> Iterator[str]:
    for node in ast.walk(tree[1]):
        if isinstance(node, ast.Starred) and is_names(node.value):
            yield f"{tree[0]}:{node.lineno} write the words as they are, with `# fmt: skip`"


RULES = {
    "docstrings stand alone": faults_of_docstrings,
    "docstrings name things": faults_of_pronouns,
    "classes are named after things": faults_of_classes,
    "words are not unpacked to save lines": faults_of_splats,
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_sources_speak_plainly(sources: list[Tree], rule: Rule) -> None:
    faults = [fault for tree in sources for fault in rule(tree)]
    assert faults == [], "\n".join(faults)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_sees_what_it_forbids(rule: Rule) -> None:
    code = 'A = 1\n"""... and more."""\nclass Told: ...\nB = {*("a", "b"), "c"}\n'
    code += 'def f():\n    """Return it as JSON."""\n'
    assert len(list(rule(("made up", ast.parse(code))))) == 1


def test_every_package_is_there(sources: list[Tree]) -> None:
    for package in SPOKEN:
        assert any(name.startswith(package + "/") for name, _ in sources), package
    assert len(sources) > 150
