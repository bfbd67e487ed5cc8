"""`df.write`: rows stream from the engine into staged files of our own, and these become objects in one commit."""

import os
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pyarrow
import pyarrow.compute
from pyspark.errors import AnalysisException, IllegalArgumentException
from pyspark.sql import types
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.readwriter import DataFrameWriter

from igarape_jobs import result_types, staging, text_output
from igarape_jobs.buckets import Buckets
from igarape_jobs.buckets import hidden as hidden_bucket
from igarape_jobs.csv_output import compression_of, csv_output, time_formats
from igarape_jobs.jdbc import spark_source
from igarape_jobs.lake import Location, locate
from igarape_jobs.options import Options
from igarape_jobs.orc_files import OrcOutput
from igarape_jobs.output_files import ParquetOutput, Sink, TextOutput
from igarape_jobs.pieces import arrow_schema
from igarape_jobs.tables import Wanted

batch_rows = 1 << 18
tasks_max = 1000
modes = {"append": "append", "overwrite": "overwrite", "ignore": "ignore", "error": "error", "errorifexists": "error", "default": "error"}


def install(engine) -> None:
    """Every way of `df.write` ends in `save`, `saveAsTable` or `insertInto`."""
    writer = engine.writer = Writer(engine)

    def save(self, path=None, format=None, mode=None, partitionBy=None, **options):
        take(self, format, mode, partitionBy, options)
        write = self._write
        if (write.source or "").lower() == "jdbc":
            forbid_buckets(write, "save")
            return spark_source.write(engine, DataFrame(self._df, self._spark), write.options, mode_of(write.mode))
        target = path or write.options.get("path")
        if not target:
            raise IllegalArgumentException("Expected exactly one path to be specified, but got: ")
        forbid_buckets(write, "save")
        writer.save(DataFrame(self._df, self._spark), target, write.source or "parquet", mode_of(write.mode), list(write.partitioning_cols), write.options)

    def save_as_table(self, name, format=None, mode=None, partitionBy=None, **options):
        take(self, format, mode, partitionBy, options)
        write = self._write
        options = {key: value for key, value in write.options.items() if key != "path"}
        wanted = Wanted((write.source or "parquet").lower(), list(write.partitioning_cols), options, write.options.get("path"), buckets_of(write))
        engine.tables.save(DataFrame(self._df, self._spark), name, mode_of(write.mode), wanted)

    def insert_into(self, name, overwrite=None):
        if overwrite is not None:
            self.mode("overwrite" if overwrite else "append")
        forbid_partition_by(self._write.partitioning_cols)
        forbid_buckets(self._write, "insertInto")
        engine.tables.insert(DataFrame(self._df, self._spark), name, mode_of(self._write.mode) == "overwrite")

    def refuse(name):
        def refused(self, *_arguments, **_options):
            raise NotImplementedError(f"df.write.{name} is not covered by the embedded engine; the `spark` engine does it.")
        return refused

    DataFrameWriter.save = save
    DataFrameWriter.saveAsTable = save_as_table
    DataFrameWriter.insertInto = insert_into
    def jdbc(self, url, table, mode=None, properties=None):
        self.mode(mode)
        given = {**self._write.options, **(properties or {}), "url": url, "dbtable": table}
        spark_source.write(engine, DataFrame(self._df, self._spark), given, mode_of(self._write.mode))

    DataFrameWriter.jdbc = jdbc
    DataFrameWriter.xml = refuse("xml")


def take(writer: DataFrameWriter, format, mode, partition_by, options) -> None:
    writer.mode(mode).options(**options)
    if partition_by is not None:
        writer.partitionBy(partition_by if isinstance(partition_by, (list, tuple)) else [partition_by])
    if format is not None:
        writer.format(format)


def forbid_partition_by(columns: list[str]) -> None:
    """Of `insertInto`."""
    if columns:
        raise AnalysisException("[_LEGACY_ERROR_TEMP_1309] insertInto() can't be used together with partitionBy(). Partition columns have already been defined for "
                                "the table. It is not necessary to use partitionBy().")


def forbid_buckets(write, what: str) -> None:
    """In Spark only tables have buckets."""
    if write.bucket_cols:
        raise AnalysisException(f"'{what}' does not support bucketBy right now.")
    buckets_of(write)


def buckets_of(write) -> Buckets | None:
    if write.clustering_cols:
        raise NotImplementedError("clusterBy is not covered by the embedded engine, whose Spark is 3.5; it is one of Spark 4.")
    if write.sort_cols and not write.bucket_cols:
        raise AnalysisException("[SORT_BY_WITHOUT_BUCKETING] sortBy must be used together with bucketBy.")
    return Buckets(write.num_buckets, tuple(write.bucket_cols), tuple(write.sort_cols)) if write.bucket_cols else None


def mode_of(given: str | None) -> str:
    if (given or "error").lower() not in modes:
        raise IllegalArgumentException(f"Unknown save mode: {given}. Accepted save modes are 'overwrite', 'append', 'ignore', 'error', "
                                       "'errorifexists', 'default'.")
    return modes[(given or "error").lower()]


