"""A frame's rows as Arrow tables: Spark writes them as files, which are read here part by part. So they never lie in memory all at once,
and its executors work at the same time."""

import pyarrow
import pyarrow.parquet
from pyspark.sql import functions

batch_rows = 1 << 18
# Days and times as they are, however long ago.
as_they_are = {
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",
}


def batches(exchange, frame, schema: pyarrow.Schema):
    if not schema.names:
        return
    for path in exchange.taken(lambda place: write(frame, place)):
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches(batch_rows):
            table = pyarrow.Table.from_batches([batch])
            if table.num_rows:
                yield as_schema(table, schema)


def write(frame, place: str) -> None:
    session = frame.sparkSession
    before = {name: session.conf.get(name, None) for name in as_they_are}
    for name, value in as_they_are.items():
        session.conf.set(name, value)
    try:
        plain(frame).write.option("compression", "none").mode("append").parquet(place)
    finally:
        for name, value in before.items():
            session.conf.set(name, value) if value is not None else session.conf.unset(name)


def plain(frame):
    """Names that any file may have; columns without a type as texts."""
    numbered = frame.toDF(*[f"c{index}" for index in range(len(frame.columns))])
    void = [field.name for field in numbered.schema.fields if field.dataType.typeName() == "void"]
    return numbered.select(*[functions.lit(None).cast("string").alias(name) if name in void else numbered[name] for name in numbered.columns])


def as_schema(table: pyarrow.Table, schema: pyarrow.Schema) -> pyarrow.Table:
    columns = [column if column.type == field.type else column.cast(field.type) for column, field in zip(table.columns, schema)]
    return pyarrow.Table.from_arrays(columns, schema=schema)
