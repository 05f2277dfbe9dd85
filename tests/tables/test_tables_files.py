from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from reviewkit.errors import InputError, OptionError
from reviewkit.tables import FORMATS, open_table, open_writer

CSV = "id,text\n1,good\n2,bad\n"


class _Std:
    """Stands in for sys.stdin or sys.stdout."""

    def __init__(self, content: bytes = b"") -> None:
        self.buffer = io.BytesIO(content)


def test_a_missing_file_or_a_directory(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file 'x\.csv'"):
        open_table(tmp_path / "x.csv")
    with pytest.raises(InputError, match="which does not exist"):
        open_table(tmp_path / "no" / "x.csv")
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(InputError, match="is a directory"):
        open_table(tmp_path / "d.csv")


@pytest.mark.parametrize("name", ["x.xlsx", "x", "x.csv.zip", "csv"])
def test_an_unknown_suffix(make, name: str) -> None:
    source = make(CSV, name)
    with pytest.raises(OptionError, match=r"suffix=.*'\.csv', '\.tsv'") as caught:
        open_table(source)
    assert name in str(caught.value)
    with open_table(source, format="csv") as table:
        assert table.n_rows == 2
        with pytest.raises(OptionError, match="suffix"):
            open_writer(source, table, [])


def test_formats(make, tmp_path: Path) -> None:
    assert FORMATS == ("csv", "tsv", "jsonl", "parquet")
    with pytest.raises(OptionError, match=r"format='xlsx' .* Use one of: 'csv', 'tsv'"):
        open_table(make(CSV), format="xlsx")
    with open_table(make(CSV, "IN.CSV")) as table:
        with pytest.raises(OptionError):  # a .json file should hold one JSON value
            open_writer(tmp_path / "out.json", table, [])
        with pytest.raises(InputError, match=r"leave out \.gz"):
            open_writer(tmp_path / "out.parquet.gz", table, [])
        with open_writer(tmp_path / "out.txt", table, [], format="jsonl") as writer:
            for chunk in table.chunks():
                writer.write(chunk, {})
    assert (tmp_path / "out.txt").read_text().startswith('{"id": "1"')


@pytest.mark.parametrize("cut", [5, 60, -4])
def test_a_damaged_gzip_file(make, cut: int) -> None:
    whole = gzip.compress("".join(f"{i * 7919},text {i}\n" for i in range(200)).encode())
    with pytest.raises(InputError, match="damaged gzip file"):
        open_table(make(whole[:cut], "in.csv.gz"))
    with pytest.raises(InputError, match="damaged gzip file"):
        open_table(make("plain", "in.csv.gz"))
    broken = bytearray(whole)
    broken[len(broken) // 2] ^= 0xFF
    with pytest.raises(InputError, match="damaged gzip file"):
        open_table(make(bytes(broken), "in.csv.gz"))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_no_permission_to_read(make) -> None:
    source = make(CSV)
    source.chmod(0)
    with pytest.raises(InputError, match="cannot be read: Permission denied"):
        open_table(source)


def test_errors_of_the_system_are_translated(make, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    source = make(CSV)
    with open_table(source) as table, monkeypatch.context() as patch:
        patch.setattr(Path, "open", denied)
        with pytest.raises(InputError, match="cannot be read: Permission denied"):
            open_table(source)
        with pytest.raises(InputError, match=r"cannot write in .*: Permission denied"):
            open_writer(source.with_name("out.csv"), table, []).__enter__()


def test_a_missing_output_directory_is_said_before_any_work(make, tmp_path: Path) -> None:
    with open_table(make(CSV)) as table:
        with pytest.raises(InputError, match=r"no/deep of the output .* does not exist.*mkdir -p"):
            open_writer(tmp_path / "no" / "deep" / "out.csv", table, [])
        with pytest.raises(InputError, match="is a directory"):
            open_writer(tmp_path, table, [], format="csv")


@pytest.mark.parametrize("protected", ["out.csv", "."])
def test_a_protected_output_is_said_before_any_work(
    make, tmp_path: Path, protected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make(CSV)
    target = tmp_path / "out.csv"
    target.write_text("old")
    closed = (tmp_path / protected).resolve()
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != closed)
    with open_table(source) as table, pytest.raises(InputError, match="writ"):
        open_writer(target, table, [])
    assert target.read_text() == "old"


def test_output_may_be_the_input(make, copy, tmp_path: Path) -> None:
    source = make(CSV)
    source.chmod(0o640)
    copy(source, source.name, {"kind": "x"}, rows=1)
    assert source.read_text() == "id,text,kind\n1,good,x\n2,bad,x\n"
    assert source.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [source]


def test_a_link_is_followed(make, copy, tmp_path: Path) -> None:
    source = make(CSV)
    (tmp_path / "link.csv").symlink_to(source)
    copy(tmp_path / "link.csv", "link.csv", {"kind": "x"})
    assert (tmp_path / "link.csv").is_symlink()
    assert source.read_text().startswith("id,text,kind\n")


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet", "out.csv.gz"])
@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), OSError(5, "x")])
def test_an_exception_leaves_nothing(make, tmp_path: Path, name: str, error: BaseException) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    source = make(CSV)
    target = tmp_path / name
    for before in (None, b"old"):
        if before is not None:
            target.write_bytes(before)

        def work() -> None:
            with open_table(source) as table, open_writer(target, table, ["kind"]) as writer:
                for chunk in table.chunks(1):
                    writer.write(chunk, {"kind": ["x"]})
                    inside = {path.name for path in tmp_path.iterdir()} - {source.name, name}
                    assert len(inside) == 1
                    assert inside.pop().startswith(".reviewkit-")
                    raise error

        with pytest.raises(type(error)) as caught:
            work()
        assert caught.value is error
        left = sorted(path.name for path in tmp_path.iterdir())
        assert left == sorted([source.name, *([name] if before else [])])
        assert before is None or target.read_bytes() == before


