"""Numbers that are known only from earlier evaluations: `avg(last(10)) * 0.8`, `index(last(5), 2)`.

Source: https://docs.aws.amazon.com/glue/latest/dg/dqdl.html#dqdl-dynamic-rules
"""

import operator
import statistics
from dataclasses import dataclass

FUNCTIONS = ("last", "avg", "min", "max", "sum", "std", "median", "abs", "index")
# How many results the server hands out.
LAST_MAX = 100
OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


class DynamicFault(Exception):
    """An expression that comes to no single number: its rule fails, with this reason."""


class Later:
    """What arithmetic in a ruleset's text makes of numbers that are not known yet."""

    def __add__(self, other):
        return Arithmetic("+", self, other)

    def __radd__(self, other):
        return Arithmetic("+", other, self)

    def __sub__(self, other):
        return Arithmetic("-", self, other)

    def __rsub__(self, other):
        return Arithmetic("-", other, self)

    def __mul__(self, other):
        return Arithmetic("*", self, other)

    def __rmul__(self, other):
        return Arithmetic("*", other, self)

    def __truediv__(self, other):
        return Arithmetic("/", self, other)

    def __rtruediv__(self, other):
        return Arithmetic("/", other, self)

    def __neg__(self):
        return Arithmetic("-", 0, self)


@dataclass(frozen=True)
class Arithmetic(Later):
    operator: str
    left: object
    right: object


@dataclass(frozen=True)
class Call(Later):
    name: str
    arguments: tuple


def number_of(operand, history):
    """The operand with what `history` says, newest first: itself where it asks for nothing. Errors: DynamicFault."""
    return single(value_of(operand, history)) if isinstance(operand, Later) else operand


def value_of(operand, history):
    if isinstance(operand, Arithmetic):
        left, right = (single(value_of(side, history)) for side in (operand.left, operand.right))
        if operand.operator == "/" and right == 0:
            raise DynamicFault("Rule threshold divides by zero.")
        return OPERATORS[operand.operator](left, right)
    if isinstance(operand, Call):
        return called(operand.name, [value_of(argument, history) for argument in operand.arguments], history)
    return operand


def called(name, arguments, history):
    if name == "last":
        count = int(single(arguments[0])) if arguments else 1
        if count > LAST_MAX:
            raise DynamicFault(f"last({count}) is more than the {LAST_MAX} results that can be looked back on.")
        # AWS: where there is nothing yet, last is 0.
        return history[:count] or [0.0]
    if name == "index":
        values, at = arguments[0], int(single(arguments[1]))
        if not isinstance(values, list) or not 0 <= at < len(values):
            raise DynamicFault(f"Index {at} is out of range: there are {len(values) if isinstance(values, list) else 1} values.")
        return values[at]
    if name == "abs":
        return abs(single(arguments[0]))
    numbers = [number for argument in arguments for number in (argument if isinstance(argument, list) else [argument])]
    of = {"avg": statistics.fmean, "min": min, "max": max, "sum": sum, "std": statistics.pstdev, "median": statistics.median}
    return of[name](numbers)


def single(value):
    if not isinstance(value, list):
        return value
    if len(value) == 1:
        return value[0]
    raise DynamicFault(
        "Rule threshold results in list, and a single value is expected. Use aggregation functions to produce a single"
        " value. Valid example: sum(last(10)), avg(last(10))."
    )
