"""Avro's object container files, read and written by https://avro.apache.org/docs/1.8.2/spec.html."""

import bz2
import datetime
import decimal
import json
import lzma
import struct
import uuid
import zlib

import pyarrow

from awsglue.unsupported import refuse

magic = b"Obj\x01"
epoch_day, epoch = datetime.date(1970, 1, 1), datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Avro:
    def __init__(self, given: dict):
        options = {name.lower(): value for name, value in given.items()}
        for name in set(options) - {"version"}:
            refuse(f"format avro with the option {name}")
        # Logical types are read from version 1.8 on.
        self._is_logical = str(options.get("version", "1.7")) != "1.7"

    def records(self, stream):
        data = Bytes(stream.read())
        if data.take(4) != magic:
            yield "", ValueError("The file is no Avro container.")
            return
        header = read_map(data, lambda source: source.take(source.long()))
        mark = data.take(16)
        named: dict = {}
        read = reader(json.loads(header["avro.schema"]), named, self._is_logical)
        codec = header.get("avro.codec", b"null").decode()
        while not data.is_over():
            count, block = data.long(), data.take(data.long())
            if data.take(16) != mark:
                raise ValueError("A block of the Avro file is broken.")
            source = Bytes(unpacked(block, codec))
            for _ in range(count):
                value = read(source)
                yield value if isinstance(value, dict) else (str(value)[:1000], ValueError("A record of the Avro file is no record."))


class Bytes:
    def __init__(self, data: bytes):
        self._data, self._at = data, 0

    def take(self, count: int) -> bytes:
        end = self._at + count
        if count < 0 or end > len(self._data):
            raise ValueError("The Avro file ends too early.")
        part, self._at = self._data[self._at:end], end
        return part

    def long(self) -> int:
        value = shift = 0
        while True:
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return (value >> 1) ^ -(value & 1)
            shift += 7

    def is_over(self) -> bool:
        return self._at >= len(self._data)


def unpacked(block: bytes, codec: str) -> bytes:
    if codec == "deflate":
        return zlib.decompress(block, -15)
    if codec == "bzip2":
        return bz2.decompress(block)
    if codec == "xz":
        return lzma.decompress(block)
    if codec == "snappy":
        size, shift, at = 0, 0, 0
        while True:
            size |= (block[at] & 127) << shift
            at, shift = at + 1, shift + 7
            if block[at - 1] < 128:
                return pyarrow.decompress(block[:-4], decompressed_size=size, codec="snappy", asbytes=True)
    return block if codec == "null" else refuse(f"format avro with the codec {codec}")


def reader(schema, named: dict, is_logical: bool):
    """A function that reads one value of a schema."""
    if isinstance(schema, list):
        branches = [reader(branch, named, is_logical) for branch in schema]
        return lambda source: branches[source.long()](source)
    kind = schema["type"] if isinstance(schema, dict) else schema
    if isinstance(kind, (dict, list)):
        return reader(kind, named, is_logical)
    plain = plain_reader(kind, schema, named, is_logical)
    return logical_reader(plain, schema) if is_logical and isinstance(schema, dict) and "logicalType" in schema else plain


def plain_reader(kind: str, schema, named: dict, is_logical: bool):
    if kind in ("record", "error"):
        fields: list = []
        named[schema["name"]] = lambda source: {name: read(source) for name, read in fields}
        fields += [(field["name"], reader(field["type"], named, is_logical)) for field in schema["fields"]]
        return named[schema["name"]]
    if kind == "enum":
        named[schema["name"]] = lambda source: schema["symbols"][source.long()]
        return named[schema["name"]]
    if kind == "fixed":
        named[schema["name"]] = lambda source: source.take(schema["size"])
        return named[schema["name"]]
    if kind == "array":
        item = reader(schema["items"], named, is_logical)
        return lambda source: read_items(source, item)
    if kind == "map":
        value = reader(schema["values"], named, is_logical)
        return lambda source: read_map(source, value)
    simple = {"null": lambda source: None, "boolean": lambda source: source.take(1) == b"\x01", "int": Bytes.long, "long": Bytes.long,
              "float": lambda source: struct.unpack("<f", source.take(4))[0], "double": lambda source: struct.unpack("<d", source.take(8))[0],
              "bytes": lambda source: source.take(source.long()), "string": lambda source: source.take(source.long()).decode()}
    if kind in simple:
        return simple[kind]
    # A name may be used inside its own definition.
    return lambda source: named[kind](source) if kind in named else named[kind.rpartition(".")[2]](source)


