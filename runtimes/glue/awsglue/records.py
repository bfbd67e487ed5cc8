"""Records, which are dicts, out of a frame and into one. On the way in each field's type is that of its values: what is of
several types becomes a choice. Records never lie in memory all at once: they go through Parquet files of the run's own.
"""

import pyarrow
import pyarrow.parquet

from awsglue import gluetypes as glue
from awsglue.shapes import inferred, merged, spark_type
from igarape_jobs.paths import Found
from igarape_jobs.pieces import Piece, arrow_schema

chunk_rows = 20_000


class DynamicRecord(dict):
    """A record as functions of a script see it: its fields by name, with no alternatives of a choice but the one it has."""


def records_of(engine, frame, type: glue.StructType):
    """All records of a DataFrame whose columns are of the fields' types."""
    decode = decoder(type) or (lambda record: record)
    for table in engine.batches(frame, arrow_schema(spark_type(type))):
        for record in table.to_pylist():
            yield DynamicRecord(decode(record))


def decoder(type: glue.DataType):
    """What turns a value as it lies into the value that it means; None where they are the same."""
    if isinstance(type, glue.StructType):
        inner = {field.name: decode for field in type.fields if (decode := decoder(field.dataType))}
        if not inner:
            return None
        return lambda value: value and {name: inner[name](item) if name in inner else item for name, item in value.items()}
    if isinstance(type, glue.ChoiceType):
        choices = {name: decoder(choice) or same for name, choice in type.choices.items()}
        return lambda value: value and next((choices[name](item) for name, item in value.items() if item is not None), None)
    if isinstance(type, glue.ArrayType):
        item_of = decoder(type.elementType)
        return item_of and (lambda value: value and [item_of(item) for item in value])
    if isinstance(type, glue.MapType):
        item_of = decoder(type.valueType) or same
        return lambda value: None if value is None else {key: item_of(item) for key, item in value}
    return None


def same(value):
    return value


def encoder(type: glue.DataType):
    """The other way; types of the values fit, as they were inferred from them."""
    if isinstance(type, glue.StructType):
        return struct_encoder(type)
    if isinstance(type, glue.ChoiceType):
        return choice_encoder(type)
    if isinstance(type, glue.ArrayType):
        item_of = encoder(type.elementType)
        return lambda value: None if value is None else [item_of(item) for item in value]
    if isinstance(type, glue.MapType):
        item_of = encoder(type.valueType)
        return lambda value: None if value is None else [(str(key), item_of(item)) for key, item in value.items()]
    if isinstance(type, (glue.NullType, glue.UnknownType)):
        return lambda value: None
    if isinstance(type, (glue.FloatType, glue.DoubleType)):
        return lambda value: None if value is None else float(value)
    return same


def struct_encoder(type: glue.StructType):
    inner = [(field.name, encoder(field.dataType)) for field in type.fields]
    return lambda value: None if value is None else {name: encode(value.get(name)) for name, encode in inner}


def choice_encoder(type: glue.ChoiceType):
    choices = {name: encoder(choice) for name, choice in type.choices.items()}

    def encode(value):
        if value is None:
            return None
        name = inferred(value, type).typeName()
        return None if name == "null" else {name: choices[name](value)}

    return encode


class RecordSpool:
    """Takes records one by one and becomes a frame of them. `hints` are the types that fields had before; those of `kept`
    stay even if no record has a value for them."""

    def __init__(self, engine, hints: glue.StructType | None = None, kept: glue.StructType | None = None):
        self._engine = engine
        self._hints = hints or glue.StructType()
        self._known = self._hints.field_map
        self._type = kept or glue.StructType()
        self._records: list[dict] = []
        self._chunks: list[tuple[Piece, glue.StructType]] = []
        self._folder = None
        self._files = 0

    def add(self, record: dict) -> None:
        self._records.append(record)
        if len(self._records) == chunk_rows:
            self._flush()

    def frame(self):
        """The DataFrame and its type."""
        self._flush()
        type, engine = self._type, self._engine
        pieces = [piece if found == type else self._rewritten(piece, found, type) for piece, found in self._chunks]
        data = spark_type(type)
        if not data.fields:
            return engine.session.createDataFrame([], "__none string").drop("__none"), type
        return engine.reader._scan(data, [[piece] for piece in pieces], Found([]), {}, []), type

    def _flush(self) -> None:
        if not self._records:
            return
        type = column_types(self._records, self._known)
        self._type = merged(self._type, type)
        self._chunks.append((self._write(self._records, type), type))
        self._records = []

    def _write(self, records: list[dict], type: glue.StructType) -> Piece:
        self._folder = self._folder or self._engine.new_folder("records")
        self._files += 1
        path = self._folder / f"{self._files:06d}.parquet"
        columns, schema = [], arrow_schema(spark_type(type))
        for field, arrow in zip(type.fields, schema):
            encode, name = encoder(field.dataType), field.name
            columns.append(pyarrow.array([encode(record.get(name)) for record in records], arrow.type))
        # Records without any field still count, once others have fields.
        empty = {"__none": pyarrow.nulls(len(records), pyarrow.string())}
        table = pyarrow.Table.from_arrays(columns, schema=schema) if columns else pyarrow.table(empty)
        pyarrow.parquet.write_table(table, path, compression="none", use_dictionary=False, write_statistics=False)
        return Piece(path, len(records))

    def _rewritten(self, piece: Piece, found: glue.StructType, type: glue.StructType) -> Piece:
        decode = decoder(found) or same
        return self._write([decode(record) for record in pyarrow.parquet.read_table(piece.path).to_pylist()], type)


def column_types(records: list[dict], known: dict[str, glue.Field]) -> glue.StructType:
    """The types of all fields, a column at a time: most columns' values are of one Python type."""
    types: dict[str, glue.DataType] = {}
    for name in dict.fromkeys(name for record in records for name in record):
        hint = known[name].dataType if name in known else None
        values = [record.get(name) for record in records]
        kinds = set(map(type, values)) - {type(None)}
        if len(kinds) == 1 and kinds <= {str, bool, float, bytes}:
            values = [next(value for value in values if value is not None)]
        elif kinds == {int}:
            whole = [value for value in values if value is not None]
            values = [min(whole), max(whole), min(whole, key=abs)]
        found: glue.DataType = glue.NullType() if not kinds and hint is None else hint if not kinds else glue.NullType()
        for value in values:
            found = merged(found, inferred(value, hint)) if value is not None else found
        types[str(name)] = found
    return glue.StructType([glue.Field(name, type) for name, type in types.items()])
