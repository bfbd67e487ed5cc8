"""Writing a DynamicFrame: files by connection options, or a sink that also keeps the Catalog up to date."""

from awsglue.unsupported import Refusing, refuse

written_options = {"separator": "sep", "quotechar": "quote", "escaper": "escape", "writeheader": "header", "compression": "compression"}


def write_frame(glue_context, frame, connection_type, connection_options, format, format_options):
    sink = DataSink(glue_context, connection_type, connection_options, format)
    sink.setFormat(format, **format_options)
    sink.writeFrame(frame)


class DataSink(Refusing):
    def __init__(self, glue_context, connection_type, options, format):
        if connection_type != "s3":
            refuse(f"a sink with connection_type={connection_type!r}")
        known = {"path", "partitionKeys", "enableUpdateCatalog", "updateBehavior", "compression", "connection_type"}
        for name in set(options) - known:
            refuse(f"a sink with the option {name}")
        if options.get("updateBehavior", "UPDATE_IN_DATABASE") not in ("UPDATE_IN_DATABASE", "LOG"):
            raise ValueError(f"updateBehavior is UPDATE_IN_DATABASE or LOG, not {options['updateBehavior']}.")
        self._glue_context = glue_context
        self._path = options.get("path")
        self._partition_keys = list(options.get("partitionKeys") or [])
        self._updates_catalog = options.get("enableUpdateCatalog", False) in (True, "true", "True")
        self._updates_schema = options.get("updateBehavior", "UPDATE_IN_DATABASE") == "UPDATE_IN_DATABASE"
        self._format, self._options = format, {"compression": options["compression"]} if options.get("compression") else {}
        self._database = self._table = None

    @classmethod
    def of_table(cls, glue_context, database, table_name, options):
        from igarape_jobs.catalog import format_of

        table = glue_context.engine.catalog.must_get_table(database, table_name)
        keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        updates = options.get("enableUpdateCatalog", False)
        sink = cls(glue_context, "s3", {"path": table["StorageDescriptor"]["Location"], "partitionKeys": options.get("partitionKeys", keys),
                                        "enableUpdateCatalog": updates, "updateBehavior": options.get("updateBehavior", "UPDATE_IN_DATABASE")}, None)
        for name in set(options) - {"enableUpdateCatalog", "partitionKeys", "updateBehavior"}:
            refuse(f"write_dynamic_frame.from_catalog with the option {name}")
        sink._format, sink._options = format_of(table)
        sink._database, sink._table = database, table_name
        return sink

    def setFormat(self, format, **options):
        name = "parquet" if format == "glueparquet" else format
        if name not in ("csv", "json", "parquet"):
            refuse(f"a sink with format={format!r}")
        self._format = name
        for key, value in options.items():
            if key.lower() in ("useglueparquetwriter", "blocksize", "pagesize", "optimizeperformance"):
                continue
            if key.lower() not in written_options:
                refuse(f"a sink with the format option {key}")
            self._options[written_options[key.lower()]] = str(value).lower() if isinstance(value, bool) else str(value)

    def setCatalogInfo(self, catalogDatabase, catalogTableName, **_options):
        self._database, self._table = catalogDatabase, catalogTableName

    def writeFrame(self, frame, info=""):
        self._write(frame.toDF())
        return frame

    def writeDataFrame(self, frame, glue_context=None, info=""):
        self._write(frame)

    write = writeFrame

    def _write(self, frame):
        engine = self._glue_context.engine
        options = dict(self._options)
        if self._format == "csv":
            # Glue writes a header unless told not to, and doubles quotes.
            options = {"header": "true", "escape": '"', **{key: value for key, value in options.items() if value != "-1"}}
        if not frame.columns:
            return
        written = engine.writer.save(frame, self._path, self._format, "append", self._partition_keys, options)
        if not (self._updates_catalog and self._database and self._table):
            return
        engine.tables.put(self._database, self._table, frame.schema, self._format, self._path, self._partition_keys, options,
                          replace=False, schema_wins=self._updates_schema)
        engine.tables.add_partitions(self._database, self._table, self._path, written.partitions)
