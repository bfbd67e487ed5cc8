"""ORC: read into typed pieces stripe by stripe, written by Arrow's own writer."""

from pathlib import Path

import pyarrow
import pyarrow.orc
from pyspark.errors import PySparkException
from pyspark.sql import types

from igarape_jobs.options import Options
from igarape_jobs.parquet_reader import check, merged, schema_of
from igarape_jobs.pieces import Piece, PieceWriter, arrow_schema

batch_rows = 1 << 18


class OrcFormat:
    def __init__(self, options: Options):
        self.merge_schema = options.flag("mergeSchema")
        for name in ("compression", "codec"):
            options.get(name)


def read(files: list[tuple[Path, str]], format: OrcFormat, given: types.StructType | None,
         folder: Path) -> tuple[types.StructType, list[list[Piece]]]:
    opened = [opened_file(path, name) for path, name in files]
    schemas = [schema_of(file.schema) for file in opened]
    wanted = given or (merged(schemas) if format.merge_schema else schemas[0])
    for schema, (_, name) in zip(schemas, files):
        check(schema, wanted, name)
    return wanted, [read_file(file, wanted, folder / str(index)) for index, file in enumerate(opened)]


def opened_file(path: Path, name: str) -> pyarrow.orc.ORCFile:
    try:
        return pyarrow.orc.ORCFile(path)
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise PySparkException(f"[CANNOT_READ_FILE_FOOTER] Could not read footer for file: {name}. {error}") from None


def read_file(file: pyarrow.orc.ORCFile, schema: types.StructType, folder: Path) -> list[Piece]:
    writer, arrow = PieceWriter(folder, schema), arrow_schema(schema)
    by_lower = {name.lower(): name for name in file.schema.names}
    for index in range(file.nstripes):
        table = pyarrow.Table.from_batches([file.read_stripe(index)])
        writer.write([column(table, by_lower.get(field.name.lower()), field) for field in arrow])
    return writer.close()


def column(table: pyarrow.Table, name: str | None, field: pyarrow.Field) -> pyarrow.Array:
    if name is None:
        return pyarrow.nulls(table.num_rows, field.type)
    found = table[name].combine_chunks()
    # ORC's timestamps are of no zone, in UTC.
    if pyarrow.types.is_timestamp(found.type) and not found.type.tz and pyarrow.types.is_timestamp(field.type) and field.type.tz:
        found = found.cast(pyarrow.timestamp("us")).cast(pyarrow.timestamp("us", "UTC"))
    return found.cast(field.type)


class OrcOutput:
    def __init__(self, compression: str):
        self.extension = {"none": "", "snappy": ".snappy", "zlib": ".zlib", "zstd": ".zstd", "lz4": ".lz4"}[compression] + ".orc"
        self._compression = {"none": "uncompressed"}.get(compression, compression)

    def check(self, schema: types.StructType) -> None:
        """Everything but void has a form in ORC."""

    def open(self, path: Path, schema: pyarrow.Schema) -> "OrcFile":
        return OrcFile(pyarrow.orc.ORCWriter(path, compression=self._compression), schema)


class OrcFile:
    def __init__(self, writer: pyarrow.orc.ORCWriter, schema: pyarrow.Schema):
        self._writer = writer
        self._schema = schema
        self._rows = 0

    def write(self, table: pyarrow.Table) -> None:
        self._rows += table.num_rows
        # Arrow's writer looks past the beginning of a slice's nested columns, and would write other rows' values.
        self._writer.write(table.take(pyarrow.array(range(table.num_rows), pyarrow.int64())))

    def close(self) -> None:
        if not self._rows:
            self._writer.write(self._schema.empty_table())
        self._writer.close()
