"""How values are saved, by the annotation of the field that holds them. Pure.

Allowed are numbers, text, bytes, ``Literal`` and enumerations; lists, tuples, sets, deques and maps
of what is allowed; arrays of a declared dtype; dataclasses of such fields; and any of them or
None. Each annotation is looked at once; what comes of it is a `Coding` of plain functions, of which
the common ones are None: lists of numbers, say, are packed as they are.
"""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache, partial
from operator import attrgetter
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import numpy as np

T = TypeVar("T")


class UnsavedReason(Enum):
    """Why a field is no part of a checkpoint."""

    CONFIGURATION = "given by whoever makes the object"
    DERIVED = "made anew from what is saved, or empty between two calls"


Configuration = Annotated[T, UnsavedReason.CONFIGURATION]
"""A field that whoever makes the object gives it; it is not saved."""
Derived = Annotated[T, UnsavedReason.DERIVED]
"""A field that follows from the saved ones (see `AFTER`), or is empty between two calls."""

AFTER = "after_restore"
"""Name of the method, if a class has it, that is called once its fields are back."""


@dataclass(frozen=True, slots=True)
class TupleOf:
    """Says of a tuple which dataclasses its objects have: ``Annotated[tuple[Rule, ...], ...]``."""

    classes: tuple[type, ...]


@dataclass(frozen=True, slots=True)
class Coding:
    """How values of one annotation are saved.

    Attributes:
        text: the annotation with the names and types of all fields in it, for the version.
        encode: makes a value ready to be packed; None: it is packed as it is.
        decode: inverse, makes a new value; raises TypeError or ValueError if it is none. None:
            values are never made, their objects are given and `refill` puts them back.
        refill: puts what was saved back into an object that is there; None: it is replaced.
        parts: dataclasses in it.
    """

    text: str
    encode: Callable[[Any], Any] | None
    decode: Callable[[Any], Any] | None
    refill: Callable[[Any, Any], None] | None = None
    parts: tuple[type, ...] = ()


_SCALARS: Mapping[type, tuple[type, ...]] = {
    bool: (bool,),
    int: (int, bool),
    float: (float, int, bool),
    str: (str,),
    bytes: (bytes,),
    types.NoneType: (types.NoneType,),
}
"""What may come back for each type: a number may be of a narrower one, as type checkers have it."""


def coding(annotation: Any) -> Coding:
    """Return how values of an annotation are saved; each is looked at once.

    Raises:
        TypeError: values of that type cannot be saved.
    """
    return _coding(annotation)


@cache
def _coding(annotation: Any) -> Coding:
    if annotation in _SCALARS:
        return _scalar(annotation.__name__, _SCALARS[annotation])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return Coding(annotation.__name__, attrgetter("value"), annotation)
    if isinstance(annotation, type) and is_dataclass(annotation):
        return _dataclass(annotation)
    by_origin = _BY_ORIGIN.get(get_origin(annotation))
    if by_origin is None:
        raise TypeError(f"{annotation} cannot be saved in a checkpoint")
    return by_origin(get_args(annotation))


def _scalar(text: str, allowed: tuple[type, ...]) -> Coding:
    def decode(saved: Any) -> Any:
        if type(saved) not in allowed:
            raise TypeError(f"{text} expected, not {type(saved).__name__}")
        return saved

    return Coding(text, None, decode)


def _literal(values: tuple[Any, ...]) -> Coding:
    def decode(saved: Any) -> Any:
        if saved not in values:
            raise ValueError(f"{saved!r} is none of {values}")
        return saved

    return Coding(f"Literal{list(values)}", None, decode)


def _optional(args: tuple[Any, ...]) -> Coding:
    kinds = [arg for arg in args if arg is not types.NoneType]
    if len(kinds) != 1 or len(args) != 2:
        raise TypeError(f"a union of {args} cannot be saved: one type or None can")
    inner = coding(kinds[0])
    make = _maker(inner)
    encode = inner.encode
    return Coding(
        f"{inner.text}|None",
        None if encode is None else lambda value: None if value is None else encode(value),
        lambda saved: None if saved is None else make(saved),
        parts=inner.parts,
    )


