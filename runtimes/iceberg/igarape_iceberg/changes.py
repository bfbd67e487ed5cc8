"""Rows added, and files replaced by others: each a snapshot that is there whole or not at all."""
import itertools

import pyarrow as pa
import pyarrow.parquet as parquet
from pyiceberg.io.pyarrow import _dataframe_to_data_files, schema_to_pyarrow
from pyiceberg.table.update.snapshot import UpdateSnapshot

from igarape_iceberg.kept_nulls import keep_nulls
from igarape_iceberg.planning import planned
from igarape_iceberg.refusals import Refused
from igarape_iceberg.tables import described

keep_nulls()

BYTES_AT_ONCE = 256 * 2**20
ROWS_AT_ONCE = 122_880


def append(place, request):
    table = place.load()
    files = written_files(place, table, request["rows"])
    transaction = table.transaction()
    if files:
        producer = UpdateSnapshot(transaction, place.io, snapshot_properties=summary(place)).fast_append()
        producer.commit_uuid = place.commit_uuid
        for file in files:
            producer.append_data_file(file)
        producer.commit()
        transaction.commit_transaction()
    return {**described(table), "data_files": [file.file_path for file in files]}


def overwrite(place, request):
    """`replaced` are data files' locations; `rows` are Parquet files with what takes their place."""
    table = place.load()
    replaced = set(request["replaced"])
    old = [task.file for task in planned(table.scan()) if task.file.file_path in replaced]
    if len(old) != len(replaced):
        raise Refused("ICEBERG_COMMIT_ERROR", "A data file that the statement changes is no longer in the table")
    files = written_files(place, table, request["rows"])
    transaction = table.transaction()
    if files or old:
        producer = UpdateSnapshot(transaction, place.io, snapshot_properties=summary(place)).overwrite(place.commit_uuid)
        for file in old:
            producer.delete_data_file(file)
        for file in files:
            producer.append_data_file(file)
        producer.commit()
        transaction.commit_transaction()
    return {**described(table), "data_files": [file.file_path for file in files]}


def summary(place):
    # Trino's name for it, and hence Athena's.
    return {"trino_query_id": place.query_id, "engine-name": "athena"}


def written_files(place, table, sources):
    if table.properties.get("write.format.default", "parquet").lower() != "parquet":
        raise Refused("NOT_SUPPORTED", "Writing Iceberg data files of another format than Parquet is not supported by the embedded SQL engine.")
    wanted = schema_to_pyarrow(table.schema(), include_field_ids=False)
    counter = itertools.count()
    files = []
    for rows in portions(sources, wanted):
        files += _dataframe_to_data_files(table.metadata, rows, place.io, write_uuid=place.commit_uuid, counter=counter)
    return files


def portions(sources, wanted):
    """So much at once, each written before the next is read: the library itself holds all that it is given."""
    gathered, size = [], 0
    for batch in rows_of(sources, wanted):
        gathered.append(batch)
        size += batch.nbytes
        if size >= BYTES_AT_ONCE:
            yield pa.Table.from_batches(gathered, wanted)
            gathered, size = [], 0
    if gathered:
        yield pa.Table.from_batches(gathered, wanted)


def rows_of(sources, wanted):
    for path in sources:
        for batch in parquet.ParquetFile(path).iter_batches(ROWS_AT_ONCE):
            for field in wanted:
                if not field.nullable and batch.column(field.name).null_count > 0:
                    raise Refused("CONSTRAINT_VIOLATION", f"NULL value not allowed for NOT NULL column: {field.name}")
            table = pa.Table.from_batches([batch]).select(wanted.names).cast(wanted)
            yield from table.combine_chunks().to_batches()