class Written:
    """What a write left: the partitions it touched, by folder."""

    def __init__(self, location: Location, partitions: list[str], is_dynamic: bool):
        self.location = location
        self.is_dynamic = is_dynamic
        self.partitions = partitions


class Writer:
    def __init__(self, engine):
        self._engine = engine

    def save(self, frame: DataFrame, uri: str, format: str, mode: str, partition_columns: list[str], given: dict, buckets: Buckets | None = None) -> Written | None:
        options = Options(format, given)
        options.get("path")
        dynamic = self._is_dynamic(options) and bool(partition_columns) and mode == "overwrite"
        rows_per_file = int(options.get("maxRecordsPerFile", default="0"))
        output = self._output(format.lower(), options)
        options.refuse_unknown()
        target = locate(uri)
        existing = [] if mode == "append" else self._engine.lake.list_files(Location(target.root, target.folder_key))
        if existing and mode == "error":
            raise AnalysisException(f"[PATH_ALREADY_EXISTS] Path {uri} already exists. Set mode as \"overwrite\" to overwrite the existing path.")
        if existing and mode == "ignore":
            return None
        if mode == "overwrite" and not dynamic and self._engine.sources.reads(frame, target):
            raise AnalysisException(f"[UNSUPPORTED_OVERWRITE.PATH] Can't overwrite the target that is also being read from. Path {uri}.")
        if buckets:
            buckets.check(frame.schema, partition_columns, uri)
        sink = self._write(frame, output, partition_columns, rows_per_file, buckets)
        return self._commit(sink, target, existing, dynamic)

    def save_as(self, frame: DataFrame, uri: str, output, partition_columns: list[str]) -> Written:
        """Adds files of an output that the caller brings."""
        return self._commit(self._write(frame, output, partition_columns, 0), locate(uri), [], False)

    def _is_dynamic(self, options: Options) -> bool:
        default = self._engine.session.conf.get("spark.sql.sources.partitionOverwriteMode", "static")
        return options.get("partitionOverwriteMode", default=default).lower() == "dynamic"

    def _output(self, format: str, options: Options):
        conf = self._engine.session.conf
        zone = conf.get("spark.sql.session.timeZone")
        if format == "parquet":
            compression = options.get("compression", "codec", default=conf.get("spark.sql.parquet.compression.codec", "snappy")).lower()
            compression = "none" if compression == "uncompressed" else compression
            if compression not in ("none", "snappy", "gzip", "zstd"):
                raise NotImplementedError(f"The embedded engine does not write Parquet with compression {compression}.")
            return ParquetOutput(compression, conf.get("spark.sql.parquet.outputTimestampType", "INT96"))
        if format == "csv":
            return csv_output(options, zone)
        if format == "json":
            date, timestamp = time_formats(options)
            texts = text_output.JsonTexts(zone, not options.flag("ignoreNullFields", default=True), date, timestamp)
            return TextOutput("json", compression_of(options, "JSON"), lambda table: text_output.json_columns(table, texts),
                              separator=options.get("lineSep", default="\n"), encoding=options.get("encoding", "charset", default="UTF-8"))
        if format == "orc":
            compression = options.get("compression", "orc.compress", default=conf.get("spark.sql.orc.compression.codec", "snappy")).lower()
            if compression not in ("none", "uncompressed", "snappy", "zlib", "zstd", "lz4"):
                raise NotImplementedError(f"The embedded engine does not write ORC with compression {compression}; the `spark` engine does.")
            return OrcOutput(compression.replace("uncompressed", "none"))
        if format == "text":
            return TextOutput("txt", compression_of(options, "text"), lambda table: pyarrow.concat_arrays(table.column(0).chunks).fill_null(""),
                              separator=options.get("lineSep", default="\n"))
        raise NotImplementedError(f"The embedded engine does not write the format {format}; the `spark` engine does.")

    def _write(self, frame: DataFrame, output, partition_columns: list[str], rows_per_file: int, buckets: Buckets | None = None) -> Sink:
        names = check_columns(frame.schema, partition_columns)
        output.check(types.StructType([field for field in frame.schema.fields if field.name not in names]))
        spellings, write_id = dict(zip(names, partition_columns)), str(uuid.uuid4())
        begin = partial(Sink, output, partition_columns=spellings, write_id=write_id, rows_per_file=rows_per_file)
        if buckets:
            return self._bucketed(buckets.placed(frame, names), partial(begin, has_buckets=True), spellings)
        sink = self._staged(frame, begin) if not rows_per_file and self._may_be_staged(frame) else self._in_order(frame, begin)
        sink.close(pyarrow.schema([field for field in arrow_schema(frame.schema) if field.name not in spellings]))
        return sink

    def _may_be_staged(self, frame: DataFrame) -> bool:
        plan = frame._plan.to_proto(frame._session.client)
        return staging.is_flat(frame.schema) and staging.is_large(self._engine, plan) and staging.keeps_no_order(plan)

    def _staged(self, frame: DataFrame, begin: Callable[[Path], Sink]) -> Sink:
        """Each of some tasks writes files of its own, as Spark's do: Arrow leaves Python's lock while it works."""
        schema, taking = frame.schema, threading.Lock()
        arrow, count = arrow_schema(schema), min(os.cpu_count() or 2, staging.tasks_max)
        sinks = [begin(self._engine.new_folder("write")) for _ in range(count)]
        tables = staging.tables(self._engine, frame)

        def next_table() -> pyarrow.Table | None:
            with taking:
                return next(tables, None)

        def carry_out(task: int) -> None:
            while (table := next_table()) is not None:
                result_types.check(schema, table.schema)
                sinks[task].write(table.rename_columns(arrow.names).cast(arrow), task)

        with closing(tables), ThreadPoolExecutor(len(sinks)) as pool:
            list(pool.map(carry_out, range(len(sinks))))
        for other in sinks[1:]:
            sinks[0].join(other)
        return sinks[0]

    def _in_order(self, frame: DataFrame, begin: Callable[[Path], Sink]) -> Sink:
        sink, tasks = begin(self._engine.new_folder("write")), self._tasks_of(frame)
        for number, table in enumerate(self._engine.batches(frame, arrow_schema(frame.schema))):
            for task in range(tasks):
                # A small frame is dealt out too, so that as many files come out as were asked for.
                share = table.take(list(range((task - number) % tasks, table.num_rows, tasks))) if tasks > 1 else table
                sink.write(share, task)
        return sink

    def _bucketed(self, frame: DataFrame, begin: Callable[[Path], Sink], spellings: dict[str, str]) -> Sink:
        arrow, sink = arrow_schema(frame.schema), begin(self._engine.new_folder("write"))
        for table in self._engine.batches(frame, arrow):
            numbers, rows = table[hidden_bucket], table.drop_columns([hidden_bucket])
            for number in numbers.unique().to_pylist():
                sink.write(rows.filter(pyarrow.compute.equal(numbers, number)), number)
        sink.close(pyarrow.schema([field for field in arrow if field.name not in (*spellings, hidden_bucket)]))
        return sink

    def _tasks_of(self, frame: DataFrame) -> int:
        """`repartition(n)` right before a write asks for n files."""
        root = frame._plan.to_proto(frame._session.client).root
        return min(root.repartition.num_partitions, tasks_max) if root.HasField("repartition") and root.repartition.shuffle else 1

    def _commit(self, sink: Sink, target: Location, existing, dynamic: bool) -> Written:
        engine, folder = self._engine, target.folder_key
        engine.counts.written(sink.rows, sum(path.stat().st_size for _, path in sink.files), len(sink.files))
        partitions = list(dict.fromkeys(key.rpartition("/")[0] for key, _ in sink.files))
        touched = tuple(f"{folder}{partition}/" for partition in partitions)
        deletes = [file.key for file in existing if not dynamic or file.key.startswith(touched)]
        puts = [(f"{folder}{key}", path) for key, path in sink.files]
        if engine.marks_success:
            success = sink.folder_file("_SUCCESS")
            puts.append((f"{folder}_SUCCESS", success))
        engine.lake.commit(target.root, puts, [key for key in deletes if key not in dict(puts)])
        return Written(target, [partition for partition in partitions if partition], dynamic)


