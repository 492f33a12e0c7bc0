"""State comes back by the fields of its classes, or is refused."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, make_dataclass
from enum import Enum
from typing import Annotated, Any, Literal

import cbor2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.checkpoint.fields import Configuration, Derived, TupleOf
from ecg_monitor.core.errors import CheckpointError


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Frozen:
    name: str
    level: float | None = None


@dataclass(slots=True)
class Inner:
    fs: Configuration[float]
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Other:
    seen: int = 0


@dataclass(slots=True, eq=False)
class Outer:
    fs: Configuration[float]
    inner: Inner
    rules: Annotated[tuple[Inner | Other, ...], TupleOf((Inner, Other))]
    frozen: Frozen | None = None
    many: list[Frozen] = field(default_factory=list)
    pairs: list[tuple[int, float]] = field(default_factory=list)
    names: tuple[str, ...] = ()
    kinds: set[str] = field(default_factory=set)
    few: frozenset[int] = frozenset()
    newest: deque[float] = field(default_factory=lambda: deque(maxlen=3))
    label: Literal["N", "V"] = "N"
    colour: Colour = Colour.RED
    by_name: Mapping[str, Frozen] = field(default_factory=dict)
    window: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    total: Derived[int] = 0

    def after_restore(self) -> None:
        self.total = sum(self.inner.counts.values())


def outer(fs: float = 250.0) -> Outer:
    return Outer(fs, Inner(fs), (Inner(fs), Other()))


def filled() -> Outer:
    made = outer()
    made.inner.counts = {"a": 1, "b": 2}
    made.rules[0].counts["c"] = 5
    made.rules[1].seen = 7
    made.frozen = Frozen("x", 1.5)
    made.many, made.pairs = [Frozen("y"), Frozen("z", 2)], [(1, 0.5)]
    made.names, made.kinds, made.few = ("I", "II"), {"q", "p"}, frozenset({3, 1})
    made.newest.extend([1.0, 2.0])
    made.label, made.colour = "V", Colour.BLUE
    made.by_name = {"k": Frozen("w")}
    made.window = np.arange(8, dtype=np.float32).reshape(2, 4)
    return made


def test_every_kind_of_field_comes_back():
    saved, back = codec.pack(filled()), outer(500.0)
    inner, rules, newest = back.inner, back.rules, back.newest
    codec.unpack(back, saved)
    assert codec.pack(back) == saved
    assert (back.inner, back.rules, back.newest) == (inner, rules, newest)
    assert back.inner is inner
    assert back.rules is rules
    assert (back.newest, newest.maxlen) == (deque([1.0, 2.0]), 3)
    assert back.fs == back.inner.fs == 500.0, "configuration is not restored"
    assert (inner.counts, back.total) == ({"a": 1, "b": 2}, 3)
    assert (rules[0].counts, rules[1].seen) == ({"c": 5}, 7)
    assert back.many == [Frozen("y"), Frozen("z", 2)]
    assert (back.pairs, back.names) == ([(1, 0.5)], ("I", "II"))
    assert (back.kinds, back.few) == ({"p", "q"}, frozenset({1, 3}))
    assert (back.label, back.colour, back.by_name) == ("V", Colour.BLUE, {"k": Frozen("w")})
    assert back.window.dtype == np.float32
    back.window[0, 0] = 9.0  # it may be written to


def test_what_is_restored_shares_nothing_with_what_was_saved():
    first, second = filled(), outer()
    codec.restore(second, codec.save(first))
    first.pairs.append((2, 2.0))
    first.inner.counts["a"] = 9
    first.window[0, 0] = 9.0
    assert second.pairs == [(1, 0.5)]
    assert second.inner.counts["a"] == 1
    assert second.window[0, 0] == 0.0


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, [1, 2]),
        (1, [["a"], [1]]),
        (2, ["x"]),
        (3, [["y", "no number"]]),
        (4, [[1]]),
        (5, "text"),
        (9, "X"),
        (10, "green"),
        (11, ["k"]),
        (12, [[2, 4], b"short"]),
    ],
)
def test_damaged_state_is_refused(place: int, value: Any):
    version, saved = codec.opened(codec.pack(filled()))
    saved[place] = value
    with pytest.raises(CheckpointError, match="damaged"):
        codec.unpack(outer(), codec.packed([version, saved]))


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(0, 9), inner),
)


@given(PLAIN)
def test_plain_values_come_back(value: Any):
    assert repr(codec.opened(codec.packed(value))) == repr(value)  # as text: nan is not nan


@given(PLAIN, st.integers(0, 40), st.integers(0, 255))
def test_damaged_bytes_are_refused_or_are_other_values(value: Any, place: int, byte: int):
    whole = codec.packed(value)
    for blob in (whole[:place], whole[:place] + bytes([byte]) + whole[place + 1 :]):
        try:
            codec.opened(blob)
        except CheckpointError as error:
            assert str(error)


@pytest.mark.parametrize("value", [object(), {1, 2}, 1j])
def test_what_is_not_plain_cannot_be_packed(value: Any):
    with pytest.raises(TypeError):
        codec.packed([value])


def test_the_former_format_is_told_as_another_version():
    with pytest.raises(CheckpointError, match="another version"):
        codec.unpack(outer(), cbor2.dumps([codec.version(Outer), []]))


@pytest.mark.parametrize(
    "blob", [b"", b"\xa0", b"\xff", codec.packed([1, 2]), codec.packed({}), codec.FORMAT]
)
def test_what_is_no_checkpoint_is_refused(blob: bytes):
    with pytest.raises(CheckpointError):
        codec.unpack(outer(), blob)


def test_a_field_more_is_another_version():
    first = make_dataclass("Pattern", [("same", int, 0)])
    more = make_dataclass("Pattern", [("same", int, 0), ("onset", int | None, None)])
    renamed = make_dataclass("Renamed", [("same", int, 0)])
    retyped = make_dataclass("Pattern", [("same", float, 0.0)])
    assert len({codec.version(one) for one in (first, more, renamed, retyped)}) == 4
    with pytest.raises(CheckpointError, match="another version"):
        codec.unpack(more(), codec.pack(first()))


@pytest.mark.parametrize("kind", [object, Any, int | str, list[Any], npt.NDArray[np.void]])
def test_a_field_of_which_nothing_is_decided_is_refused(kind: Any):
    undecided = make_dataclass("Undecided", [("known", int, 0), ("unknown", kind, None)])
    with pytest.raises(TypeError, match=r"Undecided\.unknown"):
        codec.version(undecided)


def test_a_class_that_is_no_dataclass_is_refused():
    holder = make_dataclass("Holder", [("plain", type("Plain", (), {}))])
    with pytest.raises(TypeError, match=r"Holder\.plain"):
        codec.version(holder)


def test_what_needs_its_configuration_is_not_made_from_a_list():
    holder = make_dataclass("Holder", [("inner", list[Inner])])
    with pytest.raises(TypeError, match="Inner"):
        codec.version(holder)


def test_parts_are_all_dataclasses_in_it():
    assert codec.parts(Outer) == {Outer, Inner, Other, Frozen}
