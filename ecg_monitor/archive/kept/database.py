"""Engines of the SQLite files of an archive."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa


def engine_of(file: Path, busy_s: float) -> sa.Engine:
    """Return an engine with connections of its own, to be disposed of.

    Statements are compiled once in a process for all engines of a file: to compile those of one
    question takes several times as long as SQLite's answer.

    Args:
        file: the SQLite file.
        busy_s: longest wait for another process that writes, s.
    """
    first, compiled = _known(file.absolute(), busy_s)
    return sa.Engine(
        first.pool.recreate(),
        first.dialect,
        first.url,
        execution_options={"compiled_cache": compiled},
    )


class _Known(NamedTuple):
    """The engine that others are made of, which is never connected, and what was compiled."""

    engine: sa.Engine
    compiled: dict[Any, Any]


@lru_cache(maxsize=16)
def _known(file: Path, busy_s: float) -> _Known:
    engine = sa.create_engine(f"sqlite:///{file}", connect_args={"timeout": busy_s})
    sa.event.listen(engine, "connect", _set_up)
    return _Known(engine, {})


def _set_up(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
