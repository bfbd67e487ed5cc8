"""An Iceberg table of the Catalog in the hands of plain pyiceberg: read, added to, and given a file of positional deletes."""
import json
import sys

import pyarrow as pa
import pyarrow.parquet as parquet
from pyiceberg.catalog import load_catalog
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.typedef import Record

endpoint, table_name = sys.argv[1], sys.argv[2]
catalog = load_catalog(
    "glue",
    **{
        "type": "glue",
        "glue.endpoint": endpoint,
        "s3.endpoint": endpoint,
        "client.region": "us-east-1",
        "client.access-key-id": "test",
        "client.secret-access-key": "test",
    },
)


def rows(table):
    return sorted((list(row.values()) for row in table.scan().to_arrow().to_pylist()), key=str)


table = catalog.load_table(table_name)
found = rows(table)
[task] = table.scan().plan_files()
table.append(pa.table({"id": pa.array([50, 51], pa.int64()), "nome": ["de fora", None]}))

# A position of the first file that is no longer a row; the library reads such files and does not write them.
location = f"{table.location()}/data/apagadas.parquet"
with table.io.new_output(location).create() as target:
    parquet.write_table(pa.table({"file_path": [task.file.file_path], "pos": pa.array([0], pa.int64())}), target)
with table.transaction() as transaction:
    with transaction.update_snapshot().fast_append() as append:
        append.append_data_file(
            DataFile.from_args(
                content=DataFileContent.POSITION_DELETES,
                file_path=location,
                file_format=FileFormat.PARQUET,
                partition=Record(),
                record_count=1,
                file_size_in_bytes=len(table.io.new_input(location)),
                spec_id=0,
            )
        )
json.dump({"found": found, "after": rows(catalog.load_table(table_name))}, sys.stdout)
