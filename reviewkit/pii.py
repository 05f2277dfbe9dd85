"""Personal data in texts: find it, mask it.

What each kind looks like is data (`pii_patterns.toml`); the check digits that tell a personal code
or a card from any other number are here. Numbers are taken for personal data only on evidence: a
check digit, the shape of a national numbering plan, or a keyword before them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from reviewkit.errors import OptionError

__all__ = ["KINDS", "PiiSpan", "find_pii", "mask_pii"]

KINDS: tuple[str, ...] = ("email", "url", "phone", "card", "iban", "personal_code", "order")


class PiiSpan(NamedTuple):
    """A half-open range of characters, `text[start:end]`, and one of `KINDS`."""

    start: int
    end: int
    kind: str


class _Rule(NamedTuple):
    kind: str
    pattern: re.Pattern[str]  # group 1 is the find
    check: Callable[[str], bool] | None


def mask_pii(text: str, *, kinds: Iterable[str] | None = None) -> str:
    """Replace personal data by `<email> <phone> <card> <iban> <personal_code> <order> <url>`.

    All other characters stay as they are, keywords before a number too. Idempotent.

    Args:
        text: any text; not normalised here.
        kinds: what to mask, some of `KINDS`; all by default.

    Raises:
        OptionError: a kind is not known.
    """
    wanted = _wanted(kinds)
    # A mask can uncover a number that its neighbour spoilt ("91234567 kg@example.com").
    while spans := find_pii(text, kinds=wanted):
        parts, done = [], 0
        for start, end, kind in spans:
            parts += [text[done:start], f"<{kind}>"]
            done = end
        text = "".join([*parts, text[done:]])
    return text


def find_pii(text: str, *, kinds: Iterable[str] | None = None) -> list[PiiSpan]:
    """Return the personal data of the text, in order and without overlaps.

    Where finds overlap, the most specific kind wins (`precedence` in the data file), then the
    first, then the longest; also where `kinds` leaves that kind out.

    Raises:
        OptionError: a kind is not known.
    """
    wanted = _wanted(kinds)
    taken = bytearray(len(text))
    spans = []
    order = {kind: rank for rank, kind in enumerate(_data()["precedence"])}
    for span in sorted(set(_candidates(text)), key=lambda s: (order[s.kind], s.start, -s.end)):
        if not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            spans.append(span)
    return sorted(span for span in spans if span.kind in wanted)


def _wanted(kinds: Iterable[str] | None) -> frozenset[str]:
    wanted = frozenset(KINDS if kinds is None else [kinds] if isinstance(kinds, str) else kinds)
    for kind in sorted(wanted.difference(KINDS)):
        raise OptionError("kinds", kind, KINDS)
    return wanted


# What a text must have for a kind to be worth a search; most reviews have none of it.
_SIX_DIGITS = re.compile(r"\d(?:[\W_]{0,3}\d){5}")
_HINTS: Mapping[str, re.Pattern[str]] = {
    "email": re.compile("@"),
    "url": re.compile(r"/|www\.", re.IGNORECASE),
    "iban": re.compile(r"[a-z]{2}\d{2}", re.IGNORECASE),
    "card": _SIX_DIGITS,
    "personal_code": _SIX_DIGITS,
    "order": re.compile(r"(?:\d[^\W\d_]{0,4}[-/]?){3}"),
    "phone": _SIX_DIGITS,
}


def _candidates(text: str) -> Iterator[PiiSpan]:
    trailing = _data()["url"]["trailing"]
    money = re.compile(_data()["amount"]["before"] + "$", re.IGNORECASE)
    hinted = {kind for kind, hint in _HINTS.items() if hint.search(text)}
    for rule in _rules():
        if rule.kind not in hinted:
            continue
        # The patterns are lookaheads, so that a find that fails its check hides no other.
        for match in rule.pattern.finditer(text):
            start, end = match.span(1)
            if rule.kind == "iban":
                end = _iban_end(text, start)
            elif rule.kind == "url":
                end = start + len(match[1].rstrip(trailing))
            elif rule.kind == "phone" and money.search(text, max(0, start - 6), start):
                continue
            if end > start and (rule.check is None or rule.check(text[start:end])):
                yield PiiSpan(start, end, rule.kind)


@cache
def _data() -> Mapping[str, Any]:
    file = resources.files("reviewkit").joinpath("pii_patterns.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def _rules() -> tuple[_Rule, ...]:
    data = _data()
    amount = data["amount"]
    # No amount, no decimals, no part of a longer word.
    number_end = rf"(?!\w)(?![.,]\d{{1,2}}(?!\d))(?!{amount['after']})"
    rules = [_rule("email", p, end=r"(?![\w@])") for p in data["email"]["patterns"]]
    rules += [_rule("url", p, end="") for p in data["url"]["patterns"]]
    rules += [_rule("iban", p, end="") for p in data["iban"]["patterns"]]
    rules += [_rule("card", p, check=_is_luhn) for p in data["card"]["patterns"]]
    for code in data["personal_code"]:
        before = _after_keyword(code["keywords"], code["between"]) if "keywords" in code else ""
        check = _CHECKS[code["check"]] if code["check"] else None
        rules += [_rule("personal_code", p, before=before, check=check) for p in code["patterns"]]
    rules += [
        _rule("order", rf"(?=(?:[^\W\d_]{{0,4}}[-/]?\d){{{digits}}}){data['order']['code']}",
              before=before, end=number_end)
        for before, digits in _order_contexts(data["order"])
    ]  # fmt: skip
    phone = data["phone"]
    rules += [_rule("phone", p, end=number_end) for p in phone["patterns"]]
    before = _after_keyword(phone["keywords"], phone["between"])
    rules.append(_rule("phone", phone["loose"], before=before, end=number_end))
    return tuple(rules)


def _order_contexts(order: Mapping[str, Any]) -> list[tuple[str, int]]:
    """What may stand before an order number, each with the digits that the number needs."""
    keyword, marker = (f"(?:{'|'.join(order[name])})" for name in ("keywords", "markers"))
    then = r"[.:]{0,2}\s{0,2}(?:(?:is|este|e|er|on)\s)?[:#№-]?\s?"
    return [
        (rf"{keyword}[\s.:-]{{0,3}}(?:{marker}[.:\s]{{0,2}}){{1,2}}{then}", 3),
        (rf"{marker}[\s.:]{{0,3}}{keyword}{then}", 3),
        (rf"{keyword}{then}(?!\d{{1,6}}00(?!\w))", 5),
    ]


def _after_keyword(keywords: list[str], between: str) -> str:
    return f"(?:{'|'.join(keywords)}){between}"


def _rule(
    kind: str,
    pattern: str,
    *,
    before: str = "",
    end: str = r"(?!\w)",
    check: Callable[[str], bool] | None = None,
) -> _Rule:
    separator = _data()["separators"]
    pattern = re.sub(r"\[~", lambda _: f"[{separator}", pattern)
    pattern = pattern.replace("~", f"[{separator}]")
    # `<` keeps a keyword from being read out of a mask like `<order>`.
    start = rf"(?<![\w<+]){before}" if before else r"(?<![\w+])"
    return _Rule(kind, re.compile(rf"{start}(?=({pattern}){end})", re.IGNORECASE), check)


def _iban_end(text: str, start: int) -> int:
    """Return where the IBAN that begins at `start` ends; `start` itself where there is none."""
    length = _data()["iban"]["lengths"].get(text[start : start + 2].upper(), 0)
    code, end = "", start
    while len(code) < length and end < len(text):
        code += text[end] if text[end].isalnum() else ""
        end += 1
    whole = len(code) == length > 0 and not text[end : end + 1].isalnum()
    if not whole or not code.isascii():
        return start
    # ISO 13616: letters count 10 to 35, the first four characters go last, the remainder is 1.
    number = int("".join(str(int(c, 36)) for c in code[4:] + code[:4]))
    return end if number % 97 == 1 else start


def _digits(code: str) -> list[int]:
    return [int(c) for c in code if c.isdecimal()]


def _weighted(digits: list[int], *weights: int) -> int:
    return sum(d * w for d, w in zip(digits, weights, strict=False))


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _is_luhn(code: str) -> bool:
    """ISO/IEC 7812-1: every second digit from the right is doubled; the sum ends in 0."""
    digits = _digits(code)[::-1]
    total = sum(digits[::2]) + sum(sum(divmod(2 * d, 10)) for d in digits[1::2])
    return total % 10 == 0 and len(set(digits)) > 1


def _is_cnp(code: str) -> bool:
    """Romanian cod numeric personal: S YYMMDD JJ NNN C, modulo 11, and 10 counts as 1."""
    d = _digits(code)
    year = (2000 if d[0] >= 5 else 1900) + 10 * d[1] + d[2]
    rest = _weighted(d, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9) % 11
    check = 1 if rest == 10 else rest
    return _is_date(year, 10 * d[3] + d[4], 10 * d[5] + d[6]) and d[12] == check


def _is_isikukood(code: str) -> bool:
    """Estonian isikukood (EVS 585): G YYMMDD SSS C, modulo 11 with a second row of weights."""
    d = _digits(code)
    year = 1800 + (d[0] - 1) // 2 * 100 + 10 * d[1] + d[2]
    rest = _weighted(d, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1) % 11
    if rest == 10:
        rest = _weighted(d, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3) % 11
    return _is_date(year, 10 * d[3] + d[4], 10 * d[5] + d[6]) and d[10] == rest % 10


def _is_fodselsnummer(code: str) -> bool:
    """Norwegian fødselsnummer DDMMYY III KK, also D-number (day + 40) and H-number (month + 40)."""
    d = _digits(code)
    # The century hides in III; the leap years of both centuries are the same but 1900.
    year, month, day = 2000 + 10 * d[4] + d[5], (10 * d[2] + d[3]) % 40, (10 * d[0] + d[1]) % 40
    first = _weighted(d, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1) % 11
    second = _weighted(d, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1) % 11
    return _is_date(year, month, day) and first == second == 0


def _is_snils(code: str) -> bool:
    """Russian SNILS: weights 9 to 1, modulo 101, and 100 counts as 00."""
    d = _digits(code)
    rest = _weighted(d, 9, 8, 7, 6, 5, 4, 3, 2, 1) % 101 % 100
    return len(set(d[:9])) > 1 and rest == 10 * d[9] + d[10]


def _is_inn(code: str) -> bool:
    """Russian INN of a person: 12 digits, the last two are check digits, modulo 11, modulo 10."""
    d = _digits(code)
    first = _weighted(d, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8) % 11 % 10
    second = _weighted(d, 3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8) % 11 % 10
    return len(set(d)) > 1 and (first, second) == (d[10], d[11])


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "cnp": _is_cnp,
    "isikukood": _is_isikukood,
    "fodselsnummer": _is_fodselsnummer,
    "snils": _is_snils,
    "inn": _is_inn,
}
