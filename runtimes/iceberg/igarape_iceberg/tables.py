"""A table where it stands: loaded from a metadata file, and changed into a metadata file of the next number.

What a query writes is named with the query's id, so that one that a kill cut is recognised when it runs again.
"""
import time
import uuid

from pyiceberg.catalog import MetastoreCatalog
from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.serializers import FromInputFile, ToOutputFile
from pyiceberg.table import CommitTableResponse, Table, snapshots
from pyiceberg.table.locations import load_location_provider
from pyiceberg.table.update import update_table_metadata

from igarape_iceberg.files import ServerFiles
from igarape_iceberg.refusals import not_supported


class ServersClock:
    """Snapshots are dated by the server's clock, which may be virtual."""

    def __init__(self, milliseconds):
        self.milliseconds = milliseconds

    def time(self):
        return self.milliseconds / 1000

    def __getattr__(self, name):
        return getattr(time, name)


class Place:
    def __init__(self, request, conversation):
        self.io = ServerFiles(conversation, request.get("folder"))
        self.now = request["now"]
        self.query_id = request.get("query_id")
        self.metadata_location = request.get("metadata_location")
        snapshots.time = ServersClock(self.now)

    @property
    def commit_uuid(self):
        return uuid.UUID(self.query_id)

    def load(self):
        metadata = FromInputFile.table_metadata(self.io.new_input(self.metadata_location))
        if metadata.format_version > 2:
            raise not_supported(f"An Iceberg table of format version {metadata.format_version}")
        return Table(("table",), metadata, self.metadata_location, self.io, StagingCatalog(self))

    def write_metadata(self, metadata, number):
        provider = load_location_provider(metadata.location, metadata.properties)
        location = provider.new_metadata_location(f"{number:05d}-{self.query_id}.metadata.json")
        ToOutputFile.table_metadata(metadata, self.io.new_output(location), overwrite=True)
        self.metadata_location = location
        return location


class StagingCatalog(NoopCatalog):
    """Commits nothing: it writes what would be committed, and the server moves the table's pointer or does not."""

    def __init__(self, place):
        super().__init__("igarape")
        self.place = place

    def load_table(self, identifier):
        return self.place.load()

    def commit_table(self, table, requirements, updates):
        for requirement in requirements:
            requirement.validate(table.metadata)
        metadata = update_table_metadata(table.metadata, updates, metadata_location=table.metadata_location)
        metadata = metadata.model_copy(update={"last_updated_ms": self.place.now})
        number = MetastoreCatalog._parse_metadata_version(table.metadata_location) + 1
        location = self.place.write_metadata(metadata, number)
        return CommitTableResponse(metadata=metadata, metadata_location=location)


def described(table):
    spec = table.spec()
    schema = table.schema()
    return {
        "metadata_location": table.metadata_location,
        "schema": schema.model_dump(mode="json", by_alias=True),
        "location": table.location(),
        "properties": dict(table.properties),
        "partitioning": [
            {"column": schema.find_column_name(field.source_id), "transform": str(field.transform), "name": field.name}
            for field in spec.fields
        ],
        # Metadata files that came before it, among them those of a query that a kill cut.
        "metadata_log": [entry.metadata_file for entry in table.metadata.metadata_log],
    }


def describe(place, request):
    return described(place.load())


def set_properties(place, request):
    table = place.load()
    with table.transaction() as transaction:
        if request["set"]:
            transaction.set_properties(request["set"])
        removed = [name for name in request["removed"] if name in table.properties]
        if removed:
            transaction.remove_properties(*removed)
    return described(table)
