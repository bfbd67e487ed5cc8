"""Writing through the Catalog: `saveAsTable`, `insertInto`, INSERT, and Glue's sink that updates it."""

from dataclasses import dataclass, field
from urllib.parse import unquote

from pyspark.errors import AnalysisException
from pyspark.sql import functions
from pyspark.sql.types import BinaryType, StringType, StructType

from igarape_jobs import catalog, table_facts
from igarape_jobs.buckets import Buckets, of_table
from igarape_jobs.host import HostError
from igarape_jobs.lake import Location, locate
from igarape_jobs.partitions import Partitions, remove_files

formats = {
    "parquet": ("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
    "csv": ("org.apache.hadoop.mapred.TextInputFormat", "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
    "json": ("org.apache.hadoop.mapred.TextInputFormat", "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
             "org.openx.data.jsonserde.JsonSerDe"),
    "orc": ("org.apache.hadoop.hive.ql.io.orc.OrcInputFormat", "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
            "org.apache.hadoop.hive.ql.io.orc.OrcSerde"),
    "avro": ("org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat", "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
             "org.apache.hadoop.hive.serde2.avro.AvroSerDe"),
}


@dataclass(frozen=True)
class Wanted:
    """How a new table is to be, beside its columns. A table that is not Spark's own is Hive's."""

    format: str
    partition_columns: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    location: str | None = None
    buckets: Buckets | None = None
    comment: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    is_spark: bool = True
    is_external: bool = False


class Tables:
    def __init__(self, engine):
        self._engine = engine

    def save(self, frame, name: str, mode: str, wanted: Wanted) -> None:
        """`saveAsTable`: creates the table, or appends to or replaces the one that is there."""
        engine = self._engine
        self._check("saveAsTable", wanted)
        database, table_name = engine.catalog.split(name)
        table = engine.catalog.get_table(database, table_name)
        if table and mode == "error":
            raise already_there(database, table_name)
        if table and mode == "ignore":
            return
        location = wanted.location or (table and table["StorageDescriptor"]["Location"]) or self.default_location(database, table_name)
        if not table and mode == "error" and self._has_files(location):
            raise AnalysisException(f"CREATE-TABLE-AS-SELECT cannot create table with location to a non-empty directory {location}.")
        partition_columns, buckets = wanted.partition_columns, wanted.buckets
        if table and mode == "append":
            frame = self._appended(frame, table, wanted)
            partition_columns = table_facts.keys(table)
        # A table is replaced as a whole, whatever is said of its partitions.
        written = engine.writer.save(frame, location, wanted.format, "append" if mode == "append" and table else "overwrite", partition_columns,
                                     {**wanted.options, "partitionOverwriteMode": "static"}, buckets)
        if not (table and mode == "append"):
            self.record(database, table_name, frame.schema, wanted, location, replace=bool(table))
        self.add_partitions(database, table_name, location, written.partitions)
        if table and mode == "overwrite":
            self._drop_partitions(table, lambda partition: partition not in written.partitions)

    def create(self, name: str, schema: StructType, wanted: Wanted, if_not_exists: bool = False) -> None:
        """The record of a table without rows, or over the files that lie at its place."""
        self._check("CREATE TABLE", wanted)
        database, table_name = self._engine.catalog.split(name)
        if self._engine.catalog.get_table(database, table_name):
            if if_not_exists:
                return
            raise already_there(database, table_name)
        if wanted.buckets:
            wanted.buckets.check(schema, wanted.partition_columns, f"`spark_catalog`.`{database}`.`{table_name}`")
        self.record(database, table_name, schema, wanted, wanted.location or self.default_location(database, table_name), replace=False)

    def _check(self, what: str, wanted: Wanted) -> None:
        self.check_enabled(what)
        if wanted.format not in formats:
            raise NotImplementedError(f"Tables of the Data Catalog are not saved in the format {wanted.format}.")

    def _has_files(self, location: str) -> bool:
        place = locate(location)
        return bool(self._engine.lake.list_files(Location(place.root, place.folder_key)))

    def _appended(self, frame, table: dict, wanted: Wanted):
        """The rows as the table takes them."""
        name, keys, buckets = f"spark_catalog.{table['DatabaseName']}.{table['Name']}", table_facts.keys(table), of_table(table)
        if wanted.partition_columns and wanted.partition_columns != keys:
            raise AnalysisException(f"[SPECIFY_PARTITION] Specified partitioning does not match that of the existing table {name}.")
        if wanted.buckets != buckets:
            raise AnalysisException(f"Specified bucketing does not match that of the existing table {name}.\nSpecified bucketing: {wanted.buckets or 'not bucketed'}.\n"
                                    f"Existing bucketing: {buckets or 'not bucketed'}.")
        return self._as_table(frame, table)

    def record(self, database: str, name: str, schema, wanted: Wanted, location: str, replace: bool) -> None:
        """Spark's own description of a table, in the Catalog."""
        columns = [column_of(field) for field in schema.fields if field.name not in wanted.partition_columns]
        keys = [column_of(field) for field in in_place(schema, wanted.partition_columns).fields if field.name in wanted.partition_columns]
        made = table_input(name, columns, keys, wanted.format, location, wanted.options)
        made["Parameters"] |= wanted.properties
        if wanted.comment is not None:
            made["Description"] = wanted.comment
        if not wanted.is_external and wanted.location is None:
            # Spark's own: its files go with it when it is dropped.
            made["TableType"] = "MANAGED_TABLE"
            made["Parameters"].pop("EXTERNAL")
        if wanted.is_spark:
            # What Spark keeps beside Hive's columns, whose names are lower case.
            made["StorageDescriptor"]["SerdeInfo"]["Parameters"] |= wanted.options
            made["Parameters"] |= {"spark.sql.sources.provider": wanted.format, "spark.sql.sources.schema": in_place(schema, wanted.partition_columns).json()}
            made["Parameters"] |= wanted.buckets.parameters() if wanted.buckets else {}
        self._engine.catalog.call("UpdateTable" if replace else "CreateTable", DatabaseName=database, TableInput=made)

    def _as_table(self, frame, table: dict):
        """The rows with the table's columns: each by its name, all of them, in the table's order and types."""
        columns = table["StorageDescriptor"]["Columns"] + table.get("PartitionKeys", [])
        by_lower = {name.lower(): name for name in frame.columns}
        if len(frame.columns) != len(columns):
            raise AnalysisException(f"[_LEGACY_ERROR_TEMP_1159] The column number of the existing table {table['DatabaseName']}.{table['Name']} doesn't match the data "
                                    f"schema: table columns: {len(columns)}, data columns: {len(frame.columns)}.")
        missing = [column["Name"] for column in columns if column["Name"].lower() not in by_lower]
        if missing:
            raise AnalysisException(f"[_LEGACY_ERROR_TEMP_1162] Cannot resolve '{missing[0]}' given input columns: [{', '.join(frame.columns)}].")
        return frame.select(*[functions.col(f"`{by_lower[column['Name'].lower()]}`").cast(catalog.column_type(self._engine, column["Type"])).alias(column["Name"])
                              for column in columns])

    def drop(self, name: str, if_exists: bool) -> None:
        """The record goes; so do the files, unless the table was made over a path of its own."""
        engine = self._engine
        self.check_enabled("DROP TABLE")
        database, table_name = engine.catalog.split(name)
        table = engine.catalog.get_table(database, table_name)
        if table is None:
            if if_exists:
                return
            raise AnalysisException(f"[TABLE_OR_VIEW_NOT_FOUND] The table or view `{database}`.`{table_name}` cannot be found.")
        engine.catalog.call("DeleteTable", DatabaseName=database, Name=table["Name"])
        if table_facts.is_managed(table):
            remove_files(engine, table["StorageDescriptor"]["Location"])

    def _empty(self, table: dict, partition: str) -> None:
        remove_files(self._engine, f"{table['StorageDescriptor']['Location'].rstrip('/')}/{partition}")
        self._drop_partitions(table, lambda folder: folder == partition)

    def _drop_partitions(self, table: dict, is_gone) -> None:
        """An overwrite takes the partitions it replaced out of the Catalog too."""
        partitions = Partitions(self._engine, table)
        partitions.drop([partition for partition in (partitions.all() if partitions.keys else []) if is_gone(partitions.folder(partition["Values"]))], with_files=False)

    def insert(self, frame, name: str, overwrite: bool, within: dict | None = None) -> None:
        """`insertInto`: by position, into the partitions that the rows name; INSERT OVERWRITE may name partitions, which alone are replaced."""
        engine = self._engine
        self.check_enabled("insertInto")
        database, table_name = engine.catalog.split(name)
        table = engine.catalog.must_get_table(database, table_name)
        columns = table["StorageDescriptor"]["Columns"] + table.get("PartitionKeys", [])
        if len(frame.columns) != len(columns):
            raise AnalysisException(f"[INSERT_COLUMN_ARITY_MISMATCH] Cannot write to `{database}`.`{table_name}`, the reason is that the number of "
                                    f"columns differs: table columns: {len(columns)}, data columns: {len(frame.columns)}.")
        types = [catalog.column_type(engine, column["Type"]) for column in columns]
        for column, type in zip(frame.schema.fields, types):
            check_assignment(column, type, f"`{database}`.`{table_name}`")
        positional = frame.toDF(*[column["Name"] for column in columns])
        typed = positional.select(*[functions.col(f"`{column['Name']}`").cast(type).alias(column["Name"]) for column, type in zip(columns, types)])
        format, options = catalog.format_of(table)
        keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        if within:
            if set(within) != set(keys):
                raise NotImplementedError("INSERT OVERWRITE of some of a table's partition columns is not covered for tables of the Data Catalog.")
            options = {**options, "partitionOverwriteMode": "dynamic"}
        written = engine.writer.save(typed, table["StorageDescriptor"]["Location"], format, "overwrite" if overwrite else "append", keys, options, of_table(table))
        if within and not written.partitions:
            self._empty(table, "/".join(f"{key}={within[key.lower()]}" for key in keys))
        if overwrite and not written.is_dynamic:
            self._drop_partitions(table, lambda partition: partition not in written.partitions)
        self.add_partitions(database, table_name, table["StorageDescriptor"]["Location"], written.partitions)

    def check_enabled(self, what: str) -> None:
        if not self._engine.catalog.enabled:
            raise AnalysisException(f"{what} needs the Data Catalog: give the job the argument --enable-glue-datacatalog.")

    def default_location(self, database: str, name: str) -> str:
        try:
            found = self._engine.catalog.call("GetDatabase", Name=database)["Database"]
        except HostError as error:
            raise AnalysisException(f"[SCHEMA_NOT_FOUND] The schema `{database}` cannot be found. {error}") from None
        if not found.get("LocationUri"):
            raise AnalysisException(f"Database {database} has no location, so table {name} needs the option path.")
        return f"{found['LocationUri'].rstrip('/')}/{name}"

    def put(self, database: str, name: str, schema, format: str, location: str, partition_columns: list[str], options: dict,
            replace: bool, schema_wins: bool = True) -> None:
        """Creates a table as Glue's sink does, or brings the one that is there up to the schema that was written."""
        engine = self._engine
        columns = [column_of(field) for field in schema.fields if field.name not in partition_columns]
        keys = [column_of(field) for field in schema.fields if field.name in partition_columns]
        keys.sort(key=lambda column: partition_columns.index(column["Name"]))
        wanted = table_input(name, columns, keys, format, location, options)
        there = engine.catalog.get_table(database, name)
        if there is None:
            engine.catalog.call("CreateTable", DatabaseName=database, TableInput=wanted)
        elif replace:
            engine.catalog.call("UpdateTable", DatabaseName=database, TableInput=wanted)
        elif schema_wins:
            merged = merged_columns(there["StorageDescriptor"]["Columns"], columns)
            if merged != there["StorageDescriptor"]["Columns"]:
                wanted["StorageDescriptor"]["Columns"] = merged
                engine.catalog.call("UpdateTable", DatabaseName=database, TableInput=wanted)

    def add_partitions(self, database: str, name: str, location: str, folders: list[str]) -> None:
        """Registers the partitions that were written; those that are known already stay."""
        if not folders:
            return
        descriptor = self._engine.catalog.must_get_table(database, name)["StorageDescriptor"]
        inputs = []
        for folder in folders:
            values = [unquote(part.partition("=")[2]) for part in folder.split("/")]
            inputs.append({"Values": values, "StorageDescriptor": {**descriptor, "Location": f"{location.rstrip('/')}/{folder}/"}})
        for start in range(0, len(inputs), 100):
            answer = self._engine.catalog.call("BatchCreatePartition", DatabaseName=database, TableName=name,
                                               PartitionInputList=inputs[start:start + 100])
            errors = [error for error in answer.get("Errors", []) if error["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException"]
            if errors:
                raise AnalysisException(f"The partition {errors[0]['PartitionValues']} of {database}.{name} was not created: {errors[0]['ErrorDetail']}")


def already_there(database: str, name: str) -> AnalysisException:
    return AnalysisException(f"[TABLE_OR_VIEW_ALREADY_EXISTS] Cannot create table or view `spark_catalog`.`{database}`.`{name}` because it already exists.")


def check_assignment(field, type, table: str) -> None:
    """Spark stores no text as anything else."""
    if isinstance(field.dataType, StringType) and not isinstance(type, (StringType, BinaryType)):
        raise AnalysisException(f"[INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST] Cannot write incompatible data for the table {table}: "
                                f"Cannot safely cast `{field.name}` \"STRING\" to \"{type.simpleString().upper()}\".")


def in_place(schema, partition_columns: list[str]) -> StructType:
    """Partition columns come last."""
    keys = [name.lower() for name in partition_columns]
    last = sorted((field for field in schema.fields if field.name.lower() in keys), key=lambda field: keys.index(field.name.lower()))
    return StructType([field for field in schema.fields if field.name.lower() not in keys] + last)


def column_of(field) -> dict:
    comment = (field.metadata or {}).get("comment")
    return {"Name": field.name.lower(), "Type": field.dataType.simpleString(), **({"Comment": comment} if comment else {})}


def merged_columns(there: list[dict], written: list[dict]) -> list[dict]:
    types = {column["Name"]: column for column in written}
    known = {column["Name"] for column in there}
    return [types.get(column["Name"], column) for column in there] + [column for column in written if column["Name"] not in known]


def table_input(name: str, columns: list[dict], keys: list[dict], format: str, location: str, options: dict) -> dict:
    input_format, output_format, library = formats[format]
    parameters = {"serialization.format": "1"}
    table_parameters = {"classification": format, "EXTERNAL": "TRUE"}
    if format == "csv":
        parameters = {"field.delim": options.get("sep", options.get("delimiter", ",")), "serialization.format": ","}
        if str(options.get("header", "false")).lower() == "true":
            table_parameters["skip.header.line.count"] = "1"
    descriptor = {"Columns": columns, "Location": location, "InputFormat": input_format, "OutputFormat": output_format,
                  "Compressed": False, "SerdeInfo": {"SerializationLibrary": library, "Parameters": parameters}}
    return {"Name": name.lower(), "TableType": "EXTERNAL_TABLE", "Parameters": table_parameters, "PartitionKeys": keys,
            "StorageDescriptor": descriptor}
