"""Redshift as source and sink, through this server's Data API: rows are read as a statement's result, and loaded by COPY from
files in the temporary folder, with what is to happen before and after in one transaction.
"""

import datetime
import decimal
import re
import time
import uuid

import pyarrow
from pyspark.sql import types

from awsglue.connections import properties_of, secret_of
from awsglue.dynamicframe import DynamicFrame
from awsglue.unsupported import refuse
from igarape_jobs.lake import Location, locate
from igarape_jobs.paths import Found
from igarape_jobs.pieces import PieceWriter, arrow_schema

# How rows travel on AWS, and who may do what there.
harmless = {"aws_iam_role", "forward_spark_s3_credentials", "tempformat", "autopushdown", "autopushdown.s3_result_cache", "hashfield", "hashexpression",
            "hashpartitions", "bulksize", "extracopyoptions", "sse_kms_key", "unload_s3_format", "redshiftunloads3path", "user", "username", "password"}
plain = {"int2": types.ShortType(), "int4": types.IntegerType(), "int8": types.LongType(), "float4": types.FloatType(), "float8": types.DoubleType(),
         "bool": types.BooleanType(), "date": types.DateType(), "timestamp": types.TimestampType(), "timestamptz": types.TimestampType()}
definitions = {"boolean": "BOOLEAN", "byte": "SMALLINT", "short": "SMALLINT", "integer": "INTEGER", "long": "BIGINT", "float": "REAL",
               "double": "DOUBLE PRECISION", "string": "VARCHAR(65535)", "date": "DATE", "timestamp": "TIMESTAMP"}
seconds_between_looks = 0.02


class Warehouse:
    """A database of a cluster or a work group, by its JDBC address."""

    def __init__(self, url: str, database: str | None):
        import boto3

        match = re.fullmatch(r"jdbc:redshift(?::iam)?://([^:/]+)(?::\d+)?/([^?;]*)(.*)", url)
        if not match:
            raise ValueError(f"{url} is no JDBC address of the form jdbc:redshift://HOST:PORT/DATABASE.")
        name, is_serverless = match[1].partition(".")[0], ".redshift-serverless." in match[1]
        self._place = {"WorkgroupName" if is_serverless else "ClusterIdentifier": name, "Database": database or match[2]}
        if not is_serverless:
            self._place["DbUser"] = "awsuser"
        self._client = boto3.client("redshift-data")

    def query(self, sql: str):
        """Pages of a result: the columns, and rows of their fields."""
        id = self._finished(self._client.execute_statement(Sql=sql, **self._place)["Id"])
        for page in self._client.get_paginator("get_statement_result").paginate(Id=id):
            yield page["ColumnMetadata"], page["Records"]

    def transact(self, statements: list[str]) -> None:
        """All of them, or none."""
        if len(statements) == 1:
            self._finished(self._client.execute_statement(Sql=statements[0], **self._place)["Id"])
        else:
            self._finished(self._client.batch_execute_statement(Sqls=statements, **self._place)["Id"])

    def _finished(self, id: str) -> str:
        while True:
            told = self._client.describe_statement(Id=id)
            if told["Status"] == "FINISHED":
                return id
            if told["Status"] in ("FAILED", "ABORTED"):
                raise RuntimeError(told.get("Error") or f"The statement is {told['Status']}.")
            time.sleep(seconds_between_looks)


class RedshiftOptions:
    def __init__(self, glue_context, given: dict, what: str):
        self._given, self._what = {name.lower(): value for name, value in given.items()}, what
        connection = self.take("connectionname")
        properties = properties_of(glue_context, connection) if connection else {}
        self.take("useconnectionproperties")
        if self.take("secretid") is not None:
            secret_of(given["secretId"])
        url = self.take("url") or properties.get("JDBC_CONNECTION_URL")
        if not url:
            raise ValueError(f"{what} over Redshift needs the option url, or a connection.")
        self.warehouse = Warehouse(url, self.take("database"))
        self.table, self.query = self.take("dbtable"), self.take("query", "samplequery")
        self.folder = self.take("redshifttmpdir", "tempdir")

    def take(self, *names: str):
        found = [self._given.pop(name) for name in names if name in self._given]
        return found[0] if found else None

    def refuse_unknown(self) -> None:
        for name in self._given.keys() - harmless:
            refuse(f"{self._what} over Redshift with the option {name}")


