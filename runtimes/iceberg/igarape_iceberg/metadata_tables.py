"""`"table$files"` and its like, in the columns that Trino gives them, as a Parquet file that the engine reads."""
import pyarrow as pa
import pyarrow.parquet as parquet
from pyiceberg.conversions import from_bytes
from pyiceberg.manifest import DataFileContent

from igarape_iceberg.planning import snapshot_of
from igarape_iceberg.tables import described

MOMENT = pa.timestamp("ms", tz="UTC")
COUNTS = pa.map_(pa.int32(), pa.int64())
BOUNDS = pa.map_(pa.int32(), pa.string())
SUMMARY = pa.struct(
    [("contains_null", pa.bool_()), ("contains_nan", pa.bool_()), ("lower_bound", pa.string()), ("upper_bound", pa.string())]
)


def write(place, request):
    table = place.load()
    snapshot = table.current_snapshot()
    snapshot_id = snapshot_of(table, request)
    if snapshot_id is not None:
        snapshot = table.snapshot_by_id(snapshot_id)
    schema, rows = TABLES[request["what"]](place, table, snapshot)
    path = f"{place.io.folder}/{request['what']}.parquet"
    parquet.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return {**described(table), "path": path}


def snapshots(place, table, snapshot):
    schema = pa.schema([
        ("committed_at", MOMENT),
        ("snapshot_id", pa.int64()),
        ("parent_id", pa.int64()),
        ("operation", pa.string()),
        ("manifest_list", pa.string()),
        ("summary", pa.map_(pa.string(), pa.string())),
    ])
    return schema, [
        {
            "committed_at": one.timestamp_ms,
            "snapshot_id": one.snapshot_id,
            "parent_id": one.parent_snapshot_id,
            "operation": one.summary.operation.value if one.summary else None,
            "manifest_list": one.manifest_list,
            "summary": list(one.summary.additional_properties.items()) if one.summary else [],
        }
        for one in table.metadata.snapshots
    ]


def history(place, table, snapshot):
    ancestors = set()
    one = table.current_snapshot()
    while one is not None:
        ancestors.add(one.snapshot_id)
        one = table.snapshot_by_id(one.parent_snapshot_id) if one.parent_snapshot_id else None
    schema = pa.schema([
        ("made_current_at", MOMENT),
        ("snapshot_id", pa.int64()),
        ("parent_id", pa.int64()),
        ("is_current_ancestor", pa.bool_()),
    ])
    rows = []
    for entry in table.metadata.snapshot_log:
        found = table.snapshot_by_id(entry.snapshot_id)
        rows.append({
            "made_current_at": entry.timestamp_ms,
            "snapshot_id": entry.snapshot_id,
            "parent_id": found.parent_snapshot_id if found else None,
            "is_current_ancestor": entry.snapshot_id in ancestors,
        })
    return schema, rows


def refs(place, table, snapshot):
    schema = pa.schema([
        ("name", pa.string()),
        ("type", pa.string()),
        ("snapshot_id", pa.int64()),
        ("max_reference_age_in_ms", pa.int64()),
        ("min_snapshots_to_keep", pa.int32()),
        ("max_snapshot_age_in_ms", pa.int64()),
    ])
    return schema, [
        {
            "name": name,
            "type": one.snapshot_ref_type.value.upper(),
            "snapshot_id": one.snapshot_id,
            "max_reference_age_in_ms": one.max_ref_age_ms,
            "min_snapshots_to_keep": one.min_snapshots_to_keep,
            "max_snapshot_age_in_ms": one.max_snapshot_age_ms,
        }
        for name, one in table.metadata.refs.items()
    ]


def manifests(place, table, snapshot):
    schema = pa.schema([
        ("path", pa.string()),
        ("length", pa.int64()),
        ("partition_spec_id", pa.int32()),
        ("added_snapshot_id", pa.int64()),
        ("added_data_files_count", pa.int32()),
        ("added_rows_count", pa.int64()),
        ("existing_data_files_count", pa.int32()),
        ("existing_rows_count", pa.int64()),
        ("deleted_data_files_count", pa.int32()),
        ("deleted_rows_count", pa.int64()),
        ("partition_summaries", pa.list_(SUMMARY)),
    ])
    return schema, [
        {
            "path": one.manifest_path,
            "length": one.manifest_length,
            "partition_spec_id": one.partition_spec_id,
            "added_snapshot_id": one.added_snapshot_id,
            "added_data_files_count": one.added_files_count,
            "added_rows_count": one.added_rows_count,
            "existing_data_files_count": one.existing_files_count,
            "existing_rows_count": one.existing_rows_count,
            "deleted_data_files_count": one.deleted_files_count,
            "deleted_rows_count": one.deleted_rows_count,
            "partition_summaries": summaries(table, one),
        }
        for one in (snapshot.manifests(place.io) if snapshot else [])
    ]


def summaries(table, manifest):
    fields = table.specs()[manifest.partition_spec_id].fields
    rows = []
    for field, one in zip(fields, manifest.partitions or []):
        kind = field.transform.result_type(table.schema().find_type(field.source_id))
        shown = lambda bound: None if bound is None else field.transform.to_human_string(  # noqa: B023, E731 (used at once)
            table.schema().find_type(field.source_id), from_bytes(kind, bound)
        )
        rows.append({
            "contains_null": one.contains_null,
            "contains_nan": one.contains_nan,
            "lower_bound": shown(one.lower_bound),
            "upper_bound": shown(one.upper_bound),
        })
    return rows


