from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewkit.errors import InputError
from reviewkit.tables import open_table, open_writer, text_column
from reviewkit.tables._jsonl import parse_line

AWKWARD = [
    r'{"text": "a\u00e9\/b", "n": 1.0, "big": 123456789012345678901234567890}',
    r'{"big":1e400,"text":"\ud800 half","n":-0,"text2":null}',
    r'{ "n" : 1.10 , "text" : "x" , "nested" : {"b": [1.0, {"c": 1e2}], "a": "\u0444"} }',
    r'{"text": "first", "text": "second"}',
    r"{}",
    r'{"text": "", "n": NaN}',
]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_objects_are_kept_byte_for_byte(make, copy) -> None:
    source = make("\n".join(AWKWARD) + "\n", "in.jsonl")
    assert copy(source, "same.jsonl").read_text() == source.read_text()
    lines = copy(source, "out.jsonl", {"kind": "ø", "cues": ["a"]}).read_text().splitlines()
    ours = '"kind": "ø", "cues": ["a"]}'
    assert lines == [
        line[:-1].rstrip() + (ours if line == "{}" else ", " + ours) for line in AWKWARD
    ]


def test_text_forms_for_csv(make, copy) -> None:
    source = make("\n".join(AWKWARD), "in.jsonl")
    out = copy(source)
    rows = rows_of(out)
    assert list(rows[0]) == ["text", "n", "big", "text2", "nested", "_raw"]
    assert [row["n"] for row in rows] == ["1.0", "-0", "1.10", "", "", "NaN"]
    assert rows[0]["big"] == "123456789012345678901234567890"
    assert rows[1]["big"] == "1e400"
    assert rows[0]["text"] == "aé/b"
    assert rows[1]["text"] == r"\ud800 half"
    assert rows[2]["nested"] == r'{"b": [1.0, {"c": 1e2}], "a": "\u0444"}'
    assert rows[3] == dict.fromkeys(rows[3], "") | {"text": "second", "_raw": AWKWARD[3]}
    assert out.read_text().splitlines()[-1] == '"",NaN,,,,'


def test_broken_lines_stay_in_place(make, copy) -> None:
    lines = [
        '{"text": "good"}',
        '{"text": "cut off',
        "[1, 2]",
        "null",
        "3",
        '"just text"',
        "true",
        "",
        '{"text": "raw\ttab"}',
        "[" * 100_000,
        '{"text": "end"} trailing',
        '{"text": "last", "kind": "mine"}',
    ]
    source = make("\n".join(lines), "in.jsonl")
    with open_table(source) as table:
        assert (table.n_rows, table.blank_lines, table.columns) == (11, 1, ("text", "kind"))
        (chunk,) = table.chunks()
        assert sorted(chunk.errors) == list(range(1, 10))
        assert chunk.errors[1].startswith("line 2: broken JSON: Unterminated string")
        assert chunk.errors[3] == "line 4: not a JSON object but null"
        assert "a list" in chunk.errors[2]
        assert "line 9:" in chunk.errors[7]
        assert chunk.column("text") == ["good", *[None] * 9, "last"]
    found = [json.loads(x) for x in copy(source, "out.jsonl", {"kind": 1}).read_text().splitlines()]
    assert found[1] == {"_raw": '{"text": "cut off', "rk_kind": 1}
    assert found[0] == {"text": "good", "rk_kind": 1}
    assert found[10] == {"text": "last", "kind": "mine", "rk_kind": 1}
    rows = rows_of(copy(source, ours={"kind": 1}))
    assert list(rows[0]) == ["text", "kind", "_raw", "rk_kind"]
    assert [row["_raw"] for row in rows] == ["", *[x for x in lines[1:-1] if x], ""]


