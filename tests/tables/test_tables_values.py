from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from reviewkit.errors import InputError, OptionError
from reviewkit.results import Analysis
from reviewkit.tables import open_table, open_writer
from reviewkit.tables._values import ADDED_TYPES, TYPES, csv_cell


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, None),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (0.5, "0.5"),
        (1.0, "1.0"),
        (0.12345678, "0.123457"),
        (-0.0000001, "0.0"),
        (float("nan"), None),
        ("a,b", "a,b"),
        (["staff_conduct", "șină"], '["staff_conduct", "șină"]'),
        ((), "[]"),
        ({"x": 0.1234567, "y": [1.0]}, '{"x": 0.123457, "y": [1.0]}'),
    ],
)
def test_csv_cells(value: object, cell: str | None) -> None:
    assert csv_cell(value) == cell


def test_the_types_are_those_of_the_contract() -> None:
    row = Analysis(
        sentiment_confidence=0.5,
        severity=1,
        abusive=False,
        resolved=True,
        priority=3,
        sentiment_probabilities=dict.fromkeys(("negative", "neutral", "positive", "mixed"), 0.25),
    ).to_row()
    python = {"float": float, "int": int, "bool": bool, "list": list}
    for name, kind in ADDED_TYPES.items():
        if name != "recovery_steps":  # not of the analysis
            assert type(row[name]) is python[kind], name
    others = {type(value) for name, value in row.items() if name not in ADDED_TYPES}
    assert others <= {str, type(None), dict}
    assert set(ADDED_TYPES.values()) < set(TYPES)


def test_a_row_of_the_analyzer_in_every_format(make, copy) -> None:
    row = Analysis(language="ro", complaint_types=("staff_conduct",), severity=1).to_row()
    source = make("text\nx\n")
    found = json.loads(copy(source, "out.jsonl", row).read_text())
    assert found == {"text": "x", **row}
    header, line = copy(source, ours=row).read_text().splitlines()
    assert header == ",".join(["text", *row])
    assert '"[""staff_conduct""]"' in line
    parquet = pytest.importorskip("pyarrow.parquet")
    read = parquet.read_table(copy(source, "out.parquet", row)).to_pylist()
    probabilities = json.dumps(row["complaint_probabilities"])
    assert read == [{"text": "x", **row, "complaint_probabilities": probabilities}]


def test_types_of_other_columns(make, copy) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    source = make("text\nx\n")
    ours = {"score": 1, "note": {"a": 1}, "recovery_steps": [{"s": 1}, "t", "\ud800", None]}
    out = parquet.read_table(copy(source, "out.parquet", ours, types={"score": "float"}))
    assert out.to_pylist() == [
        {
            "text": "x",
            "score": 1.0,
            "note": '{"a": 1}',
            "recovery_steps": ['{"s": 1}', "t", r"\ud800", None],
        }
    ]


def test_wrong_types(make, copy, tmp_path: Path) -> None:
    source = make("text\nx\n")
    with open_table(source) as table:
        with pytest.raises(OptionError, match=r"added_types\['a'\]='str'.*'text', 'float'"):
            open_writer(tmp_path / "out.csv", table, ["a"], added_types={"a": "str"})
        with pytest.raises(OptionError, match="added_types='b'"):
            open_writer(tmp_path / "out.csv", table, ["a"], added_types={"b": "text"})
    pytest.importorskip("pyarrow")
    with pytest.raises(InputError, match="values of 'severity' do not fit its type 'int'"):
        copy(source, "out.parquet", {"severity": "high"})
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize("target", ["out.csv", "out.jsonl"])
def test_memory_does_not_grow_with_the_file(
    make, copy, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewkit.tables._source._BLOCK", 1 << 13)
    monkeypatch.setattr("reviewkit.tables._csv._SAMPLE_SIZE", 1 << 13)
    source = make("id,text\n" + f"1,{'good words ' * 100}\n" * 1_000)
    tracemalloc.start()
    copy(source, target, {"kind": "x"}, rows=10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < source.stat().st_size / 4
