"""`DynamicFrame` as a thin coat over Spark's own frame: what needs choice types is the embedded engine's."""

from awsglue.unsupported import Refusing


class DynamicFrame(Refusing):
    def __init__(self, frame, glue_ctx, name=""):
        self._frame = frame
        self.glue_ctx = glue_ctx
        self.name = name

    @classmethod
    def fromDF(cls, dataframe, glue_ctx, name=""):
        return cls(dataframe, glue_ctx, name)

    def toDF(self, options=None):
        return self._frame

    def count(self):
        return self._frame.count()

    def show(self, num_rows=20):
        self._frame.show(num_rows)

    def printSchema(self):
        self._frame.printSchema()

    def _with(self, frame):
        return DynamicFrame(frame, self.glue_ctx, self.name)

    def select_fields(self, paths, transformation_ctx="", **_options):
        return self._with(self._frame.select(*paths))

    def drop_fields(self, paths, transformation_ctx="", **_options):
        return self._with(self._frame.drop(*paths))

    def rename_field(self, oldName, newName, transformation_ctx="", **_options):
        return self._with(self._frame.withColumnRenamed(oldName, newName))

    def repartition(self, num_partitions, transformation_ctx="", **_options):
        return self._with(self._frame.repartition(num_partitions))

    def coalesce(self, num_partitions, transformation_ctx="", **_options):
        return self._with(self._frame.coalesce(num_partitions))

    def apply_mapping(self, mappings, case_sensitive=False, transformation_ctx="", **_options):
        from pyspark.sql import functions

        columns = [functions.col(source).cast({"long": "bigint"}.get(type, type)).alias(target) for source, _, target, type in mappings]
        return self._with(self._frame.select(*columns))


class DynamicFrameCollection(Refusing):
    """Kept for scripts that name it."""
