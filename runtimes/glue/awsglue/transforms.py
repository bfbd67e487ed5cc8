"""Glue's transforms as classes with `apply`, each a call of the frame's own method."""

from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.unsupported import refuse


class GlueTransform:
    @classmethod
    def apply(cls, *arguments, **options):
        return cls()(*arguments, **options)

    @classmethod
    def name(cls):
        return cls.__name__


class ApplyMapping(GlueTransform):
    def __call__(self, frame, mappings, case_sensitive=False, transformation_ctx="", *_arguments, **_options):
        return frame.apply_mapping(mappings, case_sensitive)


class ResolveChoice(GlueTransform):
    def __call__(self, frame, specs=None, choice="", transformation_ctx="", info="", stageThreshold=0, totalThreshold=0, database=None,
                 table_name=None, catalog_id=None):
        return frame.resolveChoice(specs, choice, database, table_name)


class DropFields(GlueTransform):
    def __call__(self, frame, paths, *_arguments, **_options):
        return frame.drop_fields(paths)


class SelectFields(GlueTransform):
    def __call__(self, frame, paths=None, *_arguments, **_options):
        return frame.select_fields(paths or [])


class RenameField(GlueTransform):
    def __call__(self, frame, old_name, new_name, *_arguments, **_options):
        return frame.rename_field(old_name, new_name)


class DropNullFields(GlueTransform):
    def __call__(self, frame, *_arguments, **_options):
        return frame.drop_nulls()


class Filter(GlueTransform):
    def __call__(self, frame, f, *_arguments, **_options):
        return frame.filter(f)


class Map(GlueTransform):
    def __call__(self, frame, f, *_arguments, **_options):
        return frame.map(f)


class Join(GlueTransform):
    def __call__(self, frame1, frame2, keys1, keys2, *_arguments, **_options):
        return frame1.join(keys1, keys2, frame2)


class SelectFromCollection(GlueTransform):
    def __call__(self, dfc, key, *_arguments, **_options):
        return dfc.select(key)


def missing(name: str):
    return type(name, (GlueTransform,), {"__call__": lambda self, *_arguments, **_options: refuse(f"transforms.{name}")})


absent = ["DropDuplicates", "ErrorsAsDynamicFrame", "EvaluateDataQuality", "FillMissingValues", "FindIncrementalMatches", "FindMatches",
          "FlatMap", "MapToCollection", "Relationalize", "Spigot", "SplitFields", "SplitRows", "Unbox", "UnnestFrame"]
globals().update({name: missing(name) for name in absent})

__all__ = ["ApplyMapping", "DropFields", "DropNullFields", "DynamicFrame", "DynamicFrameCollection", "Filter", "GlueTransform", "Join", "Map",
           "RenameField", "ResolveChoice", "SelectFields", "SelectFromCollection", *absent]
