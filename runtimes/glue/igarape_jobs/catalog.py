"""The Data Catalog as the engine sees it: tables read from their records and files, and shown to SQL as views."""

import json
import re

from pyspark.errors import AnalysisException
from pyspark.sql import types

from igarape_jobs import paths, table_facts
from igarape_jobs.host import HostError
from igarape_jobs.options import Options
from igarape_jobs.paths import Found


# Options of a table that only count when it is written.
of_writing = ("compression", "codec", "quoteall", "maxrecordsperfile", "partitionoverwritemode", "ignorenullfields", "orc.compress", "escapequotes", "emptyvalue")


class Catalog:
    def __init__(self, engine):
        self._engine = engine
        # On AWS a script's SQL sees the Catalog only when its job says --enable-glue-datacatalog.
        self.enabled = False
        self.database = "default"
        self._views = 0

    def call(self, operation: str, **input):
        return self._engine.host.call("glue", operation=operation, input=input)

    def get_table(self, database: str, name: str) -> dict | None:
        try:
            return self.call("GetTable", DatabaseName=database.lower(), Name=name.lower())["Table"]
        except HostError as error:
            if error.code == "EntityNotFoundException":
                return None
            raise

    def must_get_table(self, database: str, name: str) -> dict:
        table = self.get_table(database, name)
        if table is None:
            raise AnalysisException(f"[TABLE_OR_VIEW_NOT_FOUND] The table or view `{database}`.`{name}` cannot be found.")
        return table

    def partitions(self, table: dict, expression: str = "") -> list[dict]:
        """All of a table's partitions that an expression lets through."""
        found, token = [], None
        while True:
            page = self.call("GetPartitions", DatabaseName=table["DatabaseName"], TableName=table["Name"],
                             **({"Expression": expression} if expression else {}), **({"NextToken": token} if token else {}))
            found.extend(page.get("Partitions", []))
            token = page.get("NextToken")
            if not token:
                return found

    def split(self, name: str) -> tuple[str, str]:
        parts = [part.strip("`") for part in re.findall(r"`[^`]+`|[^.]+", name)]
        return (parts[-2], parts[-1]) if len(parts) > 1 else (self.database, parts[0])

    def frame(self, table: dict, expression: str = "", options: dict | None = None):
        """A table's rows: its columns by the Catalog, its files by its format, its partitions as registered."""
        engine = self._engine
        descriptor = table["StorageDescriptor"]
        schema = schema_of(engine, [{**column, "Name": spelled(table, column["Name"])} for column in descriptor.get("Columns", []) + table.get("PartitionKeys", [])])
        format, given = format_of(table)
        keys = [spelled(table, key["Name"]) for key in table.get("PartitionKeys", [])]
        if keys:
            found = Found([], keys, [])
            for partition in self.partitions(table, expression):
                location = partition["StorageDescriptor"].get("Location") or descriptor["Location"]
                texts = tuple(None if value == paths.null_partition else value for value in partition["Values"])
                for file in self._files(location):
                    found.files.append(file)
                    found.partition_texts.append(texts)
        else:
            found = Found(self._files(descriptor["Location"]))
        reading = Options(format, {**{name: value for name, value in given.items() if name.lower() not in of_writing}, **(options or {})})
        return engine.reader.frame(format, found, schema, reading, [descriptor["Location"]])

    def _files(self, location: str) -> list:
        folder = location if location.endswith("/") else location + "/"
        try:
            return paths.find(self._engine.lake, [folder], {"recursivefilelookup": "true"}).files
        except AnalysisException:
            # A table may be registered before its first file is there.
            return []

    def register_chain(self, name: str) -> str:
        """Makes a view of a table that SQL names, unless the name is not the Catalog's; its whole name, which stays its own in another database."""
        database, table = self.split(name)
        is_ours = self.enabled and not self.is_temporary_view(name) and self.register(database, table)
        return f"`{database}`.`{table}`" if is_ours else name

    def temporary_views(self) -> list[str]:
        return [row.tableName for row in self._engine.plain_sql("SHOW TABLES").collect() if row.isTemporary]

    def is_temporary_view(self, name: str) -> bool:
        """One of the session's, which have no database."""
        return "." not in name and name.strip("`").lower() in {view.lower() for view in self.temporary_views()}

    def register(self, database: str, name: str) -> bool:
        engine = self._engine
        table = self.get_table(database, name)
        if table is None:
            return False
        frame = self.frame(table)
        self._views += 1
        view = f"__igarape_table_{self._views}"
        frame.createOrReplaceTempView(view)
        engine.plain_sql(f"CREATE DATABASE IF NOT EXISTS `{database}`")
        engine.plain_sql(f"CREATE OR REPLACE VIEW `{database}`.`{name}` AS SELECT * FROM {view}")
        return True


def spelled(table: dict, name: str) -> str:
    """As Spark wrote the name, where it did."""
    try:
        fields = json.loads(table.get("Parameters", {}).get("spark.sql.sources.schema", "{}")).get("fields", [])
    except ValueError:
        return name
    return next((field["name"] for field in fields if field["name"].lower() == name.lower()), name)


def schema_of(engine, columns: list[dict]) -> types.StructType:
    fields = [types.StructField(column["Name"], column_type(engine, column["Type"])) for column in columns]
    return types.StructType(fields)


def column_type(engine, text: str) -> types.DataType:
    plain = {"string": types.StringType, "int": types.IntegerType, "bigint": types.LongType, "double": types.DoubleType,
             "date": types.DateType, "timestamp": types.TimestampType, "boolean": types.BooleanType, "float": types.FloatType}
    if text.lower() in plain:
        return plain[text.lower()]()
    return engine.session._parse_ddl(f"c {text}").fields[0].dataType


def format_of(table: dict) -> tuple[str, dict]:
    """The format and its options for a table, by its classification and SerDe; Spark's own tables keep what was said when they were made."""
    format, options = format_by_serde(table)
    return format, {**options, **({} if table_facts.provider(table) == "hive" else table_facts.options(table))}


def format_by_serde(table: dict) -> tuple[str, dict]:
    descriptor = table["StorageDescriptor"]
    serde = descriptor.get("SerdeInfo", {})
    library = serde.get("SerializationLibrary", "")
    parameters = {**table.get("Parameters", {}), **descriptor.get("Parameters", {}), **serde.get("Parameters", {})}
    classification = parameters.get("classification", "").lower()
    if "Parquet" in library or classification == "parquet":
        return "parquet", {}
    if "OrcSerde" in library or classification == "orc":
        return "orc", {}
    if "JsonSerDe" in library or classification == "json":
        return "json", {}
    if "OpenCSVSerde" in library:
        return "csv", {"sep": parameters.get("separatorChar", ","), "quote": parameters.get("quoteChar", '"'),
                       "escape": parameters.get("escapeChar", "\\"), "header": skips_header(parameters)}
    if "LazySimpleSerDe" in library or classification == "csv":
        return "csv", {"sep": parameters.get("field.delim", parameters.get("delimiter", ",")), "header": skips_header(parameters)}
    raise NotImplementedError(f"Table {table['Name']} is of a SerDe that is not read here ({library or 'none'}).")


def skips_header(parameters: dict) -> str:
    lines = parameters.get("skip.header.line.count", "0")
    if lines not in ("0", "1"):
        raise NotImplementedError(f"Tables with skip.header.line.count={lines} are not read here.")
    return "true" if lines == "1" else "false"
