"""Writing: files by connection options, tables of DynamoDB and of databases, or a sink that also keeps the Catalog up to date."""

import json

import pyarrow

from awsglue import dynamodb, redshift
from awsglue import gluetypes as glue
from awsglue.avro_format import AvroOutput
from awsglue.collection import DynamicFrameCollection
from awsglue.data_source import refuse_connection
from awsglue.database_frames import write_database
from awsglue.dynamicframe import DynamicFrame
from awsglue.fields import cast
from awsglue.records import decoder
from awsglue.s3_files import is_true
from awsglue.shapes import has_choice
from awsglue.table_source import Table, database_table
from awsglue.unsupported import Refusing, refuse

written_options = {"csv": {"separator": "sep", "quotechar": "quote", "escaper": "escape", "writeheader": "header", "compression": "compression"},
                   "json": {"compression": "compression"}, "parquet": {"compression": "compression"}, "orc": {"compression": "compression"}, "avro": {}}
# What changes how files are laid out inside, never the rows.
harmless = {"useglueparquetwriter", "blocksize", "pagesize", "optimizeperformance", "version", "batchsize"}
known = {"path", "partitionKeys", "enableUpdateCatalog", "updateBehavior", "compression", "connection_type", "groupFiles", "groupSize"}


# What has no files: rows go to a table straight.
elsewhere = {"dynamodb": dynamodb.write_table, "redshift": redshift.write_warehouse, "postgresql": write_database, "mysql": write_database}


