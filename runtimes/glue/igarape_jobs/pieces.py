"""Pieces: what the engine scans. Parquet files of a run's own that text files become, or files as they lie."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow
import pyarrow.parquet
from pyspark.sql import types

from igarape_jobs.text_values import arrow_type


@dataclass(frozen=True)
class Piece:
    path: Path
    rows: int
    format: str = "parquet"


def arrow_schema(schema: types.StructType) -> pyarrow.Schema:
    return pyarrow.schema([pyarrow.field(field.name, arrow_type(field.dataType), True) for field in schema.fields])


class PieceWriter:
    """One Parquet file of many row groups. Uncompressed: it is read once and soon, from the page cache."""

    def __init__(self, folder: Path, schema: types.StructType):
        self._path = folder.with_suffix(".parquet")
        self._schema = arrow_schema(schema)
        self._writer: pyarrow.parquet.ParquetWriter | None = None
        self._rows = 0

    def write(self, columns: list[pyarrow.Array]) -> None:
        if not self._schema.names or len(columns[0]) == 0:
            return
        if not self._writer:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pyarrow.parquet.ParquetWriter(self._path, self._schema, compression="none", use_dictionary=False,
                                                         write_statistics=False)
        self._writer.write_table(pyarrow.Table.from_arrays(columns, schema=self._schema), row_group_size=1 << 18)
        self._rows += len(columns[0])

    def close(self) -> list[Piece]:
        if not self._writer:
            return []
        self._writer.close()
        return [Piece(self._path, self._rows)]
