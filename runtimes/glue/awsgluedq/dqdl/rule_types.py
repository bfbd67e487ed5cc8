"""Every rule type of DQDL: what of it is measured in the one pass over the data, and what its outcome is.

Source: https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types.html (metrics' names are those of its table)
"""

from awsgluedq.dqdl.conditions import Condition
from awsgluedq.dqdl.outcomes import Outcome, judged, unmet
from awsgluedq.dqdl.tokens import RulesetError
from pyspark.sql import functions as F
from pyspark.sql.types import NumericType

ALL = Condition("=", (1,))


class RuleType:
    """One rule type. `parameters` is how many it takes: (least, most)."""

    parameters = (1, 1)
    needs_condition = False

    def check(self, rule):
        """Errors: RulesetError, before any data is read."""
        least, most = self.parameters
        if not least <= len(rule.parameters) <= most:
            raise RulesetError(f"{rule.text}: {rule.kind} takes {least if least == most else f'{least} to {most}'} parameters")
        if self.needs_condition and rule.condition is None:
            raise RulesetError(f"{rule.text}: {rule.kind} needs an expression")

    def columns(self, rule):
        """Columns of the primary dataset that must be there."""
        return rule.parameters

    def aggregates(self, rule, frame):
        """Name → aggregate, for the one pass over the data."""
        return {}

    def outcome(self, rule, measured, data):
        """`measured` is the values of `aggregates`; `data` is the dataset, for what needs a pass of its own."""
        raise NotImplementedError

    def row_condition(self, rule, frame):
        """Whether a row keeps the rule, for rules that ask each row; None for the others."""
        return None


def column(name):
    return F.col(f"`{name}`")


def counted(rule, condition):
    """How many rows, of those that `where` chooses, meet the condition."""
    return F.count(F.when(F.expr(rule.where) & condition if rule.where else condition, 1))


def chosen(rule, value):
    return F.when(F.expr(rule.where), value) if rule.where else value


class RowCount(RuleType):
    parameters, needs_condition = (0, 0), True

    def aggregates(self, rule, frame):
        return {"rows": counted(rule, F.lit(True))}

    def outcome(self, rule, measured, data):
        return judged(rule.condition, measured["rows"], {"Dataset.*.RowCount": float(measured["rows"])})


class ColumnCount(RuleType):
    parameters, needs_condition = (0, 0), True

    def outcome(self, rule, measured, data):
        count = len(data.frame.columns)
        return judged(rule.condition, count, {"Dataset.*.ColumnCount": float(count)})


class ColumnExists(RuleType):
    def columns(self, rule):
        return ()

    def outcome(self, rule, measured, data):
        is_there = rule.parameters[0] in data.frame.columns
        return Outcome(None if is_there else f"Column {rule.parameters[0]} does not exist!")


class ColumnNamesMatchPattern(RuleType):
    def columns(self, rule):
        return ()

    def outcome(self, rule, measured, data):
        import re

        names = data.frame.columns
        others = [name for name in names if not re.fullmatch(rule.parameters[0], name)]
        ratio = 1 - len(others) / len(names) if names else 1.0
        reason = f"Columns that do not match the pattern: {', '.join(others)}" if others else None
        return Outcome(reason, {"Dataset.*.ColumnNamesPatternMatchRatio": ratio})


class Compliance(RuleType):
    """Rules that ask each row: the share of rows that keep it must meet the threshold, or be all of them."""

    metric = ""

    def metric_name(self, rule):
        return f"Column.{rule.parameters[0]}.{self.metric}"

    def aggregates(self, rule, frame):
        return {"rows": counted(rule, F.lit(True)), "met": counted(rule, self.row_condition(rule, frame))}

    def wanted(self, rule):
        return rule.threshold or ALL

    def outcome(self, rule, measured, data):
        share = measured["met"] / measured["rows"] if measured["rows"] else 1.0
        return judged(self.wanted(rule), share, {self.metric_name(rule): share})


class Completeness(Compliance):
    metric, needs_condition = "Completeness", True

    def row_condition(self, rule, frame):
        return column(rule.parameters[0]).isNotNull()

    def wanted(self, rule):
        return rule.condition


class IsComplete(Completeness):
    needs_condition = False

    def wanted(self, rule):
        return ALL


class ColumnDataType(Compliance):
    metric, needs_condition = "ColumnDataType.Compliance", True
    names = ("Boolean", "Date", "Timestamp", "Integer", "Double", "Float", "Long")

    def check(self, rule):
        super().check(rule)
        for name in rule.condition.operands:
            if str(name).lower() not in [known.lower() for known in self.names]:
                raise RulesetError(f"{rule.text}: {name} is not one of {', '.join(self.names)}")

    def row_condition(self, rule, frame):
        """A value that is not there has no wrong type."""
        name = rule.parameters[0]
        casts = [F.expr(f"try_cast(cast(`{name}` as string) as {kind})").isNotNull() for kind in rule.condition.operands]
        fits = casts[0]
        for other in casts[1:]:
            fits = fits | other
        is_of = ~fits if rule.condition.operator in ("!=", "not in") else fits
        return column(name).isNull() | is_of


class DataFreshness(Compliance):
    metric, needs_condition = "DataFreshness.Compliance", True

    def row_condition(self, rule, frame):
        seconds = F.unix_timestamp(F.current_timestamp()) - F.unix_timestamp(column(rule.parameters[0]).cast("timestamp"))
        hours = Condition(rule.condition.operator, tuple(age.hours for age in rule.condition.operands))
        return hours.of_column(seconds / 3600)


