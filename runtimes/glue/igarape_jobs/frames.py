"""What frames do that the embedded engine does otherwise: unions of columns of different types, frames from pandas, summaries."""

import re

import pandas
import pyarrow
from pyspark.errors import AnalysisException
from pyspark.sql import functions, types
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.observation import Observation
from pyspark.sql.connect.session import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from igarape_jobs.deduplication import quoted

whole = ["byte", "short", "integer", "long"]
plain_union = DataFrame.unionAll
plain_create = SparkSession.createDataFrame
plain_join = DataFrame.join
plain_rename = DataFrame.withColumnsRenamed
plain_crosstab = DataFrame.crosstab
plain_columns_like = DataFrame.colRegex
plain_observe = DataFrame.observe
plain_observed = Observation.get.fget
hidden_place = "__igarape_place"


def install() -> None:
    DataFrame.union = DataFrame.unionAll = union
    DataFrame.join = join
    DataFrame.unionByName = union_by_name
    DataFrame.withColumnRenamed = lambda self, existing, new: with_columns_renamed(self, {existing: new})
    DataFrame.withColumnsRenamed = with_columns_renamed
    DataFrame.summary = summary
    DataFrame.describe = describe
    DataFrame.crosstab = crosstab
    DataFrame.colRegex = columns_like
    DataFrame.observe = observe
    Observation.get = property(observed)
    SparkSession.createDataFrame = create


def union(self, other):
    """Columns of one place get the type that holds both."""
    mine, theirs = self.schema, other.schema
    if len(mine.fields) != len(theirs.fields):
        raise AnalysisException("[NUM_COLUMNS_MISMATCH] UNION can only be performed on inputs with the same number of columns, but the first input has "
                                f"{len(mine.fields)} columns and the second input has {len(theirs.fields)} columns.")
    wanted = [wider(one.dataType, two.dataType) for one, two in zip(mine.fields, theirs.fields)]
    return plain_union(typed(self, mine, wanted, mine.names), typed(other, theirs, wanted, mine.names))


def join(self, other, on=None, how=None):
    """Columns that are joined by their names keep the left side's way of writing them."""
    names = [on] if isinstance(on, str) else on
    if isinstance(names, (list, tuple)) and names and all(isinstance(name, str) for name in names):
        spelled = {name.lower(): name for name in self.columns}
        on = [spelled.get(name.lower(), name) for name in names]
    return plain_join(self, other, on, how)


def with_columns_renamed(self, colsMap):
    """Names of any case; what is not there is passed over."""
    if not isinstance(colsMap, dict) or not all(isinstance(name, str) for name in colsMap):
        return plain_rename(self, colsMap)
    wanted = {name.lower(): new for name, new in colsMap.items()}
    found = {name: wanted[name.lower()] for name in self.columns if name.lower() in wanted}
    return plain_rename(self, found) if found else self


def union_by_name(self, other, allowMissingColumns=False):
    """The columns of the first, and behind them those that only the second has, each with the type that holds both."""
    mine, theirs = self.schema, other.schema
    own, others = by_lower_name(mine, "left"), by_lower_name(theirs, "right")
    missing = [field.name for name, field in own.items() if name not in others]
    if missing and not allowMissingColumns:
        raise AnalysisException(f"[UNRESOLVED_COLUMN_AMONG_FIELD_NAMES] Cannot resolve column name \"{missing[0]}\" among ({', '.join(theirs.names)}).")
    only_theirs = [field for name, field in others.items() if name not in own]
    if only_theirs and not allowMissingColumns:
        raise AnalysisException("[NUM_COLUMNS_MISMATCH] UNION can only be performed on inputs with the same number of columns, but the first input has "
                                f"{len(own)} columns and the second input has {len(others)} columns.")
    one = self.select(*[quoted(field.name) for field in own.values()], *[nothing_of(field) for field in only_theirs])
    two = other.select(*[quoted(others[name].name) if name in others else nothing_of(field) for name, field in own.items()], *[quoted(field.name) for field in only_theirs])
    return union(one, two)


def by_lower_name(schema: types.StructType, side: str) -> dict[str, types.StructField]:
    found = {field.name.lower(): field for field in schema.fields}
    if len(found) < len(schema.fields):
        raise AnalysisException(f"[COLUMN_ALREADY_EXISTS] Found duplicate column(s) in the {side} attributes of unionByName.")
    return found


def nothing_of(field: types.StructField):
    return functions.lit(None).cast(field.dataType).alias(field.name)


def typed(frame, schema: types.StructType, wanted: list, names: list[str]):
    if all(type is None or field.dataType == type for field, type in zip(schema.fields, wanted)):
        return frame
    # By position: names may repeat.
    numbered = frame.toDF(*[f"_{index}" for index in range(len(names))])
    columns = [functions.col(f"_{index}") for index in range(len(names))]
    cast = [column if type is None or field.dataType == type else column.cast(type) for column, field, type in zip(columns, schema.fields, wanted)]
    return numbered.select(*cast).toDF(*names)


