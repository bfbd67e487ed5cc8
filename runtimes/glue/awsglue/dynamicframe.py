"""`DynamicFrame`: records whose fields may be of several types, as a DataFrame with its Glue type beside it."""

import json

from pyspark.sql import functions
from pyspark.sql import types as spark

from awsglue import gluetypes as glue
from awsglue.collection import DynamicFrameCollection
from awsglue.errors import ErrorRecords
from awsglue.fields import Column, cast, columns_of, completed, edit, find, members, path_of, put, rebuilt
from awsglue.records import DynamicRecord, RecordSpool, records_of
from awsglue.record_steps import filtered
from awsglue.relational import Relationalizer, flattened, simplified, unboxed, unnested
from awsglue.resolving import ResolveOption, resolved, table_types
from awsglue.shapes import glue_type, is_null, merged, tree
from awsglue.unsupported import Refusing, refuse

comparisons = {">": "__gt__", "<": "__lt__", ">=": "__ge__", "<=": "__le__", "=": "__eq__", "!=": "__ne__"}


class DynamicFrame(Refusing):
    def __init__(self, jdf, glue_ctx, name=""):
        self._frame, self.glue_ctx, self.name = without_void(jdf), glue_ctx, name
        self._type = glue_type(jdf.schema)
        self._errors = ErrorRecords()

    @classmethod
    def fromDF(cls, dataframe, glue_ctx, name=""):
        return cls(dataframe, glue_ctx, name)

    @classmethod
    def typed(cls, dataframe, type, glue_ctx, name="", errors=None):
        """A frame whose columns lie as the type says."""
        frame = cls.__new__(cls)
        frame._frame, frame._type, frame.glue_ctx, frame.name = dataframe, type, glue_ctx, name
        frame._errors = errors or ErrorRecords()
        return frame

    def toDF(self, options=None):
        if not options:
            return self._frame
        return self.resolveChoice(specs=[option.spec() for option in options])._frame

    def _with(self, columns, name=None):
        frame = self._frame.select(*[column.value.alias(column.name) for column in columns]) if columns else self._frame.limit(0).select()
        type = glue.StructType([glue.Field(column.name, column.type) for column in columns])
        return DynamicFrame.typed(frame, type, self.glue_ctx, name or self.name, ErrorRecords(self._errors))

    def _same(self, dataframe, name=None):
        return DynamicFrame.typed(dataframe, self._type, self.glue_ctx, name or self.name, ErrorRecords(self._errors))

    def _columns(self):
        return columns_of(self._frame, self._type)

    def _path(self, text):
        return path_of(text, self._type.fields)

    def _records(self):
        return records_of(self.glue_ctx.engine, self._frame, self._type)

    # What it holds

    def schema(self):
        return self._type

    def printSchema(self):
        print("\n".join(["root", *[line for field in self._type.fields for line in tree(field.dataType, field.name)]]))

    def count(self):
        return self._frame.count()

    def show(self, num_rows=20):
        """Records as JSON lines."""
        for record in records_of(self.glue_ctx.engine, self._frame.limit(num_rows), self._type) if self._type.fields else []:
            print(json.dumps({name: value for name, value in record.items() if value is not None}, ensure_ascii=False, default=str))

    def repartition(self, num_partitions, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return self._same(self._frame.repartition(num_partitions))

    def coalesce(self, num_partitions, shuffle=False, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return self._same(self._frame.coalesce(num_partitions))

    def getNumPartitions(self):
        refuse("DynamicFrame.getNumPartitions")

    # Fields

    def apply_mapping(self, mappings, case_sensitive=False, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        columns, there = [], self._columns()
        for mapping in mappings:
            source, target, wanted = parts_of(tuple(mapping))
            found = find(there, path_of(source, there), case_sensitive)
            if found is not None:
                # A field that no record has makes none.
                made = cast(found, wanted) if wanted else found
                columns = put(columns, path_of(target), made.value, made.type)
        return self._with(columns)

    applyMapping = apply_mapping

    def drop_fields(self, paths, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        columns = self._columns()
        for path in [paths] if isinstance(paths, str) else paths:
            columns = edit(columns, self._path(path), lambda _column: [])
        return self._with(columns)

    def select_fields(self, paths, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        columns, there = [], self._columns()
        for path in [paths] if isinstance(paths, str) else paths:
            found = find(there, self._path(path))
            if found is not None:
                columns = put(columns, self._path(path), found.value, found.type)
        return self._with(columns)

    def rename_field(self, oldName, newName, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        old, new = self._path(oldName), path_of(newName)
        if old[:-1] == new[:-1]:
            return self._with(edit(self._columns(), old, lambda column: [Column(new[-1], column.value, column.type)]))
        found = find(self._columns(), old)
        if found is None:
            return self
        return self._with(put(edit(self._columns(), old, lambda _column: []), new, found.value, found.type))

    def split_fields(self, paths, name1, name2, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        split, left = self.select_fields(paths), self.drop_fields(paths)
        split.name, left.name = name1, name2
        return DynamicFrameCollection({name1: split, name2: left}, self.glue_ctx)

    def drop_nulls(self, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """Fields that are null in every record are of the null type."""
        return self._with(without_nulls(self._columns()))

    def resolveChoice(self, specs=None, choice="", database=None, table_name=None, transformation_ctx="", info="", stageThreshold=0,
                      totalThreshold=0, catalog_id=None, option=""):
        types = lambda: table_types(self.glue_ctx.engine, database, table_name)  # noqa: E731
        return self._with(resolved(self._columns(), specs, choice or option, types))

    def unnest(self, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return self._with(unnested(self._columns()))

    # Records

    def filter(self, f, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        errors = ErrorRecords(self._errors)
        kept = filtered(self.glue_ctx.engine, self._frame, self._type, f, errors)
        errors.check(stageThreshold, totalThreshold)
        return DynamicFrame.typed(kept, self._type, self.glue_ctx, self.name, errors)

    def map(self, f, preservesPartitioning=False, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return self._each(lambda record: [f(record)], "Map", stageThreshold, totalThreshold)

    def _each(self, function, step, stageThreshold=0, totalThreshold=0):
        """A frame of the records that a function makes of each record."""
        spool, errors = RecordSpool(self.glue_ctx.engine, hints=self._type), ErrorRecords(self._errors)
        for record in self._records():
            before = DynamicRecord(record)
            try:
                made = [item for item in function(record) if item is not None]
            except Exception as error:
                errors.add(before, error, step)
                continue
            for item in made:
                spool.add(item)
        errors.check(stageThreshold, totalThreshold)
        return DynamicFrame.typed(*spool.frame(), self.glue_ctx, self.name, errors)

    def split_rows(self, comparison_dict, name1, name2, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        condition = functions.lit(True)
        for path, wanted in comparison_dict.items():
            found = find(self._columns(), self._path(path))
            if found is None:
                raise ValueError(f"No record has the field {path}.")
            for comparison, value in wanted.items():
                if comparison not in comparisons:
                    raise ValueError(f"A row is compared by {', '.join(comparisons)}, not {comparison}.")
                condition = condition & getattr(found.value, comparisons[comparison])(functions.lit(value))
        sure = functions.coalesce(condition, functions.lit(False))
        return DynamicFrameCollection({name1: self._same(self._frame.filter(sure), name1), name2: self._same(self._frame.filter(~sure), name2)}, self.glue_ctx)

    def relationalize(self, root_table_name, staging_path=None, options=None, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        if options:
            refuse("relationalize with options")
        tables = Relationalizer(self.glue_ctx.engine, root_table_name, self._type)
        for record in self._records():
            tables.add(record)
        frames = {name: DynamicFrame.typed(*made, self.glue_ctx, name) for name, made in tables.frames().items()}
        return DynamicFrameCollection(frames, self.glue_ctx)

    def unbox(self, path, format, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0, **options):
        frame, type, failed = unboxed(self.glue_ctx.engine, self._frame, self._type, self._path(path), format, options)
        errors = ErrorRecords(self._errors)
        for record, error in failed:
            errors.add(record, error, "Unbox")
        errors.check(stageThreshold, totalThreshold)
        return DynamicFrame.typed(frame, type, self.glue_ctx, self.name, errors)

    def simplify_ddb_json(self, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return self._each(lambda record: [simplified(record)], "simplify_ddb_json", stageThreshold, totalThreshold)

    def unnest_ddb_json(self, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return self._each(lambda record: [flattened(simplified(record))], "unnest_ddb_json", stageThreshold, totalThreshold)

    # Several frames

    def join(self, paths1, paths2, frame2, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """An inner join that keeps all fields; those of the second frame whose name is taken get a dot before it."""
        taken = {field.name for field in self._type.fields}
        right = frame2._with([Column(f".{column.name}" if column.name in taken else column.name, column.value, column.type) for column in frame2._columns()])
        renamed = dict(zip([field.name for field in frame2._type.fields], right._type.fields))
        condition = functions.lit(True)
        for one, other in zip(listed(paths1), listed(paths2), strict=True):
            path = frame2._path(other)
            if path[0] not in renamed:
                raise ValueError(f"No record of the second frame has the field {other}.")
            left_key, right_key = find(self._columns(), self._path(one)), find(right._columns(), [renamed[path[0]].name, *path[1:]])
            if left_key is None or right_key is None:
                raise ValueError(f"No record has the field {one if left_key is None else other}.")
            condition = condition & same_key(left_key, right_key)
        joined = self._frame.join(right._frame, condition, "inner")
        type = glue.StructType([*self._type.fields, *right._type.fields])
        return DynamicFrame.typed(joined, type, self.glue_ctx, self.name, ErrorRecords(self._errors))

    def union(self, frame2, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        """All records of both; a field that is of another type in the second frame becomes a choice."""
        type = merged(self._type, frame2._type)
        wanted = {field.name: field.dataType for field in type.fields}
        whole = [frame._with(completed(frame._columns(), wanted))._frame for frame in (self, frame2)]
        return DynamicFrame.typed(whole[0].unionByName(whole[1]), type, self.glue_ctx, self.name, ErrorRecords(self._errors))

    unionAll = union

    def mergeDynamicFrame(self, stage_dynamic_frame, primary_keys, transformation_ctx="", options=None, info="", stageThreshold=0, totalThreshold=0):
        if options:
            refuse("mergeDynamicFrame with options")
        keys = [Column(f"__key{index}", column.value, column.type) for index, name in enumerate(primary_keys)
                for column in [find(stage_dynamic_frame._columns(), stage_dynamic_frame._path(name))]]
        staged = stage_dynamic_frame._with(keys)._frame.distinct()
        condition = functions.lit(True)
        for key, name in zip(keys, primary_keys):
            condition = condition & find(self._columns(), self._path(name)).value.eqNullSafe(staged[key.name])
        return self._same(self._frame.join(staged, condition, "left_anti")).union(stage_dynamic_frame)

    # Out of it

    def spigot(self, path, options=None, transformation_ctx=""):
        """Writes some of the records as JSON and goes on with all."""
        options = dict(options or {})
        sample = self._frame
        if "prob" in options:
            sample = sample.sample(float(options["prob"]))
        if "topk" in options:
            sample = sample.limit(int(options["topk"]))
        self._same(sample).write("s3", {"path": path}, "json")
        return self

    def write(self, connection_type, connection_options=None, format=None, format_options=None, accumulator_size=0, transformation_ctx=""):
        self.glue_ctx.write_dynamic_frame.from_options(self, connection_type, connection_options, format, format_options, transformation_ctx)
        return self

    # Errors

    def errorsCount(self):
        return self._errors.total

    def stageErrorsCount(self):
        return self._errors.stage

    def errorsAsDynamicFrame(self):
        spool = RecordSpool(self.glue_ctx.engine)
        for record in self._errors.records:
            spool.add(record)
        return DynamicFrame.typed(*spool.frame(), self.glue_ctx, self.name)

    def assertErrorThreshold(self):
        self._errors.check(1, 1)


def without_void(frame):
    void = [field.name for field in frame.schema.fields if isinstance(field.dataType, spark.NullType)]
    return frame.withColumns({name: functions.lit(None).cast("string") for name in void}) if void else frame


def without_nulls(columns):
    out = []
    for column in columns:
        if isinstance(column.type, glue.StructType):
            inner = without_nulls(members(column))
            out += [rebuilt(column, inner) if len(inner) < len(column.type.fields) else column] if inner else []
        elif not is_null(column.type):
            out.append(column)
    return out


def parts_of(mapping: tuple):
    if len(mapping) == 2:
        return mapping[0], mapping[1], None
    if len(mapping) == 3:
        return mapping[0], mapping[1], glue.type_of(mapping[2])
    if len(mapping) == 4:
        return mapping[0], mapping[2], glue.type_of(mapping[3])
    raise ValueError(f"A mapping has two, three or four parts, not {len(mapping)}: {mapping}")


def same_key(one, other):
    for key in (one, other):
        if isinstance(key.type, glue.ChoiceType):
            refuse(f"a join by {key.name}, which is of several types; resolveChoice first")
    return one.value == other.value


def listed(paths):
    return [paths] if isinstance(paths, str) else list(paths)


__all__ = ["DynamicFrame", "DynamicFrameCollection", "DynamicRecord", "ResolveOption"]
