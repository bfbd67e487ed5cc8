"""Formats whose files say what their columns are: CSV, Parquet and ORC. Files of one shape are read together; what is of
another type in other files becomes a choice.
"""

from contextlib import contextmanager

import pyarrow
import pyarrow.parquet

from awsglue import gluetypes as glue
from awsglue.dynamicframe import DynamicFrame
from awsglue.s3_files import chosen
from awsglue.unsupported import refuse
from igarape_jobs import orc_files
from igarape_jobs.csv_chunks import open_text
from igarape_jobs.options import Options
from igarape_jobs.parquet_reader import schema_of
from igarape_jobs.paths import Found

csv_options = {"separator": "sep", "escaper": "escape", "quotechar": "quote", "withheader": "header", "multiline": "multiLine",
               "encoding": "encoding"}


def read_csv(glue_context, found: Found, given: dict) -> DynamicFrame:
    options = {name.lower(): value for name, value in given.items()}
    has_header, skips = text(options.get("withheader", "false")) == "true", text(options.pop("skipfirst", "false")) == "true"
    if has_header and skips:
        refuse("format csv with withHeader and skipFirst at once")
    spark_options = csv_reader_options(options)
    # Without a header, a first line that is passed over is read as one whose names are not used.
    spark_options["header"] = text(has_header or skips)
    groups = by_first_line(glue_context, found) if has_header else [found]
    frames = []
    for group in groups:
        frame = spark_frame(glue_context, "csv", group, spark_options)
        names = frame.columns[:len(frame.columns) - len(found.partition_columns)]
        if not has_header:
            frame = frame.toDF(*[f"col{index}" for index in range(len(names))], *found.partition_columns)
        frames.append(DynamicFrame(frame, glue_context))
    return united(frames)


def csv_reader_options(options: dict) -> dict:
    out = {}
    for name, value in options.items():
        if name == "optimizeperformance":
            continue
        if name not in csv_options:
            refuse(f"format csv with the option {name}")
        out[csv_options[name]] = text(value)
    # Glue has no escape character unless one is given, and reads doubled quotes as one.
    out.setdefault("escape", '"')
    if out["escape"] in ("none", "-1"):
        out["escape"] = '"'
    out["quote"] = "" if out.get("quote") == "-1" else out.get("quote", '"')
    return out


def text(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value) if str(value).lower() not in ("true", "false") else str(value).lower()


def by_first_line(glue_context, found: Found) -> list[Found]:
    """Each file names its own columns."""
    if len(found.files) < 2:
        return [found]
    lines: dict[bytes, list[int]] = {}
    for index, (path, file) in enumerate(zip(glue_context.engine.lake.open(found.files), found.files)):
        with open_text(path, file.uri) as stream:
            lines.setdefault(stream.readline().strip(b"\xef\xbb\xbf \r\n"), []).append(index)
    return [chosen(found, indexes) for line, indexes in lines.items() if line or len(lines) == 1]


def read_parquet(glue_context, found: Found, given: dict) -> DynamicFrame:
    for name in given:
        if name.lower() not in ("useglueparquetreader", "optimizeperformance"):
            refuse(f"format parquet with the option {name}")
    return by_shape(glue_context, "parquet", found, lambda path, _file: pyarrow.parquet.read_schema(path))


def read_orc(glue_context, found: Found, given: dict) -> DynamicFrame:
    for name in given:
        refuse(f"format orc with the option {name}")
    return by_shape(glue_context, "orc", found, lambda path, file: orc_files.opened_file(path, file.uri).schema)


def by_shape(glue_context, format: str, found: Found, schema_in) -> DynamicFrame:
    groups: dict[str, list[int]] = {}
    for index, (path, file) in enumerate(zip(glue_context.engine.lake.open(found.files), found.files)):
        groups.setdefault(schema_of(schema_in(path, file)).simpleString(), []).append(index)
    frames = [DynamicFrame(spark_frame(glue_context, format, chosen(found, indexes), {}), glue_context) for indexes in groups.values()]
    return united(frames)


def spark_frame(glue_context, format: str, found: Found, options: dict):
    engine = glue_context.engine
    with untyped_partitions(engine.session):
        return engine.reader.frame(format, found, None, Options(format, options), [])


@contextmanager
def untyped_partitions(session):
    """Values in folders' names are text to Glue."""
    name = "spark.sql.sources.partitionColumnTypeInference.enabled"
    before = session.conf.get(name, "true")
    session.conf.set(name, "false")
    yield
    session.conf.set(name, before)


def united(frames: list[DynamicFrame]) -> DynamicFrame:
    whole = frames[0]
    for frame in frames[1:]:
        whole = whole.union(frame)
    return whole


def empty(glue_context, type: glue.StructType | None = None) -> DynamicFrame:
    from awsglue.records import RecordSpool

    return DynamicFrame.typed(*RecordSpool(glue_context.engine, kept=type).frame(), glue_context)
