"""`GlueContext`: frames in and out of S3, DynamoDB and the Data Catalog."""

import sys

from awsglue.bookmarks import NoBookmarks
from awsglue.connections import connection_conf
from awsglue.data_sink import DataSink, write_options
from awsglue.data_source import DataSource, read_options
from awsglue.dynamicframe import DynamicFrame
from awsglue.ingestion_time import with_ingestion_time
from awsglue.purging import purge_path, purge_table
from awsglue.table_source import read_table
from awsglue.unsupported import Refusing, refuse


class GlueContext(Refusing):
    def __init__(self, sparkContext, **_options):
        self._context = sparkContext
        self._engine = sparkContext._engine
        self.spark_session = self._engine.session
        self.bookmarks = NoBookmarks(self._engine.lake)
        self.create_dynamic_frame = DynamicFrameReader(self)
        self.create_data_frame = DataFrameReader(self)
        self.write_dynamic_frame = DynamicFrameWriter(self)
        self.write_data_frame = DataFrameWriter(self)

    @property
    def engine(self):
        return self._engine

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

    def setTempDir(self, _folder):
        """Redshift's staging folder; nothing here stages."""

    def getSource(self, connection_type, transformation_ctx="", **options):
        return DataSource(self, connection_type, options, transformation_ctx)

    def getSink(self, connection_type, format=None, transformation_ctx="", **options):
        return DataSink(self, connection_type, options, format, transformation_ctx)

    def create_dynamic_frame_from_rdd(self, data, name, schema=None, sample_ratio=None, transformation_ctx=""):
        if not self._engine.has_rdds:
            refuse("create_dynamic_frame_from_rdd", "There are no RDDs here; Apache Spark in its classic mode has them (--igarape-engine spark).")
        return DynamicFrame.fromDF(self.spark_session.createDataFrame(data, schema, sample_ratio), self, name)

    def create_dynamic_frame_from_options(self, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx="",
                                          push_down_predicate="", **options):
        if push_down_predicate:
            refuse("create_dynamic_frame.from_options with push_down_predicate", "A table of the Catalog has partitions to choose from.")
        for name in options:
            refuse(f"create_dynamic_frame.from_options with {name}")
        frame = read_options(self, connection_type, connection_options or {}, format, format_options or {}, transformation_ctx)
        frame.name = transformation_ctx
        return frame

    def create_dynamic_frame_from_catalog(self, database, table_name, redshift_tmp_dir="", transformation_ctx="", push_down_predicate="",
                                          additional_options=None, catalog_id=None, **options):
        for name in options:
            refuse(f"create_dynamic_frame.from_catalog with {name}")
        staging = {"redshiftTmpDir": redshift_tmp_dir} if redshift_tmp_dir else {}
        frame = read_table(self, database, table_name, push_down_predicate, {**staging, **(additional_options or {})}, transformation_ctx)
        frame.name = table_name
        return frame

    def create_data_frame_from_options(self, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx="",
                                       push_down_predicate="", **options):
        return self.create_dynamic_frame_from_options(connection_type, connection_options, format, format_options, transformation_ctx,
                                                      push_down_predicate, **options).toDF()

    def create_data_frame_from_catalog(self, database, table_name, transformation_ctx="", additional_options=None, push_down_predicate="",
                                       redshift_tmp_dir="", catalog_id=None):
        frame = read_table(self, database, table_name, push_down_predicate, additional_options, transformation_ctx, as_spark=True)
        return frame.toDF() if isinstance(frame, DynamicFrame) else frame

    def write_dynamic_frame_from_options(self, frame, connection_type, connection_options=None, format=None, format_options=None,
                                         transformation_ctx=""):
        write_options(self, frame, connection_type, connection_options or {}, format, format_options or {})
        return frame

    write_from_options = write_dynamic_frame_from_options

    def write_dynamic_frame_from_catalog(self, frame, database, table_name, redshift_tmp_dir="", transformation_ctx="", additional_options=None,
                                         catalog_id=None):
        staging = {"redshiftTmpDir": redshift_tmp_dir} if redshift_tmp_dir else {}
        DataSink.of_table(self, database, table_name, {**staging, **(additional_options or {})}).write(frame)
        return frame

    def write_dynamic_frame_from_jdbc_conf(self, frame, catalog_connection, connection_options=None, redshift_tmp_dir="", transformation_ctx="",
                                           catalog_id=None):
        conf = self.extract_jdbc_conf(catalog_connection)
        staging = {"redshiftTmpDir": redshift_tmp_dir} if redshift_tmp_dir else {}
        options = {"connectionName": catalog_connection, "useConnectionProperties": "true", **staging, **(connection_options or {})}
        write_options(self, frame, conf["vendor"], options, None, {})
        return frame

    def extract_jdbc_conf(self, connection_name, catalog_id=None):
        return connection_conf(self, connection_name)

    write_from_jdbc_conf = write_dynamic_frame_from_jdbc_conf

    def write_data_frame_from_catalog(self, frame, database, table_name, redshift_tmp_dir="", transformation_ctx="", additional_options=None,
                                      catalog_id=None):
        self.write_dynamic_frame_from_catalog(DynamicFrame.fromDF(frame, self), database, table_name, redshift_tmp_dir, transformation_ctx,
                                              additional_options, catalog_id)

    def purge_table(self, database, table_name, options=None, transformation_ctx="", catalog_id=None):
        purge_table(self, database, table_name, options or {})

    def purge_s3_path(self, s3_path, options=None, transformation_ctx=""):
        purge_path(self, s3_path, options or {})

    def add_ingestion_time_columns(self, dataFrame, timeGranularity=""):
        return with_ingestion_time(dataFrame, timeGranularity)

    def forEachBatch(self, *_arguments, **_options):
        refuse("GlueContext.forEachBatch", "Streaming jobs are not run.")


