"""CSV files that the engine's own parser reads as Spark's does: no quotes, no blank lines, every line as wide as the others. Such
files are looked through once and scanned as they lie; all others become typed pieces first."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow
import pyarrow.csv
from pyspark.sql import types

from igarape_jobs.csv_chunks import has_blank_line
from igarape_jobs.csv_format import CsvFormat
from igarape_jobs.pieces import Piece

look_bytes = 4 << 20
# Parts of a scanned file are read at once, in no order. Pieces of fewer bytes are one part, and keep the order of the file.
bytes_min = 32 << 20


def pieces_of(files: list[tuple[Path, str]], format: CsvFormat, schema: types.StructType) -> list[list[Piece]] | None:
    """The files themselves, or None where one of them is not plain."""
    if not is_covered(files, format, schema) or sum(path.stat().st_size for path, _ in files) < bytes_min:
        return None
    found = []
    for path, _ in files:
        rows = plain_rows(path, len(schema.fields), format)
        if rows is None:
            return None
        found.append([Piece(path, rows, "csv")])
    return found


def is_covered(files: list[tuple[Path, str]], format: CsvFormat, schema: types.StructType) -> bool:
    changes_text = (format.multi_line, format.comment != "\0", format.trim_left, format.trim_right, format.null_text, format.line_separator)
    return (not any(changes_text) and format.is_utf8 and len(format.separator.encode()) == 1 and len(schema.fields) > 1
            and format.corrupt_column not in schema.names
            and all(isinstance(field.dataType, types.StringType) for field in schema.fields)
            and not any(name.endswith((".gz", ".bz2", ".deflate", ".zst", ".snappy", ".lz4", ".xz")) for _, name in files))


def options_of(format: CsvFormat) -> dict[str, str]:
    return {"header": str(format.header).lower(), "sep": format.separator}


def plain_rows(path: Path, width: int, format: CsvFormat) -> int | None:
    """How many records a file has, if all of it is plain."""
    if path.stat().st_size == 0:
        return None
    rows = 0
    with open(path, "rb") as stream, ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        looks = parts(stream, format)
        while batch := [part for _, part in zip(range(8), looks)]:
            counts = list(pool.map(lambda part: rows_of_plain(part, width, format), batch))
            if None in counts:
                return None
            rows += sum(counts)
    return rows - format.header


def parts(stream, format: CsvFormat) -> Iterator[bytes]:
    """Whole lines, some megabytes at a time; a part without any line is given as it is, and is not plain."""
    rest = b""
    while block := stream.read(look_bytes):
        block = rest + block
        end = block.rfind(b"\n") + 1
        yield block[:end]
        rest = block[end:]
    if rest:
        yield rest


def rows_of_plain(part: bytes, width: int, format: CsvFormat) -> int | None:
    returns = part.count(b"\r")
    is_odd = (not part or format.quote.encode() in part or b'"' in part or b"\0" in part or part[:1] in b"\r\n" or part.startswith(b"\xef\xbb\xbf")
              or returns and returns != part.count(b"\r\n") or has_blank_line(part))
    if is_odd or not is_utf8(part):
        return None
    names = [str(index) for index in range(width)]
    try:
        # The parser counts every line's fields; one column is enough to count the lines.
        table = pyarrow.csv.read_csv(
            pyarrow.BufferReader(part), pyarrow.csv.ReadOptions(column_names=names, use_threads=False, block_size=len(part) + 1),
            pyarrow.csv.ParseOptions(delimiter=format.separator, quote_char=False),
            pyarrow.csv.ConvertOptions(column_types={"0": pyarrow.string()}, strings_can_be_null=False, include_columns=["0"]))
    except pyarrow.ArrowInvalid:
        return None
    return table.num_rows


def is_utf8(part: bytes) -> bool:
    ends = pyarrow.py_buffer(b"\0\0\0\0" + len(part).to_bytes(4, "little"))
    try:
        pyarrow.Array.from_buffers(pyarrow.string(), 1, [None, ends, pyarrow.py_buffer(part)]).validate(full=True)
    except pyarrow.ArrowInvalid:
        return False
    return True
