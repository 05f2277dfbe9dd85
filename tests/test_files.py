"""The `analyze` and `detect` commands on the files that users really have."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys

import pandas as pd
import pytest

from reviewkit.cli import main
from reviewkit.results import ANALYSIS_COLUMNS

GOOD = "Am așteptat două ore și mâncarea a venit rece."


@pytest.fixture(autouse=True)
def one_model(analyzer, monkeypatch):
    """Each command of the tests shares the shipped model instead of loading it again."""
    monkeypatch.setattr("reviewkit.analyzer.ReviewAnalyzer", lambda *_, **__: analyzer)


@pytest.fixture
def run(tmp_path, capsys):
    def command(content: bytes | str, name: str = "in.csv", to: str = "out.csv", *options: str):
        source, target = tmp_path / name, tmp_path / to
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        status = main(["analyze", str(source), "-o", str(target), *options])
        error = capsys.readouterr().err
        assert "Traceback" not in error
        assert list(tmp_path.glob(".reviewkit*")) == []
        return status, read(target) if target.exists() else None, error

    return command


def read(path) -> list[dict]:
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    if path.suffix in (".parquet", ".gz"):  # read by the test itself
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_contract_columns_come_after_the_input(run):
    status, rows, _ = run(f"id,review\n007,{GOOD}\n")
    assert status == 0
    assert tuple(rows[0]) == ("id", "review", *ANALYSIS_COLUMNS)
    assert rows[0]["id"] == "007"
    assert rows[0]["review"] == GOOD
    assert rows[0]["language"] == "ro"
    assert isinstance(json.loads(rows[0]["complaint_types"]), list)
    assert "slow_unavailable" in json.loads(rows[0]["complaint_probabilities"])
    assert rows[0]["truncated"] == "false"


def test_plan_columns(run):
    _, rows, _ = run(f"review\n{GOOD}\n", "in.csv", "out.csv", "--plan")
    assert tuple(rows[0])[-3:] == ("recovery_steps", "compensation", "reply_draft")
    steps = json.loads(rows[0]["recovery_steps"])
    assert {"strategy", "stage", "audience", "instruction"} <= set(steps[0])
    assert json.loads(rows[0]["compensation"])["rung"] == "none"
    assert rows[0]["reply_draft"] == ""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1250", "cp1251"])
def test_encodings(run, encoding):
    text = "Еда была холодная и невкусная" if encoding == "cp1251" else "Mâncarea a fost rece"
    options = ["--encoding", encoding] if encoding.startswith("cp") else []
    status, rows, _ = run(f"review\n{text}\n".encode(encoding), "in.csv", "out.csv", *options)
    assert (status, rows[0]["review"], rows[0]["status"]) == (0, text, "ok")


def test_an_unnamed_code_page_is_an_error_that_names_the_fix(run):
    content = "review\nЕда была холодная, официант грубил весь вечер\n".encode("cp1251")
    status, rows, error = run(content)
    assert (status, rows) == (2, None)
    assert "--encoding cp1251" in error


def test_semicolons_quotes_newlines_and_null_bytes(run):
    cell = 'Zile; "bune"\nși rele, cu de toate'
    content = 'data;recenzie\n1;"' + cell.replace('"', '""') + '"\n2;abc\x00def ghi\n3;\n'
    status, rows, _ = run(content)
    assert status == 0
    assert rows[0]["recenzie"] == cell
    assert rows[1]["recenzie"] == "abc\x00def ghi"
    assert rows[2]["status"] == "empty"


def test_colliding_and_repeated_column_names(run):
    status, rows, _ = run(f"text,severity,severity,language\n{GOOD},high,low,Romanian\n")
    assert status == 0
    assert rows[0]["language"] == "Romanian"
    assert rows[0]["rk_language"] == "ro"
    assert rows[0]["rk_severity"] in "0123"


def test_broken_json_lines_stay_in_their_place(run):
    lines = [json.dumps({"text": GOOD}), "{broken", '"a string"', json.dumps({"text": None})]
    status, rows, error = run("\n".join(lines), "in.jsonl", "out.jsonl")
    assert status == 1
    assert [row["status"] for row in rows] == ["ok", "error", "error", "empty"]
    assert rows[1]["_raw"] == "{broken"
    assert "row 2" in error


def test_numbers_dates_and_surrogates(run):
    lines = ['{"text": 5}', '{"text": 1e400}', '{"text": "\\ud800 bun"}', '{"text": ["list"]}']
    status, rows, _ = run("\n".join(lines), "in.jsonl", "out.jsonl")
    assert status == 1
    assert [row["status"] for row in rows][:2] == ["empty", "empty"]
    assert rows[3]["status"] == "error"


def test_a_megabyte_review(run):
    status, rows, _ = run(f"review\n{'foarte rece si prost. ' * 48_000}\n", "in.csv", "out.jsonl")
    assert status == 0
    assert rows[0]["truncated"] is True
    assert len(rows[0]["review"]) > 1_000_000


def test_gzip_in_and_out(run, tmp_path):
    run(gzip.compress(f"review\n{GOOD}\n".encode()), "in.csv.gz", "out.jsonl.gz")
    row = json.loads(gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()))
    assert (row["review"], row["language"]) == (GOOD, "ro")


def test_parquet_with_categories_and_nested_columns(run, tmp_path):
    frame = pd.DataFrame(
        {
            "text": pd.Categorical([GOOD, GOOD, "5/5"]),
            "tags": [["a"], [], None],
            "when": pd.to_datetime(["2026-01-01"] * 3),
        }
    )
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    status, _, _ = run(buffer.getvalue(), "in.parquet", "out.parquet")
    out = pd.read_parquet(tmp_path / "out.parquet")
    assert status == 0
    assert out["text"].tolist() == [GOOD, GOOD, "5/5"]
    assert out["status"].tolist() == ["ok", "ok", "empty"]
    assert out["when"].dtype.kind == "M"


def test_output_equal_to_input(run, tmp_path):
    status, rows, _ = run(f"review\n{GOOD}\n", "same.csv", "same.csv")
    assert (status, rows[0]["review"], rows[0]["language"]) == (0, GOOD, "ro")


def test_standard_input_and_output(monkeypatch, capsysbinary):
    line = json.dumps({"text": GOOD}).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line + b"\n")))
    assert main(["analyze", "-", "-o", "-", "--quiet"]) == 0
    assert json.loads(capsysbinary.readouterr().out)["language"] == "ro"


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("", [], "empty"),
        (f"a,b\n{GOOD},{GOOD}\n", [], "--text"),
        (f"review\n{GOOD}\n", ["--text", "reviev"], "--text review"),
        (f"review\n{GOOD}\n", ["--encoding", "klingon"], "klingon"),
        (f"review\n{GOOD}\n", ["--format", "xlsx"], "parquet"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_no_output(run, content, options, message):
    status, rows, error = run(content, "in.csv", "out.csv", *options)
    assert (status, rows) == (2, None)
    assert message in error


def test_missing_places(tmp_path, capsys):
    assert main(["analyze", str(tmp_path / "no.csv"), "-o", str(tmp_path / "out.csv")]) == 2
    (tmp_path / "in.csv").write_text(f"review\n{GOOD}\n")
    assert main(["analyze", str(tmp_path / "in.csv"), "-o", str(tmp_path / "no" / "out.csv")]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_detect(tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("review\nEg er ikkje nøgd med maten\nEtt stort tack till personalen\n!!!\n")
    assert main(["detect", str(source), "-o", str(target), "--quiet"]) == 0
    rows = read(target)
    assert [row["language"] for row in rows] == ["no", "other", "und"]
    assert (rows[0]["variety"], rows[1]["language_guess"]) == ("nn", "sv")