class DynamicFrameReader(Refusing):
    def __init__(self, glue_context):
        self._glue_context = glue_context

    def from_rdd(self, data, name, schema=None, sampleRatio=None, transformation_ctx=""):
        return self._glue_context.create_dynamic_frame_from_rdd(data, name, schema, sampleRatio, transformation_ctx)

    def from_options(self, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx="",
                     push_down_predicate="", **options):
        return self._glue_context.create_dynamic_frame_from_options(connection_type, connection_options, format, format_options,
                                                                    transformation_ctx, push_down_predicate, **options)

    def from_catalog(self, database=None, table_name=None, redshift_tmp_dir="", transformation_ctx="", push_down_predicate="",
                     additional_options=None, catalog_id=None, name_space=None, **options):
        return self._glue_context.create_dynamic_frame_from_catalog(database or name_space, table_name, redshift_tmp_dir, transformation_ctx,
                                                                    push_down_predicate, additional_options, catalog_id, **options)


class DataFrameReader(Refusing):
    def __init__(self, glue_context):
        self._glue_context = glue_context

    def from_options(self, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx="",
                     push_down_predicate="", **options):
        return self._glue_context.create_data_frame_from_options(connection_type, connection_options, format, format_options,
                                                                 transformation_ctx, push_down_predicate, **options)

    def from_catalog(self, database=None, table_name=None, redshift_tmp_dir="", transformation_ctx="", push_down_predicate="",
                     additional_options=None, catalog_id=None, name_space=None):
        return self._glue_context.create_data_frame_from_catalog(database or name_space, table_name, transformation_ctx, additional_options,
                                                                 push_down_predicate, redshift_tmp_dir, catalog_id)


class DynamicFrameWriter(Refusing):
    def __init__(self, glue_context):
        self._glue_context = glue_context

    def from_options(self, frame, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx=""):
        return self._glue_context.write_dynamic_frame_from_options(frame, connection_type, connection_options, format, format_options,
                                                                   transformation_ctx)

    def from_catalog(self, frame, database=None, table_name=None, redshift_tmp_dir="", transformation_ctx="", additional_options=None,
                     catalog_id=None, name_space=None):
        return self._glue_context.write_dynamic_frame_from_catalog(frame, database or name_space, table_name, redshift_tmp_dir,
                                                                   transformation_ctx, additional_options, catalog_id)

    def from_jdbc_conf(self, frame, catalog_connection, connection_options=None, redshift_tmp_dir="", transformation_ctx="", catalog_id=None):
        return self._glue_context.write_dynamic_frame_from_jdbc_conf(frame, catalog_connection, connection_options, redshift_tmp_dir,
                                                                     transformation_ctx, catalog_id)


class DataFrameWriter(Refusing):
    def __init__(self, glue_context):
        self._glue_context = glue_context

    def from_catalog(self, frame, database=None, table_name=None, redshift_tmp_dir="", transformation_ctx="", additional_options=None,
                     catalog_id=None, name_space=None):
        return self._glue_context.write_data_frame_from_catalog(frame, database or name_space, table_name, redshift_tmp_dir,
                                                                transformation_ctx, additional_options, catalog_id)

    def from_options(self, frame, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx=""):
        whole = DynamicFrame.fromDF(frame, self._glue_context)
        self._glue_context.write_dynamic_frame_from_options(whole, connection_type, connection_options, format, format_options, transformation_ctx)


class Logger:
    """Glue's logger writes to the error log stream."""

    def _write(self, level, message, *arguments):
        print(f"{level} [main] glue.ProcessLauncher: {message % arguments if arguments else message}", file=sys.stderr)

    def info(self, message, *arguments):
        self._write("INFO", message, *arguments)

    def warn(self, message, *arguments):
        self._write("WARN", message, *arguments)

    warning = warn

    def error(self, message, *arguments):
        self._write("ERROR", message, *arguments)

    def debug(self, message, *arguments):
        """Glue's level is INFO."""


__all__ = ["DynamicFrame", "GlueContext"]