class DataSink(Refusing):
    def __init__(self, glue_context, connection_type, options, format=None, transformation_ctx=""):
        self._glue_context, self._connection_type, self._given = glue_context, connection_type, dict(options)
        self._format, self._options, self._database, self._table = None, {}, None, None
        if connection_type in elsewhere:
            return
        if connection_type not in ("s3", "file"):
            refuse_connection(connection_type, "a sink")
        for name in set(options) - known:
            refuse(f"a sink with the option {name}")
        behavior = options.get("updateBehavior", "UPDATE_IN_DATABASE")
        if behavior not in ("UPDATE_IN_DATABASE", "LOG"):
            raise ValueError(f"updateBehavior is UPDATE_IN_DATABASE or LOG, not {behavior}.")
        self._path = options.get("path")
        self._partition_keys = list(options.get("partitionKeys") or [])
        self._updates_catalog = is_true(options.get("enableUpdateCatalog"))
        self._updates_schema = behavior == "UPDATE_IN_DATABASE"
        if format:
            self.setFormat(format)
        if options.get("compression"):
            self._options["compression"] = compression_of(options["compression"])

    @classmethod
    def of_table(cls, glue_context, database, table_name, options):
        from igarape_jobs.catalog import format_of

        table = glue_context.engine.catalog.must_get_table(database, table_name)
        over = database_table(Table(glue_context, database, table_name))
        if over:
            return cls(glue_context, over[0], {**over[1], **options})
        keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        options = {name: value for name, value in options.items() if name != "redshiftTmpDir"}
        for name in set(options) - {"enableUpdateCatalog", "partitionKeys", "updateBehavior"}:
            refuse(f"write_dynamic_frame.from_catalog with the option {name}")
        place = {"path": table["StorageDescriptor"]["Location"], "partitionKeys": keys, **options}
        sink = cls(glue_context, "s3", place)
        library = table["StorageDescriptor"].get("SerdeInfo", {}).get("SerializationLibrary", "")
        sink._format, sink._options = ("orc", {}) if "Orc" in library else ("avro", {}) if "Avro" in library else format_of(table)
        sink._database, sink._table = database, table_name
        return sink

    def setFormat(self, format, **options):
        name = "parquet" if format == "glueparquet" else format
        if name not in written_options:
            refuse(f"a sink of the format {format}")
        self._format = name
        for key, value in options.items():
            if key.lower() in harmless:
                continue
            if key.lower() not in written_options[name]:
                refuse(f"a sink of the format {format} with the option {key}")
            self._options[written_options[name][key.lower()]] = str(value).lower() if isinstance(value, bool) else str(value)

    def setCatalogInfo(self, catalogDatabase, catalogTableName, catalogId="", **_options):
        self._database, self._table = catalogDatabase, catalogTableName

    def setAccumulableSize(self, _size):
        """How much of a write's errors the driver may hold; there are none here."""

    def writeFrame(self, dynamic_frame, info=""):
        self._write(dynamic_frame)
        return dynamic_frame

    def writeDataFrame(self, frame, glue_context=None, info=""):
        self._write(DynamicFrame.fromDF(frame, glue_context or self._glue_context))
        return frame

    def write(self, dynamic_frame_or_dfc, info=""):
        """Frames of a collection lie in folders of their names."""
        if not isinstance(dynamic_frame_or_dfc, DynamicFrameCollection):
            return self.writeFrame(dynamic_frame_or_dfc, info)
        path = self._path
        for name, frame in dynamic_frame_or_dfc.items():
            self._path = f"{path.rstrip('/')}/{name}"
            self._write(frame)
        self._path = path
        return dynamic_frame_or_dfc

    def _write(self, frame: DynamicFrame) -> None:
        if self._connection_type in elsewhere:
            elsewhere[self._connection_type](self._glue_context, frame, self._given, "a sink")
            return
        if not self._path or not self._format:
            raise ValueError("A sink over S3 needs a path and a format.")
        if not frame.schema().fields:
            return
        written = self._save(frame)
        if self._updates_catalog and self._database and self._table:
            tables = self._glue_context.engine.tables
            tables.put(self._database, self._table, frame.toDF().schema, self._format, self._path, self._partition_keys, self._spark_options(),
                       replace=False, schema_wins=self._updates_schema)
            tables.add_partitions(self._database, self._table, self._path, written.partitions)

    def _save(self, frame: DynamicFrame):
        writer = self._glue_context.engine.writer
        if self._format == "avro":
            return writer.save_as(frame.toDF(), self._path, AvroOutput(), self._partition_keys)
        if has_choice(frame.schema()) and self._format == "json":
            return writer.save_as(frame.toDF(), self._path, mixed_json(frame.schema(), self._options, self._partition_keys), self._partition_keys)
        if has_choice(frame.schema()) and self._format == "csv":
            # A line holds whichever value its record has.
            frame = frame._with([cast(column, glue.StringType()) if isinstance(column.type, glue.ChoiceType) else column for column in frame._columns()])
        return writer.save(frame.toDF(), self._path, self._format, "append", self._partition_keys, self._spark_options())

    def _spark_options(self) -> dict:
        options = dict(self._options)
        if self._format == "csv":
            # Glue writes a header unless told not to, and doubles quotes.
            options = {"header": "true", "escape": '"', **options}
            if options.get("quote") == "-1":
                options["quote"] = ""
            if options["escape"] in ("-1", "none"):
                options["escape"] = '"'
        return options


def compression_of(name: str) -> str:
    if name not in ("gzip", "bzip2", "snappy", "zstd", "uncompressed", "none"):
        refuse(f"a sink with compression={name!r}")
    return name


def mixed_json(type: glue.StructType, options: dict, partition_keys: list[str]):
    """JSON whose fields hold what each record has, of whichever type."""
    from igarape_jobs.output_files import TextOutput

    decode = decoder(glue.StructType([field for field in type.fields if field.name not in partition_keys]))

    def lines(table: pyarrow.Table) -> pyarrow.Array:
        return pyarrow.array([json.dumps(without_none(decode(row)), ensure_ascii=False, default=str, separators=(",", ":")) for row in table.to_pylist()])

    return TextOutput("json", options.get("compression", "none"), lines)


def without_none(value):
    if isinstance(value, dict):
        return {name: without_none(item) for name, item in value.items() if item is not None}
    return [without_none(item) for item in value] if isinstance(value, list) else value


def write_options(glue_context, frame_or_dfc, connection_type, connection_options, format, format_options):
    sink = DataSink(glue_context, connection_type, connection_options)
    if connection_type not in elsewhere:
        sink.setFormat(format, **format_options)
        if connection_options.get("compression"):
            sink._options["compression"] = compression_of(connection_options["compression"])
    sink.write(frame_or_dfc)
