"""`Map`: a Python function over every record, as dicts; the result's columns are those that the records then have."""

import pyarrow
from pyspark.sql import types as spark

from igarape_jobs import writer
from igarape_jobs.parquet_reader import spark_type
from igarape_jobs.paths import Found
from igarape_jobs.pieces import Piece, arrow_schema


def mapped_frame(engine, frame, function):
    folder = engine.new_folder("map")
    before = arrow_schema(frame.schema)
    tables = []
    for table in writer.batches(frame, before):
        records = [function(record) for record in table.to_pylist()]
        tables.append(typed_table([record for record in records if record is not None], before))
    if not tables:
        return frame
    schema = pyarrow.unify_schemas([table.schema for table in tables], promote_options="permissive")
    schema = pyarrow.schema([field.with_type(pyarrow.string()) if pyarrow.types.is_null(field.type) else field for field in schema])
    pieces = []
    for index, table in enumerate(tables):
        path = folder / f"{index}.parquet"
        columns = [table[field.name].cast(field.type) if field.name in table.column_names else pyarrow.nulls(table.num_rows, field.type)
                   for field in schema]
        pyarrow.parquet.write_table(pyarrow.Table.from_arrays(columns, schema=schema), path, compression="none")
        pieces.append(Piece(path, table.num_rows))
    data = spark.StructType([spark.StructField(field.name, spark_type(field.type)) for field in schema])
    return engine.reader._scan(data, [[piece] for piece in pieces], Found([]), {}, [])


def typed_table(records: list[dict], before: pyarrow.Schema) -> pyarrow.Table:
    """A field that still holds values of its former type keeps it."""
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = []
    for name in names:
        values = [record.get(name) for record in records]
        columns.append(typed_column(values, before.field(name).type if name in before.names else None))
    return pyarrow.table(columns, names=names)


def typed_column(values: list, former: pyarrow.DataType | None) -> pyarrow.Array:
    if former is not None:
        try:
            return pyarrow.array(values, former)
        except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError):
            pass
    return pyarrow.array(values)
