from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from reviewkit.errors import InputError
from reviewkit.tables import open_lines, open_output


def test_lines(make) -> None:
    source = make(b"\xef\xbb\xbfone\r\n\n\xc3\xb8 \xe2\x80\xa8x\nlast", "in.txt")
    with open_lines(source) as lines:
        assert [line.rstrip() for line in lines] == ["one", "", "ø \u2028x", "last"]
    with open_lines(make(gzip.compress(b"a\nb\n"), "in.jsonl.gz")) as lines:
        assert next(lines).rstrip() == "a"
    with (
        pytest.raises(InputError, match="cp1251"),
        open_lines(make("ну".encode("cp1251"))) as lines,
    ):
        list(lines)


def test_output_appears_complete_or_not_at_all(tmp_path: Path) -> None:
    def work() -> None:
        with open_output(tmp_path / "out.txt") as out:
            out.write(b"a")
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        work()
    assert list(tmp_path.iterdir()) == []
    with open_output(tmp_path / "out.gz") as out:
        out.write(b"a")
    assert gzip.decompress((tmp_path / "out.gz").read_bytes()) == b"a"
    with pytest.raises(InputError, match="does not exist"), open_output(tmp_path / "no" / "out"):
        pass
