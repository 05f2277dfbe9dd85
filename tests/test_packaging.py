"""The wheel holds the models, and works from where it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

BUDGET = 85_000_000


@pytest.fixture(scope="session")
def wheel(root, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(root)], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_wheel_holds_models_and_data_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.stat().st_size < BUDGET
    for needed in (
        "reviewkit/py.typed",
        "reviewkit/models/default/model.onnx",
        "reviewkit/models/default/manifest.json",
        "reviewkit/models/default/card.md",
        "reviewkit/models/language/manifest.json",
        "reviewkit/knowledge/strategies.json",
        "reviewkit/knowledge/cues/ro.toml",
        "reviewkit/recovery/steps.toml",
        "reviewkit/priority.toml",
        "reviewkit/pii_patterns.toml",
    ):
        assert needed in names
    tops = {name.split("/")[0] for name in names}
    assert all(top == "reviewkit" or top.endswith(".dist-info") for top in tops)
    assert not [name for name in names if "clauses" in name or "__pycache__" in name]


def test_wheel_works_without_the_checkout(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "import reviewkit as rk; from reviewkit.model.locate import models_dir\n"
        "print(rk.__file__); print(models_dir()); "
        "print(rk.analyze('Mâncarea a fost rece.').language)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )
    file, models, language = done.stdout.split("\n")[:3]
    assert Path(file).is_relative_to(tmp_path / "site")
    assert Path(models) == tmp_path / "site" / "reviewkit" / "models"
    assert language == "ro"


def test_checkout_finds_the_models_beside_the_package(root):
    from reviewkit.model.locate import models_dir

    assert models_dir() == root / "models"
