"""Glue's transforms as classes with `apply`, each a call of the frame's own method."""

import inspect

from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.unsupported import refuse


class GlueTransform:
    @classmethod
    def apply(cls, *args, **kwargs):
        return cls()(*args, **kwargs)

    @classmethod
    def name(cls):
        return cls.__name__

    @classmethod
    def describeArgs(cls):
        """The arguments by name, each with its default if it has one."""
        parameters = list(inspect.signature(cls.__call__).parameters.values())[1:]
        return [{"name": parameter.name, "optional": parameter.default is not parameter.empty,
                 "defaultValue": None if parameter.default is parameter.empty else parameter.default} for parameter in parameters]

    @classmethod
    def describe(cls):
        return {"transform": {"name": cls.name(), "args": cls.describeArgs()}}


class ApplyMapping(GlueTransform):
    def __call__(self, frame, mappings, case_sensitive=False, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return frame.apply_mapping(mappings, case_sensitive, transformation_ctx, info, stageThreshold, totalThreshold)


class DropFields(GlueTransform):
    def __call__(self, frame, paths, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return frame.drop_fields(paths, transformation_ctx, info, stageThreshold, totalThreshold)


class DropNullFields(GlueTransform):
    def __call__(self, frame, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return frame.drop_nulls(transformation_ctx, info, stageThreshold, totalThreshold)


class ErrorsAsDynamicFrame(GlueTransform):
    def __call__(self, frame):
        return frame.errorsAsDynamicFrame()


class Filter(GlueTransform):
    def __call__(self, frame, f, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return frame.filter(f, transformation_ctx, info, stageThreshold, totalThreshold)


class FlatMap(GlueTransform):
    """Of a collection: a transform of each frame, whose collections become one."""

    def __call__(self, dfc, BaseTransform, frame_name, transformation_ctx="", **base_kwargs):
        return dfc.flatmap(lambda frame, ctx: BaseTransform.apply(**{frame_name: frame}, transformation_ctx=ctx, **base_kwargs), transformation_ctx)


class Join(GlueTransform):
    def __call__(self, frame1, frame2, keys1, keys2, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return frame1.join(keys1, keys2, frame2, transformation_ctx, info, stageThreshold, totalThreshold)


class Map(GlueTransform):
    def __call__(self, frame, f, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return frame.map(f, False, transformation_ctx, info, stageThreshold, totalThreshold)


class MapToCollection(GlueTransform):
    def __call__(self, dfc, BaseTransform, frame_name, transformation_ctx="", **base_kwargs):
        return dfc.map(lambda frame, ctx: BaseTransform.apply(**{frame_name: frame}, transformation_ctx=ctx, **base_kwargs), transformation_ctx)


class Relationalize(GlueTransform):
    def __call__(self, frame, staging_path=None, name="roottable", options=None, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return frame.relationalize(name, staging_path, options, transformation_ctx, info, stageThreshold, totalThreshold)


class RenameField(GlueTransform):
    def __call__(self, frame, old_name, new_name, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return frame.rename_field(old_name, new_name, transformation_ctx, info, stageThreshold, totalThreshold)


class ResolveChoice(GlueTransform):
    def __call__(self, frame, specs=None, choice="", transformation_ctx="", info="", stageThreshold=0, totalThreshold=0, database=None,
                 table_name=None, catalog_id=None):
        return frame.resolveChoice(specs, choice, database, table_name, transformation_ctx, info, stageThreshold, totalThreshold, catalog_id)


class SelectFields(GlueTransform):
    def __call__(self, frame, paths=None, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return frame.select_fields(paths or [], transformation_ctx, info, stageThreshold, totalThreshold)


class SelectFromCollection(GlueTransform):
    def __call__(self, dfc, key, transformation_ctx=""):
        return dfc.select(key)


class Spigot(GlueTransform):
    def __call__(self, frame, path, options=None, transformation_ctx=""):
        return frame.spigot(path, options, transformation_ctx)


class SplitFields(GlueTransform):
    def __call__(self, frame, paths, name1="", name2="", transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return frame.split_fields(paths, name1 or f"{frame.name}1", name2 or f"{frame.name}2", transformation_ctx, info, stageThreshold, totalThreshold)


class SplitRows(GlueTransform):
    def __call__(self, frame, comparison_dict, name1="frame1", name2="frame2", transformation_ctx="", info=None, stageThreshold=0, totalThreshold=0):
        return frame.split_rows(comparison_dict, name1, name2, transformation_ctx, info, stageThreshold, totalThreshold)


class Unbox(GlueTransform):
    def __call__(self, frame, path, format, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0, **options):
        return frame.unbox(path, format, transformation_ctx, info, stageThreshold, totalThreshold, **options)


class Union(GlueTransform):
    def __call__(self, frame1, frame2, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return frame1.union(frame2, transformation_ctx, info, stageThreshold, totalThreshold)


class UnnestFrame(GlueTransform):
    def __call__(self, frame, transformation_ctx="", info="", stageThreshold=0, totalThreshold=0):
        return frame.unnest(transformation_ctx, info, stageThreshold, totalThreshold)


class DropDuplicates(GlueTransform):
    def __call__(self, frame, columns=None, transformation_ctx=""):
        return frame._same(frame.toDF().dropDuplicates(columns))


def learned(name: str):
    """Transforms that AWS's machine learning makes."""
    return type(name, (GlueTransform,), {"__call__": lambda self, *_arguments, **_options: refuse(f"transforms.{name}, which is machine learning of AWS,")})


absent = ["FillMissingValues", "FindIncrementalMatches", "FindMatches"]
globals().update({name: learned(name) for name in absent})

__all__ = ["ApplyMapping", "DropDuplicates", "DropFields", "DropNullFields", "DynamicFrame", "DynamicFrameCollection", "ErrorsAsDynamicFrame",
           "Filter", "FlatMap", "GlueTransform", "Join", "Map", "MapToCollection", "Relationalize", "RenameField", "ResolveChoice", "SelectFields",
           "SelectFromCollection", "Spigot", "SplitFields", "SplitRows", "Unbox", "Union", "UnnestFrame", *absent]
