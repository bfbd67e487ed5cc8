"""Functions and casts that the embedded engine understands otherwise than Spark: what to say to it so that it means the same.

A rule takes nodes and gives a node (nodes.py), so each holds for SQL and for columns alike. What no rule can say is refused.
"""

import re

from pyspark.sql import functions as functions_of_spark
from pyspark.sql.connect.expressions import LiteralExpression, UnresolvedFunction

from igarape_jobs import file_names, higher_order, java_regex, mixed_types, numeric, structured_text
from igarape_jobs.java_time import pattern_of
from igarape_jobs.nodes import Built, Cast, Each, Named, Text, call, case, node, refuse
from igarape_jobs.sql_tokens import separated, token


def to_date(text, format=None):
    if format is None:
        # A time after the date is dropped.
        return call("coalesce", call("to_date", text), Cast(Cast(text, "timestamp"), "date"))
    return strictly(call("to_date", text, format), text, format, "date")


def to_timestamp(text, format=None):
    return Cast(text, "timestamp") if format is None else strictly(call("to_timestamp", text, format), text, format, "timestamp")


def strictly(parsed, text, format, type: str):
    """What only SimpleDateFormat would have read is an error, until the script says spark.sql.legacy.timeParserPolicy=CORRECTED."""
    if policy.accepts_loose or format.literal is None:
        return parsed
    pattern = pattern_of(format.literal)
    is_loose = call("and", call("rlike", text, f"^{pattern.loose.pattern}"), call("not", call("rlike", text, f"^(?:{pattern.plain})$")))
    error = Cast(call("raise_error", "[INCONSISTENT_BEHAVIOR_CROSS_VERSION.PARSE_DATETIME_BY_NEW_PARSER] You may get a different result due to the "
                      "upgrading to Spark >= 3.0: Fail to parse a text in the new parser. You can set spark.sql.legacy.timeParserPolicy to CORRECTED "
                      "to treat it as an invalid datetime string."), type, lenient=False)
    return call("coalesce", parsed, case(is_loose, error, Cast(None_, type, lenient=False)))


None_ = node(None)


class Policy:
    """What the session was told of dates; set by the engine."""

    accepts_loose = False
    zone = "UTC"


policy = Policy()


def initcap(text):
    """A word begins after a blank, and after nothing else."""
    capital = Each(lambda word: call("concat", call("upper", call("substring", word, 1, 1)), call("substring", word, 2)))
    return call("array_join", call("transform", call("split", call("lower", text), " "), capital), " ")


def array_contains(array, value):
    """Null where the value is not found but may be the unknown one."""
    has_null = call("exists", array, Each(lambda item: call("isnull", item)))
    found = call("array_contains", array, value)
    return case(found, True, has_null, None_, found)


def percentile_approx(column, share, _accuracy=None):
    """The first value that has at least the share of the rows at or below it; Spark's own is exact up to its accuracy."""
    if (shares := elements_of(share)) is not None:
        return call("array", *[percentile_approx(column, one) for one in shares])
    values = call("sort_array", call("collect_list", column))
    place = call("greatest", 1, call("ceil", call("*", share, call("count", column))))
    return call("get", values, call("-", Cast(place, "int", lenient=False), 1))


def cleared(struct):
    """Asked for once: null where it is null, with nothing below it."""
    return call("get", call("transform", call("array", struct), Each(lambda item: case(call("isnotnull", item), item, None))), 0)


def elements_of(node) -> list | None:
    """Of an array that is written out."""
    if isinstance(node, Text):
        inner = re.fullmatch(r"array\s*\((.*)\)", node.sql.strip(), re.IGNORECASE | re.DOTALL)
        return [Text(part.strip()) for part in separated(token.findall(inner[1]))] if inner else None
    expression = getattr(node, "expression", None)
    if isinstance(expression, UnresolvedFunction) and expression._name == "array":
        return [Built(part) for part in expression._args]
    value = expression._value if isinstance(expression, LiteralExpression) else None
    return [Built(functions_of_spark.lit(one)._expr) for one in value] if isinstance(value, (list, tuple)) else None


def weekday(date):
    """Monday is 0, and Sunday 6."""
    return call("-", 6, call("pmod", call("-", 8, call("dayofweek", date)), 7))


def date_part(name: str):
    """Days of the week count from Sunday, which is 1; those of ISO from Monday."""

    def rule(part, *date):
        found = re.fullmatch(r"\s*(\w+)\s+FROM\s+(.+)", part.sql, re.IGNORECASE | re.DOTALL) if isinstance(part, Text) and not date else None
        field, of = (found[1], Text(found[2])) if found else (part.literal or "", date[0] if date else None)
        if of is not None and field.upper() in ("DOW", "DAYOFWEEK"):
            return call("dayofweek", of)
        if of is not None and field.upper() in ("DOW_ISO", "DAYOFWEEK_ISO"):
            return call("+", weekday(of), 1)
        return Text(f"{name}({part.sql})") if found else call(name, part, *date)

    return rule


def date_format(date, format):
    """The engine names a zone by its whole name."""
    if policy.zone != "UTC" and format.literal is not None and "z" in re.sub("'[^']*'", "", format.literal):
        return refuse("date_format with the name of a zone (z) outside of UTC")
    return call("date_format", date, format)


def sentences(*_arguments):
    return refuse("sentences, whose words end elsewhere in Java,")


def histogram_numeric(_column, _count):
    return refuse("histogram_numeric, whose points are another algorithm's,")


def remainder(name: str):
    """By -0.0 it is null, as by 0.0; the sign of a divisor counts for nothing."""
    return lambda value, divisor: call(name, value, divisor if mixed_types.is_written_out(divisor) else call("abs", divisor))


