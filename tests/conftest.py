from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

# Time limits of single examples would make the tests depend on the machine.
hypothesis.settings.register_profile("reviewkit", deadline=None, print_blob=True)
hypothesis.settings.load_profile("reviewkit")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The labelled data, which lies beside the project and is not part of it."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("../shared/data is not present")
    return folder


@pytest.fixture(scope="session")
def analyzer():
    """The real shipped model, loaded once."""
    from reviewkit.analyzer import default_analyzer

    return default_analyzer()
