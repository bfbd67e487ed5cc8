"""The types that Spark gives partition columns, from the text of their values in folder names."""

import datetime
import re
from decimal import Decimal

from pyspark.sql import types

number = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?|NaN|[+-]?Infinity")
timestamp = re.compile(r"\d{4}-\d{1,2}-\d{1,2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?")


def infer_type(texts: list[str | None]) -> types.DataType:
    found: types.DataType | None = None
    for text in {text for text in texts if text is not None}:
        found = wider(found, type_of(text)) if found else type_of(text)
    return found or types.StringType()


def type_of(text: str) -> types.DataType:
    if re.fullmatch(r"[+-]?\d+", text):
        value = int(text)
        if -(2**31) <= value < 2**31:
            return types.IntegerType()
        if -(2**63) <= value < 2**63:
            return types.LongType()
        if len(text.lstrip("+-0")) <= 38:
            return types.DecimalType(max(len(text.lstrip("+-0")), 1), 0)
    if number.fullmatch(text):
        return types.DoubleType()
    if timestamp.fullmatch(text):
        return types.TimestampType() if is_iso(text, datetime.datetime) else types.StringType()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) and is_iso(text, datetime.date):
        return types.DateType()
    return types.StringType()


def is_iso(text: str, kind: type) -> bool:
    try:
        kind.fromisoformat(text)
    except ValueError:
        return False
    return True


def wider(one: types.DataType, other: types.DataType) -> types.DataType:
    """Two types in one column. Long and double meet in a string: a double does not hold every long."""
    if one == other:
        return one
    names = {one.typeName(), other.typeName()}
    if names <= {"integer", "long"}:
        return types.LongType()
    if names <= {"integer", "double"}:
        return types.DoubleType()
    if "decimal" in names and names <= {"integer", "long", "decimal"}:
        precision = max(t.precision if isinstance(t, types.DecimalType) else 20 for t in (one, other))
        return types.DecimalType(min(precision, 38), 0)
    if names == {"date", "timestamp"}:
        return types.TimestampType()
    return types.StringType()


def as_text(value) -> str | None:
    """A partition value as Spark writes it into a folder's name, before escaping."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        text = value.strftime("%Y-%m-%d %H:%M:%S")
        return text + f".{value.microsecond:06d}".rstrip("0") if value.microsecond else text
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def escape(text: str | None) -> str:
    """Hive's escaping of a folder name; null and the empty string have a name of their own."""
    if not text:
        return "__HIVE_DEFAULT_PARTITION__"
    return re.sub(r"[\x00-\x1f\x7f\"#%'*/:=?\\{\[\]^]", lambda match: f"%{ord(match[0]):02X}", text)
