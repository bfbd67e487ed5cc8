"""A table that is not there yet: its schema, its partitions and its first metadata file; with rows, its first snapshot."""
import re

from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.metadata import new_table_metadata
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER
from pyiceberg.transforms import parse_transform

from igarape_iceberg.changes import append
from igarape_iceberg.refusals import Refused
from igarape_iceberg.tables import described


def create(place, request):
    schema = Schema.model_validate(request["schema"])
    metadata = new_table_metadata(
        schema=schema,
        partition_spec=partition_spec(schema, request["partitioning"]),
        sort_order=UNSORTED_SORT_ORDER,
        location=request["location"].rstrip("/"),
        properties=request["properties"],
    ).model_copy(update={"last_updated_ms": place.now})
    place.write_metadata(metadata, 0)
    return described(place.load()) if not request.get("rows") else append(place, request)


def partition_spec(schema, partitioning):
    fields = []
    for number, wanted in enumerate(partitioning):
        name, transform = wanted["column"], parse_transform(wanted["transform"])
        column = next((field for field in schema.fields if field.name == name), None)
        if column is None:
            raise Refused("COLUMN_NOT_FOUND", f"Column '{name}' of PARTITIONED BY does not exist")
        if not transform.can_transform(column.field_type):
            raise Refused("INVALID_TABLE_PROPERTY", f"The transform {wanted['transform']} does not take a column of type {column.field_type}")
        kind = re.match("[a-z]+", wanted["transform"]).group()
        named = {"identity": name, "truncate": f"{name}_trunc"}.get(kind, f"{name}_{kind}")
        fields.append(PartitionField(source_id=column.field_id, field_id=1000 + number, transform=transform, name=named))
    return PartitionSpec(*fields)
