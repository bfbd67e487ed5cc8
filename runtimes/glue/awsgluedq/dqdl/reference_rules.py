"""Rules that compare the primary dataset with another, by the alias it was given under, and rules of one's own in SQL."""

import re

from awsgluedq.dqdl.outcomes import Outcome, judged, unmet
from awsgluedq.dqdl.rule_types import ALL, RuleType, column
from awsgluedq.dqdl.tokens import RulesetError
from pyspark.sql import functions as F

AGGREGATE = re.compile(r"(?P<function>sum|avg)\((?:(?P<alias>\w+)\.)?(?P<column>[^)]+)\)", re.IGNORECASE)


class ReferenceRule(RuleType):
    """The first parameter is the other dataset's alias."""

    metric = ""

    def columns(self, rule):
        return ()

    def wanted(self, rule):
        return rule.condition or ALL

    def outcome(self, rule, measured, data):
        alias = rule.parameters[0]
        value = self.compared(rule, data.frame, data.source(alias))
        return judged(self.wanted(rule), value, {} if value is None else {f"Dataset.{alias}.{self.metric}": value})


class RowCountMatch(ReferenceRule):
    metric = "RowCountMatch"

    def compared(self, rule, frame, other):
        rows = other.count()
        return frame.count() / rows if rows else None


class SchemaMatch(ReferenceRule):
    """The share of columns that the other has with the same name and type."""

    metric = "SchemaMatch"

    def compared(self, rule, frame, other):
        theirs = {(field.name.lower(), field.dataType) for field in other.schema}
        ours = [(field.name.lower(), field.dataType) for field in frame.schema]
        return sum(field in theirs for field in ours) / max(len(ours), len(theirs), 1)


class DatasetMatch(ReferenceRule):
    """The share of rows that the other has too: the same key, the same values. `a->b` says which column is which."""

    metric, parameters = "DatasetMatch", (2, 3)

    def compared(self, rule, frame, other):
        keys = pairs(rule.parameters[1])
        named = pairs(rule.parameters[2]) if len(rule.parameters) == 3 else common(frame, other, keys)
        theirs = other.select(*[column(theirs).alias(f"their_{index}") for index, (_, theirs) in enumerate(keys + named)])
        theirs = theirs.withColumn("is_there", F.lit(1))
        same = [column(ours).eqNullSafe(F.col(f"their_{index}")) for index, (ours, _) in enumerate(keys + named)]
        matched = frame.join(theirs.distinct(), same, "left")
        found = matched.agg(F.count("*").alias("rows"), F.count("is_there").alias("met")).first()
        return found["met"] / found["rows"] if found["rows"] else None


class ReferentialIntegrity(RuleType):
    """The share of rows whose values are among the other's."""

    parameters = (2, 2)

    def columns(self, rule):
        return names(rule.parameters[0])

    def check(self, rule):
        super().check(rule)
        if "." not in rule.parameters[1]:
            raise RulesetError(f"{rule.text}: the second parameter is ALIAS.column or ALIAS.{{column, column}}")

    def outcome(self, rule, measured, data):
        alias, theirs = rule.parameters[1].split(".", 1)
        ours, theirs = names(rule.parameters[0]), names(theirs.strip("{}"))
        other = data.source(alias).select(*[column(name).alias(f"their_{at}") for at, name in enumerate(theirs)])
        other = other.distinct().withColumn("is_there", F.lit(1))
        same = [column(name) == F.col(f"their_{at}") for at, name in enumerate(ours)]
        found = data.frame.join(other, same, "left").agg(F.count("*").alias("rows"), F.count("is_there").alias("met")).first()
        share = found["met"] / found["rows"] if found["rows"] else 1.0
        return judged(rule.condition or ALL, share, {f"Column.{alias}.ReferentialIntegrity": share})


class AggregateMatch(RuleType):
    """How one dataset's sum or average stands to the other's."""

    parameters, needs_condition = (2, 2), True

    def columns(self, rule):
        return ()

    def check(self, rule):
        super().check(rule)
        for parameter in rule.parameters:
            if not AGGREGATE.fullmatch(parameter.strip()):
                raise RulesetError(f"{rule.text}: {parameter} is not sum(column) or avg(column)")

    def outcome(self, rule, measured, data):
        asked = [AGGREGATE.fullmatch(parameter.strip()) for parameter in rule.parameters]
        first, second = (self.value(each, data) for each in asked)
        ratio = None if first is None or not second else float(first) / float(second)
        columns = list(dict.fromkeys(each["column"].strip() for each in asked))
        metrics = {} if ratio is None else {f"Column.{','.join(columns)}.AggregateMatch": ratio}
        return judged(rule.condition, ratio, metrics)

    def value(self, asked, data):
        frame = data.source(asked["alias"]) if asked["alias"] else data.frame
        aggregate = {"sum": F.sum, "avg": F.avg}[asked["function"].lower()]
        return frame.agg(aggregate(column(asked["column"].strip().strip("`")))).first()[0]


class CustomSql(RuleType):
    """SQL over the dataset, which is called `primary`. With an expression: of the one number it gives; without: the rows
    that it gives are those that keep the rule."""

    def columns(self, rule):
        return ()

    def outcome(self, rule, measured, data):
        result = data.sql(rule.parameters[0])
        if rule.condition is None:
            rows = data.frame.count()
            share = result.count() / rows if rows else 1.0
            return judged(rule.threshold or ALL, share, {"Dataset.*.CustomSQL.Compliance": share})
        row = result.first()
        if row is None or len(row) != 1:
            return Outcome("The SQL must give one row of one column to be held against an expression.")
        if row[0] is None:
            return Outcome(unmet(None))
        value = float(row[0])
        return judged(rule.condition, value, {"Dataset.*.CustomSQL": value})


def names(text):
    return tuple(name.strip() for name in text.split(","))


def pairs(text):
    """`a->b, c` as [(a, b), (c, c)]."""
    split = [[side.strip() for side in pair.split("->")] for pair in text.split(",")]
    return [(pair[0], pair[-1]) for pair in split]


def common(frame, other, keys):
    known = {ours for ours, _ in keys}
    return [(name, name) for name in frame.columns if name in other.columns and name not in known]
