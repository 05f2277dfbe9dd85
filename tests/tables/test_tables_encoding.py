from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from reviewkit.errors import InputError, OptionError
from reviewkit.tables import open_table, open_writer
from reviewkit.tables._encoding import likely_encodings

RUSSIAN = "Ужасный сервис, доставку ждали две недели. Больше ничего не закажу!"
ROMANIAN = "Mâncarea a fost rece şi comanda a întârziat o oră, nu mai comand de aici."
NORWEGIAN = "Maten var kald og det tok altfor lang tid å få svar på spørsmålet mitt, ærlig talt."
ESTONIAN = "Väga halb teenindus, ootasin üle tunni ja lõpuks öeldi, et šokolaadi pole. Žanr."


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", codecs.BOM_UTF32_LE),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_byte_order_marks(make, values, encoding: str, mark: bytes, suffix: str) -> None:
    text = f'text,n\n"{RUSSIAN}",1\n' if suffix == "csv" else f'{{"text": "{RUSSIAN}"}}\n'
    source = make(mark + text.encode(encoding), f"in.{suffix}")
    assert values(source, "text") == [RUSSIAN]


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        (RUSSIAN, "cp1251", "cp1251"),
        (RUSSIAN.upper(), "cp1251", "cp1251"),
        (RUSSIAN, "koi8-r", "koi8-r"),
        (RUSSIAN.upper(), "koi8-r", "koi8-r"),
        (ROMANIAN, "cp1250", "cp1250"),
        (NORWEGIAN, "cp1252", "cp1252"),
        (ESTONIAN, "cp1257", "cp1257"),
    ],
)
def test_another_code_page_is_named(make, values, text: str, encoding: str, named: str) -> None:
    source = make(f"id\ttext\n1\t{text}\n".encode(encoding), "in.tsv")
    with pytest.raises(InputError) as caught:
        open_table(source)
    message = str(caught.value)
    assert "in.tsv is not UTF-8: " in message
    assert message.endswith(f"Fix: --encoding {named}")
    assert values(source, "text", encoding=named) == [text]


def test_a_workbook_is_no_text(make) -> None:
    with pytest.raises(InputError, match="save a spreadsheet as csv"):
        open_table(make(b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\xa4\xd1"))


def test_every_code_page_is_named_without_evidence() -> None:
    assert likely_encodings(b"\x01\xa4") == ("cp1251", "cp1250", "cp1252", "cp1257", "koi8-r")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(make, values, encoding: str) -> None:
    source = make(f'id,text\n1,"{RUSSIAN}"\n'.encode(encoding))
    with pytest.raises(InputError, match=f"Fix: --encoding {encoding}"):
        open_table(source)
    assert values(source, "text", encoding=encoding) == [RUSSIAN]


def test_stray_zero_bytes_are_not_utf16(make, values) -> None:
    assert values(make(b"a,b\n1,\0\n"), "b") == ["\0"]


def test_a_bad_byte_late_in_the_file(make, tmp_path: Path) -> None:
    good = f'{{"text": "{RUSSIAN}"}}\n'.encode() * 20_000
    source = make(good + '{"text": "плохо"}\n'.encode("cp1251"), "in.jsonl")
    target = tmp_path / "out.jsonl"

    def work() -> None:
        with open_table(source) as table, open_writer(target, table, []) as writer:
            for chunk in table.chunks():
                writer.write(chunk, {})

    with pytest.raises(InputError) as caught:
        work()
    message = str(caught.value)
    assert f"byte 0xef at byte offset {len(good) + 10}, line 20001" in message
    assert "The text before it is UTF-8" in message
    assert "cp1251" in message
    assert list(tmp_path.iterdir()) == [source]


def test_the_offset_counts_a_character_cut_by_a_block(make) -> None:
    text = b"text\n" + "я".encode() * (1 << 20)
    with pytest.raises(InputError, match=rf"byte offset {len(text)}, line 2"):
        open_table(make(text + b"\xff\n"))


def test_bytes_that_the_requested_encoding_lacks(make) -> None:
    source = make("text\nжюэ".encode() + b"\xff")
    with pytest.raises(InputError, match=r"is not ascii as asked: .*byte offset 5, line 2"):
        open_table(source, encoding="ascii")
    source = make(RUSSIAN.encode("cp1251") + b"\x98")
    with pytest.raises(InputError, match=r"is not cp1251 as asked: .*Fix: --encoding cp1250"):
        open_table(source, encoding="cp1251")
    with pytest.raises(InputError, match="is not utf-16-le as asked: truncated data"):
        open_table(make(b"text\n"), encoding="utf-16-le")


@pytest.mark.parametrize("name", ["cp9999", "hex", "rot13", "", "a\0b"])
def test_unknown_encodings(make, name: str) -> None:
    with pytest.raises(OptionError, match=r"encoding=.*'cp1251'"):
        open_table(make("text\na\n"), encoding=name)


def test_requested_utf8_still_drops_the_mark(make) -> None:
    with open_table(make(codecs.BOM_UTF8 + b"text,n\n"), encoding="utf-8") as table:
        assert table.columns == ("text", "n")
        assert table.encoding == "utf-8"