def read_items(source: Bytes, item) -> list:
    out: list = []
    while count := source.long():
        if count < 0:
            count = -count
            source.long()
        out += [item(source) for _ in range(count)]
    return out


def read_map(source: Bytes, value) -> dict:
    return dict(read_items(source, lambda inner: (inner.take(inner.long()).decode(), value(inner))))


def logical_reader(plain, schema: dict):
    kind = schema["logicalType"]
    if kind == "date":
        return lambda source: epoch_day + datetime.timedelta(days=plain(source))
    if kind == "timestamp-millis":
        return lambda source: epoch + datetime.timedelta(milliseconds=plain(source))
    if kind == "decimal":
        scale = schema.get("scale", 0)
        return lambda source: decimal.Decimal(int.from_bytes(plain(source), "big", signed=True)).scaleb(-scale)
    return plain


class AvroOutput:
    """The writer's output of files. Every field may be null, as in AWS's."""

    extension = ".avro"

    def check(self, _schema) -> None:
        """Every type has a form in Avro."""

    def open(self, path, schema: pyarrow.Schema):
        return AvroFile(path, schema)


class AvroFile:
    def __init__(self, path, schema: pyarrow.Schema):
        self._stream = open(path, "wb")
        fields = [{"name": field.name, "type": ["null", avro_type(field.type, field.name)], "default": None} for field in schema]
        self._write = [(field.name, union_writer(writer(field.type))) for field in schema]
        self._mark = uuid.uuid4().bytes
        header = {"avro.schema": json.dumps({"type": "record", "name": "topLevelRecord", "fields": fields}).encode(), "avro.codec": b"deflate"}
        entries = b"".join(text_bytes(name.encode()) + text_bytes(value) for name, value in header.items())
        self._stream.write(magic + long_bytes(len(header)) + entries + long_bytes(0) + self._mark)

    def write(self, table: pyarrow.Table) -> None:
        for start in range(0, table.num_rows, 10_000):
            rows = table.slice(start, 10_000).to_pylist()
            raw = b"".join(write(row[name]) for row in rows for name, write in self._write)
            packer = zlib.compressobj(wbits=-15)
            block = packer.compress(raw) + packer.flush()
            self._stream.write(long_bytes(len(rows)) + long_bytes(len(block)) + block + self._mark)

    def close(self) -> None:
        self._stream.close()


def long_bytes(value: int) -> bytes:
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def text_bytes(value: bytes) -> bytes:
    return long_bytes(len(value)) + value


def avro_type(type: pyarrow.DataType, name: str):
    kinds = pyarrow.types
    if kinds.is_struct(type):
        fields = [{"name": field.name, "type": ["null", avro_type(field.type, f"{name}_{field.name}")], "default": None} for field in type]
        return {"type": "record", "name": f"{name}_record", "fields": fields}
    if kinds.is_list(type):
        return {"type": "array", "items": ["null", avro_type(type.value_type, f"{name}_item")]}
    if kinds.is_map(type):
        return {"type": "map", "values": ["null", avro_type(type.item_type, f"{name}_value")]}
    if kinds.is_integer(type):
        return "long" if type.bit_width == 64 else "int"
    simple = {"bool": "boolean", "float": "float", "double": "double", "binary": "bytes"}
    # Decimals, dates and timestamps are text in version 1.7, Glue's default.
    return simple.get(str(type), "string")


def writer(type: pyarrow.DataType):
    kinds = pyarrow.types
    if kinds.is_struct(type):
        inner = [(field.name, union_writer(writer(field.type))) for field in type]
        return lambda value: b"".join(write(value[name]) for name, write in inner)
    if kinds.is_list(type):
        item = union_writer(writer(type.value_type))
        return lambda value: block_of([item(inner) for inner in value])
    if kinds.is_map(type):
        item = union_writer(writer(type.item_type))
        return lambda value: block_of([text_bytes(key.encode()) + item(inner) for key, inner in value])
    if kinds.is_integer(type):
        return long_bytes
    simple = {"bool": lambda value: b"\x01" if value else b"\x00", "float": lambda value: struct.pack("<f", value),
              "double": lambda value: struct.pack("<d", value), "binary": text_bytes}
    return simple.get(str(type), lambda value: text_bytes(str(value).encode()))


def block_of(items: list[bytes]) -> bytes:
    """The items in one block, and the empty one that ends them."""
    return (long_bytes(len(items)) + b"".join(items) if items else b"") + long_bytes(0)


def union_writer(write):
    return lambda value: long_bytes(0) if value is None else long_bytes(1) + write(value)
