"""The walls between the packages, and the size of what stands within them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from ecg_monitor.cli import COMMANDS
from ecg_monitor.compiled import sources

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("ecg_monitor", "ingest", "detector", "models", "dashboard", "simulator")
ALLOWED = {
    "ecg_monitor": set(),
    "ingest": {"ecg_monitor"},
    "detector": {"ecg_monitor", "models"},
    "models": {"ecg_monitor"},
    "dashboard": {"ecg_monitor"},
    "simulator": {"ecg_monitor"},
}
HEAVY = {"numba", "scipy", "torch", "onnx", "onnxruntime", "wfdb", "dash", "pandas", "matplotlib"}


def imports(path: Path) -> set[str]:
    """Top-level packages that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_they_may(package):
    for path in (ROOT / package).rglob("*.py"):
        foreign = imports(path) & set(PACKAGES) - ALLOWED[package] - {package}
        assert not foreign, f"{path.relative_to(ROOT)} imports {sorted(foreign)}"


def test_modules_stay_small():
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            lines = len(path.read_text().splitlines())
            assert lines <= 400, f"{path.relative_to(ROOT)} has {lines} lines: it hides two"


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
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "@njit" in path.read_text()
    }
    assert compiled
    assert compiled <= known, f"missing in ecg_monitor.compiled.SOURCES: {compiled - known}"
