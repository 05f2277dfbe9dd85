"""Which encoding a text file is in, its lines, and what to say where it is another one."""

from __future__ import annotations

import codecs
import io
import unicodedata
from collections.abc import Generator

from reviewkit.errors import InputError, OptionError
from reviewkit.tables._source import Source

__all__ = ["CODE_PAGES", "likely_encodings", "read_lines", "text_encoding"]

# What spreadsheets and shop systems write for our languages, most common first.
CODE_PAGES = ("cp1251", "cp1250", "cp1252", "cp1257", "koi8-r")

_MARKS = (  # utf-32 first: its little-endian mark begins with utf-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 1 << 16
_BLOCK = 1 << 20
# Letters beyond ASCII that each code page should show. The frequent Russian letters weigh more,
# because cp1251 and koi8-r map the letters onto each other.
_FREQUENT = {"cp1251": "оеаинтсрвл", "koi8-r": "оеаинтсрвл"}
_LETTERS = {
    "cp1251": "бгдзйкмпуфхцчшщъыьэюяё",
    "koi8-r": "бгдзйкмпуфхцчшщъыьэюяё",
    "cp1250": "ăâîşţ",
    "cp1252": "æøåõäöüšžéèêâ",
    "cp1257": "õäöüšžæøåé",
}


def text_encoding(source: Source, requested: str | None = None) -> str:
    """Return the codec to read a file with: as requested, by byte order mark, else UTF-8.

    Raises:
        OptionError: Python knows no such text encoding.
        InputError: the bytes look like UTF-16 without a byte order mark.
    """
    if requested is not None:
        return _known(requested)
    with source.reading(), source.open() as stream:
        sample = stream.read(_SAMPLE)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    wide = _unmarked_utf16(sample)
    if wide is not None:
        raise InputError(
            f"{source.name} is not UTF-8: its zero bytes look like {wide} without a byte order "
            f"mark. Fix: --encoding {wide}"
        )
    return "utf-8"


def _known(name: str) -> str:
    try:
        b"a".decode(name)
    except UnicodeError:
        pass  # a text encoding in which one byte is no character
    except (LookupError, ValueError):
        valid = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", *CODE_PAGES)
        raise OptionError("encoding", name, (*valid, "any other text codec of Python")) from None
    return name


def _unmarked_utf16(sample: bytes) -> str | None:
    if b"\0" not in sample:
        return None
    sample = sample[: len(sample) // 2 * 2]
    for name in ("utf-16-le", "utf-16-be"):
        text = sample.decode(name, "replace")
        # Latin and Cyrillic text as UTF-16 stays below U+0530; stray zero bytes do not.
        usual = sum("\t" <= char < "\u0530" or "\u2010" <= char <= "\u20bf" for char in text)
        if usual >= 0.95 * len(text) > 0:
            return name
    return None


def read_lines(
    source: Source, encoding: str, *, newline: str, requested: bool = False
) -> Generator[str, None, None]:
    r"""Yield the lines with their ends, unchanged, without a byte order mark.

    Args:
        source: the bytes.
        encoding: from `text_encoding`.
        newline: as for `open`: "" ends a line at `\n`, `\r` or `\r\n`, else at that string.
        requested: the user named the encoding.

    Raises:
        InputError: bytes that the encoding does not have; the message gives the byte offset
            (in the uncompressed file) and the likely encodings.
    """
    try:
        with source.reading(), source.open() as stream:
            lines = io.TextIOWrapper(stream, encoding, "strict", newline)
            try:
                first = next(lines, "").removeprefix("\ufeff")
                if first:
                    yield first
                yield from iter(lines.readline, "")
            finally:
                lines.detach()  # the source closes it, once it has asked how far it got
    except UnicodeError as error:
        raise _undecodable(source, encoding, requested, error) from error


def likely_encodings(sample: bytes) -> tuple[str, ...]:
    """Return the code pages that a sample with non-ASCII bytes may be in, likeliest first.

    Each is scored by the share of letters that its languages use among the non-ASCII
    characters; without any evidence all are returned.
    """
    scores = {name: _score(sample, name) for name in CODE_PAGES}
    best = max(scores.values())
    if best <= 0:
        return CODE_PAGES
    ranked = sorted(CODE_PAGES, key=lambda name: -scores[name])
    return tuple(name for name in ranked if scores[name] > best - 0.15)


def _score(sample: bytes, name: str) -> float:
    text = [char for char in sample.decode(name, "replace") if char > "\x7f"]
    frequent, letters = _FREQUENT.get(name, ""), _LETTERS[name]
    total = 0.0
    for char in text:
        lower = char.lower()
        if lower in frequent or (lower in letters and not frequent):
            total += 1.0
        elif lower in letters:
            total += 0.4
        elif char == "\ufffd" or unicodedata.category(char)[0] in "LCS":
            total -= 1.0  # foreign letters, control characters and symbols; quotes are neutral
        if char != lower:
            total -= 0.1
    return total / len(text) if text else 0.0


def _undecodable(source: Source, encoding: str, requested: bool, error: UnicodeError) -> InputError:
    place, around, before = _find(source, encoding)
    utf8 = encoding.lower() in ("utf-8", "utf-8-sig")
    shown = "UTF-8" if utf8 else encoding
    reason = getattr(error, "reason", str(error))
    parts = [f"{source.name} is not {shown}{' as asked' if requested else ''}: {reason}{place}."]
    likely = [name for name in likely_encodings(around) if name != encoding]
    likely = likely or [name for name in CODE_PAGES if name != encoding]
    if encoding.startswith(("utf-16", "utf-32")):
        parts.append("Fix: name another encoding with --encoding.")
    elif b"\0" in around:
        parts.append("It has zero bytes, so it is no text. Fix: save a spreadsheet as csv first.")
    else:
        if utf8 and before:
            parts.append("The text before it is UTF-8, so the file is damaged or of two encodings.")
        parts.append(f"Likely encodings: {', '.join(likely)}. Fix: --encoding {likely[0]}")
    return InputError(" ".join(parts))


def _find(source: Source, encoding: str) -> tuple[str, bytes, bool]:
    """Return where decoding fails, the bytes around it, and if UTF-8 letters come before."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset, line = 0, 1
    before = False
    with source.reading(), source.open() as stream:
        while True:
            block = stream.read(_BLOCK)
            pending = decoder.getstate()[0]
            try:
                text = decoder.decode(block, not block)
            except UnicodeDecodeError as error:
                start = error.start
                data = bytes(error.object)
                line += data.count(b"\n", 0, start)
                before = before or not data[:start].isascii()
                around = data[max(0, start - _SAMPLE // 2) : start + _SAMPLE // 2]
                where = f" (byte 0x{data[start]:02x} at byte offset {offset - len(pending) + start}"
                wide = encoding.startswith(("utf-16", "utf-32"))
                return where + (")" if wide else f", line {line})"), around, before
            except UnicodeError:
                break  # codecs that do not say where
            if not block:
                break
            before = before or not text.isascii()
            line += block.count(b"\n")
            offset += len(block)
    return "", b"", before
