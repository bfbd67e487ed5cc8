"""Reading by connection options: files of S3 in each format, DynamoDB, PostgreSQL, MySQL and Redshift. Other databases and streams are refused by name."""

from awsglue import dynamodb, redshift
from awsglue.columnar_source import empty, read_csv, read_orc, read_parquet
from awsglue.record_source import formats as record_formats
from awsglue.record_source import read_records
from awsglue.connections import dialects
from awsglue.database_frames import read_database
from awsglue.s3_files import FileOptions, bounded, find_files, with_filename
from awsglue.unsupported import Refusing, refuse

columnar_formats = {"csv": read_csv, "parquet": read_parquet, "orc": read_orc}
databases = ("sqlserver", "oracle", "jdbc", "custom.jdbc", "marketplace.jdbc", "snowflake", "bigquery")
way_out = {
    "kafka": "Streams come in with streaming jobs.", "kinesis": "Streams come in with streaming jobs.",
}


def refuse_connection(connection_type: str, what: str):
    hint = way_out.get(connection_type, "PostgreSQL, MySQL and Redshift are read and written; a driver from --additional-python-modules can reach "
                       "a database from the script itself." if connection_type in databases else "")
    refuse(f"{what} of the connection type {connection_type}", hint)


class DataSource(Refusing):
    def __init__(self, glue_context, connection_type, options, transformation_ctx="", name=""):
        self._glue_context, self._connection_type = glue_context, connection_type
        self._options, self._ctx, self._name = options, transformation_ctx, name
        self._format, self._format_options = None, {}

    def setFormat(self, format, **options):
        self._format, self._format_options = format, options

    def getFrame(self):
        frame = read_options(self._glue_context, self._connection_type, self._options, self._format, self._format_options, self._ctx)
        frame.name = self._name or self._ctx
        return frame


def read_options(glue_context, connection_type, connection_options, format, format_options, transformation_ctx=""):
    what = "a source"
    if connection_type == "dynamodb":
        return dynamodb.read_table(glue_context, connection_options, what)
    if connection_type == "redshift":
        return redshift.read_warehouse(glue_context, connection_options, what)
    if connection_type in dialects:
        return read_database(glue_context, connection_options, transformation_ctx, what)
    if connection_type not in ("s3", "file"):
        refuse_connection(connection_type, what)
    options = FileOptions(connection_options, what)
    if not options.uris:
        raise ValueError("A source over S3 needs the option paths.")
    if format not in columnar_formats and format not in record_formats:
        refuse(f"a source of the format {format}")
    with glue_context.bookmarks.reading(transformation_ctx) as reading:
        found = bounded(find_files(reading.lake, options), options)
        reading.took(found.files)
    if not found.files:
        return empty(glue_context)
    return read_files(glue_context, with_filename(found, options.filename_column), format, format_options, options.compression)


def read_files(glue_context, found, format: str, format_options: dict, compression: str = ""):
    if format in record_formats:
        return read_records(glue_context, format, found, format_options, compression)
    suffix = {"gzip": ".gz", "bzip2": ".bz2"}.get(compression, "")
    if format != "csv" or all(file.key.endswith(suffix) for file in found.files):
        return columnar_formats[format](glue_context, found, format_options)
    return refuse(f"compressionType={compression!r} for CSV files whose names do not end in {suffix}")
