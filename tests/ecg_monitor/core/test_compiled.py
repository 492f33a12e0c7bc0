"""Compiled code serves every user of the machine: who starts first finds what set-up has made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from ecg_monitor.core import compiled
from ecg_monitor.core.settings import Settings
from tests.support.places import ROOT


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A program that is installed below here, and a user without anything compiled."""
    monkeypatch.setattr(compiled, "SHARED", tmp_path / "installed")
    monkeypatch.setattr(compiled, "load", lambda: Settings(cache=str(tmp_path / "user")))
    return tmp_path


def made(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def test_a_new_user_begins_with_what_was_installed(installed: Path) -> None:
    made(compiled.SHARED / compiled.sources_digest(), "engine/kernel.nbi", "compiling")
    own = Path(compiled.cache_folder())
    assert own.is_relative_to(installed / "user")
    assert [path.name for path in own.rglob("*.nbi")] == ["kernel.nbi"]
    assert not (own / "compiling").exists(), "nobody compiles there"
    assert list(own.parent.iterdir()) == [own], "nothing is left of the copying"


def test_what_a_user_has_compiled_stays(installed: Path) -> None:
    made(compiled.SHARED / compiled.sources_digest(), "theirs")
    own = made(installed / "user" / "numba" / compiled.sources_digest(), "mine")
    assert compiled.cache_folder() == str(own)
    assert [path.name for path in own.iterdir()] == ["mine"]


@pytest.mark.parametrize("installs", [(), ("of/other/sources",)])
def test_where_nothing_fits_all_is_compiled(installed: Path, installs: tuple[str, ...]) -> None:
    made(compiled.SHARED, *installs)
    assert not Path(compiled.cache_folder()).exists()


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(installed: Path) -> None:
    made(compiled.SHARED / compiled.sources_digest(), "engine/kernel.nbi")
    made(installed, "user")  # a file where the folder would be
    assert compiled.cache_folder() == str(installed / "user" / "numba" / compiled.sources_digest())


def test_who_installs_shares_and_what_was_shared_before_goes(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = made(
        installed / "user" / "numba" / compiled.sources_digest(), "engine/kernel.nbi", "compiling"
    )
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(own))
    monkeypatch.setattr(sys, "base_prefix", "/elsewhere")
    made(compiled.SHARED, "former/engine/kernel.nbi")
    folder = compiled.share()
    assert folder is not None
    assert list(compiled.SHARED.iterdir()) == [folder]
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["kernel.nbi"]


def test_nothing_is_laid_into_an_interpreter_that_others_use(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(made(installed / "own", "x")))
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    assert compiled.share() is None
    assert not compiled.SHARED.exists()


def test_many_who_come_at_once_all_find_it_whole(installed: Path) -> None:
    made(compiled.SHARED / compiled.sources_digest(), *(f"engine/{n}.nbi" for n in range(50)))
    code = (
        "import os; from pathlib import Path; from ecg_monitor.core import compiled;"
        f"compiled.SHARED = Path({str(compiled.SHARED)!r});"
        f"os.environ['ECG_CACHE'] = {str(installed / 'crowd')!r};"
        "folder = Path(compiled.cache_folder());"
        "print(len(list(folder.rglob('*.nbi'))))"
    )
    crowd = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    assert [one.communicate()[0] for one in crowd] == [b"50\n"] * 4


@compiled.njit
def doubled(rows: npt.NDArray[np.float64]) -> float:
    """Double each row in place through views of it; return the sum."""
    rows = compiled.lent(rows)
    total = 0.0
    for i in range(rows.shape[0]):
        row = rows[i]
        for j in range(row.size):
            row[j] *= 2.0
            total += row[j]
    return total


def test_what_is_lent_is_the_array_itself_and_stays_its_owners() -> None:
    rows = np.arange(6.0).reshape(2, 3)
    part = rows[:, 1:]  # not contiguous
    held = sys.getrefcount(rows)
    assert doubled(rows) == 30.0
    assert doubled(part) == 4.0 * (1 + 2 + 4 + 5)
    np.testing.assert_array_equal(rows, [[0, 4, 8], [6, 16, 20]])
    assert sys.getrefcount(rows) == held, "as many refer to it as before"
