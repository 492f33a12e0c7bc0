"""The sizes of rooms and modules, and that processes are where ARCHITECTURE.md says.

Who may import whom is import-linter's (``make lint``; contracts in pyproject.toml).
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ecg_monitor.cli import COMMANDS
from ecg_monitor.core.compiled import sources
from tests.support.places import ROOT

PACKAGES = (
    *("ecg_monitor", "ingest", "simulator", "models", "detector"),
    *("heartbeats", "dashboard", "gateway", "workbench"),
)
HEAVY = {
    "ray",
    "numba",
    "scipy",
    "torch",
    "onnx",
    "onnxruntime",
    "wfdb",
    "dash",
    "pandas",
    "matplotlib",
}
MOST_MODULES = 12
MOST_LINES = 400
MOST_LINES_OF_CORE = 4500


def modules(suffix: str) -> list[Path]:
    """Modules of the product and the workbench, relative to the checkout."""
    return [
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob(f"*.{suffix}"))
        if path.name != "__init__.py"
    ]


def lines(path: Path) -> int:
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("suffix", ["py", "js"])
def test_a_folder_holds_few_modules(suffix):
    folders = [path.parent for path in modules(suffix)]
    full = {str(f): folders.count(f) for f in folders if folders.count(f) > MOST_MODULES}
    assert not full, f"over {MOST_MODULES} modules: make a room of what belongs together"


@pytest.mark.parametrize("suffix", ["py", "js", "css"])
def test_modules_stay_small(suffix):
    long = {str(path): n for path in modules(suffix) if (n := lines(path)) > MOST_LINES}
    assert not long, "a module this long hides two"


def test_files_of_tests_stay_small():
    paths = (path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py"))
    long = {str(path): n for path in paths if (n := lines(path)) > MOST_LINES}
    assert not long, "split it by subject; what both parts use goes to tests/support"


def test_the_core_stays_small():
    assert sum(map(lines, (p for p in modules("py") if p.is_relative_to("ecg_monitor/core")))) <= (
        MOST_LINES_OF_CORE
    )


def test_every_process_of_the_containers_is_in_the_architecture():
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    commands = set(re.findall(r"^    command: \[([a-z]+)", compose, flags=re.MULTILINE))
    assert len(commands) > 5
    table = re.findall(
        r"^\| `?([\w-]+)`? \| `ecg-monitor (\w+)` \| `([\w/]+)` \|",
        (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    rooms = {command: folder for _, command, folder in table}
    assert commands <= set(rooms)
    for command, folder in rooms.items():
        module = COMMANDS[command].module.replace(".", "/")
        assert module.startswith(folder), f"{command} lives in {module}.py"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_answers_without_loading_anything_heavy(command):
    code = (
        "import sys\nfrom ecg_monitor.cli import build_parser\n"
        f"build_parser(only={command!r})\n"
        f"print(sorted(set(m.split('.')[0] for m in sys.modules) & {HEAVY!r}))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert out.stdout.strip() == "[]"


def test_compiled_code_is_built_anew_when_a_source_of_it_changes():
    known = set(sources())
    compiled = {
        ROOT / path for path in modules("py") if "@njit" in (ROOT / path).read_text("utf-8")
    }
    assert compiled
    assert compiled <= known, f"missing in ecg_monitor.core.compiled.SOURCES: {compiled - known}"


OF_NAMED_TUPLES = {"_replace", "_asdict", "_fields", "_make"}
POKES = {
    "_available_connections": "a connection of redis-py is watched as it gives up",
    "_writer": "of the same connection",
    "_disconnected": "aiomqtt does not say when it has noticed that the broker is gone",
    "_lanes": "the state of compiled code, which no part of the product reads",
    "_map": "waitress closes its sockets only with the process",
    "_exit": "public in `os`: ends a forked process without its parent's clean-up",
}
"""Private names that tests reach for all the same, and why."""


def pokes(text: str) -> set[str]:
    """Private names that a program takes from other modules, or from objects not its own."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(ast.Name("self" | "cls") | ast.Call(ast.Name("super"))):
                pass
            case ast.Attribute(attr=name):
                found.add(name)
            case ast.ImportFrom(names=names):
                found |= {alias.name for alias in names}
            case ast.Call(ast.Attribute(attr="setattr"), [_, ast.Constant(str(name)), *_]):
                found.add(name)
    return {name for name in found if re.match(r"_[a-z]", name)} - OF_NAMED_TUPLES


def test_private_names_are_found_however_they_are_taken():
    text = "from a import _b\nself._c\nd._e.f\nd._replace(x=1)\nmonkeypatch.setattr(d, '_g', 1)\n"
    assert pokes(text) == {"_b", "_e", "_g"}


def test_tests_look_at_what_is_public():
    found = {
        str(path.relative_to(ROOT)): names
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if (names := pokes(path.read_text(encoding="utf-8")) - POKES.keys())
    }
    assert not found, "give the product a public name, or test what it does"
