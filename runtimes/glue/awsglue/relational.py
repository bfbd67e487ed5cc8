"""Nested records made flat: `relationalize`, `unnest`, `unbox`, and DynamoDB's own JSON made plain."""

import csv
import io
import json

from awsglue import gluetypes as glue
from awsglue.fields import Column, members
from awsglue.records import RecordSpool, records_of
from awsglue.unsupported import refuse


def unnested(columns: list[Column]) -> list[Column]:
    """Structs become their fields, named `struct.field`; arrays stay."""
    out = []
    for column in columns:
        if isinstance(column.type, glue.StructType):
            out += unnested([Column(f"{column.name}.{inner.name}", inner.value, inner.type) for inner in members(column)])
        else:
            out.append(column)
    return out


class Relationalizer:
    """A table for the root and one for each array, which the tables above it refer to by a number in the array's place. Rows
    are made one by one, so that a number and what it stands for come from the same look at the data."""

    def __init__(self, engine, root: str, type: glue.StructType):
        self._engine = engine
        self._root = root
        self._tables: dict[str, RecordSpool] = {}
        self._next: dict[str, int] = {}
        self._plan(root, type)

    def _plan(self, table: str, type: glue.StructType) -> None:
        flat: list[glue.Field] = []
        arrays: list[tuple[str, glue.DataType]] = []
        flatten_type("", type, flat, arrays)
        shape = glue.StructType(flat)
        self._tables[table] = RecordSpool(self._engine, hints=shape, kept=shape)
        for name, element in arrays:
            item = glue.StructType([glue.Field(f"{name}.val", element)])
            self._plan(self._table_of(name), glue.StructType([glue.Field("id", glue.LongType()), glue.Field("index", glue.IntegerType()), *item]))

    def _table_of(self, column: str) -> str:
        return f"{self._root}_{column}"

    def add(self, record: dict) -> None:
        self._add(self._root, record)

    def _add(self, table: str, record: dict) -> None:
        row: dict = {}
        self._flatten("", record, row)
        self._tables[table].add(row)

    def _flatten(self, prefix: str, record: dict, row: dict) -> None:
        for name, value in record.items():
            column = f"{prefix}{name}"
            if isinstance(value, dict):
                self._flatten(f"{column}.", value, row)
            elif isinstance(value, list) and self._table_of(column) in self._tables:
                row[column] = self._pivoted(column, value)
            elif value is not None:
                row[column] = value

    def _pivoted(self, column: str, items: list) -> int:
        table = self._table_of(column)
        number = self._next[column] = self._next.get(column, 0) + 1
        for index, item in enumerate(items):
            self._add(table, {"id": number, "index": index, f"{column}.val": item})
        return number

    def frames(self) -> dict[str, tuple]:
        return {name: spool.frame() for name, spool in self._tables.items()}


def flatten_type(prefix: str, type: glue.StructType, flat: list[glue.Field], arrays: list) -> None:
    for field in type.fields:
        name = f"{prefix}{field.name}"
        choices = field.dataType.choices if isinstance(field.dataType, glue.ChoiceType) else {field.dataType.typeName(): field.dataType}
        if "struct" in choices:
            flatten_type(f"{name}.", choices["struct"], flat, arrays)
        if "array" in choices:
            arrays.append((name, choices["array"].elementType))
        left = [choice for kind, choice in choices.items() if kind not in ("struct", "array")]
        if any(isinstance(choice, glue.MapType) for choice in left):
            refuse(f"relationalize of a frame with a map ({name})")
        left += [glue.LongType()] if "array" in choices else []
        if left:
            flat.append(glue.Field(name, left[0] if len(left) == 1 else glue.ChoiceType(left)))


def unboxed(engine, frame, type: glue.StructType, path: list[str], format: str, options: dict):
    """The text at a path parsed to what it says. Gives the frame, its type, and the records that could not be parsed."""
    read = unboxing(format, options)
    spool, failed = RecordSpool(engine, hints=type), []
    for record in records_of(engine, frame, type):
        try:
            spool.add(replaced(record, path, read))
        except (ValueError, KeyError) as error:
            failed.append((dict(record), error))
    return *spool.frame(), failed


def unboxing(format: str, options: dict):
    if format == "json":
        for name in options:
            refuse(f"unbox of json with the option {name}")
        return json.loads
    if format != "csv":
        return refuse(f"unbox with format={format!r}")
    for name in set(options) - {"separator", "escaper", "quoteChar"}:
        refuse(f"unbox of csv with the option {name}")
    dialect = {"delimiter": options.get("separator", ","), "escapechar": options.get("escaper"), "quotechar": options.get("quoteChar", '"')}
    return lambda text: {f"col{index}": value for index, value in enumerate(next(csv.reader(io.StringIO(text), **dialect), []))}


def replaced(record: dict, path: list[str], read) -> dict:
    name, rest = path[0], path[1:]
    value = record.get(name)
    if value is None:
        return record
    return {**record, name: replaced(value, rest, read) if rest else read(value)}


# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
marks = {"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"}


def plain(value):
    """A value of DynamoDB's JSON, `{"S": "text"}`, as what it describes. Numbers stay the text that they are there, and lists
    of maps or of several types stay as they are."""
    if not isinstance(value, dict):
        return value
    # Read into a frame, a value of one mark has null members for those that the same field has in other records.
    given = {name: item for name, item in value.items() if item is not None}
    if len(given) != 1 or not set(value) <= marks:
        return {name: plain(item) for name, item in value.items()}
    (mark, inner), = given.items()
    if mark == "M":
        return {name: plain(item) for name, item in inner.items()}
    if mark == "L":
        kinds = {name for item in inner for name, part in item.items() if part is not None}
        return [plain(item) for item in inner] if len(kinds) == 1 and "M" not in kinds else inner
    return None if mark == "NULL" else inner


def simplified(record: dict) -> dict:
    """An export of DynamoDB holds each record in `Item`."""
    whole = {name: item for name, item in record.items() if item is not None}
    inner = whole["Item"] if isinstance(whole.get("Item"), dict) and len(whole) == 1 else whole
    return {name: plain(item) for name, item in inner.items()}


def flattened(record: dict, prefix: str = "") -> dict:
    """Structs' fields at the top, their names joined with dots."""
    out: dict = {}
    for name, value in record.items():
        out.update(flattened(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value})
    return out
