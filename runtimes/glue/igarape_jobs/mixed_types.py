"""The type of a choice between values of several types: the embedded engine makes a decimal of a double beside `0.0`, and a number of a
text beside a number, where Spark makes a double and a text. Its arrays have Spark's type, so a value is read out of one.
"""

import re
from decimal import Decimal

from pyspark.sql.connect.expressions import LiteralExpression

from igarape_jobs.nodes import Built, Literal, Text, call, case, node

decimal_text = re.compile(r"[+-]?\s*(\d+\.\d*|\.\d+)(BD)?", re.IGNORECASE)
number_text = re.compile(r"[+-]?\s*(\d+\.?\d*|\.\d+)(BD|[LSYDF])?|null", re.IGNORECASE)
# Beyond it, a choice inside a choice inside a choice would grow too large.
characters_max = 20_000


def is_decimal(value) -> bool:
    if isinstance(value, Text):
        return decimal_text.fullmatch(value.sql.strip()) is not None
    return isinstance(literal_of(value), Decimal)


def is_text(value) -> bool:
    return isinstance(getattr(value, "literal", None), str) or isinstance(value, Literal) and isinstance(value.value, str)


def is_written_out(value) -> bool:
    """A number or null that stands there as such."""
    if isinstance(value, Text):
        return number_text.fullmatch(value.sql.strip()) is not None
    return isinstance(value, Literal) or isinstance(value, Built) and isinstance(value.expression, LiteralExpression)


def kind_of(value) -> str:
    """What tells written numbers of different types apart."""
    if isinstance(value, Text):
        return re.sub(r"[\d\s+-]", "", value.sql) if is_written_out(value) else "open"
    return type(literal_of(value)).__name__ if is_written_out(value) else "open"


def literal_of(value):
    return value.expression._value if isinstance(value, Built) and isinstance(value.expression, LiteralExpression) else None


def alike(values: list) -> list:
    """The values, with the one type that Spark gives them beside each other."""
    from igarape_jobs.meanings import as_text

    if any(is_text(value) for value in values):
        return [value if is_text(value) or is_null(value) else as_text(value) for value in values]
    if not any(is_decimal(value) for value in values) or all(is_decimal(value) for value in values) or size_of(values) > characters_max:
        return values
    return [value if is_null(value) else beside(value, [other for other in values if other is not value]) for value in values]


def is_null(value) -> bool:
    if isinstance(value, Text):
        return value.sql.strip().lower() == "null"
    return isinstance(value, Built) and isinstance(value.expression, LiteralExpression) and value.expression._value is None


def size_of(values: list) -> int:
    return sum(len(value.sql) for value in values if isinstance(value, Text))


def beside(value, others: list):
    """The others are never computed: they only lend their types."""
    return call("get", call("array", value, *[case(False, other, None) for other in others if not is_null(other)]), 0)


def refusal_of(name: str, values: list):
    """What a double and a decimal column make together, no expression can say without knowing which is which."""
    kinds = call("concat_ws", ",", *[call("typeof", value) for value in values])
    text = f"{name} of a double and a decimal is not covered by the embedded engine: cast one to the type of the other, or use the `spark` engine (--igarape-engine spark)."
    return call("and", call("rlike", kinds, "double|float"), call("rlike", kinds, "decimal")), call("raise_error", text)


def chosen(name: str, build=None):
    """A function of one value among several."""

    def rule(*values):
        if len(values) < 2:
            return call(name, *values)
        same = alike(list(values))
        open_ones = [value for value in values if not is_written_out(value) and not is_text(value)]
        if same != list(values) or len(open_ones) < 2:
            return call(name, *same)
        return case(*refusal_of(name, open_ones), call(name, *same))

    return rule


def extreme(name: str):
    """Of a text and a number, Spark has no greatest."""

    def rule(*values):
        return call(name, *values) if any(is_text(value) for value in values) else chosen(name)(*values)

    return rule


def if_(condition, then, otherwise):
    return choice([(condition, then)], otherwise)


def nvl2(value, then, otherwise):
    return choice([(call("isnotnull", value), then)], otherwise)


def choice(branches: list, otherwise=None):
    """CASE; without ELSE, it is null."""
    values = [value for _, value in branches] + ([otherwise] if otherwise is not None else [])
    same = [*alike(values)]
    if same == values and is_written_out(values[0]) and any(kind_of(value) != kind_of(values[0]) for value in values):
        # The engine takes the first value's type for the whole.
        same[0] = values[0] if is_null(values[0]) else beside(values[0], values[1:])
    last = same.pop() if otherwise is not None else node(None)
    open_ones = [value for value in values if not is_written_out(value) and not is_text(value)]
    refusal = refusal_of("CASE", open_ones) if len(open_ones) > 1 and same == values[:len(same)] else ()
    return case(*refusal, *[part for (condition, _), value in zip(branches, same) for part in (condition, value)], last)


def when(*parts):
    """As columns say it: conditions and values in turn, and what is left at the end."""
    return choice(list(zip(parts[:-1:2] if len(parts) % 2 else parts[::2], parts[1::2])), parts[-1] if len(parts) % 2 else None)


def changes(values: list) -> bool:
    """Whether a choice between the values is said otherwise."""
    is_first_alone = is_written_out(values[0]) and any(kind_of(value) != kind_of(values[0]) for value in values)
    return is_first_alone or alike(values) != values or sum(not is_written_out(value) and not is_text(value) for value in values) > 1


functions = {"coalesce": chosen("coalesce"), "nvl": chosen("coalesce"), "ifnull": chosen("coalesce"), "greatest": extreme("greatest"), "least": extreme("least"),
             "if": if_, "nvl2": nvl2}
