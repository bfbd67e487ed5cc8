"""Functions of numbers that the embedded engine computes otherwise than Spark. Where an expression cannot say what Spark means without
another type, the rows that would differ are an error.
"""

from igarape_jobs.nodes import Cast, by_type, call, case, node, whole_number

largest_double = 1.7976931348623157e308
# The engine formats every number as a double, with all the digits of the binary number; Java writes 17 at most.
exact_digits_below = 1e15


def failing(what: str):
    """An error of the row that comes by here; a branch of its type gives way to the others'."""
    return call("raise_error", f"The embedded engine does not do {what} as Spark does; the `spark` engine does (--igarape-engine spark).")


def type_is(value, pattern: str):
    return call("rlike", call("typeof", value), f"^({pattern})")


def format_number(value, digits):
    number = Cast(value, "double")
    size = case(call("isnan", number), 0.0, call("abs", number))
    infinity = case(call(">", number, 0.0), "∞", "-∞")
    error = failing("format_number() of a number from 1e15 on")
    return case(call(">", size, largest_double), infinity, call(">=", size, exact_digits_below), error, call("format_number", value, digits))


def not_a_number_first(name: str):
    """A NaN of any sign stays one."""
    return lambda value: case(call("isnan", Cast(value, "double")), Cast(node("NaN"), "double"), call(name, value))


def positive_if_not_a_number(name: str):
    """The processor's NaN has a sign, by which it would be the least of all; Spark's is the greatest."""

    def rule(*values):
        plain = call(name, *values)
        return case(call("isnan", plain), Cast(node("NaN"), "double"), plain)

    return rule


def to_places(name: str):
    """A double counts with the digits that it shows."""

    def rule(value, *places):
        if not places:
            return call(name, value)
        shown = call(name, to_decimal(value, "decimal(30,15)"), *places)
        return case(type_is(value, "double|float"), shown, call(name, value, *places))

    return rule


def square_root(value):
    """The processor's root of a negative number is a NaN with a sign, which would be the least of all."""
    return case(call("<", Cast(value, "double"), 0.0), Cast(node("NaN"), "double"), call("sqrt", value))


def negative(value):
    """The engine's own loses the scale of a decimal. This one declares two digits more than Spark."""
    return case(type_is(value, "decimal"), call("-", call("-", value, value), value), call("negative", value))


def to_decimal(value, type: str):
    """A double counts with the digits that it shows."""
    number = Cast(value, "double")
    shown = Cast(Cast(number, "string"), type)
    return call("coalesce", case(type_is(value, "double|float"), shown, Cast(value, type)), Cast(number, type))


def conv(text, from_base, to_base):
    """The digits up to the first that is none; a negative number is shown as 64 bits."""
    base, to = whole_number(from_base), whole_number(to_base)
    if base is None or to is None or not 2 <= base <= 36:
        return call("conv", text, from_base, to_base)
    digit = "0-9a-zA-Z" if base == 36 else f"0-{min(base, 10) - 1}" + (f"a-{chr(86 + base)}A-{chr(54 + base)}" if base > 10 else "")
    trimmed = call("trim", Cast(text, "string"))
    number = call("regexp_extract", trimmed, f"^-?0*([{digit}]*)", 1)
    is_negative = call("and", call("rlike", trimmed, "^-"), call("rlike", number, "[^0]"))
    value = call("conv", number, base, 10)
    size = Cast(value, "decimal(20,0)")
    sign = call("concat", "-", call("conv", number, base, -to)) if to < 0 else wrapped(size, to)
    error = failing("conv() of a number beyond 63 bits")
    return case(call("isnull", trimmed), Cast(node(None), "string"), call("==", trimmed, ""), Cast(node(None), "string"), call("==", number, ""), "0",
                call("isnull", value), error, is_negative, sign, call("conv", number, base, abs(to)))


def wrapped(size, to: int):
    """The engine's conv knows no more than 63 bits, so that a negative number is shown by `hex` or not at all."""
    if to != 16:
        return failing("conv() of a negative number to another base than 16")
    return call("hex", call("-", Cast(node(0), "bigint"), Cast(size, "bigint")))


def substring(text, start, *length):
    """Characters before the first count to the length, but are not there. No start, no text."""
    first = whole_number(start)
    if not length or (first is not None and first >= 0):
        return call("substring", text, start, *length)
    before = call("+", Cast(start, "bigint"), call("length", text))
    left = call("greatest", Cast(node(0), "bigint"), call("+", before, Cast(length[0], "bigint")))
    kept = call("substring", text, 1, Cast(call("least", left, Cast(node(2147483647), "bigint")), "int"))
    is_before = call("and", call("<", Cast(start, "bigint"), 0), call("<", before, 0))
    return case(call("isnull", start), node(None), is_before, kept, call("substring", text, start, *length))


functions = {
    **{name: positive_if_not_a_number(name) for name in ("acos", "asin", "sin", "cos", "tan", "acosh", "atanh", "pow", "power")},
    **{name: to_places(name) for name in ("floor", "ceil", "ceiling")},
    "round": by_type("round"),
    "bround": by_type("bround"),
    "format_number": format_number,
    "ln": not_a_number_first("ln"),
    "log10": not_a_number_first("log10"),
    "log2": not_a_number_first("log2"),
    "log1p": not_a_number_first("log1p"),
    "sqrt": square_root,
    "negative": negative,
    "conv": conv,
    "substring": substring,
    "substr": substring,
}
