"""`GlueContext` over Apache Spark: its session, and plain sources and sinks of files and tables."""

from awsglue.dynamicframe import DynamicFrame
from awsglue.unsupported import Refusing, refuse

formats = {"csv": "csv", "json": "json", "parquet": "parquet", "glueparquet": "parquet", "orc": "orc"}
csv_options = {"withHeader": "header", "separator": "sep", "quoteChar": "quote", "escaper": "escape", "multiLine": "multiLine", "multiline": "multiLine"}
way_out = "The embedded engine has it (--igarape-engine sail)."


class GlueContext(Refusing):
    def __init__(self, sparkContext, **_options):
        from pyspark.sql import SparkSession

        self._context = sparkContext
        self.spark_session = SparkSession.builder.getOrCreate()
        self.create_dynamic_frame = Reader(self, lambda frame: DynamicFrame(frame, self))
        self.create_data_frame = Reader(self, lambda frame: frame)
        self.write_dynamic_frame = Writer(self)
        self.write_data_frame = Writer(self)

    @property
    def sparkSession(self):
        return self.spark_session

    @property
    def sc(self):
        return self._context

    def sql(self, sqlQuery):
        return self.spark_session.sql(sqlQuery)

    def get_logger(self):
        return Logger()

    def create_dynamic_frame_from_options(self, *arguments, **named):
        return self.create_dynamic_frame.from_options(*arguments, **named)

    def create_dynamic_frame_from_catalog(self, *arguments, **named):
        return self.create_dynamic_frame.from_catalog(*arguments, **named)

    def write_dynamic_frame_from_options(self, *arguments, **named):
        return self.write_dynamic_frame.from_options(*arguments, **named)


class Logger:
    def info(self, message):
        print(message)

    warn = error = debug = info


class Reader(Refusing):
    def __init__(self, glue_context, wrap):
        self._glue_context = glue_context
        self._wrap = wrap

    def from_options(self, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx=""):
        given, options = dict(connection_options or {}), spark_options(format, format_options)
        paths = given.pop("paths", None) or given.pop("path", None)
        if given.pop("recurse", False) in (True, "true"):
            options["recursiveFileLookup"] = "true"
        if connection_type not in ("s3", "file") or given:
            refuse(f"create_dynamic_frame.from_options({connection_type!r}, {', '.join(given)}) on the spark engine", way_out)
        reader = self._glue_context.spark_session.read.format(formats[format]).options(**options)
        return self._wrap(reader.load(paths))

    def from_catalog(self, database=None, table_name=None, transformation_ctx="", push_down_predicate="", additional_options=None, **_options):
        if additional_options:
            refuse("from_catalog with additional_options on the spark engine", way_out)
        frame = self._glue_context.spark_session.table(f"`{database}`.`{table_name}`")
        return self._wrap(frame.where(push_down_predicate) if push_down_predicate else frame)


class Writer(Refusing):
    def __init__(self, glue_context):
        self._glue_context = glue_context

    def from_options(self, frame, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx=""):
        given, options = dict(connection_options or {}), spark_options(format, format_options)
        path, keys = given.pop("path"), given.pop("partitionKeys", [])
        if "compression" in given:
            options["compression"] = given.pop("compression")
        if connection_type not in ("s3", "file") or given:
            refuse(f"write_dynamic_frame.from_options({connection_type!r}, {', '.join(given)}) on the spark engine", way_out)
        rows = frame.toDF() if isinstance(frame, DynamicFrame) else frame
        if formats[format] == "csv":
            options.setdefault("header", "true")
        rows.write.format(formats[format]).options(**options).mode("append").partitionBy(*keys).save(path)
        return frame


def spark_options(format: str, given: dict | None) -> dict[str, str]:
    if format not in formats:
        refuse(f"the format {format} on the spark engine", way_out)
    unknown = [name for name in given or {} if name not in csv_options and name not in ("compression", "useGlueParquetWriter")]
    if unknown:
        refuse(f"the format option {', '.join(unknown)} on the spark engine", way_out)
    return {csv_options.get(name, name): str(value).lower() if isinstance(value, bool) else str(value) for name, value in (given or {}).items()
            if name != "useGlueParquetWriter"}
