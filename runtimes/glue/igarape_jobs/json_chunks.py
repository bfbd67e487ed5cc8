"""JSON files whose every line is one plain object, by Arrow's parser: some megabytes at a time, several at once. Whatever Arrow refuses,
or might take otherwise than Spark, is left to the exact reader."""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
import pyarrow
import pyarrow.compute as compute
import pyarrow.json
from pyspark.sql import types

from igarape_jobs.csv_chunks import open_text
from igarape_jobs.json_types import merged
from igarape_jobs.line_shapes import is_utf8
from igarape_jobs.pieces import Piece, PieceWriter, arrow_schema

chunk_bytes = 4 << 20
# How often another type of a field may turn up before the exact reader takes over.
guesses_max = 8
covered = (types.StringType, types.LongType, types.IntegerType, types.ShortType, types.ByteType, types.DoubleType, types.BooleanType)


class NotPlain(Exception):
    """The exact reader is needed."""


class Unexpected(Exception):
    """A chunk that is not of the guessed schema."""

    def __init__(self, chunk: bytes):
        self.chunk = chunk


def read(files: list[tuple[Path, str]], given: types.StructType | None, folder: Path) -> tuple[types.StructType, list[list[Piece]]] | None:
    """None where a file is not plain."""
    try:
        if given is not None:
            return (given, read_all(files, given, True, folder)) if is_covered(given) else None
        return read_guessing(files, folder)
    except (NotPlain, Unexpected, UnicodeDecodeError):
        return None


def read_guessing(files: list[tuple[Path, str]], folder: Path) -> tuple[types.StructType, list[list[Piece]]]:
    found = types.StructType([])
    for _ in range(guesses_max):
        schema = without_nulls(found)
        try:
            return schema, read_all(files, schema, False, folder)
        except Unexpected as unexpected:
            found = merged(found, inferred(unexpected.chunk))
    raise NotPlain


def read_all(files: list[tuple[Path, str]], schema: types.StructType, is_given: bool, folder: Path) -> list[list[Piece]]:
    return [read_file(path, name, schema, is_given, folder / str(index)) for index, (path, name) in enumerate(files)]


def read_file(path: Path, name: str, schema: types.StructType, is_given: bool, folder: Path) -> list[Piece]:
    writer, workers = PieceWriter(folder, schema), os.cpu_count() or 2
    arrow = arrow_schema(schema)
    with open_text(path, name) as stream, ThreadPoolExecutor(workers) as pool:
        for table in in_order(pool, lambda chunk: parsed(chunk, arrow, is_given), chunks(stream), workers + 1):
            writer.write([table[name].combine_chunks() for name in arrow.names])
    return writer.close()


def in_order(pool: ThreadPoolExecutor, work, items: Iterator, ahead: int) -> Iterator:
    """So many items are under way while the oldest is taken: the workers never wait for who takes them."""
    running = deque()
    try:
        for item in items:
            running.append(pool.submit(work, item))
            if len(running) == ahead:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        for future in running:
            future.cancel()


def chunks(stream) -> Iterator[bytes]:
    rest = b""
    while block := stream.read(chunk_bytes):
        block = rest + block
        end = block.rfind(b"\n") + 1
        if end:
            yield block[:end]
        elif len(block) > 16 * chunk_bytes:
            raise NotPlain
        rest = block[end:]
    if rest:
        yield rest


def parsed(chunk: bytes, schema: pyarrow.Schema, is_given: bool) -> pyarrow.Table:
    lines = objects_by_line(chunk)
    if lines is None or not is_utf8(chunk):
        raise NotPlain
    try:
        table = parse(chunk, schema, "ignore" if is_given else "error")
    except pyarrow.ArrowInvalid:
        raise Unexpected(chunk) from None
    # An object over two lines, or two in one.
    if table.num_rows != lines or not is_given and any(is_vast(column) for column in table.columns):
        raise NotPlain
    return table


def objects_by_line(chunk: bytes) -> int | None:
    """How many lines there are, if each begins an object."""
    data = numpy.frombuffer(chunk, dtype=numpy.uint8)
    ends = numpy.flatnonzero(data == ord("\n"))
    if len(ends) and ends[-1] == len(data) - 1:
        ends = ends[:-1]
    begins = data[0] == ord("{") and bool((data[ends + 1] == ord("{")).all())
    return len(ends) + 1 if begins else None


def parse(chunk: bytes, schema: pyarrow.Schema | None, unexpected: str) -> pyarrow.Table:
    return pyarrow.json.read_json(pyarrow.BufferReader(chunk), pyarrow.json.ReadOptions(use_threads=False, block_size=len(chunk) + 1),
                                  pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior=unexpected))


def is_vast(column: pyarrow.ChunkedArray) -> bool:
    """A whole number beyond a long would be a decimal in Spark; Arrow makes a fraction of it."""
    if pyarrow.types.is_struct(column.type):
        return any(is_vast(part) for part in column.flatten())
    if pyarrow.types.is_list(column.type):
        return is_vast(compute.list_flatten(column))
    if not pyarrow.types.is_floating(column.type):
        return False
    least, most = compute.min_max(column).values()
    return least.is_valid and max(-least.as_py(), most.as_py()) >= 2.0**63


def inferred(chunk: bytes) -> types.StructType:
    try:
        schema = parse(chunk, None, "infer").schema
    except pyarrow.ArrowInvalid:
        raise NotPlain from None
    return types.StructType([types.StructField(field.name, spark_type(field.type)) for field in sorted(schema, key=lambda field: field.name)])


def spark_type(type: pyarrow.DataType) -> types.DataType:
    if pyarrow.types.is_struct(type) and type.num_fields:
        return types.StructType([types.StructField(field.name, spark_type(field.type)) for field in sorted(type, key=lambda field: field.name)])
    if pyarrow.types.is_list(type):
        return types.ArrayType(spark_type(type.value_type))
    # What looks like a time is a text to Spark.
    known = {pyarrow.int64(): types.LongType(), pyarrow.float64(): types.DoubleType(), pyarrow.bool_(): types.BooleanType(),
             pyarrow.null(): types.NullType(), pyarrow.string(): types.StringType(), pyarrow.timestamp("s"): types.StringType(),
             pyarrow.timestamp("ns"): types.StringType()}
    if type not in known:
        raise NotPlain
    return known[type]


def without_nulls(type: types.DataType):
    """A field that was always null is a string."""
    if isinstance(type, types.StructType):
        return types.StructType([types.StructField(field.name, without_nulls(field.dataType)) for field in type.fields])
    if isinstance(type, types.ArrayType):
        return types.ArrayType(without_nulls(type.elementType))
    return types.StringType() if isinstance(type, types.NullType) else type


def is_covered(type: types.DataType) -> bool:
    if isinstance(type, types.StructType):
        return bool(type.fields) and all(is_covered(field.dataType) for field in type.fields)
    return is_covered(type.elementType) if isinstance(type, types.ArrayType) else isinstance(type, covered)
