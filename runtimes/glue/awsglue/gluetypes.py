"""The types of a DynamicFrame's fields, by AWS's documented names. A `ChoiceType` is a field that is of one type in some
records and of another in others.
"""

import re

from awsglue.unsupported import refuse


class DataType:
    def __init__(self, properties=None):
        self.properties = dict(properties or {})

    @classmethod
    def typeName(cls):
        return names.get(cls.__name__, cls.__name__[:-len("Type")].lower())

    def jsonValue(self):
        return {"dataType": self.typeName(), "properties": self.properties}

    def __eq__(self, other):
        return type(self) is type(other) and self._parts() == other._parts()

    def __hash__(self):
        return hash(repr(self))

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(repr(part) for part in self._parts())})"

    def _parts(self):
        return ()


names = {"IntegerType": "int"}


class AtomicType(DataType):
    @classmethod
    def fromJsonValue(cls, json_value):
        return cls(json_value.get("properties", {}))


class BinaryType(AtomicType):
    pass


class BooleanType(AtomicType):
    pass


class ByteType(AtomicType):
    pass


class DateType(AtomicType):
    pass


class DoubleType(AtomicType):
    pass


class FloatType(AtomicType):
    pass


class IntegerType(AtomicType):
    pass


class LongType(AtomicType):
    pass


class NullType(AtomicType):
    pass


class ShortType(AtomicType):
    pass


class StringType(AtomicType):
    pass


class TimestampType(AtomicType):
    pass


class UnknownType(AtomicType):
    pass


class DecimalType(AtomicType):
    def __init__(self, precision=10, scale=2, properties=None):
        super().__init__(properties)
        self.precision, self.scale = precision, scale

    @classmethod
    def fromJsonValue(cls, json_value):
        return cls(json_value.get("precision", 10), json_value.get("scale", 2), json_value.get("properties", {}))

    def jsonValue(self):
        return {**super().jsonValue(), "precision": self.precision, "scale": self.scale}

    def _parts(self):
        return self.precision, self.scale


class EnumType(AtomicType):
    def __init__(self, options, properties=None):
        super().__init__(properties)
        self.options = list(options)

    def jsonValue(self):
        return {**super().jsonValue(), "options": self.options}

    def _parts(self):
        return tuple(self.options)


class ArrayType(DataType):
    def __init__(self, elementType=None, properties=None):
        super().__init__(properties)
        self.elementType = elementType or UnknownType()

    @classmethod
    def fromJsonValue(cls, json_value):
        return cls(from_json(json_value.get("elementType", {"dataType": "unknown"})), json_value.get("properties", {}))

    def jsonValue(self):
        return {**super().jsonValue(), "elementType": self.elementType.jsonValue()}

    def _parts(self):
        return (self.elementType,)


class MapType(DataType):
    """Keys are strings."""

    def __init__(self, valueType=None, properties=None):
        super().__init__(properties)
        self.valueType = valueType or UnknownType()

    @classmethod
    def fromJsonValue(cls, json_value):
        return cls(from_json(json_value.get("valueType", {"dataType": "unknown"})), json_value.get("properties", {}))

    def jsonValue(self):
        return {**super().jsonValue(), "valueType": self.valueType.jsonValue()}

    def _parts(self):
        return (self.valueType,)


class ChoiceType(DataType):
    """At most one alternative of a name; they are kept in the order of their names."""

    def __init__(self, choices=None, properties=None):
        super().__init__(properties)
        self.choices = {}
        self.merge(choices or [])

    def add(self, new_choice):
        if new_choice.typeName() in self.choices:
            raise ValueError(f"The choice has an alternative {new_choice.typeName()} already.")
        self.choices = dict(sorted({**self.choices, new_choice.typeName(): new_choice}.items()))

    def merge(self, new_choices):
        for choice in new_choices.values() if isinstance(new_choices, dict) else new_choices:
            if choice.typeName() not in self.choices:
                self.add(choice)

    @classmethod
    def fromJsonValue(cls, json_value):
        return cls([from_json(choice) for choice in json_value.get("choices", [])], json_value.get("properties", {}))

    def jsonValue(self):
        return {**super().jsonValue(), "choices": [choice.jsonValue() for choice in self.choices.values()]}

    def _parts(self):
        return tuple(self.choices.values())


