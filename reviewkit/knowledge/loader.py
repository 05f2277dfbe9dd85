"""Load the knowledge files and check them: schema, ids, references between the files.

The files restate four documents (Romanian, Russian, Norwegian, Estonian); a passage is always
shown by file name and verbatim quote. All four are machine translations, so `paraphrase` gives
the sense and `note` says where the wording had to be repaired.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeVar

from reviewkit.errors import KnowledgeError
from reviewkit.knowledge.records import (
    STAGES,
    ComplaintType,
    Contradiction,
    Evidence,
    Figure,
    Ladder,
    LadderRule,
    Passage,
    Rung,
    Strategies,
    Strategy,
)
from reviewkit.results import COMPLAINT_TYPES

__all__ = [
    "load_contradictions",
    "load_ladder",
    "load_numbers",
    "load_strategies",
    "load_taxonomy",
]

DIMENSIONS = frozenset(
    ["timeliness", "facilitation", "redress", "apology", "credibility", "attentiveness", "none"]
)
JUSTICE = frozenset(["distributive", "procedural", "interactional", "none"])
NAME_LANGUAGES = frozenset(["en", "ro", "ru", "nb", "et"])
NUMBER_STATUSES = frozenset(
    ["misquoted", "garbled", "unverified", "corroborated", "rhetorical", "example"]
)

_T = TypeVar("_T")


@cache
def load_taxonomy() -> Mapping[str, ComplaintType]:
    """Return the 14 complaint types by id, in the order of `results.COMPLAINT_TYPES`.

    Raises:
        KnowledgeError: the file breaks its schema.
    """
    file = "taxonomy.json"
    types = _by_id(
        _record(ComplaintType, row, file, names=_names(row, file), passages=_passages(row, file))
        for row in _rows(file, "types")
    )
    _require(tuple(types) == COMPLAINT_TYPES, file, "types", "the ids of results.COMPLAINT_TYPES")
    known = load_strategies().strategies
    for item in types.values():
        _require(1 <= item.severity_prior <= 3, file, f"{item.id}.severity_prior", "1 to 3")
        _subset(item.lead_strategies, known, file, f"{item.id}.lead_strategies")
    return types


@cache
def load_strategies() -> Strategies:
    """Return the canonical strategies and their evidence items.

    Raises:
        KnowledgeError: the file breaks its schema, or an item belongs to no strategy.
    """
    file = "strategies.json"
    evidence = _by_id(_record(Evidence, row, file) for row in _rows(file, "evidence"))
    strategies = _by_id(_record(Strategy, row, file) for row in _rows(file, "strategies"))
    coded: list[Strategy | Evidence] = [*strategies.values(), *evidence.values()]
    for coding in coded:
        _subset([coding.stage], STAGES, file, f"{coding.id}.stage")
        _subset([coding.dimension], DIMENSIONS, file, f"{coding.id}.dimension")
        _subset([coding.justice], JUSTICE, file, f"{coding.id}.justice")
    for item in strategies.values():
        _subset(item.evidence, evidence, file, f"{item.id}.evidence")
    used = {name for item in strategies.values() for name in item.evidence}
    _subset(evidence, used, file, "evidence (each needs a strategy)")
    return Strategies(strategies, evidence)


@cache
def load_ladder() -> Ladder:
    """Return the compensation ladder.

    Raises:
        KnowledgeError: the file breaks its schema.
    """
    file = "ladder.json"
    rungs = tuple(
        _record(Rung, row, file, passages=_passages(row, file)) for row in _rows(file, "rungs")
    )
    rules = _by_id(
        _record(LadderRule, row, file, passages=_passages(row, file))
        for row in _rows(file, "rules")
    )
    _subset([r.strategy for r in rungs], load_strategies().strategies, file, "rungs.strategy")
    ascending = [r.order for r in rungs] == sorted({r.order for r in rungs})
    _require(ascending, file, "rungs.order", "ascending numbers")
    return Ladder(rungs, rules)


@cache
def load_contradictions() -> Mapping[str, Contradiction]:
    """Return the contradictions C1 to C16 by id.

    Raises:
        KnowledgeError: the file breaks its schema.
    """
    file = "contradictions.json"
    items = _by_id(
        _record(
            Contradiction,
            row,
            file,
            side_a=_passages(row, file, "side_a"),
            side_b=_passages(row, file, "side_b"),
        )
        for row in _rows(file, "contradictions")
    )
    for item in items.values():
        _subset(item.strategies, load_strategies().strategies, file, f"{item.id}.strategies")
        _require(bool(item.side_a and item.side_b), file, item.id, "a passage on each side")
    return items


@cache
def load_numbers() -> tuple[Figure, ...]:
    """Return every number of the documents with its status.

    Raises:
        KnowledgeError: the file breaks its schema.
    """
    file = "numbers.json"
    figures = tuple(_record(Figure, row, file) for row in _rows(file, "numbers"))
    for item in figures:
        _subset([item.status], NUMBER_STATUSES, file, f"{item.claim}.status")
        doubtful = item.status in ("misquoted", "garbled", "unverified")
        wanted = "false for a doubtful figure"
        _require(item.bare_use_allowed is not doubtful, file, f"{item.claim}.bare_use", wanted)
    return figures


_KINDS: Mapping[str, Callable[[object], bool]] = {
    "str": lambda v: isinstance(v, str),
    "int": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "bool": lambda v: isinstance(v, bool),
    "bool | None": lambda v: v is None or isinstance(v, bool),
    "tuple[str, ...]": lambda v: isinstance(v, list) and all(isinstance(i, str) for i in v),
}


def _rows(file: str, key: str) -> list[dict[str, Any]]:
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    try:
        rows = json.loads(text)[key]
    except (ValueError, KeyError, TypeError) as error:
        raise KnowledgeError(f"{file}: cannot read the list {key!r} ({error}).") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise KnowledgeError(f"{file}: {key!r} has to be a list of objects.")
    return rows


def _record(cls: type[_T], row: Mapping[str, Any], file: str, **ready: object) -> _T:
    """Build `cls` from a row whose keys are exactly its fields; `ready` fields are built already.

    Field types are read from the annotations, which are strings in `records`.
    """
    where = str(row.get("id") or row.get("claim") or row.get("quote") or "?")
    declared = {item.name: str(item.type) for item in fields(cls)}  # type: ignore[arg-type]
    if declared.keys() != row.keys():
        wrong = ", ".join(sorted(declared.keys() ^ row.keys()))
        raise KnowledgeError(f"{file}: {where}: missing or unknown keys: {wrong}.")
    values = dict(ready)
    for name in declared.keys() - ready.keys():
        value = row[name]
        _require(_KINDS[declared[name]](value), file, f"{where}.{name}", declared[name])
        values[name] = tuple(value) if isinstance(value, list) else value
    return cls(**values)


def _passages(row: Mapping[str, Any], file: str, key: str = "passages") -> tuple[Passage, ...]:
    return tuple(_record(Passage, item, file) for item in row.get(key, ()))


def _names(row: Mapping[str, Any], file: str) -> Mapping[str, str]:
    names = row.get("names")
    complete = isinstance(names, dict) and names.keys() == NAME_LANGUAGES and all(names.values())
    _require(complete, file, f"{row.get('id')}.names", ", ".join(sorted(NAME_LANGUAGES)))
    return MappingProxyType(dict(names or {}))


def _by_id(items: Iterable[_T]) -> Mapping[str, _T]:
    found: dict[str, _T] = {}
    for item in items:
        name = str(getattr(item, "id"))  # noqa: B009 - the records share no base class
        if name in found:
            raise KnowledgeError(f"{type(item).__name__} {name!r} occurs twice.")
        found[name] = item
    return MappingProxyType(found)


def _subset(names: Iterable[str], known: Iterable[str], file: str, key: str) -> None:
    unknown = sorted(set(names) - set(known))
    _require(not unknown, file, key, f"known ids; not known: {', '.join(unknown)}")


def _require(condition: bool, file: str, key: str, wanted: str) -> None:
    if not condition:
        raise KnowledgeError(f"{file}: {key}: expected {wanted}.")
