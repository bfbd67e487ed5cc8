"""Structs that are null: their fields are null too. Arrow leaves something else below a null, which the embedded engine would read as the field's value."""

import pyarrow
import pyarrow.compute as compute
from pyspark.sql.connect.plan import LocalRelation


def install() -> None:
    plain = LocalRelation.__init__

    def made(self, table, *arguments, **named):
        plain(self, cleared(table) if isinstance(table, pyarrow.Table) else table, *arguments, **named)

    LocalRelation.__init__ = made


def cleared(table: pyarrow.Table) -> pyarrow.Table:
    if not any(pyarrow.types.is_nested(field.type) for field in table.schema):
        return table
    columns = [pyarrow.chunked_array([cleared_array(chunk) for chunk in column.chunks], column.type) for column in table.columns]
    return pyarrow.Table.from_arrays(columns, schema=table.schema)


def cleared_array(array: pyarrow.Array) -> pyarrow.Array:
    if pyarrow.types.is_struct(array.type):
        mask = array.is_null()
        fields = [cleared_array(compute.if_else(mask, pyarrow.scalar(None, child.type), child) if array.null_count else child)
                  for child in (array.field(index) for index in range(array.type.num_fields))]
        return pyarrow.StructArray.from_arrays(fields, fields=list(array.type), mask=mask)
    if pyarrow.types.is_list(array.type) and array.offset == 0:
        return pyarrow.ListArray.from_arrays(array.offsets, cleared_array(array.values), type=array.type, mask=array.is_null() if array.null_count else None)
    return array