class Field:
    def __init__(self, name, dataType, properties=None):
        self.name, self.dataType, self.properties = name, dataType, dict(properties or {})

    @classmethod
    def fromJsonValue(cls, json_value):
        return cls(json_value["name"], from_json(json_value["container"]), json_value.get("properties", {}))

    def jsonValue(self):
        return {"name": self.name, "container": self.dataType.jsonValue(), "properties": self.properties}

    def __eq__(self, other):
        return isinstance(other, Field) and (self.name, self.dataType) == (other.name, other.dataType)

    def __hash__(self):
        return hash((self.name, self.dataType))

    def __repr__(self):
        return f"Field({self.name!r}, {self.dataType!r})"


class StructType(DataType):
    def __init__(self, fields=None, properties=None):
        super().__init__(properties)
        self.fields = list(fields or [])

    @property
    def field_map(self):
        return {field.name: field for field in self.fields}

    def add(self, field):
        self.fields.append(field)

    def hasField(self, field):
        return (field.name if isinstance(field, Field) else field) in self.field_map

    def getField(self, field):
        return self.field_map[field.name if isinstance(field, Field) else field]

    def __iter__(self):
        return iter(self.fields)

    @classmethod
    def fromJsonValue(cls, json_value):
        return cls([Field.fromJsonValue(field) for field in json_value.get("fields", [])], json_value.get("properties", {}))

    def jsonValue(self):
        return {**super().jsonValue(), "fields": [field.jsonValue() for field in self.fields]}

    def _parts(self):
        return tuple(self.fields)


class EntityType(DataType):
    def __init__(self, entity, base_type, properties=None):
        refuse("EntityType")


atomic = {kind.typeName(): kind for kind in (BinaryType, BooleanType, ByteType, DateType, DoubleType, FloatType, IntegerType, LongType, NullType,
                                             ShortType, StringType, TimestampType, UnknownType, DecimalType)}
collections = {kind.typeName(): kind for kind in (ArrayType, MapType, ChoiceType, StructType)}
other_names = {"integer": "int", "bigint": "long", "smallint": "short", "tinyint": "byte", "char": "string", "varchar": "string", "void": "null"}


def from_json(json_value):
    kind = {**atomic, **collections}.get(json_value["dataType"])
    return kind.fromJsonValue(json_value) if kind else refuse(f"the type {json_value['dataType']}")


def type_of(name: str) -> DataType | None:
    """A type by the name that mappings and casts give it. Names of collections without their inside say nothing: None."""
    lower = name.strip().lower()
    plain = re.sub(r"\(.*\)$", "", lower)
    plain = other_names.get(plain, plain)
    if plain == "decimal" and "(" in lower:
        numbers = [int(part) for part in lower[lower.index("(") + 1:-1].split(",")]
        return DecimalType(numbers[0], numbers[1] if len(numbers) > 1 else 0)
    if plain in atomic:
        return atomic[plain]()
    if plain in ("array", "struct", "map", "choice", "list", "object"):
        return None
    if lower.startswith(("array<", "struct<", "map<")):
        from awsglue.shapes import glue_type

        return glue_type(parsed_ddl(lower))
    return refuse(f"the type {name}")


def parsed_ddl(text: str):
    from pyspark.sql import SparkSession

    return SparkSession.builder.getOrCreate()._parse_ddl(f"c {text}").fields[0].dataType


__all__ = ["ArrayType", "AtomicType", "BinaryType", "BooleanType", "ByteType", "ChoiceType", "DataType", "DateType", "DecimalType", "DoubleType",
           "EntityType", "EnumType", "Field", "FloatType", "IntegerType", "LongType", "MapType", "NullType", "ShortType", "StringType", "StructType",
           "TimestampType", "UnknownType"]
