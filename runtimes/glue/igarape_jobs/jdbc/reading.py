"""A query's rows as a frame: fetched in batches into a Parquet file of the run's own, in the types that Spark gives its columns."""

import datetime
import decimal

import pyarrow
from pyspark.sql import types

from igarape_jobs.jdbc.databases import connected
from igarape_jobs.paths import Found
from igarape_jobs.pieces import PieceWriter, arrow_schema


def query_of(source: str) -> str:
    """A table's name or a query in brackets, as Spark's `dbtable` has it."""
    return f"SELECT * FROM {source}"


def read(engine, address, query: str, schema: types.StructType | None = None, watch=None):
    """`watch` is told of each batch, with the names of its columns."""
    with connected(address) as database:
        found = database.columns(query)
        wanted = custom(found, schema)
        writer = PieceWriter(engine.new_folder("jdbc"), wanted)
        rows = 0
        arrow = arrow_schema(wanted)
        for batch in database.batches(query):
            if watch:
                watch(found.names, batch)
            writer.write([column(values, field) for values, field in zip(zip(*batch), arrow)])
            rows += len(batch)
    engine.counts.read(rows, 0, 0)
    return engine.reader._scan(wanted, [writer.close()], Found([]), {}, [])


def custom(found: types.StructType, schema: types.StructType | None) -> types.StructType:
    """`customSchema` names the columns whose types it changes."""
    given = {field.name.lower(): field.dataType for field in schema.fields} if schema else {}
    return types.StructType([types.StructField(field.name, given.get(field.name.lower(), field.dataType)) for field in found.fields])


def column(values, field: pyarrow.Field) -> pyarrow.Array:
    if pyarrow.types.is_decimal(field.type):
        values = [None if value is None else rounded(value, field.type) for value in values]
    elif pyarrow.types.is_string(field.type):
        values = [value if value is None or isinstance(value, str) else str(value) for value in values]
    elif pyarrow.types.is_timestamp(field.type):
        values = [value.replace(tzinfo=datetime.timezone.utc) if isinstance(value, datetime.datetime) and value.tzinfo is None else value for value in values]
    return pyarrow.array(values, field.type)


def rounded(value, type: pyarrow.DataType) -> decimal.Decimal:
    with decimal.localcontext() as context:
        context.prec = 76
        return decimal.Decimal(value).quantize(decimal.Decimal(1).scaleb(-type.scale), rounding=decimal.ROUND_HALF_UP)
