"""CSV files as Arrow tables of strings, a chunk at a time: by Arrow's parser where every parser agrees, else line by line.

A chunk ends with a whole line. A line with fewer or more fields than columns is kept in shape, and marked as malformed.
"""

import bz2
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy
import pyarrow
import pyarrow.compute
import pyarrow.csv

from igarape_jobs.csv_format import CsvFormat

chunk_bytes = 32 << 20


@dataclass
class Rows:
    """Text columns; what a line was where it does not have as many fields as there are columns, else null."""

    columns: list[pyarrow.Array]
    malformed: pyarrow.Array
    """Every line as it was, where a column asks for the corrupt ones."""
    lines: pyarrow.Array | None = None

    def __len__(self) -> int:
        return len(self.malformed)


def open_text(path: Path, name: str) -> io.BufferedIOBase:
    if name.endswith(".gz"):
        return gzip.open(path, "rb")
    if name.endswith(".bz2"):
        return bz2.open(path, "rb")
    if name.endswith(".deflate"):
        return io.BytesIO(zlib.decompress(path.read_bytes()))
    if name.endswith(".zst"):
        return pyarrow.CompressedInputStream(pyarrow.OSFile(str(path)), "zstd")
    if re.search(r"\.(snappy|lz4|xz)$", name):
        raise NotImplementedError(f"The embedded engine reads text plain, as .gz, .bz2, .deflate or .zst, not {name}; the `spark` engine does.")
    return open(path, "rb")


def first_record(path: Path, name: str, format: CsvFormat) -> list[str] | None:
    """The fields of a file's first line with something in it."""
    with open_text(path, name) as stream:
        for chunk in chunks(stream, format, size=64 << 10):
            for line in lines_of(chunk, format):
                return format.splitter().fields(line)
    return None


def chunks(stream: io.BufferedIOBase, format: CsvFormat, size: int = chunk_bytes) -> Iterator[bytes]:
    if format.multi_line or format.line_separator not in ("", "\n") or not format.is_utf8:
        # Where a record ends is only known from the start on, and other encodings' newlines are not one byte.
        yield stream.read()
        return
    rest, is_first = b"", True
    while block := stream.read(size):
        if is_first and block.startswith(b"\xef\xbb\xbf"):
            block = block[3:]
        is_first = False
        block = rest + block
        end = block.rfind(b"\n") + 1
        if end:
            yield block[:end]
        rest = block[end:]
    if rest:
        yield rest


def lines_of(chunk: bytes, format: CsvFormat) -> Iterator[str]:
    """Records with something in them, comments left out."""
    text = chunk.decode(format.encoding, errors="replace").removeprefix("\ufeff")
    for line in records(text, format):
        if line.strip(" \t\r\n") and not (format.comment != "\0" and line.startswith(format.comment)):
            yield line


def records(text: str, format: CsvFormat) -> Iterator[str]:
    if not format.multi_line:
        separator = re.escape(format.line_separator) if format.line_separator else r"\r\n|\n|\r"
        yield from re.split(separator, text)
        return
    splitter, at = format.splitter(), 0
    while at < len(text):
        _, end = splitter.record(text, at)
        yield text[at:end]
        at = end + (2 if text.startswith("\r\n", end) else 1)


def rows_of(chunk: bytes, width: int, format: CsvFormat, skip_first: bool, keep_lines: bool) -> Rows:
    if keep_lines or not format.is_utf8 or format.multi_line or format.comment != "\0" or format.line_separator not in ("", "\n"):
        return exact_rows(chunk, width, format, skip_first)
    if skip_first:
        chunk = chunk[re.search(rb"[^\s][^\r\n]*(\r\n|\n|\r|\Z)|\Z", chunk).end():]
    return fast_rows(chunk, width, format) or exact_rows(chunk, width, format)


def fast_rows(chunk: bytes, width: int, format: CsvFormat) -> Rows | None:
    if width < 2 or format.trim_left or format.trim_right or not is_plain(chunk, format):
        return None
    try:
        table = pyarrow.csv.read_csv(
            pyarrow.BufferReader(chunk),
            pyarrow.csv.ReadOptions(column_names=[str(index) for index in range(width)], use_threads=False,
                                    block_size=len(chunk) + 1),
            pyarrow.csv.ParseOptions(delimiter=format.separator, quote_char=format.quote if format.quote != "\0" else False,
                                     newlines_in_values=False),
            pyarrow.csv.ConvertOptions(column_types={str(index): pyarrow.string() for index in range(width)},
                                       strings_can_be_null=False))
    except pyarrow.ArrowInvalid:
        return None
    columns = [pyarrow.concat_arrays(column.chunks) if column.num_chunks else pyarrow.array([], pyarrow.string())
               for column in table.columns]
    # Arrow gives an empty field as an empty string; in Spark an unquoted one is null.
    columns = [pyarrow.compute.if_else(pyarrow.compute.equal(column, ""), None, column) for column in columns]
    return Rows(columns, pyarrow.nulls(table.num_rows, pyarrow.string()))


def is_plain(chunk: bytes, format: CsvFormat) -> bool:
    """Whether each quote opens a field at its start or closes it at its end, with no newline inside, nothing is escaped
    and no line holds only blanks: then every parser reads the same."""
    if not chunk or len(format.separator.encode()) > 1:
        return False
    if has_blank_line(chunk):
        return False
    if format.quote == "\0" or format.quote.encode() not in chunk:
        return True
    if (format.null_text or format.empty_text) and format.quote.encode() * 2 in chunk:
        return False
    if format.escape != format.quote and format.escape.encode() in chunk:
        return False
    data = numpy.frombuffer(b"\n" + chunk + b"\n", dtype=numpy.uint8)
    quotes = numpy.flatnonzero(data == ord(format.quote))
    if len(quotes) % 2:
        return False
    edges = [ord(format.separator), 10, 13]
    opens, closes = quotes[0::2], quotes[1::2]
    if not (numpy.isin(data[opens - 1], edges).all() and numpy.isin(data[closes + 1], edges).all()):
        return False
    newlines = numpy.cumsum((data == 10) | (data == 13))
    return bool((newlines[opens] == newlines[closes]).all())


def has_blank_line(chunk: bytes) -> bool:
    """A pattern that may begin anywhere costs more than all of the parsing, so plain searches say first whether it is needed."""
    if not any(start in chunk for start in (b"\n ", b"\n\t", b"\r ", b"\r\t")) and chunk[:1] not in (b" ", b"\t"):
        return False
    return re.search(rb"(?:\A|[\r\n])[ \t]+(?=[\r\n]|\Z)", chunk) is not None


def exact_rows(chunk: bytes, width: int, format: CsvFormat, skip_first: bool = False) -> Rows:
    splitter = format.splitter()
    columns: list[list[str | None]] = [[] for _ in range(width)]
    malformed: list[str | None] = []
    lines: list[str] = []
    for line in islice(lines_of(chunk, format), 1 if skip_first else 0, None):
        fields = splitter.fields(line)
        lines.append(line)
        malformed.append(None if len(fields) == width else line)
        for index in range(width):
            columns[index].append(fields[index] if index < len(fields) else None)
    text = pyarrow.string()
    return Rows([pyarrow.array(column, text) for column in columns], pyarrow.array(malformed, text), pyarrow.array(lines, text))