def read_warehouse(glue_context, connection_options: dict, what: str) -> DynamicFrame:
    options = RedshiftOptions(glue_context, connection_options, what)
    options.refuse_unknown()
    if bool(options.table) == bool(options.query):
        raise ValueError(f"{what} over Redshift needs the option dbtable or query, and only one of them.")
    engine, writer, schema, rows = glue_context.engine, None, types.StructType(), 0
    for columns, records in options.warehouse.query(options.query or f"SELECT * FROM {options.table}"):
        schema = types.StructType([types.StructField(column["name"], spark_type(column)) for column in columns])
        writer = writer or PieceWriter(engine.new_folder("redshift"), schema)
        writer.write([column_of(record, field) for record, field in zip(zip(*records), arrow_schema(schema))])
        rows += len(records)
    engine.counts.read(rows, 0, 0)
    return DynamicFrame(engine.reader._scan(schema, [writer.close() if writer else []], Found([]), {}, []), glue_context)


def spark_type(column: dict) -> types.DataType:
    name = column["typeName"]
    if name == "numeric":
        return types.DecimalType(column.get("precision") or 38, column.get("scale") or 0)
    return plain.get(name, types.StringType())


def column_of(fields: tuple, arrow: pyarrow.Field) -> pyarrow.Array:
    return pyarrow.array([value_of(field, arrow.type) for field in fields], arrow.type)


def value_of(field: dict, type: pyarrow.DataType):
    (kind, value), = field.items()
    if kind == "isNull":
        return None
    if pyarrow.types.is_decimal(type):
        return decimal.Decimal(str(value)).quantize(decimal.Decimal(1).scaleb(-type.scale))
    if pyarrow.types.is_date(type):
        return datetime.date.fromisoformat(value)
    if pyarrow.types.is_timestamp(type):
        found = datetime.datetime.fromisoformat(value if not re.search(r"[+-]\d\d$", value) else f"{value}:00")
        return found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)
    return str(value) if pyarrow.types.is_string(type) else value


def write_warehouse(glue_context, frame: DynamicFrame, connection_options: dict, what: str) -> None:
    options = RedshiftOptions(glue_context, connection_options, what)
    before, after = statements_of(options.take("preactions")), statements_of(options.take("postactions"))
    options.refuse_unknown()
    if not options.table or not options.folder:
        raise ValueError(f"{what} over Redshift needs the options dbtable and redshiftTmpDir.")
    schema = frame.schema()
    if not schema.fields:
        return
    rows, engine = frame.toDF(), glue_context.engine
    place = f"{options.folder.rstrip('/')}/{uuid.uuid4()}/"
    engine.writer.save(rows, place, "parquet", "error", [], {"compression": "snappy"})
    try:
        load = f"COPY {options.table} ({', '.join(map(quoted, rows.columns))}) FROM '{place}part-' IAM_ROLE default FORMAT AS PARQUET"
        options.warehouse.transact([*before, defined(options.table, rows.schema), load, *after])
    finally:
        target = locate(place)
        engine.lake.commit(target.root, [], [file.key for file in engine.lake.list_files(Location(target.root, target.key))])


def statements_of(text: str | None) -> list[str]:
    """Several, with semicolons between them, outside of quotes."""
    found = re.findall(r"(?:'(?:[^']|'')*'|\"[^\"]*\"|[^;'\"])+", text or "")
    return [statement.strip() for statement in found if statement.strip()]


def defined(table: str, schema: types.StructType) -> str:
    return f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(f'{quoted(field.name)} {definition_of(field)}' for field in schema.fields)})"


def definition_of(field: types.StructField) -> str:
    if isinstance(field.dataType, types.DecimalType):
        return f"DECIMAL({field.dataType.precision},{field.dataType.scale})"
    name = field.dataType.typeName()
    if name not in definitions:
        refuse(f"a sink over Redshift with the column {field.name} of the type {field.dataType.simpleString()}")
    return definitions[name]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
