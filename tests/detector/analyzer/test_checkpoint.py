"""Every part of a bed's checkpoint comes back, whatever its fields hold."""

from __future__ import annotations

import copy
import types
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from detector.analyzer.analyzer import Analyzer
from detector.analyzer.labelling import NetworkState
from detector.analyzer.signature import Signature
from detector.analyzer.stream import Stream
from detector.rhythm.waveform.fibrillation import FibrillationRules
from detector.runner.trend_desk import BedTrend
from ecg_monitor.core.checkpoint import codec
from ecg_monitor.core.checkpoint.fields import UnsavedReason, coding
from ecg_monitor.core.types import Packet
from ecg_monitor.ward.trends.fold import Fold

FS = 250.0
ROOTS = (Stream, Signature, NetworkState, BedTrend)
PARTS = sorted(codec.parts(*ROOTS), key=lambda part: part.__name__)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(-(2**60), 2**60),
    float: st.floats(allow_nan=False),
    str: st.text(max_size=5),
    bytes: st.binary(max_size=5),
    types.NoneType: st.none(),
}


def live() -> list[Any]:
    """Objects of which a bed's checkpoints are made, as they are after its first samples."""
    analyzer = Analyzer(networks=False)
    signature = Signature("boot-1", FS, ("I", "II"), (200.0,) * 2, (0.0,) * 2)
    samples = np.zeros((2, 10), np.int16)
    form = (signature.leads, signature.gain, signature.baseline)
    analyzer.feed([Packet("bed-01", signature.boot, 0, 0, 0.0, FS, *form, samples)])
    return [analyzer.stream("bed-01"), signature, NetworkState(), BedTrend(Fold("boot-1", FS), 0.0)]


def within(value: Any) -> Iterator[Any]:
    """Yield all dataclass objects in a value."""
    if is_dataclass(value) and not isinstance(value, type):
        yield value
        for one in fields(value):
            yield from within(getattr(value, one.name))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from within(one)
    elif isinstance(value, dict):
        yield from within(list(value.values()))


def saved_fields(cls: type) -> dict[str, Any]:
    """Annotations of the fields that a checkpoint holds."""
    hints = get_type_hints(cls, include_extras=True)
    return {
        one.name: hints[one.name]
        for one in fields(cls)
        if not any(
            isinstance(note, UnsavedReason) for note in getattr(hints[one.name], "__metadata__", ())
        )
    }


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Values that a field may hold by its annotation."""
    if annotation in SCALARS:
        return SCALARS[annotation]
    by_origin = BY_ORIGIN.get(get_origin(annotation))
    if by_origin is not None:
        return by_origin(*get_args(annotation))
    if issubclass(annotation, Enum):
        return st.sampled_from(list(annotation))
    return st.builds(annotation, **{k: values_of(v) for k, v in saved_fields(annotation).items()})


def arrays(_shape: Any, of_dtype: Any) -> st.SearchStrategy[Any]:
    dtype = np.dtype(get_args(of_dtype)[0])
    shapes = st_numpy.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3)
    finite = {} if dtype.kind in "iu" else {"allow_nan": False}
    return st_numpy.arrays(dtype, shapes, elements=st_numpy.from_dtype(dtype, **finite))


def tuples(*args: Any) -> st.SearchStrategy[Any]:
    return lists(args[0]).map(tuple) if args[1:] == (...,) else st.tuples(*map(values_of, args))


def lists(of: Any) -> st.SearchStrategy[Any]:
    return st.lists(values_of(of), max_size=3)


def maps(keys: Any, values: Any) -> st.SearchStrategy[Any]:
    return st.dictionaries(values_of(keys), values_of(values), max_size=3)


def unions(*args: Any) -> st.SearchStrategy[Any]:
    return st.one_of([values_of(arg) for arg in args])


BY_ORIGIN: dict[Any, Any] = {
    Annotated: lambda of, *_: values_of(of),
    Literal: lambda *values: st.sampled_from(values),
    Union: unions,
    types.UnionType: unions,
    np.ndarray: arrays,
    tuple: tuples,
    dict: maps,
    Mapping: maps,
    list: lists,
    deque: lists,
    set: lambda of: lists(of).map(set),
    frozenset: lambda of: lists(of).map(frozenset),
}


def scramble(draw: st.DrawFn, value: Any) -> None:
    """Give every saved field of an object, and of those in it, any value that it may hold."""
    for name, annotation in saved_fields(type(value)).items():
        held = getattr(value, name)
        if is_dataclass(held) and coding(annotation).refill is not None:
            scramble(draw, held)
        elif isinstance(held, deque):
            held.extend(draw(values_of(annotation)))
        elif isinstance(held, tuple) and coding(annotation).refill is not None:
            for one in held:
                scramble(draw, one)
        else:
            setattr(value, name, draw(values_of(annotation)))
    if isinstance(value, FibrillationRules):
        value.usable = [1] * len(value.window)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal; of objects, all that is saved."""
    if is_dataclass(one) and not isinstance(one, type):
        names = saved_fields(type(one))
        return type(one) is type(other) and all(
            same(getattr(one, name), getattr(other, name)) for name in names
        )
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(map(same, one.values(), other.values()))
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_part_comes_back_whatever_its_fields_hold(part, data):
    found = next((one for one in within(live()) if type(one) is part), None)
    if found is None or part.__dataclass_params__.frozen:
        found = data.draw(values_of(part))
        back = codec.unpacked(part, codec.pack(found))
    else:
        back = copy.deepcopy(found)
        scramble(data.draw, found)
        codec.unpack(back, codec.pack(found))
    assert same(found, back)
    assert codec.pack(back) == codec.pack(found)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_no_part_can_hold_what_it_does_not_declare(part):
    assert all("__slots__" in vars(base) for base in part.__mro__[:-1]), (
        "an undeclared field is lost"
    )


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    bpm=st.sampled_from([30, 70, 150, 220]),
    noise_mv=st.sampled_from([0.0, 0.02, 0.5]),
    seed=st.integers(0, 99),
)
def test_a_bed_goes_on_as_it_was(pulses, packetize, bpm, noise_mv, seed):
    rng = np.random.default_rng(seed)
    signal = np.vstack([pulses(FS, 40, bpm)] * 2).astype(float)
    signal += 200 * noise_mv * rng.standard_normal(signal.shape)
    signal[:, 250 * 30 : 250 * 33] = 0
    packets = packetize(signal.astype(np.int16), FS, 125)
    held = packets.pop(40)  # some of what follows waits for it
    first, second = Analyzer(), Analyzer()
    first.feed(packets[:44])
    second.load("bed-01", first.save("bed-01"))
    assert same(first.stream("bed-01"), second.stream("bed-01"))
    assert second.save("bed-01") == first.save("bed-01")
    rest = [held, *packets[44:]]
    assert second.feed(rest) == first.feed(rest)
    assert second.save("bed-01") == first.save("bed-01")