def wider(one: types.DataType, two: types.DataType) -> types.DataType | None:
    """None where Spark has no type for both, which the engine is left to say."""
    if one == two or isinstance(two, types.NullType):
        return one
    if isinstance(one, types.NullType):
        return two
    names = [one.typeName(), two.typeName()]
    if all(name in whole for name in names):
        return max(one, two, key=lambda type: whole.index(type.typeName()))
    if {"float", "double"} & set(names) and all(name in [*whole, "float", "double", "decimal"] for name in names):
        return types.DoubleType() if set(names) != {"float"} and not set(names) <= {"float", "byte", "short"} else types.FloatType()
    if "decimal" in names and all(name in [*whole, "decimal"] for name in names):
        return wider_decimal(one, two)
    if set(names) == {"date", "timestamp"}:
        return types.TimestampType()
    if "string" in names and not any(isinstance(type, (types.ArrayType, types.MapType, types.StructType, types.BinaryType, types.BooleanType))
                                     for type in (one, two)):
        return types.StringType()
    return None


def wider_decimal(one: types.DataType, two: types.DataType) -> types.DecimalType:
    digits = {"byte": 3, "short": 5, "integer": 10, "long": 20}
    pairs = [(type.precision, type.scale) if isinstance(type, types.DecimalType) else (digits[type.typeName()], 0) for type in (one, two)]
    scale = max(scale for _, scale in pairs)
    return types.DecimalType(min(max(precision - own for precision, own in pairs) + scale, 38), scale)


def create(self, data, schema=None, samplingRatio=None, verifySchema=None):
    if isinstance(data, pandas.DataFrame) and schema is None and (data.dtypes == "float64").any():
        # NaN is a number in a frame of pandas, as classic Spark takes it; Arrow's way makes a null of it.
        arrays = [pyarrow.array(data[name], from_pandas=data[name].dtype != "float64") for name in data.columns]
        table = pyarrow.Table.from_arrays([spark_array(array) for array in arrays], names=[str(name) for name in data.columns])
        return plain_create(self, table, from_arrow_schema(table.schema))
    given = {} if verifySchema is None else {"verifySchema": verifySchema}
    return plain_create(self, data, schema, samplingRatio, **given)


def spark_array(array: pyarrow.Array) -> pyarrow.Array:
    if pyarrow.types.is_timestamp(array.type):
        return array.cast(pyarrow.timestamp("us")).cast(pyarrow.timestamp("us", array.type.tz or "UTC"))
    return array


def summary(self, *statistics):
    """Spark's own words for each statistic; shares are values of the column, never between two of them."""
    wanted = list(statistics) or ["count", "mean", "stddev", "min", "25%", "50%", "75%", "max"]
    fields = [field for field in self.schema.fields if isinstance(field.dataType, (types.NumericType, types.StringType))]
    return statistics_of(self, wanted, fields)


def describe(self, *columns):
    given = columns[0] if len(columns) == 1 and isinstance(columns[0], list) else columns
    chosen = self.select(*given) if given else self
    fields = [field for field in chosen.schema.fields if isinstance(field.dataType, (types.NumericType, types.StringType))]
    return statistics_of(chosen, ["count", "mean", "stddev", "min", "max"], fields)


def statistics_of(frame, wanted: list[str], fields: list):
    """A row for each, in the order in which they were asked for, which a union alone does not keep."""
    rows = [frame.agg(*[statistic(name, field).cast("string").alias(field.name) for field in fields]).select(
        functions.lit(place).alias(hidden_place), functions.lit(name).alias("summary"), *[functions.col(f"`{field.name}`") for field in fields])
        for place, name in enumerate(wanted)]
    out = rows[0]
    for row in rows[1:]:
        out = plain_union(out, row)
    return out.orderBy(hidden_place).drop(hidden_place)


def crosstab(self, col1, col2):
    """The values of the second column stand in order."""
    found = plain_crosstab(self, col1, col2)
    first, *others = found.columns
    return found.select(f"`{first}`", *[f"`{name}`" for name in sorted(others)])


def columns_like(self, colName):
    """Between backquotes stands a regular expression of whole names, of any case."""
    pattern = re.fullmatch(r"`(.+)`", colName)
    if not pattern:
        return functions.col(colName)
    try:
        is_wanted = re.compile(pattern[1], re.IGNORECASE)
    except re.error as error:
        raise NotImplementedError(f"The embedded engine does not know the regular expression {pattern[1]} of colRegex ({error}); the `spark` engine does.") from None
    names = [re.escape(name) for name in self.columns if is_wanted.fullmatch(name)]
    return plain_columns_like(self, f"`{'|'.join(names) or '[^ ]{0}x{0}^'}`")


def observe(self, observation, *exprs):
    """What is observed is computed when it is asked for, over the rows as they are here."""
    if not isinstance(observation, Observation):
        raise NotImplementedError("observe() by a name, which only listeners hear, is not covered by the embedded engine; the `spark` engine does it.")
    plain_observe(self, observation, *exprs)
    observation._igarape_asked = lambda: self.agg(*exprs).first().asDict()
    return self


def observed(observation):
    found = plain_observed(observation)
    asked = getattr(observation, "_igarape_asked", None)
    if asked and not found:
        found = observation._result = asked()
    return found


def statistic(name: str, field: types.StructField):
    column = functions.col(f"`{field.name}`")
    number = column if isinstance(field.dataType, types.NumericType) else column.cast("double")
    if name.endswith("%"):
        share = functions.percentile_approx(number, functions.lit(float(name[:-1]) / 100))
        return share
    if name in ("mean", "stddev"):
        return getattr(functions, "avg" if name == "mean" else "stddev")(number)
    if name not in ("count", "min", "max", "count_distinct", "approx_count_distinct"):
        raise AnalysisException(f"{name} is not a recognised statistic")
    return getattr(functions, name)(column)
