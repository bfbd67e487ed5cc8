"""`spark.read`: finds the files, makes them scannable by format, and hands the engine typed Parquet with its partitions."""

import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from pyspark.errors import AnalysisException
from pyspark.sql import functions, types
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.plan import DataSource
from pyspark.sql.connect.readwriter import DataFrameReader

from igarape_jobs import csv_as_it_lies, csv_reader, file_names, json_reader, orc_files, parquet_reader, partition_types, paths, text_lines
from igarape_jobs.csv_format import CsvFormat
from igarape_jobs.jdbc import spark_source
from igarape_jobs.json_reader import JsonFormat
from igarape_jobs.options import Options
from igarape_jobs.orc_files import OrcFormat
from igarape_jobs.parquet_reader import ParquetFormat
from igarape_jobs.paths import Found
from igarape_jobs.pieces import Piece
from igarape_jobs.text_lines import TextFormat

path_options = ("path", "paths", "basePath", "recursiveFileLookup", "pathGlobFilter", "modifiedBefore", "modifiedAfter")
formats = ("csv", "json", "parquet", "orc", "text")


def install(engine) -> None:
    """Every way of `spark.read` ends in `load`; the session's own would let Sail read the files."""
    reader = engine.reader = Reader(engine)

    def load(self, path=None, format=None, schema=None, **options):
        if format is not None:
            self.format(format)
        if schema is not None:
            self.schema(schema)
        self.options(**options)
        if (self._format or "").lower() == "jdbc":
            return spark_source.read(engine, self._options)
        return reader.load(self._format or "parquet", path, given_schema(engine, self._schema), self._options)

    def refuse(name):
        def refused(self, *_arguments, **_options):
            raise NotImplementedError(f"spark.read.{name} is not covered by the embedded engine; the `spark` engine does it.")
        return refused

    DataFrameReader.load = load
    DataFrameReader.jdbc = spark_source.read_jdbc(engine)
    for name in ("xml", "changes"):
        setattr(DataFrameReader, name, refuse(name))


def given_schema(engine, text: str) -> types.StructType | None:
    if not text:
        return None
    return types.StructType.fromJson(json.loads(text)) if text.startswith("{") else engine.session._parse_ddl(text)


