"""The expression at the end of a rule: `> 0.9`, `between 1 and 5`, `in ["a", NULL]`, `matches "[a-z]+"`.

A condition is asked of a number that was measured (`holds`), or of each value of a column (`of_column`).
Source: https://docs.aws.amazon.com/glue/latest/dg/dqdl.html#dqdl-syntax-rule-expressions
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from pyspark.sql import functions as F

NULL, EMPTY, WHITESPACES_ONLY = "NULL", "EMPTY", "WHITESPACES_ONLY"
COMPARISONS = ("=", "!=", ">", "<", ">=", "<=")


@dataclass(frozen=True)
class Keyword:
    """One of NULL, EMPTY and WHITESPACES_ONLY."""

    name: str


@dataclass(frozen=True)
class Duration:
    """`24 hours`, as DataFreshness compares ages."""

    value: timedelta

    @property
    def hours(self):
        return self.value.total_seconds() / 3600


@dataclass(frozen=True)
class Moment:
    """`now()`, or so much before or after it."""

    offset: timedelta

    def at(self):
        return datetime.now(timezone.utc) + self.offset


@dataclass(frozen=True)
class Condition:
    operator: str
    operands: tuple

    def holds(self, value):
        """Whether a measured number meets it. What could not be measured meets nothing. A range's bounds are outside it."""
        if value is None:
            return False
        wanted = [measure(operand) for operand in self.operands]
        match self.operator:
            case "=":
                return value == wanted[0]
            case "!=":
                return value != wanted[0]
            case ">":
                return value > wanted[0]
            case "<":
                return value < wanted[0]
            case ">=":
                return value >= wanted[0]
            case "<=":
                return value <= wanted[0]
            case "between":
                return wanted[0] < value < wanted[1]
            case "not between":
                return not wanted[0] < value < wanted[1]
            case "in":
                return value in wanted
            case "not in":
                return value not in wanted
        raise TypeError(f"'{self.operator}' cannot be asked of a number")

    def is_about_order(self):
        return self.operator in (">", "<", ">=", "<=", "between", "not between")

    def of_column(self, column):
        """Whether each value meets it: never null. NULL fails all but `!=`, `not in` and what names it."""
        negated = self.operator in ("!=", "not in", "not matches", "not between")
        met = self._met(column, self.operator.removeprefix("not ").replace("!=", "="))
        if negated:
            return F.coalesce(~met, F.lit(self.operator in ("!=", "not in")))
        return F.coalesce(met, F.lit(False))

    def _met(self, column, operator):
        if operator in ("=", "in"):
            anyone = F.lit(False)
            for operand in self.operands:
                anyone = anyone | equals(column, operand)
            return anyone
        if operator == "matches":
            # The whole value, as Java's String.matches.
            return column.cast("string").rlike(f"^(?:{self.operands[0]})$")
        low = comparable(self.operands[0])
        match operator:
            case ">":
                return column > low
            case "<":
                return column < low
            case ">=":
                return column >= low
            case "<=":
                return column <= low
            case "between":
                return (column > low) & (column < comparable(self.operands[1]))
        raise TypeError(f"'{operator}' cannot be asked of a column")


# What every number meets.
ANYTHING = Condition(">=", (-1.7e308,))


def equals(column, operand):
    """Null only where the value is null and the operand is not NULL."""
    if isinstance(operand, Keyword):
        if operand.name == NULL:
            return column.isNull()
        text = column.cast("string")
        return text == "" if operand.name == EMPTY else F.coalesce(text.rlike(r"^\s+$"), F.lit(False))
    if isinstance(operand, str):
        return column.cast("string") == operand
    return column == comparable(operand)


def comparable(operand):
    """The operand as Spark compares a column with it."""
    if isinstance(operand, Moment):
        return F.lit(operand.at())
    if isinstance(operand, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}([ T].*)?", operand):
        return F.lit(operand).cast("timestamp")
    return F.lit(operand)


def measure(operand):
    if isinstance(operand, Duration):
        return operand.hours
    if isinstance(operand, bool) or not isinstance(operand, (int, float)):
        raise TypeError(f"{operand} is no number")
    return operand
