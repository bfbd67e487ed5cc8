"""CSV files that the engine's own parser reads as Spark's does: no quotes, no blank lines, every line as wide as the others. Such
files are looked through once and scanned as they lie; all others become typed pieces first."""

from pathlib import Path

import pyarrow
import pyarrow.csv
from pyspark.sql import types

from igarape_jobs.csv_chunks import has_blank_line
from igarape_jobs.csv_format import CsvFormat
from igarape_jobs.line_shapes import LineShape, is_utf8, rows_of_file
from igarape_jobs.pieces import Piece

byte_order_mark = b"\xef\xbb\xbf"
# Of a pattern that still is a small one.
widths_max = 200
# Parts of a scanned file are read at once, in no order. Pieces of fewer bytes are one part, and keep the order of the file.
bytes_min = 32 << 20


def pieces_of(files: list[tuple[Path, str]], format: CsvFormat, schema: types.StructType) -> list[list[Piece]] | None:
    """The files themselves, or None where one of them is not plain."""
    if not is_covered(files, format, schema) or not are_large(files):
        return None
    found = []
    for path, _ in files:
        rows = plain_rows(path, len(schema.fields), format)
        if rows is None:
            return None
        found.append([Piece(path, rows, "csv")])
    return found


def are_large(files: list[tuple[Path, str]]) -> bool:
    return sum(path.stat().st_size for path, _ in files) >= bytes_min


def is_packed(name: str) -> bool:
    return name.endswith((".gz", ".bz2", ".deflate", ".zst", ".snappy", ".lz4", ".xz"))


def is_covered(files: list[tuple[Path, str]], format: CsvFormat, schema: types.StructType) -> bool:
    changes_text = (format.multi_line, format.comment != "\0", format.trim_left, format.trim_right, format.null_text, format.line_separator)
    return (not any(changes_text) and format.is_utf8 and len(format.separator.encode()) == 1 and len(schema.fields) > 1
            and format.corrupt_column not in schema.names
            and all(isinstance(field.dataType, types.StringType) for field in schema.fields)
            and not any(is_packed(name) for _, name in files))


def options_of(format: CsvFormat) -> dict[str, str]:
    return {"header": str(format.header).lower(), "sep": format.separator}


def plain_rows(path: Path, width: int, format: CsvFormat) -> int | None:
    """How many records a file has, if all of it is plain."""
    if path.stat().st_size == 0:
        return None
    shape = shape_of(width, format)

    def rows_of(part: pyarrow.Buffer) -> int | None:
        rows = shape.rows(part) if shape and part[:3].to_pybytes() != byte_order_mark else None
        return rows if rows is not None else rows_of_plain(part.to_pybytes(), width, format)

    rows = rows_of_file(path, rows_of)
    return None if rows is None else rows - format.header


def shape_of(width: int, format: CsvFormat) -> LineShape | None:
    """Lines with as many fields as there are columns, and nothing that any parser takes otherwise. A separator that Java trims may
    be all of a line, which is a blank one then."""
    if format.separator <= " " or not format.quote.isascii() or width > widths_max:
        return None
    separator, quote = (rf"\x{ord(char):02x}" for char in (format.separator, format.quote))
    field = rf'[^{separator}{quote}"\r\n\x00]*'
    return LineShape(rf"{field}(?:{separator}{field}){{{width - 1}}}")


def rows_of_plain(part: bytes, width: int, format: CsvFormat) -> int | None:
    returns = part.count(b"\r")
    is_odd = (not part or format.quote.encode() in part or b'"' in part or b"\0" in part or part[:1] in b"\r\n" or part.startswith(byte_order_mark)
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
