"""Typed columns to text, as Spark's CSV and JSON writers show them: Java's doubles, ISO times, plain decimals."""

import base64
import datetime
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow
import pyarrow.compute as compute


def java_double(value: float, digits: int = 17) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    size = abs(value)
    if size == 0 or 1e-3 <= size < 1e7:
        return repr(value)
    mantissa, _, exponent = f"{Decimal(repr(value)):E}".partition("E")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"


def iso_timestamp(value: datetime.datetime) -> str:
    text = value.isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def column_text(column: pyarrow.Array, zone: str, date_text=None, timestamp_text=None) -> pyarrow.Array:
    """Text of each value; null stays null. Only for types that a CSV column may have."""
    type = column.type
    if pyarrow.types.is_string(type) or pyarrow.types.is_large_string(type):
        return column.cast(pyarrow.string())
    if pyarrow.types.is_integer(type) or pyarrow.types.is_boolean(type):
        return column.cast(pyarrow.string())
    if pyarrow.types.is_floating(type):
        return unique_text(column, java_double if type.bit_width == 64 else lambda value: java_double(short_float(value)))
    if pyarrow.types.is_decimal(type):
        return unique_text(column, lambda value: format(value, "f"))
    if pyarrow.types.is_date(type):
        return unique_text(column, date_text) if date_text else column.cast(pyarrow.string())
    if pyarrow.types.is_timestamp(type):
        local = column.cast(pyarrow.timestamp("us", zone)) if type.tz else column
        return unique_text(local, timestamp_text or iso_timestamp)
    raise NotImplementedError(f"[UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE] The CSV datasource doesn't support a column of the type {type}.")


def short_float(value: float) -> float:
    import numpy

    return float(str(numpy.float32(value)))


def unique_text(column: pyarrow.Array, show) -> pyarrow.Array:
    encoded = column.dictionary_encode()
    texts = pyarrow.array([None if value is None else show(value) for value in encoded.dictionary.to_pylist()], pyarrow.string())
    return texts.take(encoded.indices)


def json_value(value, type: pyarrow.DataType, texts: "JsonTexts"):
    """A value for `json.dumps`; maps are objects, and null fields of structs are left out unless they are asked for."""
    if value is None:
        return None
    if pyarrow.types.is_struct(type):
        fields = [(field.name, json_value(value.get(field.name), field.type, texts)) for field in type]
        return {name: item for name, item in fields if item is not None or texts.keeps_nulls}
    if pyarrow.types.is_map(type):
        return {map_key(key): json_value(item, type.item_type, texts) for key, item in value}
    if pyarrow.types.is_list(type):
        return [json_value(item, type.value_type, texts) for item in value]
    if isinstance(value, datetime.datetime):
        return (texts.timestamp or iso_timestamp)(value.astimezone(ZoneInfo(texts.zone)) if value.tzinfo else value)
    if isinstance(value, datetime.date):
        return (texts.date or datetime.date.isoformat)(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return java_double(value)
    if isinstance(value, float) and type.bit_width == 32:
        return Number(short_float(value))
    return Number(value) if isinstance(value, (float, Decimal)) else value


def map_key(key) -> str:
    return str(key).lower() if isinstance(key, bool) else java_double(key) if isinstance(key, float) else str(key)


@dataclass(frozen=True)
class JsonTexts:
    """How JSON shows what it has no form for."""

    zone: str
    keeps_nulls: bool = False
    date: Callable | None = None
    timestamp: Callable | None = None


class Number(float):
    """`json` prints floats by their repr."""

    def __new__(cls, value):
        number = super().__new__(cls, value)
        number.text = format(value, "f") if isinstance(value, Decimal) else java_double(value)
        return number

    def __repr__(self) -> str:
        return self.text


def json_columns(table: pyarrow.Table, texts: JsonTexts) -> pyarrow.Array:
    """One JSON object a row, flat columns by Arrow alone."""
    parts: list[pyarrow.Array] = []
    for name, column in zip(table.column_names, table.columns):
        key = f",{json.dumps(name, ensure_ascii=False)}:"
        values = value_texts(pyarrow.concat_arrays(column.chunks), texts)
        parts.append(compute.binary_join_element_wise(key, values.fill_null("null") if texts.keeps_nulls else values, "").fill_null(""))
    if not parts:
        return pyarrow.array(["{}"] * table.num_rows)
    # Not by null_handling="skip", which loses rows of nulls alone.
    body = compute.utf8_slice_codeunits(compute.binary_join_element_wise(*parts, ""), 1)
    return compute.binary_join_element_wise("{", body, "}", "")


def value_texts(column: pyarrow.Array, texts: JsonTexts) -> pyarrow.Array:
    type = column.type
    if pyarrow.types.is_integer(type) or pyarrow.types.is_boolean(type):
        return column.cast(pyarrow.string())
    if pyarrow.types.is_decimal(type):
        return column_text(column, texts.zone)
    if pyarrow.types.is_floating(type):
        shown = column_text(column, texts.zone)
        special = compute.is_in(shown, pyarrow.array(["NaN", "Infinity", "-Infinity"]))
        return compute.if_else(special, compute.binary_join_element_wise('"', shown, '"', ""), shown)
    if pyarrow.types.is_date(type) or pyarrow.types.is_timestamp(type):
        return compute.binary_join_element_wise('"', column_text(column, texts.zone, texts.date, texts.timestamp), '"', "")
    if pyarrow.types.is_string(type):
        return unique_text(column, lambda value: json.dumps(value, ensure_ascii=False))
    values = [None if value is None else json.dumps(json_value(value, type, texts), ensure_ascii=False, separators=(",", ":"))
              for value in column.to_pylist()]
    return pyarrow.array(values, pyarrow.string())
