"""`Column.cast` out of ANSI mode: text that is no number is null in Spark; the engine would fail the query instead."""

from pyspark.sql import functions
from pyspark.sql.connect.column import Column
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.expressions import ColumnReference

plain_cast = Column.cast
plain_select = DataFrame.select


def install() -> None:
    Column.cast = Column.astype = cast
    DataFrame.select = select


def cast(self, dataType):
    result = lenient(self, dataType)
    # Spark names the cast of a column after the column.
    if isinstance(self._expr, ColumnReference):
        result._cast_of = self._expr._unparsed_identifier.split(".")[-1].strip("`")
    return result


def lenient(column, type):
    name = type.lower().strip() if isinstance(type, str) else type.simpleString()
    if name in ("double", "float", "boolean"):
        return column.try_cast(type)
    if name in ("bigint", "long"):
        # "1.5" is 1; what is beyond a long still fails, for Spark's own answer is neither null nor the value.
        return functions.coalesce(column.try_cast(type), plain_cast(column.try_cast("double"), type))
    if name.startswith("decimal"):
        return functions.coalesce(column.try_cast(type), column.try_cast("double").try_cast(type))
    return plain_cast(column, type)


def select(self, *cols):
    columns = cols[0] if len(cols) == 1 and isinstance(cols[0], list) else cols
    # Any attribute of a Column is a field of it, so the note is looked up where it was put.
    names = [vars(column).get("_cast_of") if isinstance(column, Column) else None for column in columns]
    named = [column.alias(name) if name else column for column, name in zip(columns, names)]
    return plain_select(self, *named)
