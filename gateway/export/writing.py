"""Files appear whole or not at all, never over others without being asked."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as Bar

from ecg_monitor.core.errors import ExportError
from ecg_monitor.core.output import check_output
from gateway.export.excerpt import Excerpt
from gateway.export.formats import Format, Progress


def check_files(files: Sequence[Path], *, force: bool) -> None:
    """See, before any work begins, that files can be written; their folder is made.

    Args:
        files: what will be written.
        force: whether files that are there may be written over.

    Raises:
        SettingsError: a file cannot be written.
        ExportError: a file is there already.
    """
    for file in files:
        check_output("--output", file)
        if file.exists() and not force:
            raise ExportError(f"--output: {file} is there already; --force writes over it")


@contextlib.contextmanager
def progress_bar(console: Console) -> Iterator[Callable[[str], Progress]]:
    """Show how far each step of the work is; gives the function that begins one by its name."""
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:

        def step(name: str) -> Progress:
            task = bar.add_task(escape(name), total=1.0)
            return lambda share: bar.update(task, completed=share)

        yield step


def written(form: Format, excerpt: Excerpt, path: Path, progress: Progress) -> tuple[Path, ...]:
    """Write an excerpt; return its files.

    They are written beside their place and moved there when they are complete: whoever looks finds
    a whole file or none, and what fails leaves nothing.

    Args:
        form: the format.
        excerpt: what to write.
        path: where.
        progress: told the share that is done.

    Raises:
        ExportError: the interval is too long for the format, or the disk does not take it.
    """
    if form.longest_s is not None and excerpt.duration_s > form.longest_s:
        raise ExportError(
            f"--format: {form.name} takes up to {form.longest_s:g} s, this interval has "
            f"{excerpt.duration_s:.1f} s; choose a shorter one with --start and --end"
        )
    files = form.files(path)
    write = form.writer()
    return placed(
        files,
        lambda folder: write(excerpt, folder / path.name, progress),
        form.optional_files(path),
    )


def placed(
    files: Sequence[Path], write: Callable[[Path], None], optional: Sequence[Path] = ()
) -> tuple[Path, ...]:
    """Have files written into a folder of their own, then move them to their places.

    Args:
        files: their places, all in one folder.
        write: writes them by their names into the folder that it is given.
        optional: files that need not be written; one of an earlier export goes then, since it
            would pass for one of this.

    Raises:
        ExportError: the disk does not take them.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".export-", dir=files[0].parent) as folder:
            write(Path(folder))
            there = [file for file in optional if (Path(folder) / file.name).exists()]
            for file in (*files, *there):
                os.replace(Path(folder) / file.name, file)
            for file in optional:
                if file not in there:
                    file.unlink(missing_ok=True)
    except OSError as error:
        raise ExportError(f"--output: {files[0]} cannot be written: {error.strerror}") from error
    return (*files, *there)
