"""The types that Spark infers for JSON values, and how those of several records merge."""

from dataclasses import dataclass
from decimal import Decimal

from pyspark.sql import types


class Corrupt:
    """A record that is no JSON object."""


@dataclass(frozen=True)
class Inference:
    texts_only: bool = False
    prefers_decimal: bool = False

    def of(self, value) -> types.DataType:
        if isinstance(value, dict):
            return types.StructType([types.StructField(name, self.of(item)) for name, item in sorted(value.items())])
        if isinstance(value, list):
            element: types.DataType = types.NullType()
            for item in value:
                element = merged(element, self.of(item))
            return types.ArrayType(element)
        return types.StringType() if self.texts_only and value is not None else self._scalar(value)

    def _scalar(self, value) -> types.DataType:
        if value is None:
            return types.NullType()
        if isinstance(value, bool):
            return types.BooleanType()
        if isinstance(value, int):
            if -(2**63) <= value < 2**63:
                return types.LongType()
            digits = len(str(abs(value)))
            return types.DecimalType(digits, 0) if digits <= 38 else types.DoubleType()
        if isinstance(value, float):
            return self._fraction(value)
        return types.StringType()

    def _fraction(self, value) -> types.DataType:
        text = getattr(value, "text", "")
        if not self.prefers_decimal or not text:
            return types.DoubleType()
        exact = Decimal(text)
        scale = max(-exact.as_tuple().exponent, 0)
        precision = max(len(exact.as_tuple().digits), scale)
        return types.DecimalType(precision, scale) if precision <= 38 else types.DoubleType()


def merged(one: types.DataType, other: types.DataType) -> types.DataType:
    if one == other or isinstance(other, types.NullType):
        return one
    if isinstance(one, types.NullType):
        return other
    if isinstance(one, types.StructType) and isinstance(other, types.StructType):
        by_name = {field.name: field.dataType for field in one.fields}
        for field in other.fields:
            by_name[field.name] = merged(by_name[field.name], field.dataType) if field.name in by_name else field.dataType
        return types.StructType([types.StructField(name, by_name[name]) for name in sorted(by_name)])
    if isinstance(one, types.ArrayType) and isinstance(other, types.ArrayType):
        return types.ArrayType(merged(one.elementType, other.elementType))
    return merged_numbers(one, other)


def merged_numbers(one: types.DataType, other: types.DataType) -> types.DataType:
    names = {one.typeName(), other.typeName()}
    if "double" in names and names <= {"long", "double", "decimal"}:
        return types.DoubleType()
    if names <= {"long", "decimal"}:
        pairs = [(type.precision, type.scale) if isinstance(type, types.DecimalType) else (20, 0) for type in (one, other)]
        scale = max(scale for _, scale in pairs)
        precision = max(precision - own for precision, own in pairs) + scale
        return types.DecimalType(precision, scale) if precision <= 38 else types.DoubleType()
    return types.StringType()
