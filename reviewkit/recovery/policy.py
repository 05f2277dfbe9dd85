"""The business's own limits on recovery: shares, ceilings, budgets, deadlines."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

from reviewkit.errors import InputError
from reviewkit.results import Deadlines

__all__ = ["Policy", "load_policy"]

_DEFAULT = "default_policy.toml"
_OPTIONAL = {"authority": ("currency", "agent_budget", "approval_limit")}
_LEVELS = ("severity_0", "severity_1", "severity_2", "severity_3", "at_once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Limits that the business sets; `load_policy()` gives the shipped defaults.

    Attributes:
        goodwill: whether a gesture without admission may be offered; `goodwill_share` of the
            order value is the most that it may cost.
        shares: damage as a share of the order value for the rungs token, partial_refund and
            full_refund_plus, where no loss is stated.
        ceiling_factor: the most that may be given, as a multiple of the damage; default 1.5 after
            Haesevoets et al. 2017, Judgment and Decision Making 12(2):183-197.
        currency: of `agent_budget` (what staff grant alone) and `approval_limit` (what a manager
            approves); both None where the business has set none.
        statutory_rights: whether refund and warranty cases go to a human for a legal check.
        deadlines: for severity 0 to 3, then for cases that a human takes over at once; hours.
    """

    goodwill: bool
    goodwill_share: float
    shares: tuple[float, float, float]
    ceiling_factor: float
    currency: str | None
    agent_budget: float | None
    approval_limit: float | None
    statutory_rights: bool
    deadlines: tuple[Deadlines, ...]


def load_policy(path: str | Path | None = None) -> Policy:
    """Read a policy file (TOML); keys that it leaves out take the shipped default.

    Raises:
        InputError: the file cannot be read, has an unknown key, or a value is not allowed.
    """
    if path is None:
        return _default_policy()
    try:
        text = Path(path).read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise InputError(f"Policy {path}: cannot be read as TOML ({error}).") from error
    return _build(_merged(tables, str(path)), str(path))


@cache
def _default_policy() -> Policy:
    return _build(_default_tables(), _DEFAULT)


def _default_tables() -> dict[str, dict[str, Any]]:
    text = resources.files(__package__).joinpath(_DEFAULT).read_text(encoding="utf-8")
    return tomllib.loads(text)


def _merged(tables: Mapping[str, Any], where: str) -> dict[str, dict[str, Any]]:
    merged = _default_tables()
    for section, values in tables.items():
        if section not in merged or not isinstance(values, Mapping):
            _fail(where, section, values, f"one of the tables {', '.join(merged)}")
        valid = [*merged[section], *_OPTIONAL.get(section, ())]
        for key, value in values.items():
            if key not in valid:
                _fail(where, f"{section}.{key}", value, f"one of the keys {', '.join(valid)}")
            merged[section][key] = value
    return merged


def _build(tables: Mapping[str, Mapping[str, Any]], where: str) -> Policy:
    goodwill, money = tables["goodwill"], tables["compensation"]
    authority = tables.get("authority", {})
    factor = _number(money, "compensation.ceiling_factor", where, low=1, high=10)
    token = _number(money, "compensation.token_share", where, low=0, high=1)
    partial = _number(money, "compensation.partial_refund_share", where, low=token, high=1)
    full = _number(money, "compensation.full_refund_plus_share", where, low=1, high=factor)
    budget = _limit(authority, "authority.agent_budget", where, low=0)
    return Policy(
        goodwill=_flag(goodwill, "goodwill.enabled", where),
        goodwill_share=_number(goodwill, "goodwill.share", where, low=0, high=1),
        shares=(token, partial, full),
        ceiling_factor=factor,
        currency=_currency(authority, where),
        agent_budget=budget,
        approval_limit=_limit(authority, "authority.approval_limit", where, low=budget or 0),
        statutory_rights=_flag(tables["rights"], "rights.statutory", where),
        deadlines=_deadlines(tables["deadlines"], where),
    )


def _deadlines(table: Mapping[str, Any], where: str) -> tuple[Deadlines, ...]:
    pairs: list[Deadlines] = []
    for level in _LEVELS:
        hours, key = table[level], f"deadlines.{level}"
        names = ("acknowledge_hours", "answer_hours")
        if not isinstance(hours, Mapping) or set(hours) != set(names):
            _fail(where, key, hours, f"a table with {' and '.join(names)}")
        if any(type(hours[name]) is not int or hours[name] < 1 for name in names):
            _fail(where, key, hours, "whole hours, 1 or more")
        pair = Deadlines(hours[names[0]], hours[names[1]])
        if pair.acknowledge_hours > pair.answer_hours:
            _fail(where, key, hours, "acknowledge_hours not above answer_hours")
        slower = pairs and (
            pair.acknowledge_hours > pairs[-1].acknowledge_hours
            or pair.answer_hours > pairs[-1].answer_hours
        )
        if slower:
            _fail(where, key, hours, "hours not above those of the level before it")
        pairs.append(pair)
    return tuple(pairs)


def _number(table: Mapping[str, Any], key: str, where: str, *, low: float, high: float) -> float:
    value = table[key.rpartition(".")[2]]
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not low <= value <= high:
        _fail(where, key, value, f"a number from {low:g} to {high:g}")
    return float(value)


def _limit(table: Mapping[str, Any], key: str, where: str, *, low: float) -> float | None:
    present = key.rpartition(".")[2] in table
    return _number(table, key, where, low=low, high=1e12) if present else None


def _flag(table: Mapping[str, Any], key: str, where: str) -> bool:
    value = table[key.rpartition(".")[2]]
    if not isinstance(value, bool):
        _fail(where, key, value, "true or false")
    return value


def _currency(table: Mapping[str, Any], where: str) -> str | None:
    value = table.get("currency")
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        _fail(where, "authority.currency", value, 'a currency such as "EUR"')
    return value.strip()


def _fail(where: str, key: str, value: object, wanted: str) -> NoReturn:
    raise InputError(f"Policy {where}: {key} = {value!r} is not allowed. Expected {wanted}.")