def _annotated(args: tuple[Any, ...]) -> Coding:
    orders = [note for note in args[1:] if isinstance(note, TupleOf)]
    return _fixed(orders[0].classes) if orders else coding(args[0])


def _array(args: tuple[Any, ...]) -> Coding:
    (kind,) = get_args(args[1])
    dtype = np.dtype(kind).newbyteorder("<")
    if dtype.kind not in "biuf":
        raise TypeError(f"arrays of {kind} cannot be saved: numbers of one dtype can")

    def encode(array: Any) -> Any:
        return array.shape, array.astype(dtype, copy=False).tobytes()

    def decode(saved: Any) -> Any:
        shape, data = _listed(saved, 2)
        return np.frombuffer(data, dtype).astype(kind).reshape(shape)

    return Coding(f"array[{dtype.str}]", encode, decode)


def _list(args: tuple[Any, ...]) -> Coding:
    inner = coding(args[0])
    decode, encode = _maker(inner), inner.encode
    return Coding(
        f"list[{inner.text}]",
        None if encode is None else lambda values: [encode(value) for value in values],
        lambda saved: [decode(value) for value in _listed(saved)],
        parts=inner.parts,
    )


def _set(make: type, args: tuple[Any, ...]) -> Coding:
    """Code sets, in order: the same state gives the same bytes."""
    inner = coding(args[0])
    decode = _maker(inner)
    if inner.encode is not None:
        raise TypeError("sets of numbers and text can be saved, no others")
    return Coding(
        f"{make.__name__}[{inner.text}]",
        sorted,
        lambda saved: make([decode(value) for value in _listed(saved)]),
    )


def _deque(args: tuple[Any, ...]) -> Coding:
    """Code deques. They are put back into the one that is there, which knows how long it may be."""
    inner = _list(args)
    decode, encode = _maker(inner), inner.encode or list

    def refill(values: Any, saved: Any) -> None:
        decoded = decode(saved)
        values.clear()
        values.extend(decoded)

    return Coding(f"deque[{inner.text}]", encode, None, refill, inner.parts)


def _tuple(args: tuple[Any, ...]) -> Coding:
    return _repeated(coding(args[0])) if args[1:] == (...,) else _fixed(args)


def _repeated(inner: Coding) -> Coding:
    decode, encode = _maker(inner), inner.encode
    return Coding(
        f"tuple[{inner.text},...]",
        None if encode is None else lambda values: [encode(value) for value in values],
        lambda saved: tuple([decode(value) for value in _listed(saved)]),
        parts=inner.parts,
    )


def _fixed(args: tuple[Any, ...]) -> Coding:
    """Code tuples of given types; of objects that are given, each is put back in its place."""
    codings = [coding(arg) for arg in args]
    encoders, n = [one.encode for one in codings], len(codings)

    def encode(values: Any) -> Any:
        pairs = zip(values, encoders, strict=True)
        return [value if encode is None else encode(value) for value, encode in pairs]

    def refill(values: Any, saved: Any) -> None:
        for value, one, back in zip(values, codings, _listed(saved, n), strict=True):
            if one.refill is not None:
                one.refill(value, back)

    given = all(one.refill is not None for one in codings)
    decoders = [] if given else [_maker(one) for one in codings]
    return Coding(
        f"tuple[{','.join(one.text for one in codings)}]",
        encode if any(encoders) else None,
        None
        if given
        else lambda saved: tuple(
            [decode(value) for decode, value in zip(decoders, _listed(saved, n), strict=True)]
        ),
        refill if given else None,
        tuple(part for one in codings for part in one.parts),
    )


def _map(args: tuple[Any, ...]) -> Coding:
    keys, values = coding(args[0]), coding(args[1])
    decode_key, decode, encode = _maker(keys), _maker(values), values.encode
    if keys.encode is not None:
        raise TypeError("maps by numbers and text can be saved, no others")

    def decode_all(saved: Any) -> Any:
        if not isinstance(saved, dict):
            raise TypeError(f"map expected, not {type(saved).__name__}")
        return {decode_key(key): decode(value) for key, value in saved.items()}

    return Coding(
        f"dict[{keys.text},{values.text}]",
        dict if encode is None else lambda found: {key: encode(v) for key, v in found.items()},
        decode_all,
        parts=values.parts,
    )


