from __future__ import annotations

import json

import pytest

from reviewkit.cli import main


def test_help_lists_what_exists_and_nothing_else(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    for command in ("analyze", "detect", "plan", "info"):
        assert f"\n    {command} " in shown
    for later in ("evaluate", "compare", "report", "serve", "train"):
        assert f"\n    {later} " not in shown


@pytest.mark.parametrize("wrong", [[], ["analyse"], ["analyze"], ["analyze", "x.csv"]])
def test_wrong_usage_is_status_2(wrong, capsys):
    with pytest.raises(SystemExit) as stop:
        main(wrong)
    assert stop.value.code == 2
    assert "usage: reviewkit" in capsys.readouterr().err


def test_info(capsys):
    assert main(["info"]) == 0
    page = capsys.readouterr().out
    assert "Estonian" in page
    assert "model default-" in page
    assert main(["info", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["languages"] == ["ro", "ru", "no", "et", "en"]
    assert facts["models"][0]["scores"]["dev"]["all"]["n"] > 1000


def test_unknown_model_is_status_2(tmp_path, capsys):
    (tmp_path / "in.csv").write_text("review\nbun\n")
    arguments = ["analyze", str(tmp_path / "in.csv"), "-o", str(tmp_path / "o.csv")]
    assert main([*arguments, "--model", "defualt"]) == 2
    assert "'default'" in capsys.readouterr().err
    assert not (tmp_path / "o.csv").exists()
