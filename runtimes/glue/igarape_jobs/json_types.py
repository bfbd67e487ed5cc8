"""The types that Spark infers for JSON values, and how those of several records merge."""

from pyspark.sql import types


class Corrupt:
    """A record that is no JSON object."""


def inferred(value) -> types.DataType:
    if isinstance(value, dict):
        fields = [types.StructField(name, inferred(item)) for name, item in sorted(value.items())]
        return types.StructType(fields)
    if isinstance(value, list):
        element: types.DataType = types.NullType()
        for item in value:
            element = merged(element, inferred(item))
        return types.ArrayType(element)
    return inferred_scalar(value)


def inferred_scalar(value) -> types.DataType:
    if value is None:
        return types.NullType()
    if isinstance(value, bool):
        return types.BooleanType()
    if isinstance(value, int):
        if -(2**63) <= value < 2**63:
            return types.LongType()
        digits = len(str(abs(value)))
        return types.DecimalType(digits, 0) if digits <= 38 else types.DoubleType()
    return types.DoubleType() if isinstance(value, float) else types.StringType()


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
        precision = max(type.precision if isinstance(type, types.DecimalType) else 20 for type in (one, other))
        return types.DecimalType(precision, 0)
    return types.StringType()
