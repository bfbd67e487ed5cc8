"""`GlueContext`: frames in and out of S3 and the Data Catalog."""

import sys

from awsglue.data_source import frame_from_catalog, frame_from_options
from awsglue.data_sink import DataSink, write_frame
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.unsupported import Refusing, refuse


class GlueContext(Refusing):
    def __init__(self, sparkContext, **_options):
        self._context = sparkContext
        self.spark_session = sparkContext._engine.session
        self._engine = sparkContext._engine
        self.create_dynamic_frame = FrameReader(self)
        self.write_dynamic_frame = FrameWriter(self)

    @property
    def engine(self):
        return self._engine

    def get_logger(self):
        return Logger()

    def getSource(self, *_arguments, **_options):
        refuse("GlueContext.getSource")

    def getSink(self, connection_type, format=None, transformation_ctx="", **options):
        return DataSink(self, connection_type, options, format)

    def create_dynamic_frame_from_options(self, connection_type, connection_options=None, format=None, format_options=None,
                                          transformation_ctx="", push_down_predicate="", **_options):
        return self.create_dynamic_frame.from_options(connection_type, connection_options, format, format_options, transformation_ctx)

    def create_dynamic_frame_from_catalog(self, database, table_name, redshift_tmp_dir="", transformation_ctx="",
                                          push_down_predicate="", additional_options=None, catalog_id=None, **_options):
        return self.create_dynamic_frame.from_catalog(database, table_name, push_down_predicate=push_down_predicate,
                                                      additional_options=additional_options)

    def create_data_frame_from_catalog(self, database, table_name, transformation_ctx="", additional_options=None, **options):
        return self.create_dynamic_frame.from_catalog(database, table_name, additional_options=additional_options, **options).toDF()

    def write_dynamic_frame_from_options(self, frame, connection_type, connection_options=None, format=None, format_options=None,
                                         transformation_ctx=""):
        return self.write_dynamic_frame.from_options(frame, connection_type, connection_options, format, format_options)

    def write_dynamic_frame_from_catalog(self, frame, database, table_name, redshift_tmp_dir="", transformation_ctx="",
                                         additional_options=None, catalog_id=None):
        return self.write_dynamic_frame.from_catalog(frame, database, table_name, additional_options=additional_options)

    def purge_s3_path(self, *_arguments, **_options):
        refuse("GlueContext.purge_s3_path")

    def setTempDir(self, _folder):
        """Redshift's staging folder; nothing here stages."""


class FrameReader(Refusing):
    def __init__(self, glue_context):
        self._glue_context = glue_context

    def from_options(self, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx="",
                     push_down_predicate="", **_options):
        return frame_from_options(self._glue_context, connection_type, connection_options or {}, format, format_options or {})

    def from_catalog(self, database=None, table_name=None, redshift_tmp_dir="", transformation_ctx="", push_down_predicate="",
                     additional_options=None, catalog_id=None, name_space=None, **_options):
        return frame_from_catalog(self._glue_context, database or name_space, table_name, push_down_predicate, additional_options or {})


class FrameWriter(Refusing):
    def __init__(self, glue_context):
        self._glue_context = glue_context

    def from_options(self, frame, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx=""):
        if isinstance(frame, DynamicFrameCollection):
            refuse("write_dynamic_frame of a DynamicFrameCollection")
        write_frame(self._glue_context, frame, connection_type, connection_options or {}, format, format_options or {})
        return frame

    def from_catalog(self, frame, database=None, table_name=None, redshift_tmp_dir="", transformation_ctx="", additional_options=None,
                     catalog_id=None, name_space=None):
        sink = DataSink.of_table(self._glue_context, database or name_space, table_name, additional_options or {})
        sink.writeFrame(frame)
        return frame

    def from_jdbc_conf(self, *_arguments, **_options):
        refuse("write_dynamic_frame.from_jdbc_conf")


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
