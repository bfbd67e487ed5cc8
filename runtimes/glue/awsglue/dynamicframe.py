"""`DynamicFrame` over a Spark DataFrame. A choice of types cannot arise: readers resolve each column to one type."""

from pyspark.sql import functions
from pyspark.sql import types as spark

from awsglue.gluetypes import spark_type
from awsglue.records import mapped_frame
from awsglue.unsupported import Refusing, refuse


class DynamicFrameCollection(Refusing):
    def __init__(self, dynamic_frames, glue_ctx):
        self._frames, self._glue_context = dict(dynamic_frames), glue_ctx

    def keys(self):
        return self._frames.keys()

    def values(self):
        return self._frames.values()

    def select(self, key, default_key=None):
        return self._frames[key if key in self._frames else default_key]

    def __getitem__(self, key):
        return self._frames[key]

    def __len__(self):
        return len(self._frames)


class DynamicFrame(Refusing):
    def __init__(self, dataframe, glue_ctx, name=""):
        self._frame, self.glue_ctx, self.name = dataframe, glue_ctx, name

    @classmethod
    def fromDF(cls, dataframe, glue_ctx, name=""):
        return cls(dataframe, glue_ctx, name)

    def toDF(self, options=None):
        if options:
            refuse("DynamicFrame.toDF with options")
        return self._frame

    def _with(self, dataframe):
        return DynamicFrame(dataframe, self.glue_ctx, self.name)

    def schema(self):
        return self._frame.schema

    def count(self):
        return self._frame.count()

    def show(self, num_rows=20):
        """Glue prints records as JSON lines."""
        for row in self._frame.limit(num_rows).select(functions.to_json(functions.struct("*"))).collect() if self._frame.columns else []:
            print(row[0])

    def printSchema(self):
        print("root")
        print_fields(self._frame.schema.fields, "|-- ")

    def repartition(self, num_partitions, *_arguments, **_options):
        return self._with(self._frame.repartition(num_partitions))

    def coalesce(self, num_partitions, *_arguments, **_options):
        return self._with(self._frame.coalesce(num_partitions))

    def drop_fields(self, paths, *_arguments, **_options):
        if any("." in plain(path) for path in paths):
            refuse("drop_fields of a nested field")
        return self._with(self._frame.drop(*[plain(path) for path in paths]))

    def select_fields(self, paths, *_arguments, **_options):
        known = [plain(path) for path in paths if plain(path).split(".")[0] in self._frame.columns]
        if any("." in path for path in known):
            refuse("select_fields of a nested field")
        return self._with(self._frame.select(*[quoted(path) for path in known]))

    def rename_field(self, oldName, newName, *_arguments, **_options):
        if "." in plain(oldName) and plain(oldName) not in self._frame.columns:
            refuse("rename_field of a nested field")
        return self._with(self._frame.withColumnRenamed(plain(oldName), plain(newName)))

    def apply_mapping(self, mappings, case_sensitive=False, *_arguments, **_options):
        columns = [mapped_column(self._frame, tuple(mapping), case_sensitive) for mapping in mappings]
        return self._with(self._frame.select(*[column for column in columns if column is not None]))

    applyMapping = apply_mapping

    def filter(self, f, *_arguments, **_options):
        if not callable(f):
            refuse("DynamicFrame.filter with something that is no function")
        keep = functions.udf(lambda row: bool(f(row)), spark.BooleanType())
        return self._with(self._frame.filter(keep(functions.struct(*[quoted(name) for name in self._frame.columns]))))

    def map(self, f, *_arguments, **_options):
        return self._with(mapped_frame(self.glue_ctx.engine, self._frame, f))

    def join(self, paths1, paths2, frame2, *_arguments, **_options):
        """An inner join that keeps all columns; those of the second frame whose name is taken get a dot before it."""
        left, right = self._frame, frame2.toDF()
        renamed = right
        for name in right.columns:
            if name in left.columns:
                renamed = renamed.withColumnRenamed(name, f".{name}")
        condition = None
        for one, other in zip(paths1, paths2):
            name = f".{plain(other)}" if plain(other) in left.columns else plain(other)
            equal = left[quoted(plain(one))] == renamed[quoted(name)]
            condition = equal if condition is None else condition & equal
        return self._with(left.join(renamed, condition, "inner"))

    def resolveChoice(self, specs=None, choice="", database=None, table_name=None, *_arguments, **_options):
        if database or table_name or choice.startswith("match_catalog"):
            refuse("resolveChoice with match_catalog")
        frame = self._frame
        for path, action in specs or []:
            frame = resolved(frame, plain(path), action)
        if choice:
            resolved(frame, None, choice)
        return self._with(frame)

    def unionAll(self, other, *_arguments):
        return self._with(self._frame.unionByName(other.toDF(), allowMissingColumns=True))

    union = unionAll

    def drop_nulls(self):
        """Fields that hold nothing but null are dropped; which those are is only known from the rows."""
        if not self._frame.columns:
            return self
        counted = self._frame.select(*[functions.count(quoted(name)).alias(f"c{index}") for index, name in enumerate(self._frame.columns)]).collect()[0]
        kept = [name for index, name in enumerate(self._frame.columns) if counted[index] > 0 or counted_none(self._frame.schema[name])]
        return self._with(self._frame.select(*[quoted(name) for name in kept]))

    def errorsCount(self):
        return 0

    def stageErrorsCount(self):
        return 0


def counted_none(field) -> bool:
    """DropNullFields removes fields of the null type, not columns that happen to be empty."""
    return not isinstance(field.dataType, spark.NullType)


def resolved(frame, path, action):
    kind, _, target = action.partition(":")
    if kind in ("cast", "project") and path is not None:
        if path.split(".")[0] not in frame.columns:
            return frame
        if "." in path:
            refuse("resolveChoice of a nested field")
        return frame.withColumn(path, frame[quoted(path)].cast(spark_type(target)))
    if kind in ("make_struct", "make_cols", "cast", "project"):
        # There is no column of several types, so there is nothing to split or to choose.
        return frame
    return refuse(f"resolveChoice with the action {action!r}")


def mapped_column(frame, mapping, case_sensitive):
    if len(mapping) == 2:
        source, target = mapping
        wanted = None
    elif len(mapping) == 4:
        source, _, target, wanted = mapping
    else:
        refuse(f"a mapping of {len(mapping)} parts")
    source, target = plain(source) if plain(source) in frame.columns else source, plain(target)
    first = source.split(".")[0].strip("`") if source not in frame.columns else source
    by_name = {name if case_sensitive else name.lower(): name for name in frame.columns}
    found = by_name.get(first if case_sensitive else first.lower())
    if found is None:
        # A mapping of a field that no record has makes no column.
        return None
    if "." in target:
        refuse("a mapping to a nested field")
    column = frame[quoted(found)]
    if source not in frame.columns:
        for part in source.split(".")[1:]:
            column = column.getField(part.strip("`"))
    return (column.cast(spark_type(wanted)) if wanted else column).alias(target)


def plain(path: str) -> str:
    return path[1:-1] if path.startswith("`") and path.endswith("`") and path.count("`") == 2 else path


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def print_fields(fields, indent: str) -> None:
    names = {"integer": "int", "struct": "struct", "array": "array", "map": "map"}
    for field in fields:
        name = field.dataType.typeName()
        print(f"{indent}{field.name}: {names.get(name, name)}")
        if isinstance(field.dataType, spark.StructType):
            print_fields(field.dataType.fields, "|    " + indent)
        elif isinstance(field.dataType, spark.ArrayType):
            print_fields([spark.StructField("element", field.dataType.elementType)], "|    " + indent)
