"""No module but a kind's rule and the catalogue names a kind of alarm.

A kind that is named elsewhere would have to be remembered when another is added. Of Python, the
text constants are looked at; of scripts, their texts and the keys of their objects. Words of other
vocabularies that happen to be spelled like a kind are listed with what they are.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecg_monitor.ward.alarms.catalogue import KINDS

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("ecg_monitor", "ingest", "models", "detector", "dashboard", "gateway")
"""Not the simulator, whose scenarios name the rhythms that they play, nor the workbench."""
RULES = (
    *("detector/rhythm/rules", "detector/rhythm/waveform", "detector/rhythm/witness"),
    *("detector/rhythm/alarms.py", "detector/runner/watchdog.py", "detector/analyzer/stream.py"),
    "detector/twelve_lead/stemi.py",
)
DECLARATIONS = ("ecg_monitor/ward/alarms/rows", "ecg_monitor/ward/limits/sections")
OTHERS = {
    ("ecg_monitor/core/wire.py", "leadoff"): "a field of a packet",
    ("ecg_monitor/records/formats/text/columns.py", "amplitude"): "a heading of a column",
    ("ecg_monitor/archive/kept/segments.py", "leadoff"): "a field of a packet",
    ("ecg_monitor/ward/signal/strip.py", "leadoff"): "a field of a strip",
    ("ecg_monitor/ward/trends/minute.py", "leadoff"): "a quality of the signal",
    ("ecg_monitor/ward/trends/table.py", "af"): "a column of trends",
    ("ecg_monitor/ward/alerts/handling/command.py", "pause"): "a word of a command",
    ("ecg_monitor/ward/alerts/trail.py", "pause"): "a field of an entry: an audio pause",
    ("ecg_monitor/ward/alerts/handling/actions.py", "pause"): "a script: an audio pause",
    ("detector/engine/state.py", "leadoff"): "a field of a record, a quality of the signal",
    ("models/beats/columns.py", "noise"): "a feature of a beat",
    ("models/beats/quality.py", "noise"): "a feature of a beat",
    ("gateway/study/examples.py", "af"): "a rhythm that the simulator plays",
    ("dashboard/hub/beds/bed.py", "pause"): "a field of a message: an audio pause",
    ("dashboard/assets/base/words.js", "leadoff"): "a quality of the signal",
    ("dashboard/assets/sound/tones.js", "pause"): "seconds between two bursts",
    ("dashboard/assets/stream/bed.js", "leadoff"): "a quality of the signal",
    ("dashboard/assets/stream/ward.js", "pause"): "a field of a message: an audio pause",
}

TEXT = re.compile(r"""(["'`])(\w+)\1""")
KEY = re.compile(r"(?:^|[{,(])\s*(\w+):(?!:)", re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|(?:^|(?<=\s))//[^\n]*", re.DOTALL)


def texts(path: Path) -> Iterator[str]:
    """Whole texts of a module: what code could compare a kind with."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        code = COMMENT.sub("", source)
        yield from (text for _, text in TEXT.findall(code))
        yield from KEY.findall(code)
    else:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def named() -> set[tuple[str, str]]:
    """Modules outside the rules and the catalogue, with the kinds that they name."""
    found = set()
    for package in PRODUCT:
        for path in [*(ROOT / package).rglob("*.py"), *(ROOT / package).rglob("*.js")]:
            module = path.relative_to(ROOT).as_posix()
            if not module.startswith((*RULES, *DECLARATIONS)):
                found |= {(module, text) for text in texts(path) if text in KINDS}
    return found


def test_only_rules_and_the_catalogue_name_kinds() -> None:
    assert sorted(named() - OTHERS.keys()) == []


def test_what_is_excused_is_there() -> None:
    assert sorted(OTHERS.keys() - named()) == []


def test_every_kind_is_raised_by_a_rule() -> None:
    raised = set()
    for place in RULES:
        path = ROOT / place
        for module in [path] if path.suffix else path.rglob("*.py"):
            raised |= set(texts(module))
    assert sorted(KINDS.keys() - raised) == []


@pytest.mark.parametrize(
    ("suffix", "code"),
    [
        (".py", 'if alarm.kind == "vt":\n    pass\n'),
        (".py", 'GRAVE = {"asystole", "vt"}\n'),
        (".py", 'NAMES = {"vt": "Ventricular tachycardia"}\n'),
        (".js", "if (kind === 'vt') beep();\n"),
        (".js", "const NAMES = { vt: 1 };\n"),
        (".js", "const NAMES = {\n  asystole: 1,\n  vt: 1,\n};\n"),
    ],
)
def test_a_kind_that_is_named_is_found(tmp_path: Path, suffix: str, code: str) -> None:
    module = tmp_path / f"module{suffix}"
    module.write_text(code)
    assert "vt" in set(texts(module))


@pytest.mark.parametrize(
    ("suffix", "code"),
    [
        (".py", '"""A run of PVCs, as vt is."""\n# "vt"\nvt = pause(noise)\n'),
        (".js", '// "vt" is a kind\n/* { vt: 1 } */\nconst vt = bed.pause;\n'),
    ],
)
def test_prose_and_names_of_variables_are_free(tmp_path: Path, suffix: str, code: str) -> None:
    module = tmp_path / f"module{suffix}"
    module.write_text(code)
    assert not set(texts(module)) & KINDS.keys()
