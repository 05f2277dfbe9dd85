r"""Review tables: read and written in bounded memory, in order, without changing a cell.

    with open_table("reviews.csv") as table, open_writer("out.parquet", table, ["kind"]) as out:
        text = text_column(table)
        for chunk in table.chunks():
            out.write(chunk, {"kind": [classify(cell) for cell in chunk.column(text)]})

Formats: csv, tsv, jsonl and parquet, by suffix; the text formats also with `.gz`; `-` is
standard input or output. How each thing is kept:

* Text formats are read twice: a first pass settles encoding, columns, row count and column
  types, so a bad byte on the last line is reported before any work is done. What cannot be
  read twice (standard input, a pipe) is spooled to a temporary file.
* A csv row with more cells than the header keeps them in an extra column `_extra` (a JSON
  list), a jsonl line that is no object, or that names a key twice, in `_raw` (the line). The
  column is there only if some row needs it, after the input's columns and before ours; in
  jsonl output `_raw` stands only on the lines that are broken.
* A name that is taken is written as `rk_NAME`, then `rk_2_NAME`, and so on (`output_names`).
  Where a format allows a name once (jsonl, parquet), repeats become `NAME.1`, `NAME.2`.
* Half a surrogate pair (jsonl's `"\ud800"`) has no UTF-8 form: csv and parquet hold the
  six characters of its escape instead.
"""

from reviewkit.tables._base import Chunk, Table, output_names
from reviewkit.tables._lines import open_lines, open_output
from reviewkit.tables._open import FORMATS, open_table
from reviewkit.tables._text_column import TEXT_NAMES, text_column
from reviewkit.tables._write import TableWriter, open_writer

__all__ = [
    "FORMATS",
    "TEXT_NAMES",
    "Chunk",
    "Table",
    "TableWriter",
    "open_lines",
    "open_output",
    "open_table",
    "open_writer",
    "output_names",
    "text_column",
]
