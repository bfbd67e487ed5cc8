"""Files whose columns are of another type than the one that the engine declared: it takes the type of a choice's first value for the whole."""

import pyarrow
from pyspark.sql import types

checks = {
    types.ByteType: pyarrow.types.is_int8, types.ShortType: pyarrow.types.is_int16, types.IntegerType: pyarrow.types.is_int32, types.LongType: pyarrow.types.is_int64,
    types.FloatType: pyarrow.types.is_float32, types.DoubleType: pyarrow.types.is_float64, types.DecimalType: pyarrow.types.is_decimal,
    types.BooleanType: pyarrow.types.is_boolean, types.DateType: pyarrow.types.is_date, types.TimestampType: pyarrow.types.is_timestamp,
    types.StringType: lambda type: pyarrow.types.is_string(type) or pyarrow.types.is_large_string(type) or pyarrow.types.is_string_view(type),
}


def check(declared: types.StructType, found: pyarrow.Schema) -> None:
    for field, type in zip(declared.fields, found.types):
        is_right = checks.get(field.dataType.__class__)
        scale = field.dataType.scale if isinstance(field.dataType, types.DecimalType) else None
        if is_right and not pyarrow.types.is_null(type) and not (is_right(type) and (scale is None or scale == type.scale)):
            raise NotImplementedError(f"The column {field.name} is chosen from values of several types ({field.dataType.simpleString()} and {type}), which the embedded "
                                      "engine does not cover: cast them to one type, or use the `spark` engine (--igarape-engine spark).")
