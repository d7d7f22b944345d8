"""What a value must be, read from annotations: a wrong type is one sentence, not a `TypeError`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from functools import cache, wraps
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, ParamSpec, TypeVar, Union, get_args, get_origin

from mentormatch.errors import ParameterError

__all__ = ["as_day", "check_fields", "typed"]

Given = ParamSpec("Given")
Result = TypeVar("Result")
WORDS: dict[Any, str] = {
    str: "text", int: "a whole number", float: "a number", bool: "True or False",
    NoneType: "None",
}  # fmt: skip
LISTS = (list, tuple, set, frozenset, Sequence, Iterable, Collection)
SHOWN = 80
"""Letters of a wrong value that an error shows."""


def typed(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Check a function's arguments by its annotations before it is called.

    Annotations of types that are imported for type checkers only are not checked.

    Raises
    ------
    ParameterError
        Naming the parameter and what it must be.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def checked(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError:
            return function(*args, **kwargs)  # Python says what is missing
        for name, value in given.items():
            _check(name, function.__name__, _hint(function, name), value)
        return function(*args, **kwargs)

    return checked


def as_day(day: Any, name: str, owner: str) -> date:
    """Return a day that was given as a date or as ISO text.

    Raises
    ------
    ParameterError
        If it is neither; `name` is the parameter and `owner` the function.
    """
    try:
        found = date.fromisoformat(day) if isinstance(day, str) else day
        return date(found.year, found.month, found.day)
    except (ValueError, AttributeError) as error:
        raise ParameterError(
            f"The {name!r} parameter of {owner} must be a date such as '2026-09-07'. Got {day!r}."
        ) from error


def check_fields(setting: Any) -> None:
    """Check the fields of a frozen dataclass by their annotations.

    Raises
    ------
    ParameterError
        Naming the field and what it must be.
    """
    kind: Any = type(setting)
    for name, hint in _hints(kind):
        value = getattr(setting, name)
        if name != "weight" and "weight" in kind.__dataclass_fields__ and _is_number(value):
            said = f" A weight is given by name: weight={value:g}."
            _check(name, kind.__name__, hint, value, said)
        _check(name, kind.__name__, hint, value)


@cache
def _hints(kind: Any) -> tuple[tuple[str, Any], ...]:
    homes = {name: base for base in reversed(kind.__mro__) for name in vars(base).get(
        "__annotations__", {})}  # fmt: skip
    return tuple(
        (field.name, _resolved(field.type, homes[field.name].__module__)) for field in fields(kind)
    )


@cache
def _hint(function: Callable[..., Any], name: str) -> Any:
    return _resolved(function.__annotations__.get(name, Any), function.__module__)


def _resolved(hint: Any, module: str) -> Any:
    if not isinstance(hint, str):
        return hint
    try:
        return eval(hint, dict(vars(sys.modules[module])))
    except (NameError, TypeError):  # known to type checkers only
        return Any


def _check(name: str, owner: str, hint: Any, value: object, advice: str = "") -> None:
    if _fits(hint, value):
        return
    shown = repr(value)
    shown = shown if len(shown) <= SHOWN else f"{shown[:SHOWN]} ..."
    if type(value).__module__.startswith("mentormatch") and any(
        _origin(kind) in LISTS for kind in _kinds(hint)
    ):
        advice = f" Put it in brackets: [{type(value).__name__}(...)]."
    raise ParameterError(
        f"The {name!r} parameter of {owner} must be {_domain(hint)}. Got {shown}.{advice}"
    )


def _kinds(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if _origin(hint) in (Union, UnionType) else (hint,)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _origin(hint: Any) -> Any:
    return get_origin(hint) or hint


def _fits(hint: Any, value: object) -> bool:
    origin = _origin(hint)
    if origin in (Union, UnionType):
        return any(_fits(one, value) for one in _kinds(hint))
    if origin is float:
        return _is_number(value)
    if origin is int:
        return isinstance(value, Integral) and not isinstance(value, bool)
    if origin is bool:
        return isinstance(value, bool) or type(value).__name__ == "bool"  # NumPy's as well
    if origin is None or origin is NoneType:
        return value is None
    if origin in LISTS:
        return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
    if origin is Mapping or origin is dict:
        return isinstance(value, Mapping)
    if origin is Callable:
        return callable(value)
    if isinstance(origin, type) and (origin is str or origin.__module__.startswith("mentormatch")):
        return isinstance(value, origin)
    return True


def _domain(hint: Any) -> str:
    origin = _origin(hint)
    if origin in (Union, UnionType):
        kinds = [_domain(one) for one in _kinds(hint)]
        return " or ".join(dict.fromkeys(kinds))
    if origin in WORDS or origin is None:
        return WORDS.get(origin, "None")
    if origin in LISTS:
        return "a list"
    if origin is Mapping or origin is dict:
        return "a mapping such as {'name': value}"
    if origin is Callable:
        return "a function"
    if "_in_errors" in getattr(origin, "__dict__", {}):  # a base that nobody makes by its name
        return str(origin._in_errors)
    name = getattr(origin, "__name__", str(origin))
    return f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}"
