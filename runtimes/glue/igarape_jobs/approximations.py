"""`approxQuantile` and `freqItems`, which the embedded engine lacks. A quantile is exact here, which is within every error that a script allows;
frequent items are counted by Spark's own algorithm, over the rows as one partition."""

import math

from pyspark.errors import AnalysisException, IllegalArgumentException, PySparkTypeError, PySparkValueError
from pyspark.sql import functions, types
from pyspark.sql.connect.dataframe import DataFrame, DataFrameStatFunctions

support_min = 1e-4
nested = (types.ArrayType, types.MapType, types.StructType)


def install() -> None:
    DataFrame.approxQuantile = quantiles
    DataFrame.freqItems = frequent
    DataFrameStatFunctions.approxQuantile = lambda self, col, probabilities, relativeError: self.df.approxQuantile(col, probabilities, relativeError)
    DataFrameStatFunctions.freqItems = lambda self, cols, support=None: self.df.freqItems(cols, support)


def quantiles(self, col, probabilities, relativeError):
    check_arguments(col, probabilities, relativeError)
    names = [col] if isinstance(col, str) else list(col)
    found = [of_column(self, field, list(probabilities), relativeError) for field in (field_of(self, name) for name in names)]
    return found[0] if isinstance(col, str) else found


def check_arguments(col, probabilities, error) -> None:
    """As PySpark does, in its words."""
    if not isinstance(col, (str, list, tuple)) or not all(isinstance(name, str) for name in ([col] if isinstance(col, str) else col)):
        raise not_expected("col", "list, str or tuple", col)
    if not isinstance(probabilities, (list, tuple)) or any(not isinstance(one, (float, int)) or not 0 <= one <= 1 for one in probabilities):
        raise not_expected("probabilities", "list[float, int] between 0 and 1", probabilities)
    if not isinstance(error, (float, int)):
        raise not_expected("relativeError", "float or int", error)
    if error < 0:
        raise PySparkValueError(errorClass="NEGATIVE_VALUE", messageParameters={"arg_name": "relativeError", "arg_value": str(error)})


def not_expected(name: str, wanted: str, given) -> PySparkTypeError:
    return PySparkTypeError(errorClass="NOT_EXPECTED_TYPE", messageParameters={"arg_name": name, "expected_type": wanted, "arg_type": type(given).__name__})


def field_of(frame, name: str) -> types.StructField:
    found = [field for field in frame.schema.fields if field.name.lower() == name.strip("`").lower()]
    if not found:
        raise AnalysisException(f"[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column or function parameter with name `{name}` cannot be resolved.")
    return found[0]


def of_column(frame, field: types.StructField, probabilities: list[float], error: float) -> list[float]:
    """The value of each rank, of the numbers that are there, in one pass over them in order."""
    if not isinstance(field.dataType, types.NumericType):
        raise IllegalArgumentException(f"requirement failed: Quantile calculation for column {field.name} with data type {type(field.dataType).__name__} is not supported.")
    number = functions.col(f"`{field.name}`").cast("double")
    numbers = frame.select(number.alias("number")).where("number is not null and not isnan(number)")
    count = numbers.count()
    if count == 0:
        return []
    wanted = [rank_of(probability, count, error) for probability in probabilities]
    values = ranked(numbers.orderBy("number"), set(wanted))
    return [values[rank] for rank in wanted]


def rank_of(probability: float, count: int, error: float) -> int:
    """From one on; where the error covers an end, Spark answers that end."""
    if probability <= error:
        return 1
    if probability >= 1 - error:
        return count
    return max(1, math.ceil(probability * count))


def ranked(ordered: DataFrame, ranks: set[int]) -> dict[int, float]:
    found, passed = {}, 0
    for table in tables_of(ordered):
        found |= {rank: table.column(0)[rank - passed - 1].as_py() for rank in ranks if passed < rank <= passed + table.num_rows}
        passed += table.num_rows
    return found


def tables_of(frame: DataFrame):
    client = frame._session.client
    return (table for table in client.to_table_as_iterator(frame._plan.to_proto(client), {}) if hasattr(table, "num_rows") and table.num_rows)


def frequent(self, cols, support=None):
    names = list(cols)
    share = 0.01 if support is None else support
    if not support_min <= share <= 1:
        raise IllegalArgumentException(f"requirement failed: Support must be in [1e-4, 1], but got {share}.")
    fields = [field_of(self, name) for name in names]
    if any(isinstance(field.dataType, nested) for field in fields):
        raise NotImplementedError("freqItems of arrays, maps and structs is not covered by the embedded engine; the `spark` engine does it (--igarape-engine spark).")
    counters = [Counter(int(1 / share)) for _ in fields]
    for table in tables_of(self.select(*[f"`{field.name}`" for field in fields])):
        for counter, column in zip(counters, table.columns):
            counter.add(column.to_pylist())
    schema = types.StructType([types.StructField(f"{name}_freqItems", types.ArrayType(field.dataType)) for name, field in zip(names, fields)])
    return self._session.createDataFrame([tuple(counter.items() for counter in counters)], schema)


class Counter:
    """Counts of as many values as can be frequent: a value too many takes as much from all (Karp, Shenker and Papadimitriou, 2003)."""

    def __init__(self, size: int):
        self._size = size
        self._counts: dict = {}

    def add(self, values: list) -> None:
        for value in values:
            # All NaN are one value.
            key = "NaN" if isinstance(value, float) and math.isnan(value) else (value,)
            if key in self._counts:
                self._counts[key] += 1
            elif len(self._counts) < self._size:
                self._counts[key] = 1
            else:
                self._make_room(key)

    def _make_room(self, key) -> None:
        least = min(self._counts.values())
        if least > 1:
            self._counts = {known: count - 1 for known, count in self._counts.items()}
        else:
            self._counts = {known: count - least for known, count in {**self._counts, key: 1}.items() if count > least}

    def items(self) -> list:
        return [math.nan if key == "NaN" else key[0] for key in self._counts]
