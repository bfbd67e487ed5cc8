"""Files of a write as they grow: one format's bytes, one folder per partition, few open at once."""

import bz2
import gzip
import io
import zlib
from collections import OrderedDict
from pathlib import Path

import numpy
import pyarrow
import pyarrow.compute as compute
import pyarrow.parquet

from pyspark.errors import AnalysisException
from pyspark.sql import types

from igarape_jobs import partition_types

open_files_max = 64


class ParquetOutput:
    """Spark's defaults: snappy, every column nullable, INT96 timestamps unless the session says otherwise."""

    def __init__(self, compression: str, timestamps: str):
        self.extension = {"snappy": ".snappy", "gzip": ".gz", "zstd": ".zstd", "lz4": ".lz4hadoop", "none": ""}[compression] + ".parquet"
        self.compression = compression
        self.timestamps = timestamps

    def check(self, schema: types.StructType) -> None:
        """Everything but void has a form in Parquet."""

    def open(self, path: Path, schema: pyarrow.Schema) -> "ParquetFile":
        int96 = self.timestamps == "INT96"
        unit = None if int96 else {"TIMESTAMP_MICROS": "us", "TIMESTAMP_MILLIS": "ms"}[self.timestamps]
        writer = pyarrow.parquet.ParquetWriter(path, schema, compression=self.compression, use_deprecated_int96_timestamps=int96,
                                               coerce_timestamps=unit, allow_truncated_timestamps=True, store_schema=False)
        return ParquetFile(writer)


class ParquetFile:
    def __init__(self, writer: pyarrow.parquet.ParquetWriter):
        self._writer = writer

    def write(self, table: pyarrow.Table) -> None:
        self._writer.write_table(table, row_group_size=1 << 20)

    def close(self) -> None:
        self._writer.close()


class TextOutput:
    """`lines` turns a table into text lines; `head` is the first line of every file, if any."""

    def __init__(self, name: str, compression: str, lines, head=None, separator: str = "\n", encoding: str = "utf-8"):
        self.extension = f".{name}" + {"none": "", "gzip": ".gz", "bzip2": ".bz2", "deflate": ".deflate"}[compression]
        self._name = name
        self._compression = compression
        self._lines = lines
        self._head = head
        self._separator = separator
        self._encoding = encoding

    def check(self, schema: types.StructType) -> None:
        if self._name == "txt" and len(schema.fields) != 1:
            raise AnalysisException(f"Text data source supports only a single column, and you have {len(schema.fields)} columns.")
        for field in schema.fields:
            if not self._takes(field.dataType):
                format = {"txt": "Text", "csv": "CSV"}[self._name]
                raise AnalysisException(f"[UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE] The {format} datasource doesn't support the column `{field.name}` "
                                        f"of the type \"{field.dataType.simpleString().upper()}\".")

    def _takes(self, type: types.DataType) -> bool:
        if self._name == "csv":
            return not isinstance(type, (types.ArrayType, types.MapType, types.StructType, types.BinaryType))
        return self._name != "txt" or isinstance(type, types.StringType)

    def open(self, path: Path, schema: pyarrow.Schema) -> "TextFile":
        opener = {"none": open, "gzip": gzip.open, "bzip2": bz2.open, "deflate": DeflateFile}[self._compression]
        stream = io.BufferedWriter(opener(path, "wb"), 1 << 20)
        if self._head:
            stream.write((self._head(schema) + self._separator).encode(self._encoding, "replace"))
        return TextFile(stream, self._lines, self._separator, self._encoding)


class DeflateFile(io.RawIOBase):
    """Hadoop's deflate: zlib's format."""

    def __init__(self, path: Path, _mode: str):
        self._file = open(path, "wb")
        self._compressor = zlib.compressobj()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self._file.write(self._compressor.compress(data))
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.write(self._compressor.flush())
            self._file.close()
        super().close()


class TextFile:
    def __init__(self, stream: io.BufferedWriter, lines, separator: str, encoding: str):
        self._stream = stream
        self._lines = lines
        self._separator = separator
        self._encoding = encoding

    def write(self, table: pyarrow.Table) -> None:
        for start in range(0, table.num_rows, 1 << 16):
            lines = self._lines(table.slice(start, 1 << 16)).to_pylist()
            self._stream.write((self._separator.join(lines) + self._separator).encode(self._encoding, "replace"))

    def close(self) -> None:
        self._stream.close()