class Reader:
    def __init__(self, engine):
        self._engine = engine

    def load(self, format: str, path, schema: types.StructType | None, given: dict):
        if format.lower() not in formats:
            raise NotImplementedError(f"The embedded engine does not read the format {format}; the `spark` engine does what Spark has.")
        options = Options(format, given)
        for name in path_options:
            options.get(name)
        uris = [path] if isinstance(path, str) else list(path or [])
        uris = uris or [uri for uri in [options.get("path")] if uri]
        if not uris:
            raise AnalysisException("[UNABLE_TO_INFER_SCHEMA] Unable to infer schema: no path was given.")
        found = paths.find(self._engine.lake, uris, options.as_dict())
        return self.frame(format.lower(), found, schema, options, uris)

    def frame(self, format: str, found: Found, schema: types.StructType | None, options: Options, uris: list[str]):
        engine = self._engine
        partition_types_by_name = self._partition_types(found, schema)
        data_schema = schema and types.StructType([field for field in schema.fields if field.name not in partition_types_by_name])
        covered = self._format(format, options)
        options.refuse_unknown()
        if not found.files and schema is None:
            raise AnalysisException(f"[UNABLE_TO_INFER_SCHEMA] Unable to infer schema for {format.upper() if format != 'parquet' else 'Parquet'}. "
                                    "It must be specified manually.")
        local = list(zip(engine.lake.open(found.files), [file.uri for file in found.files]))
        zone = engine.session.conf.get("spark.sql.session.timeZone")
        is_strict = engine.session.conf.get("spark.sql.legacy.timeParserPolicy", "EXCEPTION").upper() == "EXCEPTION"
        if not local:
            data, pieces = data_schema, []
        elif format == "parquet":
            data, pieces = parquet_reader.read(local, covered, data_schema)
        elif format == "csv":
            data, pieces = csv_reader.read(local, covered, data_schema, covered.text_rules(zone, is_strict), engine.spark_version, engine.new_folder("csv"),
                                            found.partition_columns)
        elif format == "json":
            data, pieces = json_reader.read(local, covered, data_schema, zone, is_strict, engine.new_folder("json"))
        elif format == "orc":
            data, pieces = orc_files.read(local, covered, data_schema, engine.new_folder("orc"))
        else:
            data, pieces = text_lines.read(local, covered, data_schema, engine.new_folder("text"))
        engine.counts.read(sum(piece.rows for parts in pieces for piece in parts), sum(file.bytes for file in found.files), len(found.files))
        return self._scan(data, pieces, found, partition_types_by_name, uris, csv_as_it_lies.options_of(covered) if format == "csv" else {})

    def _format(self, format: str, options: Options):
        if format == "csv":
            return CsvFormat.from_options(options)
        if format == "json":
            return JsonFormat(options)
        if format == "parquet":
            return ParquetFormat(options)
        return OrcFormat(options) if format == "orc" else TextFormat(options)

    def _partition_types(self, found: Found, schema: types.StructType | None) -> dict[str, types.DataType]:
        given = {field.name: field.dataType for field in schema.fields} if schema else {}
        infers = self._engine.session.conf.get("spark.sql.sources.partitionColumnTypeInference.enabled", "true") == "true"
        return {name: given.get(name) or (partition_types.infer_type([texts[index] for texts in found.partition_texts]) if infers
                                          else types.StringType())
                for index, name in enumerate(found.partition_columns)}

    def _scan(self, data: types.StructType, pieces: list[list[Piece]], found: Found, partitions: dict[str, types.DataType], uris: list[str],
              text_options: dict[str, str] | None = None):
        session = self._engine.session
        whole = with_partitions(data, partitions)
        # The value in a folder's name stands for a column of that name in the file, and in its place.
        data = types.StructType([field for field in data.fields if field.name not in partitions])
        if not any(pieces) or not whole.fields:
            return session.createDataFrame([], whole)
        parts = Scan(found, pieces, data, whole, partitions, text_options or {})
        folder, frame = self._scanned(parts)
        self._remember(folder, parts, uris)
        return frame

    def _remember(self, folder: Path, parts: "Scan", uris: list[str]) -> None:
        self._engine.sources.remember(folder, uris, sum(piece.rows for some in parts.pieces for piece in some))
        self._engine.file_names.remember(folder, lambda: self._with_file_names(parts))

    def _with_file_names(self, parts: "Scan"):
        """The same rows, each with its file: a folder's name numbers it."""
        files = parts.found.files
        numbered = Found(files, [*parts.found.partition_columns, "file"],
                         [(*texts, str(index)) for index, texts in enumerate(parts.found.partition_texts or [()] * len(files))])
        _, frame = self._scanned(replace(parts, found=numbered, partitions={**parts.partitions, "file": types.IntegerType()},
                                         whole=types.StructType([*parts.whole.fields, types.StructField("file", types.IntegerType())])))
        names = functions.array(*[functions.lit(file_names.uri_text(file.uri)) for file in files])
        # The last column, whatever others are called.
        columns = [functions.col(quoted(name)) for name in parts.whole.names]
        return frame.select(*columns, functions.get(names, functions.col("file")).alias(file_names.hidden))

    def _scanned(self, parts: "Scan"):
        found, data, whole, partitions = parts.found, parts.data, parts.whole, parts.partitions
        layout = Layout(found, self._engine.new_folder("scan"))
        for index, pieces in enumerate(parts.pieces):
            for piece in pieces:
                layout.add(piece, found.partition_texts[index] if found.partition_texts else ())
        if not partitions:
            # A schema's own spelling of a name is the column's, whatever the file's is.
            return layout.folder, self._scan_folder(data, layout, parts.text_options).select(*[functions.col(quoted(name)).alias(name) for name in data.names])
        keys = types.StructType(data.fields + [types.StructField(layout.key(name), types.StringType()) for name in partitions])
        raw = self._scan_folder(keys, layout, parts.text_options)
        values = {name: functions.expr(layout.expression(name)).cast(type).alias(name) for name, type in partitions.items()}
        return layout.folder, raw.select(*[values[field.name] if field.name in values else functions.col(quoted(field.name)).alias(field.name) for field in whole.fields])

    def _scan_folder(self, schema: types.StructType, layout: "Layout", text_options: dict[str, str]):
        options = text_options if layout.format == "csv" else {}
        source = DataSource(format=layout.format, schema=schema.json(), options=options, paths=[str(layout.folder)], predicates=None)
        return DataFrame(source, self._engine.session)


@dataclass(frozen=True)
class Scan:
    """What a scan is made of, to make it again."""

    found: Found
    pieces: list[list[Piece]]
    data: types.StructType
    whole: types.StructType
    partitions: dict[str, types.DataType]
    text_options: dict[str, str]


def with_partitions(data: types.StructType, partitions: dict[str, types.DataType]) -> types.StructType:
    fields = [types.StructField(field.name, partitions.get(field.name, field.dataType)) for field in data.fields]
    return types.StructType(fields + [types.StructField(name, type) for name, type in partitions.items() if name not in data.names])


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


class Layout:
    """Links in folders that the engine's own partition discovery reads: plain names, whatever the real ones are, so that it
    prunes by them. Values that a plain name cannot hold are written in hexadecimal."""

    def __init__(self, found: Found, folder: Path):
        self.folder = folder
        self.format = "parquet"
        self._count = 0
        self._names = found.partition_columns
        self._hexadecimal = [any(not is_plain(texts[index]) for texts in found.partition_texts) for index in range(len(self._names))]

    def key(self, name: str) -> str:
        return f"__p{self._names.index(name)}"

    def expression(self, name: str) -> str:
        key = self.key(name)
        if not self._hexadecimal[self._names.index(name)]:
            return key
        return f"case when {key} = 'n' then null else decode(unhex(substring({key}, 2)), 'UTF-8') end"

    def add(self, piece: Piece, texts: tuple[str | None, ...]) -> None:
        folder = self.folder
        for index, text in enumerate(texts):
            value = text if not self._hexadecimal[index] else "n" if text is None else f"x{text.encode().hex()}"
            folder = folder / f"__p{index}={value}"
        folder.mkdir(parents=True, exist_ok=True)
        self._count += 1
        self.format = piece.format
        link(piece.path, folder / f"{self._count:06d}.{piece.format}")


def is_plain(text: str | None) -> bool:
    return text is not None and 0 < len(text) <= 100 and all(char.isascii() and (char.isalnum() or char in "-_.") for char in text)


def link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:
        try:
            os.symlink(path, target)
        except OSError:
            shutil.copyfile(path, target)