def test_a_failure_at_the_end_leaves_nothing(
    make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    source = make(CSV)
    with open_table(source) as table:
        writer = open_writer(tmp_path / "out.csv", table, [])
        with pytest.raises(InputError, match=r"cannot write .*out\.csv: No space left"), writer:
            pass
    assert list(tmp_path.iterdir()) == [source]


def test_a_writer_is_used_once_and_inside_its_context(make, tmp_path: Path) -> None:
    with open_table(make(CSV)) as table:
        (chunk,) = table.chunks()
        writer = open_writer(tmp_path / "out.csv", table, [])
        with pytest.raises(InputError, match="not open"):
            writer.write(chunk, {})
        with writer:
            writer.write(chunk, {})
        with pytest.raises(InputError, match="not open"):
            writer.write(chunk, {})


def test_values_that_do_not_fit_the_chunk(make, tmp_path: Path) -> None:
    with open_table(make(CSV)) as table:
        (chunk,) = table.chunks()
        with open_writer(tmp_path / "out.csv", table, ["kind"]) as writer:
            with pytest.raises(InputError, match="1 values for 'kind' where the chunk has 2 rows"):
                writer.write(chunk, {"kind": ["x"]})
            with pytest.raises(InputError, match="0 values for 'kind'"):
                writer.write(chunk, {})
            with pytest.raises(OptionError, match="column='sort'"):
                writer.write(chunk, {"kind": ["x"] * 2, "sort": ["x"] * 2})


def test_standard_input_and_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Std(b'{"text": "a"}\n{"text": "b"}\n'))
    monkeypatch.setattr(sys, "stdout", out := _Std())
    with open_table("-") as table, open_writer("-", table, ["kind"]) as writer:
        assert (table.name, table.format, table.n_rows) == ("standard input", "jsonl", 2)
        for chunk in table.chunks(1):
            writer.write(chunk, {"kind": ["x"]})
    assert out.buffer.getvalue() == b'{"text": "a", "kind": "x"}\n{"text": "b", "kind": "x"}\n'


def test_other_formats_through_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Std(gzip.compress(CSV.encode())))
    monkeypatch.setattr(sys, "stdout", out := _Std())
    with open_table("-", format="csv") as table:
        with open_writer("-", table, [], format="tsv") as writer:
            for chunk in table.chunks():
                writer.write(chunk, {})
        with pytest.raises(InputError, match="cannot be written to a stream"):
            open_writer("-", table, [], format="parquet")
    assert out.buffer.getvalue() == CSV.replace(",", "\t").encode()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_named_pipe_is_spooled(tmp_path: Path, values) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    thread = threading.Thread(target=lambda: pipe.write_text(CSV))
    thread.start()
    assert values(pipe, "text") == ["good", "bad"]
    thread.join()


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="no /dev/null")
def test_a_device_is_written_not_replaced(make) -> None:
    with (
        open_table(make(CSV)) as table,
        open_writer("/dev/null", table, [], format="csv") as writer,
    ):
        for chunk in table.chunks():
            writer.write(chunk, {})
    assert not Path("/dev/null").is_file()


def test_a_closed_pipe_is_the_callers_business(make, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.BytesIO):
        def write(self, _: object) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    out = _Std()
    out.buffer = Closed()
    monkeypatch.setattr(sys, "stdout", out)
    with open_table(make(CSV)) as table, pytest.raises(BrokenPipeError):
        open_writer("-", table, [], format="csv").__enter__()


def test_importing_is_light() -> None:
    code = (
        "import sys, reviewkit.tables; "
        "print([m for m in ('numpy', 'pandas', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
