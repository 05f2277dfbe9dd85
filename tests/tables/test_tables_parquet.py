from __future__ import annotations

import builtins
import csv
import datetime
import decimal
import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from reviewkit.errors import InputError, MissingExtraError
from reviewkit.tables import open_table, open_writer, text_column

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

STAMP = datetime.datetime(2024, 2, 29, 13, 5, 1, 250_000)


def awkward() -> Any:
    columns = {
        "text": pa.array(["good", None, "", "ø\ud7ff\n"], pa.large_string()),
        "shop": pa.array(["a", "b", "a", None]).dictionary_encode(),
        "stars": pa.array([5, None, 1, 2], pa.int8()),
        "score": pa.array([0.9, None, float("nan"), float("inf")], pa.float32()),
        "exact": pa.array([0.1, 1e300, -0.0, None], pa.float64()),
        "price": pa.array([decimal.Decimal("12.50"), None, None, None], pa.decimal128(9, 2)),
        "when": pa.array([STAMP, None, None, None], pa.timestamp("us", "Europe/Bucharest")),
        "nano": pa.array([1_700_000_000_000_000_001, None, 0, 1], pa.timestamp("ns")),
        "day": pa.array([datetime.date(2024, 2, 29), None, None, None], pa.date32()),
        "clock": pa.array([datetime.time(1, 2, 3), None, None, None], pa.time64("us")),
        "took": pa.array([1_500_000, None, -1, 0], pa.duration("us")),
        "tags": pa.array([["x", None], [], None, ["y"]], pa.list_(pa.string())),
        "who": pa.array([{"a": 1, "b": ["z"]}, None, {"a": None, "b": None}, None]),
        "pairs": pa.array([[("k", 1)], None, [], None], pa.map_(pa.string(), pa.int32())),
        "raw": pa.array([b"abc", b"\xff", None, b""], pa.binary()),
        "flag": pa.array([True, False, None, True]),
        "none": pa.array([None] * 4, pa.null()),
    }
    fields = [
        pa.field(name, array.type, metadata={"note": f"about {name}"})
        for name, array in columns.items()
    ]
    return pa.table(list(columns.values()), pa.schema(fields, metadata={"made": "by hand"}))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.parquet"
    pq.write_table(awkward(), path, row_group_size=3)
    return path


def test_columns_pass_through_untouched(source: Path, copy) -> None:
    ours = {"severity": 2, "cues": ["recurrence"], "complaint_probabilities": {"a": 0.5}}
    before = pq.read_table(source)
    after = pq.read_table(copy(source, "out.parquet", ours, rows=1))
    assert after.schema.metadata[b"made"] == b"by hand"
    assert after.column_names == [*before.column_names, *ours]
    for name in before.column_names:
        assert after.schema.field(name).equals(before.schema.field(name), check_metadata=True)
        if name != "score":  # not-a-number differs from itself
            assert after.column(name).to_pylist() == before.column(name).to_pylist()
    assert repr(after.column("score").to_pylist()) == repr(before.column("score").to_pylist())
    assert after.schema.field("severity").type == pa.int64()
    assert after.schema.field("cues").type == pa.list_(pa.string())
    assert after.column("cues").to_pylist() == [["recurrence"]] * 4
    assert after.column("complaint_probabilities").to_pylist() == ['{"a": 0.5}'] * 4


def test_text_forms(source: Path, copy) -> None:
    with copy(source).open(encoding="utf-8", newline="") as file:
        first, second, third, _ = csv.DictReader(file)
    assert first == {
        "text": "good",
        "shop": "a",
        "stars": "5",
        "score": "0.9",
        "exact": "0.1",
        "price": "12.50",
        "when": "2024-02-29T15:05:01.250000+02:00",
        "nano": "2023-11-14T22:13:20.000000001",
        "day": "2024-02-29",
        "clock": "01:02:03",
        "took": "PT1.500000S",
        "tags": '["x", null]',
        "who": '{"a": 1, "b": ["z"]}',
        "pairs": '[["k", 1]]',
        "raw": "abc",
        "flag": "true",
        "none": "",
    }
    assert set(second.values()) == {"", "b", "1e+300", r"\xff", "false", "[]"}
    assert (third["score"], third["exact"], third["took"]) == ("nan", "-0.0", "-PT0.000001S")
    lines = copy(source, "out.jsonl").read_text(encoding="utf-8").splitlines()
    objects = [json.loads(line, parse_constant=pytest.fail) for line in lines]
    assert objects[0]["tags"] == ["x", None]
    assert objects[0]["score"] == 0.9
    assert objects[0]["who"] == {"a": 1, "b": ["z"]}
    assert objects[1] == dict.fromkeys(objects[1]) | {
        "shop": "b",
        "exact": 1e300,
        "tags": [],
        "raw": r"\xff",
        "flag": False,
    }


def test_null_and_empty_differ_in_csv(source: Path, copy) -> None:
    lines = copy(source).read_text(encoding="utf-8").splitlines()
    assert lines[2].startswith(",b,")
    assert lines[3].startswith('"",a,')


def test_progress_and_candidates(source: Path) -> None:
    with open_table(source) as table:
        assert (table.n_rows, table.n_bytes) == (4, source.stat().st_size)
        assert table.text_candidates == ("text", "shop")
        assert text_column(table) == "text"
        chunks = table.chunks(2)
        assert next(chunks).column("shop") == ["a", "b"]
        assert table.bytes_read == source.stat().st_size // 2
        assert [row for chunk in chunks for row in chunk.column("stars")] == [1, 2]
        assert table.bytes_read == table.n_bytes


