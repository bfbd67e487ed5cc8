"""Parquet files as they lie: their schema by Spark's rules, checked against every file before the engine scans them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow
import pyarrow.parquet
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import types
from pyspark.sql.pandas.types import from_arrow_type

from igarape_jobs.options import Options
from igarape_jobs.pieces import Piece


class ParquetFormat:
    def __init__(self, options: Options):
        self.merge_schema = options.flag("mergeSchema")
        options.only("datetimeRebaseMode", "EXCEPTION", "CORRECTED")
        options.only("int96RebaseMode", "EXCEPTION", "CORRECTED")
        for name in ("compression", "codec"):
            options.get(name)


def read(files: list[tuple[Path, str]], format: ParquetFormat, given: types.StructType | None) -> tuple[types.StructType, list[list[Piece]]]:
    with ThreadPoolExecutor(8) as pool:
        footers = list(pool.map(footer, files))
    schemas = [schema_of(metadata.schema.to_arrow_schema()) for metadata in footers]
    wanted = given or (merged(schemas) if format.merge_schema else schemas[0])
    for schema, (_, name) in zip(schemas, files):
        check(schema, wanted, name)
    return wanted, [[Piece(path, metadata.num_rows)] for (path, _), metadata in zip(files, footers)]


def footer(file: tuple[Path, str]) -> pyarrow.parquet.FileMetaData:
    path, name = file
    try:
        return pyarrow.parquet.read_metadata(path)
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise PySparkException(f"[CANNOT_READ_FILE_FOOTER] Could not read footer for file: {name}. {error}") from None


def schema_of(schema: pyarrow.Schema) -> types.StructType:
    return types.StructType([types.StructField(field.name, spark_type(field.type)) for field in schema])


def spark_type(type: pyarrow.DataType) -> types.DataType:
    if pyarrow.types.is_timestamp(type):
        return types.TimestampType() if type.tz or type.unit == "ns" else types.TimestampNTZType()
    if pyarrow.types.is_unsigned_integer(type):
        return {8: types.ShortType(), 16: types.IntegerType(), 32: types.LongType(), 64: types.DecimalType(20, 0)}[type.bit_width]
    if pyarrow.types.is_dictionary(type):
        return spark_type(type.value_type)
    if pyarrow.types.is_struct(type):
        return types.StructType([types.StructField(field.name, spark_type(field.type)) for field in type])
    if pyarrow.types.is_map(type):
        return types.MapType(spark_type(type.key_type), spark_type(type.item_type))
    if pyarrow.types.is_list(type) or pyarrow.types.is_large_list(type):
        return types.ArrayType(spark_type(type.value_type))
    return from_arrow_type(type)


def merged(schemas: list[types.StructType]) -> types.StructType:
    fields: dict[str, types.DataType] = {}
    for schema in schemas:
        for field in schema.fields:
            if field.name in fields and fields[field.name] != field.dataType:
                raise AnalysisException(f"[CANNOT_MERGE_SCHEMAS] Failed merging schemas: field {field.name} is both "
                                        f"{fields[field.name].simpleString()} and {field.dataType.simpleString()}.")
            fields[field.name] = field.dataType
    return types.StructType([types.StructField(name, type) for name, type in fields.items()])


def check(found: types.StructType, wanted: types.StructType, name: str) -> None:
    """A file whose column has another type fails in Spark's vectorized reader; the engine would cast it silently."""
    by_name = {field.name.lower(): field.dataType for field in found.fields}
    for field in wanted.fields:
        there = by_name.get(field.name.lower())
        if there is not None and not is_readable(there, field.dataType):
            raise PySparkException(
                f"[FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH] Parquet column cannot be converted in file {name}. "
                f"Column: [{field.name}], Expected: {field.dataType.simpleString()}, Found: {there.simpleString()}.")


def is_readable(there: types.DataType, wanted: types.DataType) -> bool:
    if isinstance(there, types.StructType) and isinstance(wanted, types.StructType):
        by_name = {field.name: field.dataType for field in there.fields}
        return all(field.name not in by_name or is_readable(by_name[field.name], field.dataType) for field in wanted.fields)
    if isinstance(there, types.ArrayType) and isinstance(wanted, types.ArrayType):
        return is_readable(there.elementType, wanted.elementType)
    if isinstance(there, types.MapType) and isinstance(wanted, types.MapType):
        return is_readable(there.valueType, wanted.valueType)
    if isinstance(there, types.DecimalType) and isinstance(wanted, types.DecimalType):
        return there.scale == wanted.scale and there.precision <= wanted.precision
    names = (there.typeName(), wanted.typeName())
    return names[0] == names[1] or names in {("integer", "long"), ("binary", "string"), ("timestamp_ntz", "timestamp"),
                                             ("byte", "integer"), ("short", "integer"), ("float", "double")}