def check_columns(schema: types.StructType, partition_columns: list[str]) -> list[str]:
    """The partition columns as the schema spells them."""
    by_lower = {name.lower(): name for name in schema.names}
    for name in partition_columns:
        if name.lower() not in by_lower:
            raise AnalysisException(f"[COLUMN_NOT_DEFINED_IN_TABLE] Partition column `{name}` not found in schema {schema.simpleString()}.")
    if len(by_lower) < len(schema.names):
        lower = [name.lower() for name in schema.names]
        twice = next(name for name in lower if lower.count(name) > 1)
        raise AnalysisException(f"[COLUMN_ALREADY_EXISTS] The column `{twice}` already exists. Choose another name or rename the existing column.")
    if partition_columns and len(partition_columns) == len(schema.names):
        raise AnalysisException("[ALL_PARTITION_COLUMNS_NOT_ALLOWED] Cannot use all columns for partition columns.")
    for field in schema.fields:
        if isinstance(field.dataType, types.NullType):
            raise AnalysisException(f"[UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE] The datasource doesn't support the column `{field.name}` of the type \"VOID\".")
    return [by_lower[name.lower()] for name in partition_columns]


def batches(frame: DataFrame, schema: pyarrow.Schema):
    """The frame's rows as they come, gathered to tables worth a row group, never all at once."""
    client = frame._session.client
    waiting: list[pyarrow.Table] = []
    rows = 0
    for table in client.to_table_as_iterator(frame._plan.to_proto(client), {}):
        if not isinstance(table, pyarrow.Table) or table.num_rows == 0:
            continue
        waiting.append(table.rename_columns(schema.names).cast(schema))
        rows += table.num_rows
        if rows >= batch_rows:
            yield pyarrow.concat_tables(waiting)
            waiting, rows = [], 0
    if waiting:
        yield pyarrow.concat_tables(waiting)
