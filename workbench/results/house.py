"""Measures the house: lines of code per package, the longest chain of imports, circles (none).

A line of code holds something else than white space, a comment or a docstring; of scripts and style
sheets, something else than white space or a comment. An import counts wherever it stands, in a
function as well; those that only mypy reads do not.

  python -m workbench.results.house                      print
  python -m workbench.results.house --figures FILE       and write the figures that are quoted
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from workbench.results import figures
from workbench.results.figures import ROOT

PACKAGES = (
    "workbench", "gateway", "dashboard", "heartbeats", "detector", "ingest", "simulator", "models",
    "ecg_monitor",
)  # fmt: skip
"""From the top of the house to its foundation."""
TESTS = "tests"
_NO_CODE = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    *(tokenize.ENDMARKER, tokenize.ENCODING),
}
_COMMENTS = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)

Imports = Mapping[str, set[str]]
"""What each module imports."""


def lines_of_python(text: str) -> int:
    r"""Return how many lines of a program hold code.

    >>> lines_of_python("'Says what.'\n\nX = 1  # why\n# what\nY = (\n    2\n)\n")
    4
    """
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    described: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        body = node.body if isinstance(node, documented) else []
        for statement in body:  # of attributes and constants as well
            text_alone = isinstance(statement, ast.Expr) and isinstance(
                getattr(statement.value, "value", None), str
            )
            if text_alone:
                described |= set(range(statement.lineno, (statement.end_lineno or 0) + 1))
    held: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NO_CODE:
            held |= set(range(token.start[0], token.end[0] + 1))
    return len(held - described)


def lines_of_script(text: str) -> int:
    r"""Return how many lines of a script or a style sheet hold code.

    >>> lines_of_script("// what\n/** why\n */\nlet x = 1; // so\n\n")
    1
    """
    return sum(bool(line.strip()) for line in _COMMENTS.sub("", text).splitlines())


def count(folder: Path) -> tuple[int, int, int]:
    """Return a folder's Python modules, their lines of code, and those of scripts and styles."""
    modules = sorted(folder.rglob("*.py"))
    pages = [path for ending in ("js", "css") for path in sorted(folder.rglob(f"*.{ending}"))]
    return (
        len(modules),
        sum(lines_of_python(path.read_text(encoding="utf-8")) for path in modules),
        sum(lines_of_script(path.read_text(encoding="utf-8")) for path in pages),
    )


def imports_of(packages: Sequence[str]) -> dict[str, set[str]]:
    """Return what each module of some packages imports from them."""
    import grimp  # noqa: PLC0415 - import-linter brings it, which is for development alone

    graph = grimp.build_graph(
        packages[0], *packages[1:], exclude_type_checking_imports=True, cache_dir=None
    )
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def circles(imports: Imports) -> list[list[str]]:
    """Return the groups of modules that import one another, each sorted.

    >>> circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}})
    [['b', 'c']]
    """
    reached = {module: _reached(imports, module) for module in imports}
    groups = {
        tuple(sorted(other for other in found if module in reached[other]))
        for module, found in reached.items()
    }
    return sorted(list(group) for group in groups if group)


def _reached(imports: Imports, module: str) -> set[str]:
    """Return everything that a module imports, by whatever way."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        new = imports[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def longest_chain(imports: Imports) -> list[str]:
    """Return the longest chain in which each module imports the next; there must be no circles.

    >>> longest_chain({"a": {"b", "c"}, "b": {"c"}, "c": set()})
    ['a', 'b', 'c']
    """

    @cache
    def below(module: str) -> tuple[str, ...]:
        chains = [below(one) for one in sorted(imports[module])]
        return (module, *(sorted(chains, key=len)[-1] if chains else ()))

    sys.setrecursionlimit(max(sys.getrecursionlimit(), 4 * len(imports)))
    chains = [below(module) for module in sorted(imports)]
    return list(sorted(chains, key=len)[-1])


def measured() -> dict[str, Any]:
    """Return the figures of the house, JSON-ready."""
    rows = dict(_rows())
    totals = [sum(row[i] for name, row in rows.items() if name != TESTS) for i in range(3)]
    imports = imports_of(PACKAGES)
    found = circles(imports)
    chain = longest_chain(imports) if not found else []
    columns = ["package", "modules", "lines of Python", "lines of scripts and styles"]
    return {
        "table": {
            "columns": columns,
            "rows": [
                *([f"`{name}`", *map(str, row)] for name, row in rows.items()),
                ["all but the tests", *map(str, totals)],
            ],
        },
        "circles": len(found),
        "in_circles": found,
        "chain": len(chain),
        "chain_names": chain,
    }


def _rows() -> Iterator[tuple[str, tuple[int, int, int]]]:
    for package in (*PACKAGES, TESTS):
        yield package, count(ROOT / package)


def main() -> int:
    """Print the figures; returns the exit status, 1 if there is a circle."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figures", type=Path, metavar="FILE", help="write the figures as JSON")
    args = parser.parse_args()
    values = measured()
    table = values["table"]
    for cells in (table["columns"], *table["rows"]):
        print(f"{cells[0]:32}" + "".join(f"{cell:>28}" for cell in cells[1:]))
    print(f"circles: {values['circles']}", *values["in_circles"])
    print(f"longest chain of imports, {values['chain']} modules:")
    print(" > ".join(values["chain_names"]))
    if args.figures:
        figures.write(args.figures, values)
    return 1 if values["circles"] else 0


if __name__ == "__main__":
    sys.exit(main())
