"""How a DynamicFrame's types lie in a DataFrame, and how types of different records become one.

A choice lies as a struct with one member for each alternative, named by its type, of which at most one is not null: that is
also what `toDF` and `make_struct` give on AWS. Which structs are choices is known from the Glue type beside the DataFrame.
"""

import datetime
import decimal

from pyspark.sql import types as spark

from awsglue import gluetypes as glue

atoms = {spark.BinaryType: glue.BinaryType, spark.BooleanType: glue.BooleanType, spark.ByteType: glue.ByteType, spark.DateType: glue.DateType,
         spark.DoubleType: glue.DoubleType, spark.FloatType: glue.FloatType, spark.IntegerType: glue.IntegerType, spark.LongType: glue.LongType,
         spark.ShortType: glue.ShortType, spark.StringType: glue.StringType, spark.TimestampType: glue.TimestampType, spark.NullType: glue.NullType,
         spark.TimestampNTZType: glue.TimestampType, spark.VarcharType: glue.StringType, spark.CharType: glue.StringType}
# What is null in every record has no type that a file could hold, so it lies as a string.
spark_atoms = {**{theirs: ours for ours, theirs in atoms.items() if ours not in (spark.TimestampNTZType, spark.VarcharType, spark.CharType)},
               glue.NullType: spark.StringType, glue.UnknownType: spark.StringType, glue.EnumType: spark.StringType}


def glue_type(type: spark.DataType) -> glue.DataType:
    if isinstance(type, spark.StructType):
        return glue.StructType([glue.Field(field.name, glue_type(field.dataType)) for field in type.fields])
    if isinstance(type, spark.ArrayType):
        return glue.ArrayType(glue_type(type.elementType))
    if isinstance(type, spark.MapType):
        return glue.MapType(glue_type(type.valueType))
    if isinstance(type, spark.DecimalType):
        return glue.DecimalType(type.precision, type.scale)
    if not type.__class__ in atoms:
        raise NotImplementedError(f"awsglue: a DynamicFrame with the type {type.simpleString()} is not implemented by Igarapé.")
    return atoms[type.__class__]()


def spark_type(type: glue.DataType) -> spark.DataType:
    if isinstance(type, glue.StructType):
        return spark.StructType([spark.StructField(field.name, spark_type(field.dataType)) for field in type.fields])
    if isinstance(type, glue.ChoiceType):
        return spark.StructType([spark.StructField(name, spark_type(choice)) for name, choice in type.choices.items()])
    if isinstance(type, glue.ArrayType):
        return spark.ArrayType(spark_type(type.elementType))
    if isinstance(type, glue.MapType):
        return spark.MapType(spark.StringType(), spark_type(type.valueType))
    if isinstance(type, glue.DecimalType):
        return spark.DecimalType(type.precision, type.scale)
    return spark_atoms[type.__class__]()


def is_null(type: glue.DataType) -> bool:
    return isinstance(type, (glue.NullType, glue.UnknownType))


def merged(one: glue.DataType, other: glue.DataType) -> glue.DataType:
    """The type of a field that is `one` in some records and `other` in others."""
    if one == other or is_null(other):
        return one
    if is_null(one):
        return other
    if isinstance(one, glue.ChoiceType) or isinstance(other, glue.ChoiceType):
        alternatives = dict(one.choices if isinstance(one, glue.ChoiceType) else {one.typeName(): one})
        for choice in other.choices.values() if isinstance(other, glue.ChoiceType) else [other]:
            name = choice.typeName()
            alternatives[name] = merged(alternatives[name], choice) if name in alternatives else choice
        return glue.ChoiceType(list(alternatives.values()))
    if isinstance(one, glue.StructType) and isinstance(other, glue.StructType):
        types = {field.name: field.dataType for field in one.fields}
        for field in other.fields:
            types[field.name] = merged(types[field.name], field.dataType) if field.name in types else field.dataType
        return glue.StructType([glue.Field(name, type) for name, type in types.items()])
    if isinstance(one, glue.ArrayType) and isinstance(other, glue.ArrayType):
        return glue.ArrayType(merged(one.elementType, other.elementType))
    if isinstance(one, glue.MapType) and isinstance(other, glue.MapType):
        return glue.MapType(merged(one.valueType, other.valueType))
    if isinstance(one, glue.DecimalType) and isinstance(other, glue.DecimalType):
        scale = max(one.scale, other.scale)
        return glue.DecimalType(min(38, max(one.precision - one.scale, other.precision - other.scale) + scale), scale)
    return glue.ChoiceType([one, other])


