"""Values as csv cells and JSON; the types of the columns that we add."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from reviewkit.errors import OptionError

__all__ = [
    "ADDED_TYPES",
    "TYPES",
    "checked_types",
    "csv_cell",
    "json_text",
    "json_value",
    "plain",
    "plain_cell",
]

DECIMALS = 6
TYPES = ("text", "float", "int", "bool", "list")
# Everything else is text: strings as they are, other values (dicts) as JSON.
ADDED_TYPES: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("language_confidence", "sentiment_confidence"), "float")
    | dict.fromkeys(("p_negative", "p_neutral", "p_positive", "p_mixed"), "float")
    | dict.fromkeys(("severity", "priority", "n_tokens", "n_chunks"), "int")
    | dict.fromkeys(("abusive", "resolved", "truncated"), "bool")
    | dict.fromkeys(("complaint_types", "cues", "recovery_steps"), "list")
)


def json_value(value: object) -> object:
    """Return one of our values ready for JSON: floats with 6 decimals, not-a-number as None."""
    if isinstance(value, float):
        # Adding zero turns -0.0 into 0.0.
        return round(value, DECIMALS) + 0.0 if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(item) for item in value]
    return value


def json_text(value: object) -> str:
    """Return JSON on one line, with non-ASCII characters as they are."""
    return json.dumps(value, ensure_ascii=False)


def csv_cell(value: object) -> str | None:
    """Return one of our values as a csv cell: lists and dicts as JSON, `true`, None as None."""
    value = json_value(value)
    if value is None or isinstance(value, str):
        return value
    return json_text(value)


def checked_types(names: Iterable[str], given: Mapping[str, str] | None) -> dict[str, str]:
    """Return the type of every added column: as given, else the contract's, else text.

    Raises:
        OptionError: a type is not one of `TYPES`, or its column is not added.
    """
    names = tuple(names)
    for name, kind in (given or {}).items():
        if name not in names:
            raise OptionError("added_types", name, names)
        if kind not in TYPES:
            raise OptionError(f"added_types[{name!r}]", kind, TYPES)
    return {name: (given or {}).get(name, ADDED_TYPES.get(name, "text")) for name in names}


def plain(value: object) -> object:
    """Return a value of the input (from parquet) as JSON can hold it.

    Dates, times and durations as ISO 8601; decimals and identifiers as strings; bytes as UTF-8
    text with the rest escaped; a float that is no finite number as None, since JSON has none.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return _iso(value)


def _iso(value: object) -> str:
    iso = getattr(value, "isoformat", None)
    if callable(iso):  # dates, times, and the durations of pandas
        return str(iso())
    if isinstance(value, datetime.timedelta):
        sign = "-" if value < datetime.timedelta(0) else ""
        micros = abs(value) // datetime.timedelta(microseconds=1)
        return f"{sign}PT{micros // 10**6}.{micros % 10**6:06d}S"
    return str(value)


def plain_cell(value: object) -> str | None:
    """Return a value of the input (from parquet) as a csv cell: as `plain`, nested as JSON.

    A float that is no finite number is written as Python does (`nan`, `inf`).
    """
    if isinstance(value, float):
        return repr(value)
    value = plain(value)
    if value is None or isinstance(value, str):
        return value
    return json_text(value)
