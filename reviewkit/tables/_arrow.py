"""The way to pyarrow, which is an extra, and the arrays that we make ourselves."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from types import ModuleType
from typing import Any, TypeAlias

from reviewkit.errors import InputError, MissingExtraError
from reviewkit.tables._values import csv_cell, json_value

__all__ = [
    "ArrowArray",
    "ArrowSchema",
    "ArrowType",
    "added_array",
    "arrow_type",
    "import_arrow",
    "string_array",
]

# pyarrow brings no type hints.
ArrowArray: TypeAlias = Any
ArrowSchema: TypeAlias = Any
ArrowType: TypeAlias = Any


def import_arrow(feature: str) -> tuple[ModuleType, ModuleType]:
    """Return the modules `pyarrow` and `pyarrow.parquet`.

    Args:
        feature: what needs them, for the message.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise MissingExtraError(feature, "pyarrow", "parquet") from error


def arrow_type(pa: ModuleType, kind: str) -> ArrowType:
    """Return the arrow type of a column that we add; `kind` is one of `_values.TYPES`."""
    types = {"float": pa.float64, "int": pa.int64, "bool": pa.bool_, "text": pa.string}
    return pa.list_(pa.string()) if kind == "list" else types[kind]()


def added_array(pa: ModuleType, name: str, values: Sequence[object], kind: str) -> ArrowArray:
    """Return our values as an arrow array of the column's type.

    Raises:
        InputError: a value does not fit the type.
    """
    plain = [json_value(value) for value in values]
    if kind == "text":
        return string_array(pa, [csv_cell(value) for value in plain])
    if kind == "list":
        plain = [_texts(value) for value in plain]
    try:
        return pa.array(plain, arrow_type(pa, kind))
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"values of {name!r} do not fit its type {kind!r}: {error}") from error


def _texts(value: object) -> list[str | None] | None:
    if value is None:
        return None
    items = value if isinstance(value, list) else [value]
    return [None if item is None else _utf8(csv_cell(item) or "") for item in items]


def string_array(pa: ModuleType, values: Sequence[str | None]) -> ArrowArray:
    r"""Return strings as an arrow array, half surrogate pairs as the six characters `\udXXX`."""
    try:
        return pa.array(values, pa.string())
    except (UnicodeEncodeError, pa.ArrowInvalid):
        return pa.array([None if v is None else _utf8(v) for v in values], pa.string())


def _utf8(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
