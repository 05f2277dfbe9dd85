"""Cues: statements in a review that change how urgently somebody has to answer it.

The cues are data, `knowledge/cues/<language>.toml`: per cue a list of patterns, and under `unless`
the longer phrases that cancel a hit they overlap ("not my fault", "never go anywhere else"). A hit
inside quotation marks repeats somebody else's words and is dropped as well, except where the file
says `quoted = true`. Patterns are matched on folded text (`text.fold`) and are written as

    word          that word                 stem*         the word with any ending
    a|b           one of them               (a b|c)       one of them, with spaces
    [a|b]         perhaps one of them       <list>        one of the file's own word list
    …  …5         up to 3 (5) words         ~             up to 6 words, also across a comma
    ^  $          start, end of a clause    #             a number: 3, 10, 3rd, 2.
    n-am          n-am, n'am, n am, nam     #.            an ordinal number: 3rd, 2., 3-й

Where nothing else is written, words stand next to each other inside one clause.

A text is first translated into one symbol per word: words that no pattern tells apart share a
symbol. The patterns of a cue are one regular expression over symbols, in which every repetition is
bounded, so that a search takes time linear in the length of the text.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from itertools import accumulate
from typing import Any, NamedTuple, TypeAlias

from reviewkit.errors import KnowledgeError
from reviewkit.results import CUES, LANGUAGES
from reviewkit.text import Span, fold

__all__ = ["CueSpan", "Phrases", "cue_spans", "find_cues", "load_cues"]

Group: TypeAlias = tuple[str, str]  # a cue and `patterns` or `unless`

_WORDS = re.compile(r"(\d+(?:-?[^\W\d_]{1,2}\b|\.(?=\s[^\W\d_]))?|[^\W\d_]+)")
_SENTENCE_END = re.compile(r"[.!?…\n]")
_CLAUSE_END = re.compile(r"[^\w\s'’‘`\"«»„“”*/&%+#€$£₽°№_-]|\s-+\s")
_QUOTED = re.compile(
    r'„[^„“”"\n]{1,200}[“”"]|«[^«»\n]{1,200}»|“[^“”\n]{1,200}”|»[^«»\n]{1,200}«|"[^"\n]{1,200}"'
)
_TOKEN = re.compile(r"\((?P<group>[^()]*)\)|\[(?P<perhaps>[^\[\]]*)\]|(?P<plain>[^\s()\[\]]+)|\S")
_GAP = re.compile(r"…(\d?)")
_ENTRY = re.compile(r"#\.?|[^\W_]+(?:-[^\W_]+)*\*?")
_CLAUSE, _SENTENCE, _OTHER = ",", ".", "x"  # the symbols that are no words of a pattern
_ANY = "[^,.]"


class CueSpan(NamedTuple):
    """Where a cue is stated: `text[start:end]`, in characters of the text as it was given."""

    start: int
    end: int
    cue: str


def find_cues(text: str, language: str) -> tuple[str, ...]:
    """Return the cues that the text states, in the order of `results.CUES`.

    Args:
        text: a review; it need not be normalised.
        language: `ro ru no et en`; for any other there are no patterns and the result is empty.
    """
    stated = _stated(fold(text), language)
    return tuple(cue for cue, hits in stated if next(hits, None) is not None)


def cue_spans(text: str, language: str) -> list[CueSpan]:
    """Return where the text states its cues, by position; `find_cues` says which they are."""
    hits = [(cue, span) for cue, spans in _stated(fold(text), language) for span in spans]
    origin = _origins(text) if hits else []
    return sorted(CueSpan(origin[span.start], origin[span.end], cue) for cue, span in hits)


@cache
def load_cues(language: str) -> Mapping[str, Any]:
    """Return one language's file as it is: a table per cue, and `words`, the named lists.

    Raises:
        KnowledgeError: the file names a cue that does not exist or lacks one.
    """
    source = files("reviewkit") / "knowledge" / "cues" / f"{language}.toml"
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    if set(tables) != {*CUES, "words"}:
        wrong = ", ".join(sorted(set(tables) ^ {*CUES, "words"}))
        raise KnowledgeError(
            f"cues/{language}.toml: unknown or missing tables: {wrong}. "
            f"It needs exactly: words, {', '.join(CUES)}."
        )
    return tables


@cache
def _phrases(language: str) -> Phrases:
    tables = load_cues(language)
    kinds = ("patterns", "unless")
    groups = {(cue, kind): tables[cue].get(kind, []) for cue in CUES for kind in kinds}
    return Phrases(groups, tables["words"])


def _stated(folded: str, language: str) -> Iterator[tuple[str, Iterator[Span]]]:
    """Yield each cue with its places in the folded text, negations and quotations left out."""
    if language not in LANGUAGES:
        return
    tables, phrases = load_cues(language), _phrases(language)
    reading = phrases.read(folded)
    # An export may put the whole review between quotation marks: that is no quotation.
    whole = folded.strip()
    quotes = [Span(*q.span()) for q in _QUOTED.finditer(folded) if q.group() != whole]
    for cue in CUES:
        yield cue, _hits(phrases, reading, cue, [] if tables[cue].get("quoted") else quotes)


def _hits(phrases: Phrases, reading: Reading, cue: str, quotes: Sequence[Span]) -> Iterator[Span]:
    vetoes = None
    for hit in phrases.find((cue, "patterns"), reading):
        if vetoes is None:
            vetoes = list(phrases.find((cue, "unless"), reading))
        if not _inside(hit, quotes) and not _touches(hit, vetoes):
            yield hit


def _touches(hit: Span, spans: Sequence[Span]) -> bool:
    before = bisect_right(spans, hit.end - 1, key=lambda span: span.start)
    return before > 0 and spans[before - 1].end > hit.start


def _inside(hit: Span, spans: Sequence[Span]) -> bool:
    before = bisect_right(spans, hit.start, key=lambda span: span.start)
    return before > 0 and spans[before - 1].end >= hit.end


class _Slot(NamedTuple):
    """One place of a pattern: the phrases that may stand there, each a tuple of words."""

    ways: tuple[tuple[str, ...], ...]
    optional: bool


class Reading:
    """A folded text as symbols, one per word and one per break between clauses or sentences."""

    def __init__(self, parts: list[str], pieces: list[str]) -> None:
        self.symbols = "".join(parts)
        self._parts, self._pieces = parts, pieces

    def span(self, start: int, end: int) -> Span:
        """Return where the symbols from `start` to before `end` stand in the folded text."""
        return Span(self._places[start].start, self._places[end - 1].end)

    @cached_property
    def _places(self) -> list[Span]:
        ends = accumulate(map(len, self._pieces))
        # A part is empty or one symbol, so the parts that are not empty are the symbols, in order.
        return [
            Span(end - len(piece), end)
            for part, piece, end in zip(self._parts, self._pieces, ends, strict=True)
            if part
        ]


class Phrases:
    """Groups of patterns over one vocabulary, for searching folded text.

    Args:
        groups: the patterns of each group, in the little language of this module.
        words: what `<name>` stands for: words and phrases.

    Raises:
        KnowledgeError: a pattern is malformed or names an unknown list.
    """

    def __init__(
        self, groups: Mapping[Group, Iterable[str]], words: Mapping[str, Sequence[str]]
    ) -> None:
        parsed = {
            name: [_parse(pattern, words) for pattern in patterns]
            for name, patterns in groups.items()
        }
        classes = {
            words_here
            for patterns in parsed.values()
            for pattern in patterns
            for slot in pattern
            if isinstance(slot, _Slot)
            for words_here in _classes(slot)
        }
        self._exact, self._stems, members = _alphabet(classes)
        self._lengths = sorted({len(stem) for stem in self._stems}, reverse=True)
        self._found = {
            name: re.compile("|".join(_expression(pattern, members) for pattern in patterns))
            for name, patterns in parsed.items()
            if patterns
        }

    def read(self, folded: str) -> Reading:
        """Translate a folded text into symbols, once for all groups."""
        pieces = _WORDS.split(folded)
        symbol, mark = _Symbols(self._symbol), _Symbols(_mark)
        parts = list(pieces)
        parts[::2] = map(mark.__getitem__, pieces[::2])
        parts[1::2] = map(symbol.__getitem__, pieces[1::2])
        parts[0] = ""
        return Reading(parts, pieces)

    def find(self, group: Group, reading: Reading) -> Iterator[Span]:
        """Yield where the patterns of a group match, in characters of the folded text."""
        if group in self._found:
            for found in self._found[group].finditer(reading.symbols):
                yield reading.span(*found.span())

    def _symbol(self, word: str) -> str:
        if symbol := self._exact.get(word):
            return symbol
        if word[0].isdecimal():
            ordinal = None if word.isdecimal() else self._exact.get("#.")
            return ordinal or self._exact.get("#", _OTHER)
        for length in self._lengths:
            if symbol := self._stems.get(word[:length]):
                return symbol
        return _OTHER


class _Symbols(dict[str, str]):
    """What has been looked up once in this text; lives no longer than its reading."""

    def __init__(self, look_up: Callable[[str], str]) -> None:
        self._look_up = look_up

    def __missing__(self, key: str) -> str:
        self[key] = value = self._look_up(key)
        return value


def _mark(between: str) -> str:
    if _SENTENCE_END.search(between):
        return _SENTENCE
    return _CLAUSE if _CLAUSE_END.search(between) else ""


def _parse(pattern: str, words: Mapping[str, Sequence[str]]) -> list[_Slot | str]:
    """Return a pattern as its slots and, ready made, the expressions of its gaps and anchors."""
    places: list[_Slot | str] = []
    for token in _TOKEN.finditer(pattern):
        text = token["group"] or token["perhaps"] or token["plain"] or ""
        if text == "^" and not places:
            places.append("(?<![^,.])")
        elif text == "$" and places:
            places.append("(?![^,.])")
        elif places and (gap := _GAP.fullmatch(text)):
            places.append(f"{_ANY}{{0,{gap[1] or 3}}}?")
        elif places and text == "~":
            places.append(f"(?:,?{_ANY}){{0,6}}?,?")
        else:
            ways = [way for entry in text.split("|") for way in _expand(entry, words, pattern)]
            places.append(_Slot(tuple(ways), token["perhaps"] is not None))
    if not any(isinstance(place, _Slot) and not place.optional for place in places):
        raise KnowledgeError(f"cue pattern {pattern!r} has no word that must occur.")
    return places


def _expand(entry: str, words: Mapping[str, Sequence[str]], pattern: str) -> list[tuple[str, ...]]:
    """Return the phrases that an alternative stands for; `n-am` is `n am` and `nam`."""
    named = entry.startswith("<") and entry.endswith(">")
    if named and entry[1:-1] not in words:
        known = ", ".join(sorted(words))
        raise KnowledgeError(
            f"cue pattern {pattern!r}: no word list {entry!r}. There are: {known}."
        )
    ways = []
    for phrase in words[entry[1:-1]] if named else [entry]:
        if not phrase or not all(map(_ENTRY.fullmatch, phrase.split())):
            raise KnowledgeError(f"cue pattern {pattern!r}: {phrase!r} is not made of words.")
        for hyphen in (" ", "") if "-" in phrase else ("",):
            ways.append(tuple(phrase.replace("-", hyphen).split()))
    return ways


def _classes(slot: _Slot) -> Iterator[frozenset[str]]:
    """Yield the sets of words a slot asks for: its single words together, phrases word by word."""
    yield frozenset(way[0] for way in slot.ways if len(way) == 1)
    for way in slot.ways:
        if len(way) > 1:
            yield from (frozenset({word}) for word in way)


def _alphabet(
    classes: Iterable[frozenset[str]],
) -> tuple[dict[str, str], dict[str, str], dict[frozenset[str], str]]:
    """Return the symbols of exact words and of stems, and of each class the symbols in it.

    Two entries share a symbol where they are in the same classes. A word is in the classes of
    all stems that it begins with.
    """
    numbered = list(classes)
    entries = sorted({entry for members in numbered for entry in members})
    member_of: defaultdict[str, set[int]] = defaultdict(set)
    for number, members in enumerate(numbered):
        for entry in members:
            member_of[entry].add(number)
    symbols: dict[frozenset[int], str] = {}
    exact: dict[str, str] = {}
    stemmed: dict[str, str] = {}
    for entry in entries:
        bare = entry.removesuffix("*")
        wider = [f"{bare[:length]}*" for length in range(1, len(bare) + 1)]
        wider += ["#"] if entry == "#." else []
        within = frozenset(member_of[entry]).union(*(member_of.get(stem, ()) for stem in wider))
        symbol = symbols.setdefault(within, chr(0x100 + len(symbols)))
        (stemmed if entry.endswith("*") else exact)[bare] = symbol
    inside: defaultdict[frozenset[str], str] = defaultdict(str)
    for within, symbol in symbols.items():
        for number in within:
            inside[numbered[number]] += symbol
    return exact, stemmed, dict(inside)


def _expression(pattern: Iterable[_Slot | str], members: Mapping[frozenset[str], str]) -> str:
    return "".join(
        place if isinstance(place, str) else _alternatives(place, members) for place in pattern
    )


def _alternatives(slot: _Slot, members: Mapping[frozenset[str], str]) -> str:
    single = members.get(frozenset(way[0] for way in slot.ways if len(way) == 1))
    ways = [f"[{single}]"] if single else []
    for way in slot.ways:
        if len(way) > 1:
            ways.append("".join(f"[{members[frozenset({word})]}]" for word in way))
    return f"(?:{'|'.join(ways)}){'?' if slot.optional else ''}"


def _origins(text: str) -> list[int]:
    """Return for each character of `fold(text)`, and for its end, the position in `text`."""
    if text.isascii():
        return list(range(len(text) + 1))
    starts = [i for i, c in enumerate(text) if c < "\u0300" or not _combines(c)]
    starts[:1] = [0]
    origins: list[int] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        origins += [start] * len(_fold_letter(text[start:end]))
    return [*origins, len(text)]


def _combines(mark: str) -> bool:
    return unicodedata.combining(unicodedata.normalize("NFD", mark)[0]) > 0


@lru_cache(maxsize=4096)
def _fold_letter(letter: str) -> str:
    return fold(letter)