class Extremes(Compliance):
    """Rules about values, or about something of them: without a threshold the extremes are what is reported."""

    extremes = ("Minimum", "Maximum")
    needs_condition = True

    def value(self, rule):
        return column(rule.parameters[0])

    def has_extremes(self, rule, frame):
        return rule.threshold is None

    def row_condition(self, rule, frame):
        return rule.condition.of_column(self.value(rule))

    def aggregates(self, rule, frame):
        found = {**super().aggregates(rule, frame), "nulls": counted(rule, self.value(rule).isNull())}
        if self.has_extremes(rule, frame):
            value = chosen(rule, self.value(rule)).cast("double")
            found |= {"low": F.min(value), "high": F.max(value)}
        return found

    def outcome(self, rule, measured, data):
        low, high = measured.get("low"), measured.get("high")
        name = rule.parameters[0]
        by_share = super().outcome(rule, measured, data)
        if low is None:
            return by_share
        metrics = {f"Column.{name}.{kind}": value for kind, value in zip(self.extremes, (low, high))}
        if by_share.passed:
            return Outcome(None, metrics)
        return Outcome(unmet(self.offender(rule.condition, measured)), metrics)

    def offender(self, condition, measured):
        """The value that is told: of those that do not meet the condition, the one furthest out."""
        low, high = measured["low"], measured["high"]
        if measured["nulls"] and condition.operator not in ("!=", "not in"):
            return None
        try:
            return low if not condition.holds(low) else high if not condition.holds(high) else measured["met"]
        except TypeError:
            return low


class ColumnValues(Extremes):
    metric = "ColumnValues.Compliance"

    def has_extremes(self, rule, frame):
        """Of numbers that are compared by their order; dates and texts have no extremes among the metrics."""
        kind = frame.schema[rule.parameters[0]].dataType
        return rule.threshold is None and isinstance(kind, NumericType) and rule.condition.is_about_order()

    def value(self, rule):
        return column(rule.parameters[0])

    def outcome(self, rule, measured, data):
        found = super().outcome(rule, measured, data)
        if found.passed or "low" in measured or rule.threshold or not measured["nulls"]:
            return found
        is_null_fault = rule.condition.operator not in ("!=", "not in")
        return Outcome(unmet(None) if is_null_fault else found.reason, found.metrics)


class ColumnLength(Extremes):
    """A null is as long as an empty text."""

    metric, extremes = "ColumnLength.Compliance", ("MinimumLength", "MaximumLength")

    def value(self, rule):
        return F.coalesce(F.length(column(rule.parameters[0]).cast("string")), F.lit(0))


class Statistic(RuleType):
    """One aggregate of a numeric column."""

    needs_condition = True

    def __init__(self, name, aggregate):
        self.name, self.aggregate = name, aggregate

    def aggregates(self, rule, frame):
        require_numeric(rule, frame)
        return {"value": self.aggregate(chosen(rule, column(rule.parameters[0])))}

    def outcome(self, rule, measured, data):
        value = None if measured["value"] is None else float(measured["value"])
        metrics = {} if value is None else {f"Column.{rule.parameters[0]}.{self.name}": value}
        return judged(rule.condition, value, metrics)


class ColumnCorrelation(RuleType):
    parameters, needs_condition = (2, 2), True

    def aggregates(self, rule, frame):
        require_numeric(rule, frame)
        left, right = (chosen(rule, column(name)).cast("double") for name in rule.parameters)
        return {"value": F.corr(left, right)}

    def outcome(self, rule, measured, data):
        value = measured["value"]
        name = f"Multicolumn.{','.join(rule.parameters)}.ColumnCorrelation"
        return judged(rule.condition, value, {} if value is None else {name: value})


class OfFrequencies(RuleType):
    """How often values come; `measure` says what of it."""

    needs_condition = True

    def __init__(self, name, measure, columns_most=1):
        self.name, self.measure, self.parameters = name, measure, (1, columns_most)

    def outcome(self, rule, measured, data):
        value = self.measure(data.frequencies(rule.parameters, rule.where))
        metrics = {} if value is None else {f"{columns_name(rule)}.{self.name}": float(value)}
        return judged(rule.condition, value, metrics)


def columns_name(rule):
    """How metrics name the columns of a rule."""
    return f"{'Column' if len(rule.parameters) == 1 else 'Multicolumn'}.{','.join(rule.parameters)}"


class IsUnique(RuleType):
    parameters = (1, 50)

    def outcome(self, rule, measured, data):
        value = data.frequencies(rule.parameters, rule.where).uniqueness
        value = 1.0 if value is None else value
        return judged(ALL, value, {f"{columns_name(rule)}.Uniqueness": value})

    def row_condition(self, rule, frame):
        from pyspark.sql import Window

        return F.count("*").over(Window.partitionBy(*[column(name) for name in rule.parameters])) == 1


class IsPrimaryKey(IsUnique):
    """Unique, and nowhere null."""

    def aggregates(self, rule, frame):
        missing = F.lit(False)
        for name in rule.parameters:
            missing = missing | column(name).isNull()
        return {"rows": counted(rule, F.lit(True)), "missing": counted(rule, missing)}

    def outcome(self, rule, measured, data):
        frequencies = data.frequencies(rule.parameters, rule.where)
        value = frequencies.single / measured["rows"] if measured["rows"] else 1.0
        return judged(ALL, value, {f"{columns_name(rule)}.Uniqueness": value})


def require_numeric(rule, frame):
    for name in rule.parameters:
        kind = frame.schema[name].dataType
        if not isinstance(kind, NumericType):
            raise WrongType(f"Expected type of column {name} to be numeric, but found {type(kind).__name__} instead!")


class WrongType(Exception):
    """A rule that a column's type makes senseless: it fails, with this reason."""


