from __future__ import annotations

import subprocess
import sys

import pytest

import reviewkit

HEAVY = (
    "torch",
    "transformers",
    "spacy",
    "pandas",
    "onnxruntime",
    "numpy",
    "langdetect",
    "pyarrow",
)


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize("statement", ["import reviewkit", "from reviewkit import Case, Analysis"])
def test_import_loads_nothing_heavy(statement):
    found = run(f"{statement}\nimport sys\nprint([n for n in {HEAVY!r} if n in sys.modules])")
    assert found == "[]"


def test_import_has_no_side_effects():
    code = (
        "import logging, os, warnings\n"
        "before = (list(logging.root.handlers), dict(os.environ), list(warnings.filters))\n"
        "import reviewkit\n"
        "print(before == (list(logging.root.handlers), dict(os.environ), list(warnings.filters)))"
    )
    assert run(code) == "True"


def test_command_line_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom reviewkit.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([n for n in {HEAVY!r} if n in sys.modules])"
    )
    assert run(code).splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", reviewkit.__all__)
def test_every_public_name_resolves(name):
    assert getattr(reviewkit, name) is not None


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        reviewkit.analyse  # noqa: B018