def exclusive_or(one, other):
    """The engine takes a value and itself for 0 without a look at it, which may be null."""
    return call("^", one, other if mixed_types.is_written_out(other) else call("negative", call("negative", other)))


def without_nulls(collected):
    return call("filter", call("coalesce", collected, call("array")), Each(lambda item: call("isnotnull", item)))


def split(text, pattern, *limit):
    if pattern.literal == "":
        return refuse("split by the empty text")
    return call("split", text, java_regex.pattern_of(pattern), *limit)


def from_unixtime(seconds, format="yyyy-MM-dd HH:mm:ss"):
    """Java writes a year of more than four digits with its sign."""
    text = call("from_unixtime", seconds, format)
    begins_with_year = not hasattr(format, "literal") or (format.literal or "").startswith("yyyy")
    return case(call(">=", Cast(seconds, "bigint"), 253402300800), call("concat", "+", text), text) if begins_with_year else text


def date_moved(name: str):
    """Spark takes no bigint of days."""

    def rule(date, days):
        text = f"[DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE] {name}: the number of days is a bigint, where Spark takes an int: cast it."
        return case(call("==", call("typeof", days), "bigint"), call("raise_error", text), call(name, date, days))

    return rule


def by_extreme(name: str):
    """Spark 3 has one value of the greatest, not several."""

    def rule(value, order, *count):
        return refuse(f"{name} of several values") if count else call(name, value, order)

    return rule


functions = {
    "input_file_name": lambda: Named(file_names.hidden),
    "datediff": lambda end, start: Cast(call("datediff", end, start), "int", lenient=False),
    "date_diff": lambda end, start: Cast(call("datediff", end, start), "int", lenient=False),
    "to_date": to_date,
    "to_timestamp": to_timestamp,
    "initcap": initcap,
    "rint": lambda value: call("bround", Cast(value, "double", lenient=False)),
    "isnan": lambda value: call("coalesce", call("isnan", value), False),
    "array_contains": array_contains,
    "percentile_approx": percentile_approx,
    "date_format": date_format,
    # The engine's own loses the places of a decimal.
    "try_avg": lambda value: call("avg", value),
    "weekday": weekday,
    "sentences": sentences,
    **{name: date_part(name) for name in ("extract", "date_part", "datepart")},
    "histogram_numeric": histogram_numeric,
    "mod": remainder("mod"),
    "approx_percentile": percentile_approx,
    "split": split,
    "from_unixtime": from_unixtime,
    "date_add": date_moved("date_add"),
    "date_sub": date_moved("date_sub"),
    "max_by": by_extreme("max_by"),
    "min_by": by_extreme("min_by"),
    "current_catalog": lambda: node("spark_catalog"),
    **higher_order.functions,
    **java_regex.functions,
    **numeric.functions,
    **structured_text.functions,
    **mixed_types.functions,
}

# Over a window, the engine keeps the nulls of these.
collections = ("collect_list", "collect_set", "array_agg")

# What SQL writes by words, and columns by a call.
of_columns = {**functions, "when": mixed_types.when, "%": remainder("%"), "^": exclusive_or}


def cast(value, type: str):
    """Out of ANSI mode: text that does not fit is null."""
    name = type.lower().strip()
    if name in ("double", "float", "real", "boolean"):
        return Cast(value, name)
    if name in ("bigint", "long", "smallint", "short", "tinyint", "byte"):
        return case(call("==", call("typeof", value), "string"), Cast(whole_text(value), name), Cast(value, name, lenient=False))
    if name.startswith(("decimal", "dec(", "numeric")):
        return numeric.to_decimal(value, name)
    if name == "string":
        return as_text(value)
    return Cast(value, type, lenient=False)


def whole_text(value):
    """Java drops the fraction of a whole number's text."""
    return call("regexp_replace", call("trim", Cast(value, "string")), r"^([+-]?)(\d*)\.\d*$", "${1}0${2}")


def as_text(value):
    plain = Cast(value, "string", lenient=False)
    type = call("typeof", value)
    nulls = call("regexp_replace", plain, r"\bNULL\b", "null")
    return case(call("rlike", type, "^(double|float)$"), java_double(plain), call("rlike", type, "^(array|map|struct)"), nulls, plain)


def java_double(plain):
    """Java's exponents: from 10^7 on, and below 10^-3."""
    size = call("regexp_replace", call("regexp_replace", plain, "^-", ""), r"\.0$", "")
    sign = case(call("rlike", plain, "^-"), "-", "")
    digits = call("regexp_replace", size, r"\.", "")
    whole = call("length", call("regexp_replace", size, r"\..*$", ""))
    big = call("concat", sign, mantissa(digits), "E", Cast(call("-", whole, 1), "string", lenient=False))
    few = call("regexp_replace", digits, "^0+", "")
    small = call("concat", sign, mantissa(few), "E-", Cast(call("-", call("length", digits), call("length", few)), "string", lenient=False))
    before = call("regexp_replace", plain, "e.*$", "")
    with_point = case(call("rlike", before, r"\."), before, call("concat", before, ".0"))
    with_exponent = call("concat", with_point, "E", call("regexp_replace", plain, "^.*e", ""))
    infinity = case(call("rlike", plain, "^-"), "-Infinity", "Infinity")
    return case(call("rlike", plain, "^-?inf$"), infinity, call("rlike", plain, "e"), with_exponent, call("rlike", plain, r"^-?\d{8,}\."), big, call("rlike", plain, r"^-?0\.000"), small, plain)


def mantissa(digits):
    rest = call("regexp_replace", call("substring", digits, 2), "0+$", "")
    return call("concat", call("substring", digits, 1, 1), ".", case(call("==", rest, ""), "0", rest))
