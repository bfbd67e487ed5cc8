"""Which files a query needs of a table: those of one snapshot whose statistics do not rule them out."""
from pyiceberg.expressions import AlwaysTrue, And, GreaterThanOrEqual, In, LessThanOrEqual
from pyiceberg.manifest import FileFormat
from pyiceberg.transforms import IdentityTransform

from igarape_iceberg.refusals import Refused, not_supported


def plan(place, request):
    table = place.load()
    snapshot_id = snapshot_of(table, request)
    metadata = table.metadata
    # The schema is that of the snapshot where one is asked for, the table's otherwise; the conditions are in its names.
    is_older = snapshot_id is not None and table.snapshot_by_id(snapshot_id).schema_id != metadata.current_schema_id
    domains = [] if is_older else request.get("domains", [])
    scan = table.scan(row_filter=filter_of(table.schema(), domains), snapshot_id=snapshot_id)
    schema = scan.projection() if snapshot_id is not None else table.schema()
    return {
        "schema": schema.model_dump(mode="json", by_alias=True),
        "metadata_location": table.metadata_location,
        "location": table.location(),
        "files_planned": [file_of(task, metadata) for task in planned(scan)] if table.current_snapshot() else [],
    }


def planned(scan):
    try:
        return list(scan.plan_files())
    except ValueError as error:
        if "equality deletes" not in str(error):
            raise
        raise not_supported("An Iceberg table with equality deletes") from error


def snapshot_of(table, request):
    if request.get("snapshot_id") is not None:
        if table.snapshot_by_id(int(request["snapshot_id"])) is None:
            raise Refused("INVALID_ARGUMENTS", f"Iceberg snapshot ID does not exists: {request['snapshot_id']}")
        return int(request["snapshot_id"])
    if request.get("reference") is not None:
        found = table.snapshot_by_name(request["reference"])
        if found is None:
            raise Refused("INVALID_ARGUMENTS", f"Cannot find snapshot with reference name: {request['reference']}")
        return found.snapshot_id
    if request.get("as_of") is not None:
        found = table.snapshot_as_of_timestamp(request["as_of"])
        if found is None:
            raise Refused("INVALID_ARGUMENTS", f"No version history table {request['name']} at or before {request['as_of_text']}")
        return found.snapshot_id
    return None


def filter_of(schema, domains):
    """`values`, `low` and `high` are what the query's conditions leave of a column; the Catalog's names may be older."""
    expression = AlwaysTrue()
    names = {field.name.lower(): field.name for field in schema.fields}
    for domain in domains:
        name = names.get(domain["column"])
        if name is None:
            continue
        if "values" in domain:
            expression = And(expression, In(name, [value_of(one) for one in domain["values"]]))
        if "low" in domain:
            expression = And(expression, GreaterThanOrEqual(name, value_of(domain["low"])))
        if "high" in domain:
            expression = And(expression, LessThanOrEqual(name, value_of(domain["high"])))
    return expression


def value_of(given):
    """Whole numbers come as text, since JSON's are doubles."""
    return int(given["number"]) if isinstance(given, dict) else given


def file_of(task, metadata):
    file = task.file
    if file.file_format != FileFormat.PARQUET:
        raise not_supported(f"An Iceberg table with data files of {file.file_format.value}")
    for deletes in task.delete_files:
        if deletes.file_format != FileFormat.PARQUET:
            raise not_supported(f"An Iceberg table with delete files of {deletes.file_format.value}")
    return {
        "location": file.file_path,
        "bytes": file.file_size_in_bytes,
        "rows": file.record_count,
        "deletes": [{"location": one.file_path, "bytes": one.file_size_in_bytes} for one in task.delete_files],
        "constants": constants_of(file, metadata),
    }


def constants_of(file, metadata):
    """Values of identity partitions by column: files that were taken over from a Hive table do not hold them."""
    spec = metadata.specs()[file.spec_id]
    schema = metadata.schema()
    found = {}
    for position, field in enumerate(spec.fields):
        if isinstance(field.transform, IdentityTransform):
            value = file.partition[position]
            name = schema.find_column_name(field.source_id)
            if name is not None:
                kind = schema.find_type(field.source_id)
                found[str(field.source_id)] = None if value is None else field.transform.to_human_string(kind, value)
    return found
