"""Reading a table of the Catalog: its partitions by predicates, its files by its format, its columns' types as hints."""

import pyarrow
import pyarrow.compute as compute
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import types

from awsglue import dynamodb
from awsglue import gluetypes as glue
from awsglue.columnar_source import empty, read_orc
from awsglue.connections import dialects, table_options
from awsglue.data_source import read_options, refuse_connection
from awsglue.dynamicframe import DynamicFrame
from awsglue.fields import cast, quoted
from awsglue.record_source import read_records
from awsglue.s3_files import FileOptions, bounded, kept, with_filename
from awsglue.shapes import glue_type, spark_type
from igarape_jobs import catalog, paths, text_values
from igarape_jobs.options import Options
from igarape_jobs.paths import Found
from igarape_jobs.pieces import Piece, arrow_schema


class Table:
    def __init__(self, glue_context, database: str, name: str):
        engine = glue_context.engine
        self.record = engine.catalog.must_get_table(database, name)
        self.descriptor = self.record.get("StorageDescriptor", {})
        self.keys = self.record.get("PartitionKeys", [])
        self.schema = catalog.schema_of(engine, self.descriptor.get("Columns", []) + self.keys)
        serde = self.descriptor.get("SerdeInfo", {})
        self.parameters = {**self.record.get("Parameters", {}), **self.descriptor.get("Parameters", {}), **serde.get("Parameters", {})}
        self.classification = self.parameters.get("classification", "").lower()
        self.library = serde.get("SerializationLibrary", "")

    @property
    def format(self) -> str:
        for mark, name in (("Orc", "orc"), ("Avro", "avro"), ("Grok", "grokLog")):
            if mark in self.library or self.classification == name.lower():
                return name
        return "xml" if self.classification == "xml" else catalog.format_of(self.record)[0]

    @property
    def record_options(self) -> dict:
        """Format options of record formats, as the table's parameters have them."""
        if self.format == "xml":
            return {"rowTag": self.parameters.get("rowTag", "")}
        if self.format == "grokLog":
            return {"logFormat": self.parameters.get("input.format", self.parameters.get("grokPattern", "")),
                    "customPatterns": self.parameters.get("input.grokCustomPatterns", "")}
        return {}


def read_table(glue_context, database, table_name, push_down_predicate="", additional_options=None, transformation_ctx="", as_spark=False):
    """A DynamicFrame; `as_spark`, a DataFrame whose columns are of the Catalog's types."""
    table = Table(glue_context, database, table_name)
    given = dict(additional_options or {})
    predicate = given.pop("catalogPartitionPredicate", "")
    if table.classification == "dynamodb":
        arn = table.descriptor.get("Location", "")
        return dynamodb.read_table(glue_context, {"dynamodb.input.tableName": arn.rpartition("/")[2] or arn, **given}, "a table")
    over = database_table(table)
    if over:
        read = read_options(glue_context, over[0], {**over[1], **given}, None, {}, transformation_ctx)
        return read.toDF() if as_spark else read
    given.pop("redshiftTmpDir", None)
    options = FileOptions(given, "a table")
    with glue_context.bookmarks.reading(transformation_ctx) as reading:
        found = bounded(table_files(glue_context, table, predicate, push_down_predicate, options, reading.lake), options)
        reading.took(found.files)
    found = with_filename(found, options.filename_column)
    if as_spark:
        return spark_table(glue_context, table, found)
    if not found.files:
        return empty(glue_context, glue_type(table.schema))
    return typed_table(glue_context, table, found)


def database_table(table: Table) -> tuple[str, dict] | None:
    """Of a table that stands for one of a database: which, and how it is reached."""
    if table.classification == "redshift" or table.classification in dialects:
        return table.classification, table_options(table)
    if "connectionName" in table.parameters or table.classification in ("sqlserver", "oracle"):
        refuse_connection(table.classification or "jdbc", f"the table {table.record['Name']}")
    return None


def table_files(glue_context, table: Table, predicate: str, push_down: str, options: FileOptions, lake) -> Found:
    location = table.descriptor.get("Location", "")
    if not table.keys:
        return files_at(lake, location, options)
    found = Found([], [key["Name"] for key in table.keys])
    for partition in pushed_down(glue_context, table, glue_context.engine.catalog.partitions(table.record, predicate), push_down):
        texts = tuple(None if value == paths.null_partition else value for value in partition["Values"])
        files = files_at(lake, partition["StorageDescriptor"].get("Location") or location, options).files
        found.files += files
        found.partition_texts += [texts] * len(files)
    return found


def files_at(lake, location: str, options: FileOptions) -> Found:
    folder = location if location.endswith("/") else location + "/"
    try:
        return kept(Found(paths.find(lake, [folder], {"recursivefilelookup": "true"}).files), folder, options)
    except AnalysisException as error:
        # A table or a partition may be registered before its first file is there.
        if "PATH_NOT_FOUND" in str(error):
            return Found([])
        raise


