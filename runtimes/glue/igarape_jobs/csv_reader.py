"""Spark's CSV source: header, schema, inference and the three modes, from files to typed Parquet that the engine scans."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pyarrow
import pyarrow.compute as compute
import pyarrow.parquet
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import types

from igarape_jobs import csv_as_it_lies, text_values
from igarape_jobs.csv_chunks import Rows, chunks, first_record, open_text, rows_of
from igarape_jobs.csv_format import CsvFormat
from igarape_jobs.pieces import Piece, PieceWriter
from igarape_jobs.text_values import TextRules


def read(files: list[tuple[Path, str]], format: CsvFormat, schema: types.StructType | None, rules: TextRules,
         spark_version: str, folder: Path, folder_columns: list[str]) -> tuple[types.StructType, list[list[Piece]]]:
    """The schema of the data, and for each file its pieces. A file is its path and its name (which tells compression)."""
    if schema is None:
        names = column_names(files, format)
        prefers_dates = spark_version >= "3.4"
        schema = inferred(files, names, format, rules, prefers_dates) if format.infer_types else strings(names)
    elif format.header and not format.enforce_schema:
        check_headers(files, schema, format)
    for field in schema.fields:
        if isinstance(field.dataType, (types.ArrayType, types.MapType, types.StructType)):
            raise AnalysisException(f"[UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE] The CSV datasource doesn't support the column `{field.name}` of the type "
                                    f"\"{field.dataType.simpleString().upper()}\".")
    # In a text file a column is known by its place, so none of them may be left out.
    as_they_lie = None if set(folder_columns) & set(schema.names) else csv_as_it_lies.pieces_of(files, format, schema)
    if as_they_lie:
        return schema, as_they_lie
    reader = Reader(format, schema, rules)
    return schema, [reader.read(path, name, folder / str(index)) for index, (path, name) in enumerate(files)]


def strings(names: list[str]) -> types.StructType:
    return types.StructType([types.StructField(name, types.StringType()) for name in names])


def column_names(files: list[tuple[Path, str]], format: CsvFormat) -> list[str]:
    first = next((record for path, name in files if (record := first_record(path, name, format))), None)
    if first is None:
        return []
    if len(first) > format.columns_max:
        raise PySparkException(f"[MALFORMED_CSV_RECORD] A record of {files[0][1]} has {len(first)} columns, more than maxColumns, which is {format.columns_max}.")
    if not format.header:
        return [f"_c{index}" for index in range(len(first))]
    lower = [field.lower() if field else field for field in first]
    # Spark numbers every one of several equal names, and names the empty ones by their place.
    return [f"_c{index}" if not field or field == format.null_text else f"{field}{index}" if lower.count(field.lower()) > 1 else field
            for index, field in enumerate(first)]


def check_headers(files: list[tuple[Path, str]], schema: types.StructType, format: CsvFormat) -> None:
    for path, name in files:
        header = first_record(path, name, format)
        if header and [field.lower() for field in header if field] != [field.lower() for field in schema.names]:
            raise PySparkException(f"CSV header does not conform to the schema.\n Header: {', '.join(map(str, header))}\n "
                                   f"Schema: {', '.join(schema.names)}\nCSV file: {name}")


def text_rows(path: Path, name: str, width: int, format: CsvFormat, keep_lines: bool) -> Iterator[Rows]:
    """In the file's order, some chunks at once: Arrow's parser leaves Python's lock while it works."""
    workers = os.cpu_count() or 2

    def parse(numbered: tuple[int, bytes]) -> Rows:
        return rows_of(numbered[1], width, format, skip_first=format.header and numbered[0] == 0, keep_lines=keep_lines)

    with open_text(path, name) as stream, ThreadPoolExecutor(workers) as pool:
        numbered = enumerate(chunks(stream, format))
        while batch := list(islice(numbered, workers)):
            yield from pool.map(parse, batch)


def inferred(files: list[tuple[Path, str]], names: list[str], format: CsvFormat, rules: TextRules, prefers_dates: bool) -> types.StructType:
    found: list[types.DataType | None] = [None] * len(names)
    for path, name in files:
        for rows in text_rows(path, name, len(names), format, keep_lines=False):
            for index, column in enumerate(rows.columns):
                found[index] = text_values.infer(without_null_text(column, format), found[index], rules, prefers_dates)
    return types.StructType([types.StructField(name, type or types.StringType()) for name, type in zip(names, found)])


def without_null_text(column: pyarrow.Array, format: CsvFormat) -> pyarrow.Array:
    return compute.if_else(compute.equal(column, format.null_text), None, column)


class Reader:
    def __init__(self, format: CsvFormat, schema: types.StructType, rules: TextRules):
        self._format = format
        self._rules = rules
        self._corrupt = format.corrupt_column if format.corrupt_column in schema.names else None
        self._schema = schema
        self._data_fields = [field for field in schema.fields if field.name != self._corrupt]

    def read(self, path: Path, name: str, folder: Path) -> list[Piece]:
        writer = PieceWriter(folder, self._schema)
        for rows in text_rows(path, name, len(self._data_fields), self._format, keep_lines=self._corrupt is not None):
            writer.write(self._typed(rows, name))
        return writer.close()

    def _typed(self, rows: Rows, name: str) -> list[pyarrow.Array]:
        bad = compute.is_valid(rows.malformed)
        columns: dict[str, pyarrow.Array] = {}
        for field, texts in zip(self._data_fields, rows.columns):
            texts = without_null_text(texts, self._format)
            values = columns[field.name] = text_values.typed(texts, field.dataType, self._rules)
            if values.null_count > texts.null_count:
                bad = compute.or_(bad, compute.and_(compute.is_null(values), compute.is_valid(texts)))
        if self._format.mode == "FAILFAST" and compute.any(bad, min_count=0).as_py():
            at = compute.index(bad, True).as_py()
            line = rows.malformed[at].as_py() or self._format.separator.join(column[at].as_py() or "" for column in rows.columns)
            raise PySparkException("[MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION] Malformed records are detected in record parsing: "
                                   f"{line} (in {name}). Parse Mode: FAILFAST.")
        if self._corrupt:
            columns[self._corrupt] = compute.if_else(bad, rows.lines, None)
        ordered = [columns[field.name] for field in self._schema.fields]
        if self._format.mode == "DROPMALFORMED" and compute.any(bad, min_count=0).as_py():
            ordered = [column.filter(compute.invert(bad)) for column in ordered]
        return ordered
