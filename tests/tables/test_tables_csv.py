from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewkit.errors import InputError, OptionError
from reviewkit.tables import _base as base
from reviewkit.tables import open_table, open_writer

AWKWARD = [
    ["id", "text", "stars"],
    ["007", "NA", "1e5"],
    ["1.0", " lead and trail ", "null"],
    ["2", 'quoted "cell", with\nnewline', ""],
    ["3", "ăîșț õäöü æøå отзыв 😀", "nan"],
    ["4", "it's; a\ttab", "True"],
    ["5", "=1+1", "\N{NO-BREAK SPACE}"],
]


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def written(rows: list[list[str]], **options: object) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, **options).writerows(rows)  # type: ignore[call-overload]
    return text.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("style", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_every_cell_survives(make, copy, delimiter: str, end: str, style: int) -> None:
    source = make(written(AWKWARD, delimiter=delimiter, lineterminator=end, quoting=style))
    out = copy(source, ours={"kind": "praise"})
    assert [row[:-1] for row in rows_of(out)] == AWKWARD
    assert [row[-1] for row in rows_of(out)] == ["kind", *["praise"] * 6]
    again = copy(out, "again.csv")
    assert again.read_bytes() == out.read_bytes()


def test_output_is_minimal_utf8_without_a_mark(make, copy) -> None:
    source = make(b"\xef\xbb\xbf" + '"id";"text"\r\n"1";"a, b"\r\n"2";"ø"\r\n'.encode())
    assert copy(source).read_bytes() == 'id,text\n1,"a, b"\n2,ø\n'.encode()
    assert copy(source, "out.tsv").read_bytes() == "id\ttext\n1\ta, b\n2\tø\n".encode()


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(
                st.text(st.characters(codec="utf-8"), max_size=6), min_size=width, max_size=width
            ),
            min_size=1,
            max_size=6,
        )
    )
)
def test_any_cells_survive(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    folder = tmp_path_factory.mktemp("any")
    width = len(rows[0])
    header = [f"column {i}" for i in range(width)]
    source, target = folder / "in.csv", folder / "out.csv"
    text = "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n"
        for row in [header, *rows]
    )
    source.write_text(text, encoding="utf-8", newline="")
    with open_table(source) as table, open_writer(target, table, ["kind"]) as writer:
        for chunk in table.chunks(2):
            assert not chunk.errors
            writer.write(chunk, {"kind": ["x"] * chunk.n})
    with open_table(target) as table:
        assert table.columns == (*header, "kind")
        (chunk,) = table.chunks(10)
        for i, name in enumerate(header):
            assert chunk.column(name) == [row[i] for row in rows]


def test_rows_that_end_early(make, copy) -> None:
    source = make("id,text,stars\n1,good\n2\n3,bad,1\n")
    with open_table(source) as table:
        (chunk,) = table.chunks()
        assert chunk.errors == {}
        assert chunk.column("stars") == [None, None, "1"]
        (chunk,) = table.chunks(text="text")
        assert list(chunk.errors) == [1]
        assert "line 3: 1 cells where the header has 3" in chunk.errors[1]
        assert chunk.column("text") == ["good", None, "bad"]
    assert copy(source).read_text() == "id,text,stars\n1,good,\n2,,\n3,bad,1\n"
    lines = copy(source, "out.jsonl").read_text().splitlines()
    assert json.loads(lines[1]) == {"id": "2", "text": None, "stars": None}


def test_rows_with_too_many_cells_lose_nothing(make, copy) -> None:
    source = make("id,text\n1,good\n2,bad, very bad,1\n3,fine,,\n")
    with open_table(source) as table:
        assert table.columns == ("id", "text")
        (chunk,) = table.chunks()
        assert list(chunk.errors) == [1]  # empty extra cells carry nothing
        assert "line 3: 4 cells where the header has 2" in chunk.errors[1]
        assert chunk.column("text") == ["good", "bad", "fine"]
    rows = rows_of(copy(source, ours={"kind": "x"}))
    assert rows[0] == ["id", "text", "_extra", "kind"]
    assert [row[2] for row in rows[1:]] == ["", '[" very bad", "1"]', ""]
    lines = copy(source, "out.jsonl").read_text().splitlines()
    assert json.loads(lines[0]) == {"id": "1", "text": "good"}
    assert json.loads(lines[1])["_extra"] == [" very bad", "1"]


def test_a_column_called_extra_stays(make, copy) -> None:
    source = make("_extra,text\n1,good,more\n")
    assert copy(source).read_text() == '_extra,text,rk__extra\n1,good,"[""more""]"\n'


