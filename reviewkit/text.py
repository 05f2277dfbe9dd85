"""Text in, clean text out: normalisation, folding, scripts and sentence spans.

The same `normalise` runs before training and before inference, so that what the model learnt is
what it sees. Personal data is masked in `pii.py`. Every pattern here runs in linear time: runs are
matched possessively and start only at the head of the run.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import NamedTuple

__all__ = ["Span", "fold", "has_letters", "normalise", "script_shares", "sentence_spans"]

# Line ends beside \n that str.splitlines knows.
_LINE = r"\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
_NEW_LINE = re.compile(rf"\r\n|[{_LINE}]")
# Romanian letters typed with a cedilla (legacy code pages) instead of the comma below.
_CEDILLA = str.maketrans("şţŞŢ", "șțȘȚ")
# What can stand on either side of a zero-width joiner; a variation selector or tag only before it.
_PICTURE = (
    r"\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f"
    r"\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
# Control characters, soft hyphen, zero-width and direction marks, byte order mark; the zero-width
# joiner stays where it joins two emoji (families, flags).
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b\u200c\u200e\u200f"
    r"\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_JOINER = re.compile(rf"(?<![{_PICTURE}\ufe0f\U000e0020-\U000e007f])\u200d|\u200d(?![{_PICTURE}])")
# UTF-16 halves that a JSON decoder or an export left apart.
_PAIR = re.compile("([\ud800-\udbff])([\udc00-\udfff])")
_PAIR_OFFSET = 0x10000 - (0xD800 << 10) - 0xDC00
_LONE = re.compile("[\ud800-\udfff]")
# Digits are amounts, and regional indicators come in pairs (the flag of Estonia is E E), so neither
# is shortened. A variation selector or skin tone belongs to the mark before it.
_TONE = r"[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]"
_REPEATED = re.compile(rf"((?!{_TONE})[^\s\d\U0001f1e6-\U0001f1ff]{_TONE}?+)\1{{3,}}(?!{_TONE})")
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r" ?\n[ \n]*")

# Markup: known elements only, so that `a<b`, `<3` and placeholders like `<phone>` survive.
_ELEMENTS = {
    "\n": "br div h1 h2 h3 h4 h5 h6 hr li ol p table tr ul",
    " ": "article blockquote body button center dd dl dt figure footer form head header html "
    "iframe img input label link main meta nav o:p pre script section style svg tbody td tfoot "
    "th thead title video",
    "": "a abbr b cite code del em font i ins mark q s small span strike strong sub sup tt u wbr",
}
_REPLACEMENT = {name: blank for blank, names in _ELEMENTS.items() for name in names.split()}
_TAG_END = r"(?:\s[^<>=]{0,60}=[^<>]*)?\s?/?>"
_TAG = re.compile(rf"</?([a-zA-Z][a-zA-Z0-9:]{{0,9}}){_TAG_END}")
# The body stops at the next opening, so an unclosed one costs no more than the way to there.
_DROPPED = re.compile(
    rf"<(script|style){_TAG_END}(?:[^<]++|<(?!/?(?:script|style)))*+</\1\s?>"
    r"|<!--(?:[^<-]++|-(?!->)|<(?!!--))*+-->",
    re.IGNORECASE,
)
# Exports escape twice or thrice (&amp;lt;br&amp;gt;): all levels of that at once. The semicolon is
# required, else `AT&T` and `?a=1&copy=2` would suffer.
_ENTITY = re.compile(r"&(?:amp;)*(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[a-zA-Z][a-zA-Z0-9]{1,31};)")
# Markup that appears only as other markup is resolved; deeper nesting is an attack, not text.
_MARKUP_PASSES = 4
_NO_MARKUP = str.maketrans("<&", "  ")

# Sorting a run of combining marks takes quadratic time; 30 is the limit of Unicode's stream-safe
# text format (UAX 15), and no writing system comes near it.
_MARK_RUN = re.compile(r"[^\w\s]{31,}")
_MARK = re.compile(
    r"(?<!\u0438)\u0306|[\u0300-\u0305\u0307-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i"}
    | {"æ": "ae", "œ": "oe", "þ": "th"}
)

_LATIN = re.compile(
    r"[A-Za-zªºÀ-ÖØ-öø-\u02af\u1d00-\u1d25\u1e00-\u1eff\u2c60-\u2c7f\ua722-\ua787Ａ-Ｚａ-ｚ]"
)
_CYRILLIC = re.compile(r"[\u0400-\u0481\u048a-\u052f\u1c80-\u1c88\ua640-\ua66d\ua680-\ua69b]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CLOSERS = "\"'»”“’)\\]}*"
_EMOJI = r"\u2600-\u27bf\u2b50\U0001f000-\U0001faff\ufe0f\u200d\U000e0020-\U000e007f"
_SMILEY = r"[:;=]-?[()DPdp]{1,10}|(?<!\))\){2,}+"
_END = re.compile(
    rf"(?P<line>[{_LINE}])"
    rf"|(?<![.!?…])(?P<mark>[.!?…]++)(?P<closed>[{_CLOSERS}]*+)"
    # Emoji, smileys and marks set apart still belong to the sentence that they end.
    rf"(?:[^\S{_LINE}]*+(?:[{_EMOJI}]++|{_SMILEY}|[.!?…]++[{_CLOSERS}]*+)(?=\s|$|[{_EMOJI}]))*+"
    rf"(?=\s|$)"
    rf"|(?P<emoji>(?<![{_EMOJI}])[{_EMOJI}]++|{_SMILEY})(?=\s)"
)
_NEXT = re.compile(rf"[^\S{_LINE}]*+[\"'«„“‘(\[–—-]{{0,3}}")
_WORD = re.compile(r"\w")

# Abbreviations of the five languages, without their last full stop. The first never end a sentence
# (unless after a number: "in 2023 г. Потом"), the second not before a number, the last not before
# a small letter.
_NEVER_END = _words(
    "nr str kl tel tlf mob pag ap alin dl dna dlui dnei d-l d-na dvs d.v.s f.eks f eks bl bl.a "
    "ang jf jfr iht ift mht inkl ekskl evt sk s.k vedr nt n.t s.o s.t lk hr tn mnt ptk vrd mr mrs "
    "ms dr prof ing e.g i.e vs approx aprox cca т.е т.к т.н т е к н ул пр-т просп пер стр им г г-н "
    "г-жа гр корп тов напр"
)
_NOT_BEFORE_NUMBER = _words(
    "no art et sc bl ca p pt ст д кв рис гл п тел ian feb mart apr iun iul aug sep sept oct noi "
    "nov dec jan okt des jaan veebr янв фев мар апр июн июл авг сен сент окт нояб дек min max"
)
_MAY_END = _words(
    "etc osv mm m.m o.l jne jms vms m.fl ș.a ș.a.m.d s.a s.a.m.d т.д т.п д п др проч руб р тыс "
    "млн млрд коп мин сек ч кг шт kg gr km min sek sec kr tk st stk buc mil mld ron eur inc ltd co"
)
_LONGEST_TOKEN = 14  # characters; longer ones are no abbreviation


class Span(NamedTuple):
    """A half-open range of characters, `text[start:end]`."""

    start: int
    end: int


def normalise(text: str) -> str:
    """Return the text as the model reads it.

    HTML tags and entities are resolved, code points composed (NFC), Romanian cedillas turned into
    commas, invisible and control characters removed, runs of one letter or mark longer than three
    cut to three (emphasis stays countable, numbers stay whole), white space collapsed; line breaks
    stay. Surrogate pairs are joined, lone surrogates become U+FFFD. Idempotent, linear time.
    """
    text = _clean(text)
    if "&" not in text and "<" not in text:
        return text
    for _ in range(_MARKUP_PASSES):
        resolved = _clean(_strip_markup(text))
        if resolved == text:
            return text
        text = resolved
    return _clean(text.translate(_NO_MARKUP))


def _clean(text: str) -> str:
    """Everything of `normalise` but markup; idempotent and never adds `&` or `<`."""
    text = _PAIR.sub(lambda m: chr((ord(m[1]) << 10) + ord(m[2]) + _PAIR_OFFSET), text)
    text = _LONE.sub("\ufffd", text)
    text = _INVISIBLE.sub("", _NEW_LINE.sub("\n", text))
    if not text.isascii():
        text = _limit_marks(_JOINER.sub("", text))
        text = unicodedata.normalize("NFC", text).translate(_CEDILLA)
        text = unicodedata.normalize("NFC", text)
    text = _REPEATED.sub(r"\1\1\1", text)
    return _BLANK_LINES.sub("\n", _BLANKS.sub(" ", text)).strip()


def _strip_markup(text: str) -> str:
    text = _ENTITY.sub(lambda m: html.unescape("&" + m[1]), text)
    if ">" not in text:
        return text
    return _TAG.sub(
        lambda m: _REPLACEMENT.get(m[1].lower(), m[0]),
        _DROPPED.sub(" ", text),
    )


def _limit_marks(text: str) -> str:
    def cut(run: re.Match[str]) -> str:
        kept, length = [], 0
        for c in run.group():
            length = length + 1 if unicodedata.combining(c) else 0
            if length <= 30:
                kept.append(c)
        return "".join(kept)

    return _MARK_RUN.sub(cut, text)


def fold(text: str) -> str:
    """Return the text lower-cased and without diacritics: `MÂNCARE`, `mâncare` -> `mancare`.

    `æ` becomes `ae`, `ø` and `õ` become `o`, `å` becomes `a`. Cyrillic `й` stays (another letter
    than `и`), `ё` becomes `е`. For lexical matching and n-grams, never for display; the length may
    change. Idempotent.
    """
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFD", _limit_marks(text)).casefold()
    bare = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _MARK.sub("", bare).translate(_PLAIN))


def has_letters(text: str) -> bool:
    """Whether there is at least one letter of any script to judge."""
    return any(c.isalpha() for c in text)


def script_shares(text: str) -> dict[str, float]:
    """Return the share of each script among the letters: `latin`, `cyrillic`, `other`.

    The shares sum to 1; all are 0 where the text has no letters.
    """
    letters = sum(map(str.isalpha, text))
    latin, cyrillic = len(_LATIN.findall(text)), len(_CYRILLIC.findall(text))
    counts = {"latin": latin, "cyrillic": cyrillic, "other": letters - latin - cyrillic}
    return {script: n / (letters or 1) for script, n in counts.items()}


def sentence_spans(text: str) -> list[Span]:
    """Cut the text at sentence ends and line breaks.

    A sentence end is followed by white space or the end of the text; abbreviations, ordinals, list
    numbers and an ellipsis before a small letter end nothing. The spans are stripped, never empty,
    in order, and hold every character that is not white space exactly once.
    """
    spans: list[Span] = []
    start = scanned = 0
    has_word = False  # whether there is a word or number since `start`
    for match in _END.finditer(text):
        has_word = has_word or _WORD.search(text, scanned, match.start()) is not None
        scanned = match.end()
        if match["line"] or (has_word and _is_end(text, start, match)):
            _add(spans, text, start, scanned)
            start, has_word = scanned, False
    _add(spans, text, start, len(text))
    return spans


def _is_end(text: str, start: int, match: re.Match[str]) -> bool:
    opening = _NEXT.match(text, match.end())
    after = text[opening.end() : opening.end() + 1] if opening else ""
    mark = match["mark"]
    if mark is None:  # an emoji or smiley ends a sentence only where another clearly begins
        return after.isupper()
    if after.islower() and (match["closed"] or set(mark) <= {"…"} or ".." in mark):
        return False
    return mark != "." or not after or not _is_abbreviation(text, start, match.start(), after)


def _is_abbreviation(text: str, start: int, dot: int, after: str) -> bool:
    """Whether the full stop at `dot` belongs to the word or number before it."""
    head = dot
    floor = max(start, dot - _LONGEST_TOKEN)
    while head > floor and (text[head - 1].isalnum() or text[head - 1] in ".-"):
        head -= 1
    token = text[head:dot]
    if token.replace(".", "").isdecimal():  # "12. mai", "2023. aastal", "1. Maten"
        return after.islower() or not text[start:head].strip()
    if len(token) == 1 and token.isupper():  # initials; "I" and "Я" are words
        return after.isupper() and token not in "IЯ"
    token = token.lower()
    if token in _NEVER_END and not text[max(0, head - 2) : head].rstrip()[-1:].isdecimal():
        return True
    if token in _NOT_BEFORE_NUMBER and after.isdecimal():
        return True
    return after.islower() and (token in _MAY_END or token in _NEVER_END)


def _add(spans: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append(Span(start, end))