def live_files(place, snapshot):
    for manifest in snapshot.manifests(place.io) if snapshot else []:
        for entry in manifest.fetch_manifest_entry(place.io, discard_deleted=True):
            yield entry.data_file


def files(place, table, snapshot):
    schema = pa.schema([
        ("content", pa.int32()),
        ("file_path", pa.string()),
        ("file_format", pa.string()),
        ("record_count", pa.int64()),
        ("file_size_in_bytes", pa.int64()),
        ("column_sizes", COUNTS),
        ("value_counts", COUNTS),
        ("null_value_counts", COUNTS),
        ("nan_value_counts", COUNTS),
        ("lower_bounds", BOUNDS),
        ("upper_bounds", BOUNDS),
        ("key_metadata", pa.binary()),
        ("split_offsets", pa.list_(pa.int64())),
        ("equality_ids", pa.list_(pa.int32())),
    ])
    return schema, [
        {
            "content": int(one.content),
            "file_path": one.file_path,
            "file_format": one.file_format.value,
            "record_count": one.record_count,
            "file_size_in_bytes": one.file_size_in_bytes,
            "column_sizes": counts(one.column_sizes),
            "value_counts": counts(one.value_counts),
            "null_value_counts": counts(one.null_value_counts),
            "nan_value_counts": counts(one.nan_value_counts),
            "lower_bounds": bounds(table, one.lower_bounds),
            "upper_bounds": bounds(table, one.upper_bounds),
            "key_metadata": one.key_metadata,
            "split_offsets": one.split_offsets,
            "equality_ids": one.equality_ids,
        }
        for one in live_files(place, snapshot)
    ]


def counts(found):
    return None if found is None else list(found.items())


def bounds(table, found):
    if found is None:
        return None
    return [(number, shown_value(table, number, value)) for number, value in found.items() if known(table, number)]


def known(table, number):
    return table.schema().find_column_name(number) is not None


def shown_value(table, number, value):
    shown = value_of(table, number, value)
    return str(shown).lower() if isinstance(shown, bool) else str(shown)


def value_of(table, number, value):
    """A bound as the arrow value of its column."""
    kind = table.schema().find_type(number)
    found = from_bytes(kind, value)
    kinds = {"date": pa.date32(), "timestamp": pa.timestamp("us"), "timestamptz": pa.timestamp("us", tz="UTC"), "time": pa.time64("us")}
    arrow = kinds.get(str(kind))
    if arrow is None:
        return found
    size = pa.int32() if str(kind) == "date" else pa.int64()
    return pa.scalar(found, size).cast(arrow).as_py()


def partitions(place, table, snapshot):
    """A row for each partition; `data` has what the files' statistics say of every column that is no partition key."""
    from pyiceberg.io.pyarrow import schema_to_pyarrow

    spec, schema = table.spec(), table.schema()
    arrow = schema_to_pyarrow(schema, include_field_ids=False)
    keys = [
        (field.name, schema_to_pyarrow(field.transform.result_type(schema.find_type(field.source_id)), include_field_ids=False))
        for field in spec.fields
    ]
    identity = {field.source_id for field in spec.fields if str(field.transform) == "identity"}
    data = [
        (field, arrow.field(field.name).type)
        for field in schema.fields
        if field.field_type.is_primitive and field.field_id not in identity
    ]
    of_column = lambda kind: pa.struct([("min", kind), ("max", kind), ("null_count", pa.int64()), ("nan_count", pa.int64())])  # noqa: E731
    columns = [("partition", pa.struct(keys))] if keys else []
    columns += [("record_count", pa.int64()), ("file_count", pa.int64()), ("total_size", pa.int64())]
    columns += [("data", pa.struct([(field.name, of_column(kind)) for field, kind in data]))] if data else []
    groups = {}
    for one in live_files(place, snapshot):
        if one.content == DataFileContent.DATA and one.spec_id == spec.spec_id:
            groups.setdefault(tuple(one.partition), []).append(one)
    rows = []
    for key, found in groups.items():
        row = {
            "record_count": sum(one.record_count for one in found),
            "file_count": len(found),
            "total_size": sum(one.file_size_in_bytes for one in found),
            "data": {field.name: statistics(table, field.field_id, found) for field, _ in data},
        }
        if keys:
            row["partition"] = {name: partition_value(kind, value) for (name, kind), value in zip(keys, key)}
        rows.append(row)
    return pa.schema(columns), rows


def partition_value(kind, value):
    if value is None or not (pa.types.is_temporal(kind)) or not isinstance(value, int):
        return value
    size = pa.int32() if pa.types.is_date32(kind) else pa.int64()
    return pa.scalar(value, size).cast(kind).as_py()


def statistics(table, number, found):
    def each(of):
        return [None if of(one) is None else of(one).get(number) for one in found]

    def total(values):
        return None if None in values else sum(values)

    def bound(of, best):
        values = [None if value is None else value_of(table, number, value) for value in each(of)]
        return None if None in values else best(values)

    return {
        "min": bound(lambda one: one.lower_bounds, min),
        "max": bound(lambda one: one.upper_bounds, max),
        "null_count": total(each(lambda one: one.null_value_counts)),
        "nan_count": total(each(lambda one: one.nan_value_counts)),
    }


TABLES = {
    "snapshots": snapshots,
    "history": history,
    "refs": refs,
    "manifests": manifests,
    "files": files,
    "partitions": partitions,
}
