"""The rules that a table's data keeps now, found by profiling it: one pass over all columns, and one more for each column
whose values look unique or few.

Source: https://docs.aws.amazon.com/glue/latest/dg/data-quality-getting-started.html
"""

import math

from awsgluedq.dqdl.frequencies import frequencies_of
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, BinaryType, FractionalType, IntegralType, MapType, NumericType, StringType, StructType

# A column of at most so many values, each twice on average, is one of a set.
SET_MOST = 20
NEARLY_UNIQUE = 0.95
# How far the standard deviation may move.
SPREAD = 0.05


def recommended_ruleset(frame) -> str:
    """DQDL. What it asks holds for the very data that it was found in."""
    columns = [Column(frame, field, place) for place, field in enumerate(frame.schema.fields) if '"' not in field.name]
    measured = frame.agg(F.count("*").alias("rows"), *[each for column in columns for each in column.aggregates()]).first()
    rows = measured["rows"]
    if rows == 0:
        return f"Rules = [\n    ColumnCount = {len(frame.columns)}\n]"
    rules = [f"RowCount between {rows // 2} and {rows * 2}"]
    for column in columns:
        rules += column.rules(measured, rows)
    return "Rules = [\n" + ",\n".join(f"    {rule}" for rule in rules) + "\n]"


class Column:
    def __init__(self, frame, field, place):
        self.frame, self.type, self.place = frame, field.dataType, place
        self.name = field.name
        self.value = F.col(f"`{field.name}`")

    def aggregates(self):
        found = {"present": F.count(self.value)}
        if self.is_plain:
            # Of the texts: the embedded engine counts distinct fractions and moments in no other way.
            found["distinct"] = F.approx_count_distinct(self.value.cast("string"))
        if isinstance(self.type, NumericType):
            found |= {"low": F.min(self.value), "high": F.max(self.value), "spread": F.stddev_pop(self.value.cast("double"))}
        if isinstance(self.type, StringType):
            found |= {"shortest": F.min(F.length(self.value)), "longest": F.max(F.length(self.value))}
        return [value.alias(f"{name}_{self.place}") for name, value in found.items()]

    @property
    def is_plain(self):
        return not isinstance(self.type, (ArrayType, MapType, StructType, BinaryType))

    def rules(self, measured, rows):
        profile = {name.rpartition("_")[0]: value for name, value in measured.asDict().items() if name.endswith(f"_{self.place}")}
        present = profile["present"]
        if present == 0:
            return []
        share = present / rows
        found = [self.rule("IsComplete") if share == 1 else self.rule("Completeness", f">= {floored(share)}")]
        if not self.is_plain:
            return found
        found += self.rules_of_frequencies(profile, rows)
        if isinstance(self.type, NumericType):
            found += self.rules_of_numbers(profile, share)
        if isinstance(self.type, StringType):
            found += self.rules_of_length(profile, share)
        return found

    def rules_of_frequencies(self, profile, rows):
        distinct, present = profile["distinct"], profile["present"]
        # The count is approximate: both thresholds leave room.
        if distinct >= present * 0.8 and present > 1:
            uniqueness = frequencies_of(self.frame, [self.name]).uniqueness
            if uniqueness == 1:
                return [self.rule("IsUnique")]
            return [self.rule("Uniqueness", f"> {NEARLY_UNIQUE}")] if uniqueness > NEARLY_UNIQUE else []
        if distinct * 2 > present or distinct > SET_MOST or not isinstance(self.type, (StringType, IntegralType)):
            return []
        counted = self.frame.groupBy(self.value.alias("value")).agg(F.count("*").alias("n")).orderBy(F.desc("n"), "value").collect()
        texts = [literal(row["value"]) for row in counted]
        return [] if None in texts else [self.rule("ColumnValues", f"in [{', '.join(texts)}]")]

    def rules_of_numbers(self, profile, share):
        low, high, spread = profile["low"], profile["high"], profile["spread"]
        found = []
        if spread and math.isfinite(spread):
            found.append(self.rule("StandardDeviation", f"between {spread * (1 - SPREAD):.6g} and {spread * (1 + SPREAD):.6g}"))
        if isinstance(self.type, FractionalType) and not all(math.isfinite(value) for value in (low, high)):
            return found
        # No value is no number: it keeps no rule about numbers.
        threshold = "" if share == 1 else f" with threshold >= {floored(share)}"
        return [*found, self.rule("ColumnValues", f">= {low}{threshold}"), self.rule("ColumnValues", f"<= {high}{threshold}")]

    def rules_of_length(self, profile, share):
        shortest, longest = profile["shortest"], profile["longest"]
        if share < 1 or shortest == 0:
            return [self.rule("ColumnLength", f"<= {longest}")]
        if shortest == longest:
            return [self.rule("ColumnLength", f"= {longest}")]
        return [self.rule("ColumnLength", f"between {shortest - 1} and {longest + 1}")]

    def rule(self, kind, condition=""):
        return f'{kind} "{self.name}" {condition}'.rstrip()


def floored(share):
    """Two digits, never more than the share itself."""
    return math.floor(share * 100) / 100


def literal(value):
    """A value as DQDL writes it; None where it cannot."""
    if value is None:
        return "NULL"
    if not isinstance(value, str):
        return str(value)
    return None if set(value) & set('"\\\n\r') else f'"{value}"'
