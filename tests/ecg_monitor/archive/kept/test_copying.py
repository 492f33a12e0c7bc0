"""What is sealed is copied to a URL, read back from there, and leaves there by its age alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from ecg_monitor.archive.history import add_recording
from ecg_monitor.archive.kept import elsewhere
from ecg_monitor.archive.kept.copying import Copier, begin_copies
from ecg_monitor.archive.kept.index import Index
from ecg_monitor.archive.kept.terms import Terms, TermsOfUnits
from ecg_monitor.archive.reading import read_interval
from ecg_monitor.archive.retention import clear_out, clear_out_elsewhere
from ecg_monitor.core.errors import ArchiveError, SettingsError
from ecg_monitor.records.recording import BeatMark, Recording
from ecg_monitor.ward.units.sight import UnitBook
from tests.support.archive import DEVICE, FS, T0, arrive, find_beats, packets, recording, signal
from tests.support.waiting import wait_until

DAY_S = 86_400.0


class Unwilling(MemoryFileSystem):
    """A file system that takes and gives nothing while it is told so, or hangs."""

    protocol = "unwilling"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    refuses = False
    hangs: threading.Event | None = None

    def _ask(self) -> None:
        if Unwilling.hangs is not None:
            Unwilling.hangs.wait(60)
        if Unwilling.refuses:
            raise RuntimeError("credentials have expired")

    def pipe_file(self, path: str, value: bytes, **kwargs: Any) -> None:
        self._ask()
        super().pipe_file(path, value, **kwargs)

    def cat_file(self, path: str, start: Any = None, end: Any = None, **kwargs: Any) -> bytes:
        self._ask()
        found: bytes = super().cat_file(path, start, end, **kwargs)
        return found

    def glob(self, path: str, **kwargs: Any) -> Any:
        self._ask()
        return super().glob(path, **kwargs)


fsspec.register_implementation("unwilling", Unwilling, clobber=True)


@pytest.fixture(autouse=True)
def _willing() -> Iterator[None]:
    MemoryFileSystem.store.clear()
    Unwilling.store.clear()
    Unwilling.refuses, Unwilling.hangs = False, None
    yield
    Unwilling.refuses, Unwilling.hangs = False, None


@pytest.fixture(params=["file", "memory", "unwilling"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"file://{tmp_path}/far" if request.param == "file" else f"{request.param}://ward/far"


def files_at(url: str) -> set[str]:
    system, root = fsspec.core.url_to_fs(url)
    found = {name.removeprefix(root) for name in system.find(root)}
    return found - {f"/{elsewhere.MARK}"}


def copying_of(root: Path, index: Index, url: str, days: float = 0.0) -> Copier:
    terms = TermsOfUnits(Terms(days, 0.0))
    copying = Copier(root, index, url, lambda: clear_out_elsewhere(root, index, terms, UnitBook()))
    return copying


async def test_what_has_left_the_disk_is_read_from_the_url(
    redis_client: Any, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "archive"
    made = signal(4000, leads=9)
    elsewhere.keep_url(root, url)
    await arrive(redis_client, packets(made[:, :2000]))
    with recording(redis_client, root) as recorder:
        await recorder.turn()
        await recorder.seal()
        await arrive(redis_client, packets(made[:, 2000:], n0=2000))
        await recorder.turn()
        await recorder.seal()
        index = Index.open(root)
        copying = copying_of(root, index, url)
        assert copying.turn() == 2
        assert copying.turn() == 0
        size = max(row.size for row in index.segments(DEVICE))
        assert clear_out(root, index, days=0, size=size) == 1
        assert len(list(root.rglob("*.hea"))) == 1
        # Found later, of a segment that has left, by a clock that was set back: it goes after it.
        monkeypatch.setattr(time, "time", lambda: 1000.0)
        await find_beats(redis_client, {400: "V", 2400: "N"})
        await recorder.turn()
        await recorder.seal()
        assert copying.turn() == 2
    assert len(list(root.rglob("*.atr"))) == 1
    found = read_interval(root, DEVICE)
    assert np.array_equal(found.recording.samples, made)
    assert found.recording.beats == ((400, "V"), (2400, "N"))
    assert found.notes == ()
    assert len(files_at(url)) == 2 * 4
    assert clear_out(root, index, days=0, size=size) == 0, "what is away takes no space here"
    index.close()


def test_it_leaves_the_url_by_its_age_and_stays_whatever_its_size(tmp_path: Path, url: str) -> None:
    root = tmp_path / "archive"
    made = Recording("made", FS, ("II",), (200.0,), (0.0,), signal(2000, 1), (BeatMark(9, "N"),))
    add_recording(root, DEVICE, made, T0)
    elsewhere.keep_url(root, url)
    index = Index.open(root)
    index.copies.begin()
    index.copies.begin()
    assert copying_of(root, index, url).turn() == 1
    assert clear_out(root, index, days=0, size=1) == 1
    assert not list(root.rglob("*.dat"))
    (row,) = index.segments(DEVICE)
    for now, left in ((row.added + DAY_S - 1, 3), (row.added + DAY_S + 1, 0)):
        terms = TermsOfUnits(Terms(1.0, 0.0))
        clear_out_elsewhere(root, index, terms, UnitBook(), now)
        assert len(files_at(url)) == left
    assert index.segments(DEVICE) == []
    index.close()


def one_segment(root: Path, url: str) -> Index:
    """Return the index of an archive of one segment that is to be copied to a URL."""
    elsewhere.keep_url(root, url)
    made = Recording("made", FS, ("II",), (200.0,), (0.0,), signal(2000, 1))
    add_recording(root, DEVICE, made, T0)
    return Index.open(root)


def test_a_url_that_refuses_is_counted_and_tried_again(tmp_path: Path) -> None:
    root, url = tmp_path / "archive", "unwilling://ward"
    index = one_segment(root, url)
    copying = copying_of(root, index, url)
    Unwilling.refuses = True
    copying.start()
    wait_until(lambda: copying.figures.failed)
    told = copying.figures.to_map()
    assert told["copies_waiting"] == 1
    assert "credentials have expired" in told["copies_held"]
    copying.stop()
    Unwilling.refuses = False
    again = copying_of(root, index, url)
    again.start()
    wait_until(lambda: again.figures.copied == 1 and not again.figures.waiting)
    again.stop()
    clear_out(root, index, days=0, size=1)
    index.close()
    Unwilling.refuses = True
    (note,) = read_interval(root, DEVICE).notes
    assert "credentials have expired" in note, "a gap, and told"


def test_what_is_in_no_copy_yet_leaves_as_ever_when_the_disk_must_have_space(
    tmp_path: Path,
) -> None:
    root = tmp_path / "archive"
    index = one_segment(root, "unwilling://ward")
    assert clear_out(root, index, days=0, size=1) == 1
    assert index.segments(DEVICE) == []
    assert index.copies.waiting() == 0
    index.close()


def test_a_url_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    root, url = tmp_path / "archive", "unwilling://ward"
    index = one_segment(root, url)
    copying = copying_of(root, index, url)
    Unwilling.hangs = threading.Event()
    copying.start()
    copying.stop(within_s=0.1)
    assert np.array_equal(read_interval(root, DEVICE).recording.samples, signal(2000, 1))
    Unwilling.hangs.set()
    copying.stop(within_s=30.0)
    index.close()


@pytest.mark.parametrize("url", ["nothing-like-it://x", "sftp2://x"])
def test_a_url_that_cannot_be_used_here_is_said_at_the_start(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="ECG_ARCHIVE_URL"):
        elsewhere.keep_url(tmp_path, url)
    assert elsewhere.url_of(tmp_path) is None


def test_the_url_is_for_its_owner_and_in_no_message(tmp_path: Path) -> None:
    elsewhere.keep_url(tmp_path, "unwilling://user:password@ward")
    assert (tmp_path / elsewhere.FILE).stat().st_mode & 0o077 == 0
    Unwilling.refuses = True
    with pytest.raises(ArchiveError) as caught:
        elsewhere.RemoteStore("unwilling://user:password@ward").read("signals/x.dat")
    assert "password" not in str(caught.value)


def test_a_url_is_of_one_archive(tmp_path: Path, url: str) -> None:
    """Two recorders with one URL: the second copies nothing, removes nothing, and says why."""
    first, second = (one_segment(tmp_path / name, url) for name in ("first", "second"))
    assert copying_of(tmp_path / "first", first, url).turn() == 1
    there = files_at(url)
    other = copying_of(tmp_path / "second", second, url, days=1e-9)
    with pytest.raises(ArchiveError, match="another archive is copied there"):
        other.turn()
    assert files_at(url) == there
    assert second.copies.waiting() == 1
    assert clear_out(tmp_path / "second", second, days=0, size=1) == 1, "as without a URL"
    assert copying_of(tmp_path / "first", first, url).turn() == 0, "again at its own place"
    for index in (first, second):
        index.close()


def test_another_url_gets_all_that_is_on_the_disk(tmp_path: Path) -> None:
    root, former, url = tmp_path / "archive", "memory://ward/a", "memory://ward/b"
    index = one_segment(root, former)
    assert copying_of(root, index, former).turn() == 1
    begin_copies(root, index, url)
    assert index.copies.waiting() == 1, "what is at the former URL alone is no copy"
    assert elsewhere.url_of(root) == url
    assert copying_of(root, index, url).turn() == 1
    assert files_at(url) == files_at(former)
    begin_copies(root, index, url)
    assert index.copies.waiting() == 0, "once"
    index.close()


def test_an_archive_that_had_copies_before_places_were_marked_takes_another_url(
    tmp_path: Path,
) -> None:
    root, former = tmp_path / "archive", "memory://ward/a"
    index = one_segment(root, former)
    index.copies.begin()
    for one in index.copies.pending(9):
        index.copies.copied(one)
    begin_copies(root, index, "memory://ward/b")
    assert index.copies.waiting() == 1
    index.close()


def test_what_is_at_the_former_url_alone_must_be_moved(tmp_path: Path) -> None:
    root, former, url = tmp_path / "archive", "memory://ward/a", "memory://ward/b"
    index = one_segment(root, former)
    assert copying_of(root, index, former).turn() == 1
    assert clear_out(root, index, days=0, size=1) == 1
    for _ in range(2):  # after a second start as well
        begin_copies(root, index, url)
        with pytest.raises(ArchiveError, match="1 segments are at the former URL alone"):
            copying_of(root, index, url).turn()
        assert files_at(url) == set()
        assert read_interval(root, DEVICE).notes, "a gap, and told"
    system = MemoryFileSystem()
    for path in system.find("/ward/a"):
        system.pipe_file(path.replace("/ward/a", "/ward/b"), system.cat_file(path))
    assert copying_of(root, index, url).turn() == 0
    found = read_interval(root, DEVICE)
    assert (found.notes, found.recording.n_samples) == ((), 2000)
    index.close()
