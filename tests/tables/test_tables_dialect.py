from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewkit.tables import _dialect
from reviewkit.tables._dialect import (
    QUOTED_EMPTY,
    encode_row,
    quoting,
    records,
    sniff_delimiter,
)


def parse(text: str, delimiter: str | None = ",") -> list[list[str]]:
    lines = io.StringIO(text, newline="")
    return [record.cells for record in records(lines, delimiter)]


@settings(deadline=None)
@given(st.text(alphabet='ab",;\n\r \t5', max_size=60), st.sampled_from(",;\t"))
def test_cells_are_those_of_the_csv_module(text: str, delimiter: str) -> None:
    found = list(records(io.StringIO(text, newline=""), delimiter))
    if not any(record.unclosed for record in found):
        expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        assert [record.cells for record in found] == expected


@settings(deadline=None)
@given(st.lists(st.lists(st.text(st.characters(codec="utf-8"), max_size=8), min_size=1)))
def test_what_is_encoded_is_read_back(rows: list[list[str]]) -> None:
    text = "".join(encode_row(row, ",", quoting(",")) for row in rows)
    assert parse(text) == rows
    if "\0" not in text:
        assert list(csv.reader(io.StringIO(text, newline=""))) == rows


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a,5" screen,"x""y"\n', [["a", '5" screen', 'x"y']]),
        ('"one\r\ntwo\nthree\rfour",b\r\n', [["one\r\ntwo\nthree\rfour", "b"]]),
        ("a\rb\nc\r\nd", [["a"], ["b"], ["c"], ["d"]]),
        ("a\x0bb,c\u2028d\x85e\n", [["a\x0bb", "c\u2028d\x85e"]]),
        ("a\0b,\0\n", [["a\0b", "\0"]]),
        ("a\n\n\nb\n", [["a"], [], [], ["b"]]),
        ('"Great" phone,5\n', [["Great phone", "5"]]),
        (" x , NA ,\n", [[" x ", " NA ", ""]]),
    ],
)
def test_cells(text: str, expected: list[list[str]]) -> None:
    assert parse(text) == expected


def test_an_empty_quoted_cell_keeps_its_quotes() -> None:
    (cells,) = parse('"",\n')
    assert cells == ["", ""]
    assert encode_row(cells, ",", quoting(",")) == '"",\n'
    assert QUOTED_EMPTY == ""


def test_a_quote_that_is_never_closed_swallows_no_rows() -> None:
    text = '1,"ok\nstill ok"\n2,"open,x\n3,y\n4,z'
    found = list(records(io.StringIO(text), ","))
    assert [r.cells for r in found] == [
        ["1", "ok\nstill ok"],
        ["2", '"open', "x"],
        ["3", "y"],
        ["4", "z"],
    ]
    assert [r.unclosed for r in found] == [False, True, False, False]
    assert [r.line for r in found] == [1, 3, 4, 5]


def test_a_quote_left_open_for_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_dialect, "MAX_QUOTED", 20)
    text = '1,"open\n' + "2,x\n" * 10 + '3,"a"\n'
    cells = parse(text)
    assert cells == [["1", '"open'], *[["2", "x"]] * 10, ["3", "a"]]


def test_a_cell_of_a_megabyte_needs_no_global_limit() -> None:
    before = csv.field_size_limit()
    big = "слово, " * 150_000
    assert parse(f'1,"{big}"\n') == [["1", big]]
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id,text\n1,a; b; c\n", ","),
        ("id;text\n1;a, b, c\n2;d\n", ";"),
        ("id\ttext\n1\ta, b; c\n", "\t"),
        ("id|text\n1|a, b; c\n", "|"),
        ('id;text;price, EUR\n1;"x;y";3,50\n2;z;4,10\n', ";"),
        ('"a;b;c",text\n1,x\n', ","),
        ("Date,Text (short; or long),Stars\n1,x,5\n2,y,4\n", ","),
        ("text\nGood, but slow; fine\nBad, bad\n", None),
        ("text\n", None),
        ("", None),
    ],
)
def test_sniffing(text: str, expected: str | None) -> None:
    assert sniff_delimiter(text.splitlines(keepends=True), complete=True) == expected


def test_sniffing_ignores_a_record_that_the_sample_cuts_off() -> None:
    lines = ["id;text\n", "1;a\n", '2;"cut off, and, so\n', "on; and; on\n"]
    assert sniff_delimiter(lines, complete=False) == ";"


def test_a_single_empty_cell_is_not_a_blank_line() -> None:
    assert encode_row([None], ",", quoting(",")) == '""\n'
    assert encode_row([None, "a b", 'c"', "\r", "\t,"], ",", quoting(",")) == (
        ',a b,"c""","\r","\t,"\n'
    )
