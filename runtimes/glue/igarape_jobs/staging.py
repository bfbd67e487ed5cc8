"""Large frames in files that the engine writes itself: faster and with less memory than rows that are handed over one batch after
the other, where nothing asks for their order or for a certain number of files."""

import re
from pathlib import Path

from pyspark.sql import types
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.plan import WriteOperation
from pyspark.sql.connect.proto import Plan, Relation

from igarape_jobs.divisions import messages

rows_min = 200_000
ordered_text = re.compile(r"\b(order|sort|distribute|cluster)\s+by\b|/\*\+", re.IGNORECASE)


def is_large(engine, plan: Plan) -> bool:
    return engine.sources.rows(plan) >= rows_min


def keeps_no_order(plan: Plan) -> bool:
    """Whether neither the order of the rows nor their files were asked for."""
    return not any(is_ordered(relation) for relation in messages(plan, Relation))


def is_ordered(relation: Relation) -> bool:
    kind = relation.WhichOneof("rel_type")
    return kind in ("sort", "repartition", "repartition_by_expression", "hint") or kind == "sql" and bool(ordered_text.search(relation.sql.query))


def stage(frame: DataFrame, format: str, folder: Path, partition_columns: list[str], options: dict[str, str]) -> None:
    write = WriteOperation(frame._plan)
    write.source, write.mode, write.path = format, "overwrite", str(folder)
    write.partitioning_cols, write.options = partition_columns, dict(options)
    frame._session.client.execute_command(write.command(frame._session.client))


def is_flat(schema: types.StructType) -> bool:
    return not any(isinstance(field.dataType, (types.ArrayType, types.MapType, types.StructType)) for field in schema.fields)