def test_raw_is_added_only_where_needed(make, copy) -> None:
    source = make('{"a": 1}\n{"b": 2}\n', "in.jsonl")
    assert copy(source).read_text() == "a,b\n1,\n,2\n"
    source = make('{"_raw": 1}\n{oops\n', "in.jsonl")
    assert copy(source).read_text() == "_raw,rk__raw\n1,\n,{oops\n"
    assert copy(source, "out.jsonl").read_text() == '{"_raw": 1}\n{"rk__raw": "{oops"}\n'


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(make, values, end: str) -> None:
    lines = ['{"text": "a\u2028b\u0085c"}', "", '{"text": "d"}']
    assert values(make(end.join(lines), "in.jsonl"), "text") == ["a\u2028b\u0085c", "d"]


def test_a_carriage_return_inside_a_line_ends_nothing(make, copy) -> None:
    source = make('{"text":\r"a"}\n{"text": "b"}\n', "in.jsonl")
    with open_table(source) as table:
        assert table.n_rows == 2
    assert copy(source, "out.jsonl").read_bytes() == source.read_bytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n \r\n", "is empty"),
        ('[{"text": "a"},\n{"text": "b"}]', r"jq -c '\.\[\]'"),
        ('[{"text": "a"}, {"text": "b"}]', r"jq -c '\.\[\]'"),
        ("[\n{}\n]", r"jq -c '\.\[\]'"),
        ('{\n"text": "a"\n}\n', r"jq -c \. "),
        ("text,n\na,1\n", "no line .* is a JSON object with keys: broken JSON"),
    ],
)
def test_files_that_are_no_jsonl(make, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_table(make(content, "in.json"))


def test_a_first_line_that_is_a_list_of_numbers_is_a_broken_line(make) -> None:
    with open_table(make('[1]\n[]\n{"text": "a"}\n', "in.jsonl")) as table:
        (chunk,) = table.chunks()
        assert list(chunk.errors) == [0, 1]


def test_text_candidates_are_the_keys_with_strings_only(make) -> None:
    lines = '{"id": 1, "a": "x", "b": "y", "l": ["z"]}\n{"id": 2, "a": null, "b": 3}\n'
    with open_table(make(lines, "in.jsonl")) as table:
        assert table.text_candidates == ("a",)
        assert text_column(table) == "a"


def test_an_integer_of_five_thousand_digits(make, copy) -> None:
    source = make('{"n": ' + "9" * 5000 + "}\n", "in.jsonl")
    assert copy(source).read_text() == "n\n" + "9" * 5000 + "\n"
    assert copy(source, "out.jsonl").read_text() == source.read_text()


def test_our_values_with_half_a_pair(make, copy) -> None:
    source = make('{"text": "a"}\n', "in.jsonl")
    line = copy(source, "out.jsonl", {"reply_draft": "\udc00!"}).read_text()
    assert json.loads(line) == {"text": "a", "reply_draft": "\udc00!"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.dictionaries(st.text(max_size=3), json_values, max_size=4), min_size=1, max_size=4),
    st.booleans(),
)
def test_any_objects_survive(
    tmp_path_factory: pytest.TempPathFactory, objects: list[dict[str, object]], ascii_only: bool
) -> None:
    folder = tmp_path_factory.mktemp("any")
    source, target = folder / "in.jsonl", folder / "out.jsonl"
    text = "".join(json.dumps(item, ensure_ascii=ascii_only) + "\n" for item in objects)
    try:
        source.write_bytes(text.encode())
    except UnicodeEncodeError:
        return
    with open_table(source) as table, open_writer(target, table, ["kind"]) as writer:
        name = writer.names["kind"]
        with open_writer(folder / "out.csv", table, ["kind"]) as second:
            for chunk in table.chunks(3):
                ours = {"kind": ["x"] * chunk.n}
                writer.write(chunk, ours)
                second.write(chunk, ours)
    found = [json.loads(line) for line in target.read_bytes().split(b"\n")[:-1]]
    assert found == [{**item, name: "x"} for item in objects]
    with open_table(folder / "out.csv") as table:
        assert table.n_rows == len(objects)
        assert table.columns[-1] == name


@settings(deadline=None)
@given(st.text(alphabet='{}[]":,a1 \\n', max_size=20))
def test_any_line_is_an_object_or_a_reason(line: str) -> None:
    value = parse_line(line)
    assert isinstance(value, (dict, str))
