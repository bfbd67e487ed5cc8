"""Columns of text to typed columns, by the rules of Spark's CSV source. What cannot be read is null, and counted bad."""

import decimal
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pyarrow
import pyarrow.compute as compute
from pyspark.sql import types
from pyspark.sql.pandas.types import to_arrow_type

from igarape_jobs import java_time

whole = r"^[+-]?\d+$"
fractional = r"^[ \t]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?[ \t]*$"
bounds = {"byte": 7, "short": 15, "integer": 31, "long": 63}


@dataclass
class TextRules:
    zone: str = "UTC"
    date_format: str = ""
    timestamp_format: str = ""
    nan_text: str = "NaN"
    infinity_text: str = "Inf"
    minus_infinity_text: str = "-Inf"
    is_strict: bool = True
    """Whether a date that only Spark 2 would have read is an error: spark.sql.legacy.timeParserPolicy."""


def arrow_type(type: types.DataType) -> pyarrow.DataType:
    return pyarrow.timestamp("us", "UTC") if isinstance(type, types.TimestampType) else to_arrow_type(type)


def typed(column: pyarrow.Array, type: types.DataType, rules: TextRules) -> pyarrow.Array:
    """As long as the column; null where the text is null or not of the type."""
    name = type.typeName()
    if name == "string":
        return column
    if name in bounds:
        return whole_numbers(column, bounds[name]).cast(arrow_type(type))
    if name in ("double", "float"):
        return fractions(column, rules).cast(arrow_type(type))
    if name == "decimal":
        return decimals(column, type)
    if name == "boolean":
        lower = compute.utf8_lower(column)
        return compute.if_else(compute.is_in(lower, pyarrow.array(["true", "false"])), compute.equal(lower, "true"), None)
    if name == "date":
        return dates(column, rules)
    if name == "timestamp":
        return timestamps(column, rules)
    if name == "binary":
        return column.cast(pyarrow.binary())
    raise NotImplementedError(f"The embedded engine's CSV reader has no columns of type {type.simpleString()}.")


def whole_numbers(column: pyarrow.Array, bits: int) -> pyarrow.Array:
    plain = compute.match_substring_regex(column, r"^-?\d{1,18}$")
    if compute.all(plain, min_count=0).as_py() is not False:
        numbers = column.cast(pyarrow.int64())
    else:
        numbers = mapped(column, lambda text: in_bounds(text, 63), pyarrow.int64())
    if bits == 63:
        return numbers
    fits = compute.and_(compute.greater_equal(numbers, -(2**bits)), compute.less(numbers, 2**bits))
    return compute.if_else(fits, numbers, None)


def in_bounds(text: str, bits: int) -> int | None:
    number = int(text) if re.match(whole, text) and text.isascii() else None
    return number if number is not None and -(2**bits) <= number < 2**bits else None


def fractions(column: pyarrow.Array, rules: TextRules) -> pyarrow.Array:
    plain = compute.match_substring_regex(column, r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$")
    if compute.all(plain, min_count=0).as_py() is not False:
        return compute.utf8_ltrim(column, "+").cast(pyarrow.float64())
    special = {rules.nan_text: float("nan"), rules.infinity_text: float("inf"), rules.minus_infinity_text: float("-inf"),
               "NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}

    def parse(text: str) -> float | None:
        if text in special:
            return special[text]
        return float(text.strip().rstrip("dDfF")) if re.match(fractional, text) else None

    return mapped(column, parse, pyarrow.float64())


def decimals(column: pyarrow.Array, type: types.DecimalType) -> pyarrow.Array:
    whole_digits, scale = type.precision - type.scale, type.scale
    target = pyarrow.decimal128(type.precision, type.scale)
    fraction = rf"(\.\d{{0,{scale}}})?" if scale else r"\.?"
    plain = compute.match_substring_regex(column, rf"^-?\d{{1,{max(whole_digits, 1)}}}{fraction}$") if whole_digits else None
    if plain is not None and compute.all(plain, min_count=0).as_py() is not False:
        return column.cast(target)
    context = decimal.Context(prec=80, rounding=decimal.ROUND_HALF_UP)

    def parse(text: str) -> decimal.Decimal | None:
        # Java's BigDecimal after Spark has dropped the thousands' commas.
        text = text.replace(",", "")
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
            return None
        number = decimal.Decimal(text).quantize(decimal.Decimal(1).scaleb(-scale), context=context)
        return number if number.adjusted() < whole_digits or number == 0 else None

    return mapped(column, parse, target)


def dates(column: pyarrow.Array, rules: TextRules) -> pyarrow.Array:
    return mapped(column, java_time.date_parser(rules.date_format, rules.is_strict), pyarrow.date32())


def timestamps(column: pyarrow.Array, rules: TextRules) -> pyarrow.Array:
    plain = compute.match_substring_regex(column, r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}$")
    if not rules.timestamp_format and rules.zone == "UTC" and compute.all(plain, min_count=0).as_py() is not False:
        try:
            return column.cast(pyarrow.timestamp("us")).cast(pyarrow.timestamp("us", "UTC"))
        except pyarrow.ArrowInvalid:
            pass
    return mapped(column, java_time.timestamp_parser(rules.timestamp_format, rules.zone, rules.is_strict), pyarrow.timestamp("us", "UTC"))


def mapped(column: pyarrow.Array, parse: Callable, type: pyarrow.DataType) -> pyarrow.Array:
    """Each different text is parsed once."""
    encoded = column.dictionary_encode()
    values = pyarrow.array([None if text is None else parse(text) for text in encoded.dictionary.to_pylist()], type)
    return values.take(encoded.indices)


def infer(column: pyarrow.Array, so_far: types.DataType | None, rules: TextRules, prefers_dates: bool) -> types.DataType | None:
    """The narrowest type that reads all of this column and of those before it; None while all are null."""
    texts = column.unique().drop_null()
    rules = replace(rules, is_strict=False)
    if len(texts) == 0 or isinstance(so_far, types.StringType):
        return so_far
    found = next(type for type in ladder(texts, prefers_dates and days_alone(texts, rules)) if typed(texts, type, rules).null_count == 0)
    return found if so_far is None else common(so_far, found)


def days_alone(texts: pyarrow.Array, rules: TextRules) -> bool:
    """Only whole days in the one form are inferred as dates; what else a date column takes is a timestamp."""
    return bool(rules.date_format) or compute.all(compute.match_substring_regex(texts, r"^\d{4}-\d{2}-\d{2}$")).as_py()


def ladder(texts: pyarrow.Array, prefers_dates: bool) -> list[types.DataType]:
    longest = max(compute.max(compute.utf8_length(compute.utf8_rtrim(compute.utf8_ltrim(texts, "+-0"), "."))).as_py(), 1)
    wide = [types.DecimalType(longest, 0)] if longest <= 38 and compute.all(compute.match_substring_regex(texts, r"^[+-]?\d+\.?$")).as_py() else []
    days = [types.DateType()] if prefers_dates else []
    return [types.IntegerType(), types.LongType(), *wide, types.DoubleType(), *days, types.TimestampType(),
            types.BooleanType(), types.StringType()]


def common(one: types.DataType, other: types.DataType) -> types.DataType:
    if one == other:
        return one
    order = ["integer", "long", "decimal", "double"]
    names = [one.typeName(), other.typeName()]
    if all(name in order for name in names):
        return max(one, other, key=lambda type: order.index(type.typeName()))
    if set(names) == {"date", "timestamp"}:
        return types.TimestampType()
    return types.StringType()
