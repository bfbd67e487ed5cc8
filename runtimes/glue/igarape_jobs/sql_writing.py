"""Texts, names and types as SQL writes them."""

import re

from pyspark.sql import types


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quoted_name(name: str) -> str:
    """In quotes where it needs them."""
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else always_quoted(name)


def always_quoted(name: str) -> str:
    return f"`{name}`"


def written_type(type: types.DataType, name=always_quoted, word=str) -> str:
    """`name` writes the names of fields, `word` SQL's own words."""
    def inner(one: types.DataType) -> str:
        return written_type(one, name, word)

    if isinstance(type, types.StructType):
        return f"{word('struct')}<{', '.join(f'{name(field.name)}: {inner(field.dataType)}' for field in type.fields)}>"
    if isinstance(type, types.ArrayType):
        return f"{word('array')}<{inner(type.elementType)}>"
    if isinstance(type, types.MapType):
        return f"{word('map')}<{inner(type.keyType)}, {inner(type.valueType)}>"
    return word(type.simpleString())
