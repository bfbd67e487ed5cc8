"""Spark's text source: a line is a row, or a file is."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow
from pyspark.errors import AnalysisException
from pyspark.sql import types

from igarape_jobs.csv_chunks import chunk_bytes, open_text
from igarape_jobs.options import Options
from igarape_jobs.pieces import Piece, PieceWriter


class TextFormat:
    def __init__(self, options: Options):
        self.whole = options.flag("wholetext")
        self.line_separator = options.get("lineSep").replace("\\n", "\n").encode()
        for name in ("compression", "codec"):
            options.get(name)


def read(files: list[tuple[Path, str]], format: TextFormat, given: types.StructType | None, folder: Path) -> tuple[types.StructType, list[list[Piece]]]:
    """A schema names the one column."""
    schema = given or types.StructType([types.StructField("value", types.StringType())])
    if [type(field.dataType) for field in schema.fields] != [types.StringType]:
        raise AnalysisException(f"[_LEGACY_ERROR_TEMP_1191] Text data source supports only one column of text, and you have {schema.simpleString()}.")
    pieces = []
    for index, (path, name) in enumerate(files):
        writer = PieceWriter(folder / str(index), schema)
        with open_text(path, name) as stream:
            for lines in lines_of(stream, format):
                writer.write([pyarrow.array([line.decode("utf-8", errors="replace") for line in lines], pyarrow.string())])
        pieces.append(writer.close())
    return schema, pieces


def lines_of(stream, format: TextFormat) -> Iterator[list[bytes]]:
    if format.whole:
        yield [stream.read()]
    elif format.line_separator:
        yield stream.read().removesuffix(format.line_separator).split(format.line_separator)
    else:
        while lines := stream.readlines(chunk_bytes):
            yield [line.rstrip(b"\r\n") for line in lines]