class Sink:
    """Sends rows to the file of their partition. The least recently used file is closed when too many are open; rows that
    come for its partition later begin another file. Folders are named by the partition columns as the script spelled them."""

    def __init__(self, output, folder: Path, partition_columns: dict[str, str], write_id: str, rows_per_file: int, has_buckets: bool = False):
        self._has_buckets = has_buckets
        self._output = output
        self._folder = folder
        self._partition_columns = partition_columns
        self._write_id = write_id
        self._rows_per_file = rows_per_file
        self._open: OrderedDict[tuple[str, int], list] = OrderedDict()
        self._count = 0
        self._parts: dict[tuple[str, int], int] = {}
        self.rows = 0
        self.files: list[tuple[str, Path]] = []
        """The key of each file below the target, and where it lies."""

    def write(self, table: pyarrow.Table, task: int = 0) -> None:
        """Rows of one task go to files of its own."""
        self.rows += table.num_rows
        if not self._partition_columns:
            self._append("", task, table)
            return
        keys, codes = self._place(table)
        data = table.drop_columns(list(self._partition_columns))
        order = numpy.argsort(codes, kind="stable")
        ordered, sorted_codes = data.take(pyarrow.array(order)), codes[order]
        starts = numpy.flatnonzero(numpy.diff(sorted_codes, prepend=-1))
        for start, end in zip(starts, [*starts[1:], len(order)]):
            self._append(keys[sorted_codes[start]], task, ordered.slice(start, end - start))

    def _place(self, table: pyarrow.Table) -> tuple[list[str], numpy.ndarray]:
        parts = []
        for name, folder in self._partition_columns.items():
            encoded = table[name].combine_chunks().dictionary_encode(null_encoding="encode")
            texts = [partition_types.as_text(value) for value in encoded.dictionary.to_pylist()]
            parts.append(pyarrow.array([f"{partition_types.escape(folder)}={partition_types.escape(text)}" for text in texts]).take(encoded.indices))
        joined = compute.binary_join_element_wise(*parts, "/").dictionary_encode()
        keys = joined.dictionary.to_pylist()
        return keys, joined.indices.to_numpy()

    def _append(self, partition: str, task: int, table: pyarrow.Table) -> None:
        at = 0
        while at < table.num_rows:
            entry = self._file(partition, task, table.schema)
            space = self._rows_per_file - entry[1] if self._rows_per_file else table.num_rows
            entry[0].write(table.slice(at, space))
            entry[1] += min(space, table.num_rows - at)
            at += space
            if self._rows_per_file and entry[1] >= self._rows_per_file:
                self._open.pop((partition, task))[0].close()

    def _file(self, partition: str, task: int, schema: pyarrow.Schema) -> list:
        if (partition, task) in self._open:
            self._open.move_to_end((partition, task))
            return self._open[partition, task]
        if len(self._open) >= open_files_max:
            self._open.popitem(last=False)[1][0].close()
        entry = self._open[partition, task] = [self.begin(partition, task, schema), 0]
        return entry

    def begin(self, partition: str, task: int, schema: pyarrow.Schema):
        # What is a bucket's has the bucket's number in its name, by which Spark tells it.
        mark = f"_{task:05d}." if self._has_buckets else "." if self._partition_columns else "-"
        # A file that is full is followed by the next of the same task, which Spark counts after the c.
        part = self._parts[partition, task] = self._parts.get((partition, task), -1) + 1
        name = f"part-{task:05d}-{self._write_id}{mark}c{part:03d}{self._output.extension}"
        self._count += 1
        path = self._folder / f"{self._count:06d}-{name}"
        self.files.append((f"{partition}/{name}" if partition else name, path))
        return self._output.open(path, schema)

    def join(self, other: "Sink") -> None:
        """Takes over what another sink, of other tasks, has written."""
        other.close_open()
        self.rows += other.rows
        self.files += other.files

    def folder_file(self, name: str) -> Path:
        """An empty file among the staged ones."""
        path = self._folder / name
        path.touch()
        return path

    def close(self, schema: pyarrow.Schema) -> None:
        # Without rows Spark still writes one file that holds the schema.
        if not self.files and not self._partition_columns:
            self.begin("", 0, schema).close()
        self.close_open()

    def close_open(self) -> None:
        for file, _ in self._open.values():
            file.close()
        self._open.clear()
