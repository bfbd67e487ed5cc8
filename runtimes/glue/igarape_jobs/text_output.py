"""Typed columns to text, as Spark's CSV and JSON writers show them: Java's doubles, ISO times, plain decimals."""

import datetime
import json
import math
from decimal import Decimal

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


def json_value(value, zone: str):
    """A value for `json.dumps`: null fields of structs are left out, as Spark leaves them out."""
    if isinstance(value, dict):
        return {key: json_value(item, zone) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [json_value(item, zone) for item in value]
    if isinstance(value, datetime.datetime):
        return iso_timestamp(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode()
    return Number(value) if isinstance(value, (float, Decimal)) else value


class Number(float):
    """`json` prints floats by their repr."""

    def __new__(cls, value):
        number = super().__new__(cls, value)
        number.text = format(value, "f") if isinstance(value, Decimal) else java_double(value)
        return number

    def __repr__(self) -> str:
        return self.text


def json_columns(table: pyarrow.Table, zone: str) -> pyarrow.Array:
    """One JSON object a row, flat columns by Arrow alone."""
    parts: list[pyarrow.Array] = []
    for name, column in zip(table.column_names, table.columns):
        key = json.dumps(name, ensure_ascii=False) + ":"
        parts.append(compute.binary_join_element_wise(key, value_texts(pyarrow.concat_arrays(column.chunks), zone), ""))
    if not parts:
        return pyarrow.array(["{}"] * table.num_rows)
    body = compute.binary_join_element_wise(*parts, ",", null_handling="skip")
    return compute.binary_join_element_wise("{", body, "}", "")


def value_texts(column: pyarrow.Array, zone: str) -> pyarrow.Array:
    type = column.type
    if pyarrow.types.is_integer(type) or pyarrow.types.is_boolean(type):
        return column.cast(pyarrow.string())
    if pyarrow.types.is_decimal(type):
        return column_text(column, zone)
    if pyarrow.types.is_floating(type):
        texts = column_text(column, zone)
        special = compute.is_in(texts, pyarrow.array(["NaN", "Infinity", "-Infinity"]))
        return compute.if_else(special, compute.binary_join_element_wise('"', texts, '"', ""), texts)
    if pyarrow.types.is_date(type) or pyarrow.types.is_timestamp(type):
        return compute.binary_join_element_wise('"', column_text(column, zone), '"', "")
    if pyarrow.types.is_string(type):
        return unique_text(column, lambda value: json.dumps(value, ensure_ascii=False))
    values = [None if value is None else json.dumps(json_value(value, zone), ensure_ascii=False, separators=(",", ":"))
              for value in column.to_pylist()]
    return pyarrow.array(values, pyarrow.string())
