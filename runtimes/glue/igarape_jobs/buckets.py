"""Buckets of a table: Spark tells a row's bucket by the hash of its columns, and keeps what a table has beside Hive's own description,
for other readers count by another hash."""

from dataclasses import dataclass

from pyspark.errors import AnalysisException
from pyspark.sql import functions
from pyspark.sql.types import StructType

from igarape_jobs import table_facts

hidden = "__igarape_bucket"
count_max = 100_000
prefix = "spark.sql.sources.schema"


@dataclass(frozen=True)
class Buckets:
    count: int
    columns: tuple[str, ...]
    sort_columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        sorting = f", sort columns: [{', '.join(self.sort_columns)}]" if self.sort_columns else ""
        return f"{self.count} buckets, bucket columns: [{', '.join(self.columns)}]{sorting}"

    def parameters(self) -> dict[str, str]:
        found = {f"{prefix}.numBuckets": str(self.count)}
        for kind, names in (("bucket", self.columns), ("sort", self.sort_columns)):
            if names:
                found[f"{prefix}.num{kind.capitalize()}Cols"] = str(len(names))
                found |= {f"{prefix}.{kind}Col.{index}": name for index, name in enumerate(names)}
        return found

    def check(self, schema: StructType, partition_columns: list[str], table: str) -> None:
        if not 0 < self.count <= count_max:
            raise AnalysisException(f"Number of buckets should be greater than 0 but less than or equal to bucketing.maxBuckets (`{count_max}`). Got `{self.count}`.")
        known = {name.lower() for name in schema.names}
        for kind, names in (("bucket", self.columns), ("sort", self.sort_columns)):
            missing = [name for name in names if name.lower() not in known]
            if missing:
                raise AnalysisException(f"[COLUMN_NOT_DEFINED_IN_TABLE] {kind} column `{missing[0]}` is not defined in table {table}, defined table columns are: "
                                        f"{', '.join(f'`{name}`' for name in schema.names)}.")
        twice = [name for name in (*self.columns, *self.sort_columns) if name.lower() in {key.lower() for key in partition_columns}]
        if twice:
            raise AnalysisException(f"Bucketing column '{twice[0]}' should not be part of partition columns '{', '.join(partition_columns)}'.")

    def placed(self, frame, partition_columns: list[str]):
        """The rows with their bucket behind them; where buckets are sorted, in the order of their files."""
        number = functions.pmod(functions.hash(*[functions.col(f"`{name}`") for name in self.columns]), functions.lit(self.count))
        found = frame.withColumn(hidden, number)
        if not self.sort_columns:
            return found
        return found.orderBy(*[f"`{name}`" for name in (*partition_columns, hidden, *self.sort_columns)])


def of_table(table: dict) -> Buckets | None:
    count, columns, sort_columns = table_facts.buckets(table)
    return Buckets(count, tuple(columns), tuple(sort_columns)) if count else None
