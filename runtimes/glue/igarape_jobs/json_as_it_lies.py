"""JSON files that the engine's own parser reads as Spark's does: one flat object a line, its fields in one order, each value of its
field's type. Such files are looked through once and scanned as they lie; the engine then parses the fields that are asked for."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pyarrow
from pyspark.sql import types

from igarape_jobs.csv_as_it_lies import are_large, is_packed
from igarape_jobs.json_chunks import NotPlain, parse, spark_type, without_nulls
from igarape_jobs.json_types import merged
from igarape_jobs.line_shapes import LineShape, rows_of_file
from igarape_jobs.pieces import Piece

# How often another type of a field may turn up before the file is parsed whole.
guesses_max = 4
# The pattern has each field after each other that may be the first of its line.
fields_max = 40
sample_bytes = 256 << 10

# Half of a character, as `\ud83d` is, is not one to every parser; nor is what stands for no character at all.
escape = r'\\(?:["\\/bfnrt]|u(?:00(?:0[1-9a-fA-F]|[1-9a-fA-F][0-9a-fA-F])|0[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-Ce-fE-F][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}))'
text = rf'"(?:[^"\\\x00-\x1f]|{escape})*"'
whole = r"-?(?:0|[1-9][0-9]{{0,{}}})"
# By type: so many digits always fit.
values = {
    types.StringType: text,
    types.LongType: whole.format(17),
    types.IntegerType: whole.format(8),
    types.ShortType: whole.format(3),
    types.ByteType: whole.format(1),
    types.DoubleType: whole.format(17) + r"(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,2})?",
    types.BooleanType: "true|false",
    types.NullType: "null",
}


def read(files: list[tuple[Path, str]], given: types.StructType | None) -> tuple[types.StructType, list[list[Piece]]] | None:
    """None where a file is to be parsed here."""
    if not are_large(files) or any(is_packed(name) for _, name in files):
        return None
    try:
        return looked_through(files, given)
    except (NotPlain, ValueError):
        # ValueError: Arrow takes two objects in a line, or one over two.
        return None


def looked_through(files: list[tuple[Path, str]], given: types.StructType | None) -> tuple[types.StructType, list[list[Piece]]]:
    guess = Guess(given)
    guess.learn(sample_of(files[0][0]))
    for _ in range(guesses_max):
        shape, odd = LineShape(guess.line()), []

        def rows_of(part: pyarrow.Buffer) -> int | None:
            rows = shape.rows(part)
            if rows is None:
                odd.append(part)
            return rows

        pieces = [[Piece(path, rows_of_file(path, rows_of) or 0, "json")] for path, _ in files if not odd]
        if not odd:
            return guess.schema(), pieces
        guess.learn(odd[0].to_pybytes())
    raise NotPlain


def sample_of(path: Path) -> bytes:
    with open(path, "rb") as file:
        head = file.read(sample_bytes)
    return head[: head.rfind(b"\n") + 1]


class Guess:
    """What is known of the fields, in the order in which they came."""

    def __init__(self, given: types.StructType | None):
        self._given = given
        self._fields = {field.name: field.dataType for field in given.fields} if given else {}
        self._found: dict[str, types.DataType] = {}
        self._order: list[str] = []

    def learn(self, chunk: bytes) -> None:
        """Errors: NotPlain, where nothing new is in it."""
        before = dict(self._found)
        for name, kind in fields_of(chunk).items():
            self._found[name] = merged(self._found[name], kind) if name in self._found else kind
        kinds = {**self._found, **self._fields}
        is_clear = len({name.lower() for name in kinds}) == len(kinds) <= fields_max
        if not is_clear or self._found == before or any(type(kind) not in values for kind in kinds.values()):
            raise NotPlain
        for line in chunk.splitlines():
            place(self._order, json.loads(line))

    def schema(self) -> types.StructType:
        return self._given or without_nulls(types.StructType([types.StructField(name, self._found[name]) for name in sorted(self._found)]))

    def line(self) -> str:
        """Each field may be missing; which is the first decides where the commas are."""
        pairs = [f' *"{re.escape(name)}" *: *(?:{values[type(kind)]}|null) *' for name, kind in self._kinds().items()]
        first = [pair + "".join(f"(?:,{later})?" for later in pairs[index + 1:]) for index, pair in enumerate(pairs)]
        return r"\{(?:" + "|".join([*first, " *"]) + r")\} *"

    def _kinds(self) -> dict[str, types.DataType]:
        in_order = {name: self._found[name] for name in self._order}
        return {**in_order, **self._fields}


def place(order: list[str], names: Iterable[str]) -> None:
    """A name that is new stands after the one before it."""
    at = 0
    for name in names:
        if name not in order:
            order.insert(at, name)
        at = order.index(name) + 1


def fields_of(chunk: bytes) -> dict[str, types.DataType]:
    try:
        found = parse(chunk, None, "infer").schema
    except pyarrow.ArrowInvalid:
        raise NotPlain from None
    if any('"' in name or "\\" in name or name < " " for name in found.names):
        raise NotPlain
    return {field.name: spark_type(field.type) for field in found}
