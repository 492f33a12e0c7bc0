"""Where recordings come from: the first place that has them, and the reason in words.

1. the folder asked for (``--data``),
2. ``$ECG_DATA``,
3. the user cache (`Settings.cache_dir`),
4. ``shared/data`` beside a development checkout,
5. a download from PhysioNet into the user cache, of the records needed only,
6. nowhere: the caller takes synthetic patients.

A folder that the user named but that lacks the records is an error: other data in its place would
be a surprise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ecg_monitor.core.errors import RecordError
from ecg_monitor.core.settings import Settings
from ecg_monitor.records import physionet
from ecg_monitor.records.formats.registry import (
    FORMATS,
    TABLE,
    WFDB,
    format_of,
    is_part_of_wfdb,
    why_not_read,
)

_ENDINGS = tuple(ending for one in FORMATS if one.is_listed for ending in one.endings)
_ELSE = "Name a folder of recordings with --data or ECG_DATA."
_SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


@dataclass(frozen=True, slots=True)
class RecordingFolder:
    """Folder in which recordings were found, and why it was taken.

    Attributes:
        folder: where they lie, or None if they are nowhere.
        reason: what was taken and why, for the user.
    """

    folder: Path | None
    reason: str

    def path(self, name: str) -> Path:
        """Return the file of one record.

        Raises:
            RecordError: it is not there.
        """
        path = None if self.folder is None else locate(self.folder, name)
        if path is None:
            raise RecordError(f"no recording {name}: {self.reason}")
        return path


def locate(folder: Path, name: str) -> Path | None:
    """Return the file of record ``name`` in ``folder`` (for WFDB its header), or None."""
    for stem in (folder / name, folder / "data" / name):
        for ending in _ENDINGS:
            # As cameras and recorders write them, endings are in capitals.
            for spelled in (ending, ending.upper(), f".{ending[1:].capitalize()}"):
                path = stem.with_name(stem.name + spelled)
                if path.is_file():
                    return path
    path = folder / name
    return path if format_of(path) is not None and path.is_file() else None


def list_records(folder: Path) -> tuple[str, ...]:
    """Return the names of the recordings in a folder, sorted.

    Tables beside WFDB records tell about them, and are no recordings.
    """
    files = [path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS]
    if any(path.suffix.lower() in WFDB.endings for path in files):
        files = [path for path in files if path.suffix.lower() not in TABLE.endings]
    return tuple(sorted({path.stem for path in files}))


def find_database(
    settings: Settings,
    records: Sequence[str],
    *,
    data: str = "",
    database: str = "mitdb",
    download: bool = True,
    base_url: str = physionet.BASE_URL,
    shared: Path = _SHARED,
    progress: physionet.Progress | None = None,
) -> RecordingFolder:
    """Find a folder that holds all of ``records``.

    Args:
        settings: for `data` and the cache folder.
        records: names that must be there.
        data: folder that the user asked for; nothing else is looked at then.
        database: PhysioNet database to look for elsewhere.
        download: whether a download may be tried.
        base_url: PhysioNet, or a mirror.
        shared: folder of databases beside a development checkout.
        progress: called as the download goes on.

    Raises:
        RecordError: a folder that the user named lacks a record, or PhysioNet does not know it.
    """
    for folder, origin in ((data, "--data"), (settings.data, "ECG_DATA")):
        if folder:
            return _named(Path(folder).expanduser(), origin, records)
    cache = settings.cache_dir / database
    misses = []
    for place, origin in ((cache, "user cache"), (shared / database, "development data")):
        missing = [name for name in records if locate(place, name) is None]
        if place.is_dir() and not missing:
            return RecordingFolder(place, f"recordings from {place} ({origin})")
        if place.is_dir() or place == cache:  # most people have no development checkout
            misses.append(f"{origin} {'lacks ' + missing[0] if place.is_dir() else 'is empty'}")
    if not download:
        return RecordingFolder(None, f"{'; '.join(misses)}; download not asked for")
    try:
        fetched = physionet.fetch(database, cache, records, base_url=base_url, progress=progress)
    except RecordError as error:
        return RecordingFolder(None, f"{'; '.join(misses)}; no download: {error} {_ELSE}")
    return RecordingFolder(
        cache, f"recordings from PhysioNet ({fetched.files} files, {fetched.size / 1e6:.1f} MB)"
    )


def find_record(
    name: str,
    settings: Settings,
    *,
    data: str = "",
    database: str = "mitdb",
    progress: physionet.Progress | None = None,
) -> tuple[Path, str]:
    """Find one recording by path or by name; returns its file and the reason in words.

    Raises:
        RecordError: it is nowhere; the error lists where it was looked for.
    """
    path = Path(name).expanduser()
    if not path.name:
        raise RecordError(f"{name!r} names no recording; name one as in mitdb/100 or holter.edf")
    if not data and (direct := locate(path.parent, path.name)) is not None:
        return direct, f"recording {direct}"
    if format_of(path) is not None or len(path.parts) > 1 or path.is_file():
        if data and (inside := locate(Path(data).expanduser(), name)) is not None:
            return inside, f"recording {inside}"
        if is_part_of_wfdb(path):
            return path.with_suffix(".hea"), f"recording {path.with_suffix('.hea')}"
        if path.is_file():
            raise RecordError(f"{name}: {why_not_read(path)}")
        raise RecordError(f"{name}: no such recording (.hea, .csv, .edf ...)")
    found = find_database(settings, [name], data=data, database=database, progress=progress)
    return found.path(name), found.reason


def _named(folder: Path, origin: str, records: Sequence[str]) -> RecordingFolder:
    if not folder.is_dir():
        raise RecordError(f"{origin}: {folder} is not a folder")
    missing = [name for name in records if locate(folder, name) is None]
    if missing:
        raise RecordError(
            f"{origin}: {folder} has no recording {missing[0]} (.hea, .csv, .edf ...)"
        )
    return RecordingFolder(folder, f"recordings from {folder} ({origin})")
