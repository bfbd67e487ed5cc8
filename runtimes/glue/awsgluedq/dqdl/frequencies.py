"""Rules about how often the values of one or several columns come: one grouped scan serves all rules about the same
columns. Rows without a value in any of the columns are left out, as Deequ, which AWS Glue measures with, does."""

from dataclasses import dataclass
from functools import reduce

from pyspark.sql import functions as F


@dataclass(frozen=True)
class Frequencies:
    rows: int
    distinct: int
    single: int
    entropy: float

    @property
    def uniqueness(self):
        return self.single / self.rows if self.rows else None

    @property
    def unique_value_ratio(self):
        return self.single / self.distinct if self.distinct else None


def frequencies_of(frame, columns, where=None):
    kept = frame.where(where) if where else frame
    present = reduce(lambda left, right: left & right, [F.col(f"`{name}`").isNotNull() for name in columns])
    counts = kept.where(present).groupBy(*[F.col(f"`{name}`") for name in columns]).agg(F.count("*").alias("n"))
    # Σ p·ln p over counts: ln N − Σ n·ln n / N, so one pass is enough.
    totals = counts.agg(
        F.sum("n").alias("rows"),
        F.count("*").alias("distinct"),
        F.count(F.when(F.col("n") == 1, 1)).alias("single"),
        F.sum(F.col("n") * F.log("n")).alias("weighted"),
        F.log(F.sum("n")).alias("log_rows"),
    ).first()
    rows = totals["rows"] or 0
    entropy = totals["log_rows"] - totals["weighted"] / rows if rows else 0.0
    return Frequencies(rows, totals["distinct"], totals["single"], abs(entropy))
