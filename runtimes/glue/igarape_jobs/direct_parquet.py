"""A large frame written as Parquet by the engine into a staging folder; its files get Spark's names and folders from us."""

import re
from pathlib import Path

import pyarrow.parquet
from pyspark.errors import PySparkException
from pyspark.sql import functions, types
from pyspark.sql.connect.dataframe import DataFrame

from igarape_jobs import partition_types, result_types, staging
from igarape_jobs.deduplication import quoted
from igarape_jobs.output_files import ParquetOutput

keys = (types.StringType, types.IntegralType, types.DateType, types.BooleanType)


class Staged:
    """What was written, as a Sink has it."""

    def __init__(self, folder: Path, rows: int, files: list[tuple[str, Path]]):
        self._folder = folder
        self.rows = rows
        self.files = files

    def folder_file(self, name: str) -> Path:
        path = self._folder / name
        path.touch()
        return path


def write(engine, frame: DataFrame, output, partition_columns: dict[str, str], write_id: str) -> Staged | None:
    """None where it is to be written batch by batch. The columns are given with the script's own spelling of them."""
    schema = frame.schema
    if not isinstance(output, ParquetOutput) or not is_covered(schema, output, list(partition_columns)):
        return None
    folder = engine.new_folder("write")
    by_key = {f"__k{index}": name for index, name in enumerate(partition_columns)}
    data = [quoted(name) for name in schema.names if name not in partition_columns]
    try:
        staging.stage(frame.select(*data, *[text_of(name).alias(key) for key, name in by_key.items()]), "parquet", folder, list(by_key),
                      {"compression": output.compression})
    except PySparkException as error:
        # A value too long for a folder's name, or more partitions than files that may be open.
        if re.search(r"name too long|too many open files", str(error), re.IGNORECASE):
            return None
        raise
    files, rows = [], 0
    for index, path in enumerate(sorted(folder.rglob("*.parquet"))):
        values = [value_of(part) for part in path.relative_to(folder).parts[:-1]]
        partition = "/".join(f"{partition_types.escape(spelling)}={partition_types.escape(value)}"
                             for spelling, value in zip(partition_columns.values(), values))
        mark = "." if partition_columns else "-"
        name = f"part-{index:05d}-{write_id}{mark}c000{output.extension}"
        files.append((f"{partition}/{name}" if partition else name, path))
        rows += pyarrow.parquet.read_metadata(path).num_rows
        if index == 0:
            result_types.check(types.StructType([field for field in schema.fields if field.name not in partition_columns]), pyarrow.parquet.read_schema(path))
    return Staged(folder, rows, files) if files else None


def is_covered(schema: types.StructType, output: ParquetOutput, partition_columns: list[str]) -> bool:
    by_name = {field.name: field.dataType for field in schema.fields}
    has_times = any(isinstance(type, types.TimestampType) for type in by_name.values())
    return (staging.is_flat(schema) and not (has_times and output.timestamps != "TIMESTAMP_MICROS")
            and all(isinstance(by_name[name], keys) for name in partition_columns))


def text_of(name: str):
    """A folder's name that any value fits in: plain letters stay, all else is hexadecimal; `n` is null and the empty text."""
    text = quoted(name).cast("string")
    plain = functions.when(text.rlike("^[A-Za-z0-9_.-]+$"), functions.concat(functions.lit("p"), text))
    coded = functions.concat(functions.lit("x"), functions.hex(functions.encode(text, "UTF-8")))
    return functions.when(text.isNull() | (text == ""), "n").otherwise(plain.otherwise(coded))


def value_of(folder: str) -> str | None:
    value = folder.partition("=")[2]
    if value == "n":
        return None
    return value[1:] if value.startswith("p") else bytes.fromhex(value[1:]).decode()
