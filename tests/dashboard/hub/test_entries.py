"""Entries of other processes, good and bad."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.hub import entries
from ecg_monitor.core.errors import WireError

FIELDS = st.dictionaries(st.sampled_from([b"d", b"t", b"p", b"b", b"j"]), st.binary(max_size=40))


@given(FIELDS)
def test_rubbish_raises_only_wire_errors(fields: dict[bytes, bytes]) -> None:
    words = [word for pair in fields.items() for word in pair]
    readers: list[Callable[[], Any]] = [
        lambda: entries.packet(words),
        lambda: entries.events(words),
        lambda: entries.device(fields.get(b"j", b"")),
    ]
    for read in readers:
        with suppress(WireError):
            read()


@pytest.mark.parametrize(
    "text", [b'[{"type":"beat","n":1}]', b'[{"type":"r_peak","n":1}]', b"[5]", b"{}x", b'[{"n":1}]']
)
def test_malformed_events(text: bytes) -> None:
    with pytest.raises(WireError, match="events"):
        entries.events([b"d", b"a", b"b", b"x", b"j", text])


def test_lag_of_a_detector_that_died() -> None:
    lag = {b"position": b"1000-5", b"behind_s": b"0.2"}
    assert entries.behind_s({}, b"9000-0") is None
    assert entries.behind_s(lag, None) == 0.2
    assert entries.behind_s(lag, b"1100-0") == 0.2
    assert entries.behind_s(lag, b"61000-0") == 60.0