simple = {bool: glue.BooleanType(), float: glue.DoubleType(), str: glue.StringType(), bytes: glue.BinaryType(), bytearray: glue.BinaryType(),
          datetime.datetime: glue.TimestampType(), datetime.date: glue.DateType(), type(None): glue.NullType()}


def inferred(value, hint: glue.DataType | None = None) -> glue.DataType:
    """The type of a value. One that is of its field's former type keeps that type: 5 in a field of longs is a long."""
    found = simple.get(type(value))
    if found is None:
        found = inferred_other(value, hint)
    if hint is None or found == hint:
        return found
    if isinstance(hint, glue.ChoiceType):
        return next((choice for choice in hint.choices.values() if is_kept(value, found, choice)), found)
    return hint if is_kept(value, found, hint) else found


def inferred_other(value, hint):
    if isinstance(value, int):
        if -(2**31) <= value < 2**31:
            return glue.IntegerType()
        return glue.LongType() if -(2**63) <= value < 2**63 else glue.DecimalType(38, 0)
    if isinstance(value, float):
        return glue.DoubleType()
    if isinstance(value, str):
        return glue.StringType()
    if isinstance(value, decimal.Decimal):
        digits, exponent = len(value.as_tuple().digits), value.as_tuple().exponent
        scale = max(0, -exponent)
        return glue.DecimalType(max(digits + max(0, exponent), scale, 1), scale)
    if isinstance(value, dict):
        return inferred_struct(value, hint)
    if isinstance(value, (list, tuple, set, frozenset)):
        inner = hint.elementType if isinstance(hint, glue.ArrayType) else None
        element: glue.DataType = glue.NullType()
        for item in value:
            element = merged(element, inferred(item, inner))
        return glue.ArrayType(element)
    raise TypeError(f"A record holds a {type(value).__name__}, which no field can be: {value!r:.80}")


def inferred_struct(value: dict, hint):
    if isinstance(hint, glue.MapType):
        whole: glue.DataType = glue.NullType()
        for item in value.values():
            whole = merged(whole, inferred(item, hint.valueType))
        return glue.MapType(whole)
    if isinstance(hint, glue.ChoiceType):
        hint = hint.choices.get("struct")
    known = hint.field_map if isinstance(hint, glue.StructType) else {}
    return glue.StructType([glue.Field(str(name), inferred(item, known[name].dataType if name in known else None)) for name, item in value.items()])


whole_bits = {"byte": 7, "short": 15, "int": 31, "long": 63}


def is_kept(value, found: glue.DataType, hint: glue.DataType) -> bool:
    name = hint.typeName()
    if name in whole_bits and isinstance(value, int) and not isinstance(value, bool):
        return -(2 ** whole_bits[name]) <= value < 2 ** whole_bits[name]
    if name == "decimal" and isinstance(found, glue.DecimalType):
        return found.scale <= hint.scale and found.precision - found.scale <= hint.precision - hint.scale
    return name == "float" and isinstance(value, float)


def has_choice(type: glue.DataType) -> bool:
    if isinstance(type, glue.StructType):
        return any(has_choice(field.dataType) for field in type.fields)
    if isinstance(type, glue.ArrayType):
        return has_choice(type.elementType)
    return has_choice(type.valueType) if isinstance(type, glue.MapType) else isinstance(type, glue.ChoiceType)


def tree(type: glue.DataType, name: str, depth: int = 0) -> list[str]:
    """Lines of `printSchema`."""
    indent = "|    " * depth
    lines = [f"{indent}|-- {name}: {type.typeName()}"]
    if isinstance(type, glue.StructType):
        lines += [line for field in type.fields for line in tree(field.dataType, field.name, depth + 1)]
    elif isinstance(type, glue.ArrayType):
        lines += tree(type.elementType, "element", depth + 1)
    elif isinstance(type, glue.MapType):
        lines += [f"{indent}|    |-- keyType: string", *tree(type.valueType, "valueType", depth + 1)]
    elif isinstance(type, glue.ChoiceType):
        for kind, choice in type.choices.items():
            first, *inner = tree(choice, kind, depth + 1)
            lines += [f"{indent}|    |-- {kind}", *inner]
    return lines