def _dataclass(cls: type) -> Coding:
    hints = get_type_hints(cls, include_extras=True)
    names = [f.name for f in fields(cls) if not _is_unsaved(hints[f.name])]
    codings = [_of_field(cls, name, hints[name]) for name in names]
    decode = None
    if cls.__dataclass_params__.init and all(one.decode is not None for one in codings):  # type: ignore[attr-defined]
        decode = _making(cls, names, codings)
    frozen = cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
    return Coding(
        f"{cls.__name__}({','.join(f'{n}:{c.text}' for n, c in zip(names, codings, strict=True))})",
        _reading(names, codings),
        decode,
        None if frozen else _refilling(cls, names, codings),
        (cls, *(part for one in codings for part in one.parts)),
    )


def _is_unsaved(annotation: Any) -> bool:
    notes = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    return any(isinstance(note, UnsavedReason) for note in notes)


def _of_field(cls: type, name: str, annotation: Any) -> Coding:
    try:
        return coding(annotation)
    except TypeError as error:
        raise TypeError(f"{cls.__name__}.{name}: {error}") from error


def _reading(names: Sequence[str], codings: Sequence[Coding]) -> Callable[[Any], Any]:
    """Return what reads the saved fields of an object, in order."""
    if not names:
        return lambda _: []
    read = attrgetter(*names) if len(names) > 1 else _lone(names[0])
    special = [(i, one.encode) for i, one in enumerate(codings) if one.encode is not None]
    if not special:
        return read

    def encode(value: Any) -> Any:
        found = [*read(value)]
        for i, make in special:
            found[i] = make(found[i])
        return found

    return encode


def _lone(name: str) -> Callable[[Any], tuple[Any]]:
    read = attrgetter(name)
    return lambda value: (read(value),)


def _making(
    cls: type, names: Sequence[str], codings: Sequence[Coding]
) -> Callable[[Any], Any] | None:
    """Return what makes a new object; None if it needs to be told more than is saved."""
    given = [f for f in fields(cls) if f.name not in names]
    if any(f.init and _has_no_default(f) for f in given):
        return None
    decoders = [(name, _maker(one)) for name, one in zip(names, codings, strict=True)]

    def decode(saved: Any) -> Any:
        pairs = zip(decoders, _listed(saved, len(names)), strict=True)
        made = cls(**{name: decode(value) for (name, decode), value in pairs})
        _finish(made)
        return made

    return decode


def _has_no_default(one: Any) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _refilling(
    cls: type, names: Sequence[str], codings: Sequence[Coding]
) -> Callable[[Any, Any], None]:
    """Return what puts the saved fields back into an object."""
    pairs = list(zip(names, codings, strict=True))

    def refill(value: Any, saved: Any) -> None:
        if not isinstance(value, cls):
            raise TypeError(f"{cls.__name__} expected, not {type(value).__name__}")
        for (name, one), back in zip(pairs, _listed(saved, len(pairs)), strict=True):
            if one.refill is not None:
                one.refill(getattr(value, name), back)
            else:
                setattr(value, name, _maker(one)(back))
        _finish(value)

    return refill


def _finish(value: Any) -> None:
    after = getattr(value, AFTER, None)
    if after is not None:
        after()


def _maker(one: Coding) -> Callable[[Any], Any]:
    if one.decode is None:
        raise TypeError(f"{one.text.partition('(')[0]} can be put back where it is a field, only")
    return one.decode


def _listed(saved: Any, length: int | None = None) -> Sequence[Any]:
    if not isinstance(saved, list | tuple) or (length is not None and len(saved) != length):
        raise ValueError(f"list of {'any' if length is None else length} expected")
    return saved


_BY_ORIGIN: Mapping[Any, Callable[[tuple[Any, ...]], Coding]] = {
    Annotated: _annotated,
    Literal: _literal,
    Union: _optional,
    types.UnionType: _optional,
    np.ndarray: _array,
    tuple: _tuple,
    list: _list,
    set: partial(_set, set),
    frozenset: partial(_set, frozenset),
    deque: _deque,
    dict: _map,
    Mapping: _map,
}
"""How an annotation is coded, by what it is of."""
