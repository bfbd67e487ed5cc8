"""NULL lists and maps of structs stay NULL on their way into a file: the library's own projection makes them empty."""
import pyarrow as pa
from pyiceberg.io.pyarrow import ArrowProjectionVisitor

library_list, library_map = ArrowProjectionVisitor.list, ArrowProjectionVisitor.map


def unsliced(offsets):
    """Arrow takes no mask beside offsets that are part of a longer array."""
    return pa.array(offsets.to_numpy(zero_copy_only=False), offsets.type)


def projected_list(self, list_type, list_array, value_array):
    found = library_list(self, list_type, list_array, value_array)
    if found is None or list_array.null_count == 0 or found.null_count == list_array.null_count:
        return found
    return type(found).from_arrays(unsliced(found.offsets), found.values, found.type, mask=list_array.is_null())


def projected_map(self, map_type, map_array, key_result, value_result):
    found = library_map(self, map_type, map_array, key_result, value_result)
    if found is None or map_array.null_count == 0 or found.null_count == map_array.null_count:
        return found
    return pa.MapArray.from_arrays(unsliced(found.offsets), found.keys, found.items, found.type, mask=map_array.is_null())


def keep_nulls():
    ArrowProjectionVisitor.list = projected_list
    ArrowProjectionVisitor.map = projected_map