def test_duplicate_and_empty_names(make, copy, values) -> None:
    source = make("text,,text,\na,b,c,d\n")
    assert values(source, "text") == ["a"]
    assert values(source, "") == ["b"]
    assert copy(source, ours={"text": 1}).read_text() == "text,,text,,rk_text\na,b,c,d,1\n"
    assert json.loads(copy(source, "out.jsonl").read_text()) == {
        "text": "a",
        "": "b",
        "text.1": "c",
        ".1": "d",
    }


def test_blank_lines_are_counted_and_no_rows(make) -> None:
    with open_table(make("\n\ntext,n\n\na,1\n\r\nb,2\n\n")) as table:
        assert (table.n_rows, table.blank_lines) == (2, 3)
        assert [chunk.n for chunk in table.chunks()] == [2]


def test_a_header_alone_is_a_table(make, copy) -> None:
    source = make("id,text\n")
    with open_table(source) as table:
        assert table.n_rows == 0
        assert list(table.chunks()) == []
    assert copy(source, ours={"kind": ""}).read_text() == "id,text,kind\n"
    assert copy(source, "out.jsonl").read_text() == ""


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\n\r\n", b"sep=;\n"])
def test_an_empty_file_is_an_error(make, content: bytes) -> None:
    with pytest.raises(InputError, match=r"in\.csv is empty"):
        open_table(make(content))


def test_the_line_with_which_excel_states_the_separator(make, values) -> None:
    assert values(make("sep=|\r\ntext|n\r\na, b;c|1\r\n"), "text") == ["a, b;c"]


def test_a_list_of_reviews_needs_no_quotes(make, copy) -> None:
    source = make('text\nGood, but slow\n"quoted, too"\n5" screen; nice\n')
    assert rows_of(copy(source)) == [
        ["text"],
        ["Good, but slow"],
        ["quoted, too"],
        ['5" screen; nice'],
    ]


def test_tsv_is_split_at_tabs_only(make, values) -> None:
    assert values(make("text;a\tn\nx;y\t1\n", "in.tsv"), "text;a") == ["x;y"]


def test_nul_and_huge_cells(make, copy, values) -> None:
    big = "много слов, " * 90_000
    source = make(f'id,text\n1,a\0b\n2,"{big}"\n')
    assert values(copy(source), "text") == ["a\0b", big]


def test_large_rows_make_short_chunks(make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewkit.tables._csv.CHUNK_SIZE", 50)
    assert base.CHUNK_SIZE > 2**20
    with open_table(make("id,text\n" + f"1,{'x' * 30}\n" * 5)) as table:
        assert [chunk.n for chunk in table.chunks()] == [2, 2, 1]


def test_an_unclosed_quote_is_reported(make, copy) -> None:
    source = make('id,text\n1,a\n2,"open\n3,c\n')
    with open_table(source) as table:
        (chunk,) = table.chunks()
        assert chunk.column("text") == ["a", '"open', "c"]
        assert "line 3: a quote is never closed" in chunk.errors[1]
    assert rows_of(copy(source))[2] == ["2", '"open']


def test_passes_and_progress(make) -> None:
    source = make("id,text\n" + f"1,{'good ' * 50}\n" * 10_000)
    with open_table(source) as table:
        chunks = table.chunks(1000)
        first = next(chunks)
        assert table.n_bytes is not None
        assert 0 < table.bytes_read < table.n_bytes
        assert sum(chunk.n for chunk in chunks) + first.n == table.n_rows == 10_000
        assert table.bytes_read == table.n_bytes == source.stat().st_size
        assert next(table.chunks(5)).column("text") == ["good " * 50] * 5


def test_gzip(make, copy, values) -> None:
    source = make(gzip.compress(b"id,text\n1,good\n"), "in.csv.gz")
    assert values(source, "text") == ["good"]
    assert values(make(source.read_bytes(), "unnamed.csv"), "text") == ["good"]
    out = copy(source, "out.csv.gz", {"kind": "x"})
    assert gzip.decompress(out.read_bytes()) == b"id,text,kind\n1,good,x\n"
    assert out.read_bytes() == copy(source, "out2.csv.gz", {"kind": "x"}).read_bytes()


def test_options(make) -> None:
    with open_table(make("text\na\n")) as table:
        with pytest.raises(OptionError, match="rows=0"):
            table.chunks(0)
        with pytest.raises(InputError, match="no column 'x'; the columns are 'text'"):
            table.chunks(text="x")
        (chunk,) = table.chunks()
        with pytest.raises(InputError, match="no column 'x'"):
            chunk.column("x")
