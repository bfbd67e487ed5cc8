"""`purge_s3_path` and `purge_table`: files older than a number of hours are deleted, and partitions that have none left."""

import time

from awsglue.s3_files import listed
from awsglue.table_source import Table, pushed_down
from awsglue.unsupported import refuse
from igarape_jobs import paths
from igarape_jobs.lake import Location, locate

hours_kept = 168


def purge_path(glue_context, uri: str, options: dict) -> None:
    check(options)
    if options.get("partitionPredicate"):
        refuse("purge_s3_path with partitionPredicate")
    purge(glue_context, uri, options)


def purge_table(glue_context, database: str, table_name: str, options: dict) -> None:
    check(options)
    table = Table(glue_context, database, table_name)
    catalog = glue_context.engine.catalog
    if not table.keys:
        purge(glue_context, table.descriptor["Location"], options)
        return
    for partition in pushed_down(glue_context, table, catalog.partitions(table.record), options.get("partitionPredicate", "")):
        if not purge(glue_context, partition["StorageDescriptor"]["Location"], options):
            catalog.call("DeletePartition", DatabaseName=database.lower(), TableName=table_name.lower(), PartitionValues=partition["Values"])


def check(options: dict) -> None:
    for name in set(options) - {"retentionPeriod", "partitionPredicate", "excludeStorageClasses"}:
        refuse(f"a purge with the option {name}")
    if [name for name in listed(options.get("excludeStorageClasses")) if name == "STANDARD"]:
        refuse("a purge with excludeStorageClasses=STANDARD")


def purge(glue_context, uri: str, options: dict) -> int:
    """How many files are left."""
    lake, location = glue_context.engine.lake, locate(uri)
    files = paths.list_or_missing(lake, Location(location.root, location.folder_key))
    before = time.time() - float(options.get("retentionPeriod", hours_kept)) * 3600
    old = [file.key for file in files if file.modified_at <= before]
    if old:
        lake.commit(location.root, [], old)
    return len(files) - len(old)