def test_pandas_reads_the_output_with_index_and_categories(tmp_path: Path, copy) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(
        {"text": ["a", "b", "c"], "shop": pd.Categorical(["x", "y", "x"], ["y", "x"])},
        index=pd.Index([3, 1, 2], name="id"),
    )
    path = tmp_path / "frame.parquet"
    frame.to_parquet(path)
    after = pd.read_parquet(copy(path, "out.parquet", {"severity": 1}))
    pd.testing.assert_frame_equal(after.drop(columns="severity"), frame)
    assert after["severity"].tolist() == [1, 1, 1]


def test_dictionaries_that_differ_from_group_to_group(tmp_path: Path, copy) -> None:
    path = tmp_path / "in.parquet"
    table = pa.table({"shop": pa.array(list("abcabcxyz")).dictionary_encode()})
    pq.write_table(table, path, row_group_size=3)
    out = pq.read_table(copy(path, "out.parquet", rows=2))
    assert out.column("shop").to_pylist() == list("abcabcxyz")
    assert pa.types.is_dictionary(out.schema.field("shop").type)


def test_names_that_repeat(tmp_path: Path, copy, values) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table([pa.array([1]), pa.array(["x"])], names=["a", "a"]), path)
    assert values(path, "a") == [1]
    assert copy(path).read_text() == "a,a\n1,x\n"
    out = pq.read_table(copy(path, "out.parquet"))
    assert out.to_pydict() == {"a": [1], "a.1": ["x"]}


def test_an_empty_table(tmp_path: Path, copy) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(awkward().slice(0, 0), path)
    out = pq.read_table(copy(path, "out.parquet", {"abusive": True}))
    assert (out.num_rows, out.schema.field("abusive").type) == (0, pa.bool_())


def test_csv_becomes_strings(make, copy) -> None:
    source = make('id,text,text\n007,"",NA\n1e5,x\n')
    out = pq.read_table(copy(source, "out.parquet", {"p_mixed": 0.1234567, "abusive": None}))
    assert out.to_pydict() == {
        "id": ["007", "1e5"],
        "text": ["", "x"],
        "text.1": ["NA", None],
        "p_mixed": [0.123457] * 2,
        "abusive": [None] * 2,
    }
    assert set(out.schema.types) == {pa.string(), pa.float64(), pa.bool_()}


def test_jsonl_becomes_typed_where_nothing_is_lost(make, copy) -> None:
    lines = [
        r'{"i": 1, "f": 1, "b": true, "s": "\ud800", "big": 1e400, "n": [1.0], "x": 1, "e": null}',
        r'{"i": 9007199254740993, "f": 0.5, "b": null, "s": "", "big": 2, "n": {}, "x": "1.0"}',
        "broken",
    ]
    out = pq.read_table(copy(make("\n".join(lines), "in.jsonl"), "out.parquet"))
    types = {field.name: str(field.type) for field in out.schema}
    assert types == {
        "i": "int64",
        "f": "double",
        "b": "bool",
        "s": "string",
        "big": "string",
        "n": "string",
        "x": "string",
        "e": "string",
        "_raw": "string",
    }
    assert out.to_pydict() == {
        "i": [1, 9007199254740993, None],
        "f": [1.0, 0.5, None],
        "b": [True, None, None],
        "s": [r"\ud800", "", None],
        "big": ["1e400", "2", None],
        "n": ["[1.0]", "{}", None],
        "x": ["1", "1.0", None],
        "e": [None, None, None],
        "_raw": [None, None, "broken"],
    }


def test_integers_that_a_double_would_round_stay_text(make, copy) -> None:
    source = make('{"n": 9007199254740993}\n{"n": 0.5}\n', "in.jsonl")
    out = pq.read_table(copy(source, "out.parquet"))
    assert out.to_pydict() == {"n": ["9007199254740993", "0.5"]}


def test_rows_are_gathered_to_large_groups(make, copy, monkeypatch: pytest.MonkeyPatch) -> None:
    source = make("id,text\n" + "1,good\n" * 2_500)
    monkeypatch.setattr("reviewkit.tables._write._GROUP_ROWS", 2048)
    meta = pq.ParquetFile(copy(source, "out.parquet", rows=1024)).metadata
    assert [meta.row_group(i).num_rows for i in range(meta.num_row_groups)] == [2048, 452]


def test_large_rows_make_short_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"text": [str(i) * 1000 for i in range(10)]}), path)
    monkeypatch.setattr("reviewkit.tables._parquet.CHUNK_SIZE", 3000)
    with open_table(path) as table:
        assert max(chunk.n for chunk in table.chunks()) <= 3


def test_damaged_files(make, source: Path) -> None:
    data = source.read_bytes()
    for damaged in (b"", b"not parquet", data[:-20], data[: len(data) // 2]):
        with pytest.raises(InputError, match="not a readable parquet file"):
            open_table(make(damaged, "damaged.parquet"))
    broken = make(b"PAR1" + b"\xff" * 400 + data[404:], "damaged.parquet")
    with open_table(broken) as table, pytest.raises(InputError, match="not a readable parquet"):
        list(table.chunks())


def test_pyarrow_is_an_extra(source: Path, make, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def without(name: str, package: str | None = None) -> Any:
        if name.startswith("pyarrow"):
            raise builtins.ModuleNotFoundError(name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(
        MissingExtraError, match=r"reading parquet needs .*reviewkit-nlp\[parquet\]"
    ):
        open_table(source)
    with open_table(make("text\n")) as table, pytest.raises(MissingExtraError, match="writing"):
        open_writer(source.with_name("out.parquet"), table, [])
