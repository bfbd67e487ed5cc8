"""Fields of a frame at any depth: found by a path, and changed by rebuilding the structs and arrays around them."""

import re
from dataclasses import dataclass

from pyspark.sql import functions

from awsglue import gluetypes as glue
from awsglue.shapes import is_null, spark_type
from awsglue.unsupported import refuse


@dataclass
class Column:
    """A field: what the engine computes, and the type it has."""

    name: str
    value: object
    type: glue.DataType


def path_of(text: str, columns: list[Column] = ()) -> list[str]:
    """`a.b`, `list[].price`, and backticks around names with dots; a text that is a column's whole name means that column."""
    if any(column.name == text for column in columns):
        return [text]
    parts = []
    for quoted, plain in re.findall(r"`([^`]*)`|([^.`]+)", text):
        name = quoted or plain
        bare = re.sub(r"(\[\])+$", "", name) if not quoted else name
        parts += [bare] if bare else []
        parts += ["[]"] * ((len(name) - len(bare)) // 2)
    return parts


def columns_of(frame, type: glue.StructType) -> list[Column]:
    return [Column(field.name, frame[quoted(field.name)], field.dataType) for field in type.fields]


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def member(value, name: str):
    """A struct's member. The engine would give 0 for members of a struct that is null."""
    return functions.when(value.isNotNull(), value.getField(name))


def struct_of(value, columns: list[Column]):
    """A struct of the columns that is null where the one it was made of is."""
    return functions.when(value.isNotNull(), functions.struct(*[column.value.alias(column.name) for column in columns]))


def members(column: Column) -> list[Column]:
    if isinstance(column.type, glue.StructType):
        return [Column(field.name, member(column.value, field.name), field.dataType) for field in column.type.fields]
    return [Column(name, member(column.value, name), choice) for name, choice in column.type.choices.items()]


def find(columns: list[Column], path: list[str], case_sensitive: bool = True) -> Column | None:
    """The field at a path through structs; None where no record has it."""
    if "[]" in path:
        refuse(f"a field inside of an array here ({'.'.join(path)})")
    for index, name in enumerate(path):
        found = [column for column in columns if column.name == name or not case_sensitive and column.name.lower() == name.lower()]
        if not found:
            return None
        if index == len(path) - 1:
            return found[0]
        if isinstance(found[0].type, glue.ChoiceType) and "struct" in found[0].type.choices:
            found = [column for column in members(found[0]) if column.name == "struct"]
        if not isinstance(found[0].type, glue.StructType):
            return None
        columns = members(found[0])
    return None


def edit(columns: list[Column], path: list[str], change) -> list[Column]:
    """`change` gives the fields that stand in place of the one at the path: none, one or several."""
    out = []
    for column in columns:
        if column.name != path[0]:
            out.append(column)
        elif len(path) == 1:
            out += change(column)
        else:
            out += inside(column, path[1:], change)
    return out


def inside(column: Column, path: list[str], change) -> list[Column]:
    if isinstance(column.type, glue.StructType):
        changed = edit(members(column), path, change)
        return [rebuilt(column, changed)] if changed else []
    if isinstance(column.type, glue.ArrayType) and path[0] == "[]":
        types: list[glue.DataType] = []

        def element(value):
            changed = edit([Column("[]", value, column.type.elementType)], path, change)
            if len(changed) != 1:
                refuse("several fields in place of an array's element")
            types.append(changed[0].type)
            return changed[0].value

        return [Column(column.name, functions.transform(column.value, element), glue.ArrayType(types[0]))]
    return [column]


def rebuilt(column: Column, columns: list[Column]) -> Column:
    type = glue.StructType([glue.Field(inner.name, inner.type) for inner in columns])
    return Column(column.name, struct_of(column.value, columns), type)


def put(columns: list[Column], path: list[str], value, type: glue.DataType) -> list[Column]:
    """The fields with one more at a path; structs on the way are made where they are not."""
    name, rest = path[0], path[1:]
    there = next((column for column in columns if column.name == name), None)
    if not rest:
        made = Column(name, value, type)
        return [made if column is there else column for column in columns] if there else [*columns, made]
    if there and not isinstance(there.type, glue.StructType):
        refuse(f"a field below {name}, which is no struct")
    inner = put(members(there) if there else [], rest, value, type)
    struct = functions.struct(*[column.value.alias(column.name) for column in inner])
    made = Column(name, struct, glue.StructType([glue.Field(column.name, column.type) for column in inner]))
    return [made if column is there else column for column in columns] if there else [*columns, made]


def cast(column: Column, type: glue.DataType) -> Column:
    """A value as another type; null where it cannot be. Of a choice, whichever alternative there is."""
    if column.type == type:
        return column
    if isinstance(column.type, glue.ChoiceType):
        whole = [cast(inner, type).value for inner in members(column)]
        return Column(column.name, functions.coalesce(*whole), type)
    target = spark_type(type)
    if is_null(column.type):
        return Column(column.name, functions.lit(None).cast(target), type)
    nested = (glue.StructType, glue.ArrayType, glue.MapType)
    if isinstance(column.type, nested) and isinstance(type, glue.StringType):
        return Column(column.name, functions.to_json(column.value), type)
    if isinstance(column.type, nested) or isinstance(type, nested):
        refuse(f"a cast of {column.name} from {column.type.typeName()} to {type.typeName()}")
    return Column(column.name, column.value.cast(target), type)


def widened(column: Column, type: glue.DataType) -> Column:
    """The same values as they lie under a type that theirs was merged into."""
    if column.type == type:
        return column
    if is_null(column.type):
        return Column(column.name, functions.lit(None).cast(spark_type(type)), type)
    if isinstance(type, glue.ChoiceType):
        given = members(column) if isinstance(column.type, glue.ChoiceType) else [Column(column.type.typeName(), column.value, column.type)]
        return Column(column.name, struct_of(column.value, completed(given, type.choices)), type)
    if isinstance(type, glue.StructType):
        wanted = {field.name: field.dataType for field in type.fields}
        return Column(column.name, struct_of(column.value, completed(members(column), wanted)), type)
    if isinstance(type, glue.ArrayType):
        value = functions.transform(column.value, lambda item: widened(Column("", item, column.type.elementType), type.elementType).value)
        return Column(column.name, value, type)
    return Column(column.name, column.value.cast(spark_type(type)), type)


def completed(columns: list[Column], wanted: dict[str, glue.DataType]) -> list[Column]:
    """The wanted fields in their order; those that are not there are null."""
    there = {column.name: column for column in columns}
    return [widened(there[name], type) if name in there else Column(name, functions.lit(None).cast(spark_type(type)), type)
            for name, type in wanted.items()]


def choice_paths(type: glue.DataType, path: tuple[str, ...] = ()) -> list[list[str]]:
    """Where a type has choices, the deepest first."""
    if isinstance(type, glue.StructType):
        return [found for field in type.fields for found in choice_paths(field.dataType, (*path, field.name))]
    if isinstance(type, glue.ArrayType):
        return choice_paths(type.elementType, (*path, "[]"))
    return [list(path)] if isinstance(type, glue.ChoiceType) else []
