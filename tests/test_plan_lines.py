from __future__ import annotations

import json

import pytest

from reviewkit.cli import main


@pytest.fixture
def plan(tmp_path):
    def command(*lines: object, policy: str | None = None) -> tuple[int, list[dict]]:
        source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
        source.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines))
        options = []
        if policy is not None:
            (tmp_path / "policy.toml").write_text(policy)
            options = ["--policy", str(tmp_path / "policy.toml")]
        status = main(["plan", str(source), "-o", str(target), *options])
        if not target.exists():
            return status, []
        return status, [json.loads(line) for line in target.read_text("utf-8").splitlines()]

    return command


def test_a_line_in_a_line_out(plan):
    status, rows = plan(
        {"id": 1, "analysis": {"kind": "complaint", "severity": 2}, "case": {"fault": "business"}},
        {"id": "b", "text": "Totul a fost minunat, mulțumim pentru servire!"},
        {"id": None, "analysis": {"language": "et", "kind": "question"}},
    )
    assert status == 0
    assert [row["id"] for row in rows] == [1, "b", None]
    assert rows[0]["plan"]["apology"] == "responsibility"
    assert rows[0]["plan"]["compensation"]["rung"] == "partial_refund"
    assert rows[1]["plan"]["apology"] == "none"
    assert all(step["sources"] for row in rows for step in row["plan"]["steps"])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{broken", "not JSON"),
        ("[1]", "not a JSON object"),
        ({"id": 4}, "neither"),
        ({"id": 4, "analysis": 5}, "object"),
        ({"id": 4, "analysis": {"severity": 9}}, "severity"),
        ({"id": 4, "analysis": {}, "case": {"fautl": "business"}}, "Unknown key"),
        ({"id": 4, "analysis": {}, "case": {"fault": "nobody"}}, "'business'"),
    ],
)
def test_a_bad_line_keeps_its_place_and_says_why(plan, line, message):
    status, rows = plan(line, {"id": 5, "analysis": {"kind": "praise"}})
    assert status == 1
    assert rows[0]["plan"] is None
    assert message in rows[0]["error"]
    assert rows[1]["plan"]["apology"] == "none"


def test_a_bad_policy_stops_before_any_work(plan, capsys):
    status, rows = plan({"id": 1, "analysis": {}}, policy="[goodwil]\nenabled = true\n")
    assert (status, rows) == (2, [])
    assert "goodwil" in capsys.readouterr().err
