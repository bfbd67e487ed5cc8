"""A frame's rows into a table: made if it is not there, and filled in one transaction, so that a write that failed left nothing."""

import decimal

from pyspark.errors import AnalysisException
from pyspark.sql import types

from igarape_jobs.jdbc.databases import connected
from igarape_jobs.pieces import arrow_schema

# A long statement of MySQL's must stay below the packet that its server takes.
append_rows = 5_000


def write(engine, frame, address, table: str, mode: str = "append", truncates: bool = False, table_options: str = "", column_types: dict | None = None) -> int:
    schema = frame.schema
    with connected(address) as database:
        is_there = database.has_table(table)
        if is_there and mode == "error":
            raise AnalysisException(f"[TABLE_OR_VIEW_ALREADY_EXISTS] Cannot create table or view {table} because it already exists. "
                                    "SaveMode: ErrorIfExists.")
        if is_there and mode == "ignore":
            return 0
        definition = defined(database, table, schema, column_types or {}) + (f" {table_options}" if table_options else "")
        database.begin()
        if is_there and mode == "overwrite":
            database.execute(f"TRUNCATE TABLE {table}" if truncates else f"DROP TABLE {table}")
        if not is_there or (mode == "overwrite" and not truncates):
            database.execute(definition)
        # A statement that defines a table ends MySQL's transaction.
        if database.name == "MySQL":
            database.begin()
        rows = 0
        for batch in engine.batches(frame, arrow_schema(schema)):
            for start in range(0, batch.num_rows, append_rows):
                part = batch.slice(start, append_rows)
                database.append(table, schema.names, zip(*[plain(values.to_pylist()) for values in part.columns]))
            rows += batch.num_rows
        database.commit()
    engine.counts.written(rows, 0, 0)
    return rows


def plain(values: list) -> list:
    """Times lie in UTC, and are written without their zone."""
    if any(getattr(value, "tzinfo", None) for value in values[:1]) or any(getattr(value, "tzinfo", None) for value in values):
        return [value and value.replace(tzinfo=None) for value in values]
    return [format(value, "f") if isinstance(value, decimal.Decimal) else value for value in values]


def defined(database, table: str, schema: types.StructType, given: dict) -> str:
    columns = [f"{database.quoted(field.name)} {given.get(field.name.lower()) or definition_of(database, field)}" for field in schema.fields]
    return f"CREATE TABLE {table} ({', '.join(columns)})"


def definition_of(database, field: types.StructField) -> str:
    type = field.dataType
    if isinstance(type, types.DecimalType):
        return f"NUMERIC({type.precision},{type.scale})" if database.name == "PostgreSQL" else f"DECIMAL({type.precision},{type.scale})"
    name = type.typeName()
    if name not in database.definitions:
        raise NotImplementedError(f"The embedded engine does not write the column {field.name} of the type {type.simpleString()} to {database.name}.")
    return database.definitions[name]