def pushed_down(glue_context, table: Table, partitions: list[dict], predicate: str) -> list[dict]:
    """The partitions that Spark SQL's expression over their keys lets through, before any file is listed."""
    if not predicate or not partitions:
        return partitions
    names = [key["Name"] for key in table.keys]
    by_name = {field.name: field.dataType for field in table.schema.fields}
    rows = [(index, *[None if value == paths.null_partition else value for value in partition["Values"]]) for index, partition in enumerate(partitions)]
    session = glue_context.engine.session
    frame = session.createDataFrame(rows, ", ".join(["__index int", *[f"`{name}` string" for name in names]]))
    frame = frame.select("__index", *[frame[quoted(name)].cast(by_name[name]).alias(name) for name in names])
    try:
        chosen = {row[0] for row in frame.filter(predicate).select("__index").collect()}
    except PySparkException as error:
        raise AnalysisException(f"User's pushdown predicate: {predicate} can not be resolved against partition columns: {names}. {error}") from None
    return [partition for index, partition in enumerate(partitions) if index in chosen]


def spark_table(glue_context, table: Table, found: Found):
    engine = glue_context.engine
    if table.format not in ("csv", "json", "parquet"):
        frame = typed_table(glue_context, table, found) if found.files else empty(glue_context, glue_type(table.schema))
        return frame.toDF()
    format, given = catalog.format_of(table.record)
    return engine.reader.frame(format, found, table.schema, Options(format, given), [table.descriptor.get("Location", "")])


def typed_table(glue_context, table: Table, found: Found) -> DynamicFrame:
    format = table.format
    if format == "parquet":
        return DynamicFrame(spark_table(glue_context, table, found), glue_context)
    if format == "csv":
        return typed_text(glue_context, table, found)
    data = [glue.Field(field.name, glue_type(field.dataType)) for field in table.schema.fields if field.name not in {key["Name"] for key in table.keys}]
    if format == "orc":
        return with_key_types(read_orc(glue_context, found, {}), table)
    hints = glue.StructType(data)
    return with_key_types(read_records(glue_context, format, found, table.record_options, hints=hints, kept=without_values(hints)), table)


def without_values(type: glue.StructType) -> glue.StructType:
    """Columns of which no record has a value are there, of the null type."""
    return glue.StructType([glue.Field(field.name, glue.NullType()) for field in type.fields])


def with_key_types(frame: DynamicFrame, table: Table) -> DynamicFrame:
    keys = {key["Name"] for key in table.keys}
    wanted = {field.name: glue_type(field.dataType) for field in table.schema.fields if field.name in keys}
    return frame._with([cast(column, wanted[column.name]) if column.name in wanted else column for column in frame._columns()])


def typed_text(glue_context, table: Table, found: Found) -> DynamicFrame:
    """CSV whose values are of the Catalog's types; a column that also holds other text is a choice of both."""
    engine = glue_context.engine
    format, given = catalog.format_of(table.record)
    uris = [table.descriptor.get("Location", "")]
    strings = types.StructType([types.StructField(field.name, types.StringType()) for field in table.schema.fields])
    texts = engine.reader.frame(format, found, strings, Options(format, given), uris)
    keys = {key["Name"] for key in table.keys}
    wanted = {field.name: field.dataType for field in table.schema.fields if field.dataType.typeName() != "string" and field.name not in keys}
    mixed = mixed_columns(engine, texts, wanted)
    if mixed:
        return split_choices(glue_context, texts, table, mixed)
    return DynamicFrame(engine.reader.frame(format, found, table.schema, Options(format, given), uris), glue_context)


def mixed_columns(engine, texts, wanted: dict[str, types.DataType]) -> set[str]:
    """Columns with text that is not of their type."""
    if not wanted:
        return set()
    mixed: set[str] = set()
    rules = text_values.TextRules()
    frame = texts.select(*[quoted(name) for name in wanted])
    for batch in engine.batches(frame, arrow_schema(frame.schema)):
        for name in wanted.keys() - mixed:
            column = batch[name].combine_chunks()
            if text_values.typed(column, wanted[name], rules).null_count > column.null_count:
                mixed.add(name)
    return mixed


def split_choices(glue_context, frame, table: Table, mixed: set[str]) -> DynamicFrame:
    engine, rules = glue_context.engine, text_values.TextRules()
    fields = []
    for field in table.schema.fields:
        known = glue_type(field.dataType)
        fields.append(glue.Field(field.name, glue.ChoiceType([known, glue.StringType()]) if field.name in mixed else known))
    whole = glue.StructType(fields)
    schema, folder, pieces = spark_type(whole), engine.new_folder("typed"), []
    arrow = arrow_schema(schema)
    for batch in engine.batches(frame, arrow_schema(frame.schema)):
        columns = [split_column(batch[field.name].combine_chunks(), field, field.name in mixed, rules, target)
                   for field, target in zip(table.schema.fields, arrow)]
        path = folder / f"{len(pieces):06d}.parquet"
        pyarrow.parquet.write_table(pyarrow.Table.from_arrays(columns, schema=arrow), path, compression="none")
        pieces.append([Piece(path, batch.num_rows)])
    return DynamicFrame.typed(engine.reader._scan(schema, pieces, Found([]), {}, []), whole, glue_context)


def split_column(texts: pyarrow.Array, field, is_mixed: bool, rules, target: pyarrow.Field) -> pyarrow.Array:
    values = text_values.typed(texts, field.dataType, rules)
    if not is_mixed:
        return values.cast(target.type)
    left = compute.if_else(compute.is_null(values), texts, pyarrow.scalar(None, pyarrow.string()))
    parts = {glue_type(field.dataType).typeName(): values, "string": left}
    names = [inner.name for inner in target.type]
    members = [parts[name].cast(target.type.field(name).type) for name in names]
    return pyarrow.StructArray.from_arrays(members, names=names, mask=compute.is_null(texts))
