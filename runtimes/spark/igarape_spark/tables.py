"""The Data Catalog for Spark's SQL: a table that a script names becomes an external table of the session, read from its files."""

from igarape_jobs.catalog import format_of
from igarape_jobs.engine_arguments import enables_catalog
from igarape_jobs.host import HostError
from igarape_jobs.session_names import table_names
from pyspark.sql import DataFrameWriter, SparkSession

written = "df.write.{} into the Data Catalog is not covered by the `spark` engine here; write files, or use the embedded engine (--igarape-engine sail)."


def install(host, run: dict) -> None:
    """On AWS a script's SQL sees the Catalog only when its job says --enable-glue-datacatalog."""
    if not enables_catalog(run["arguments"]):
        return
    tables = Tables(host)
    plain_sql, plain_table = SparkSession.sql, SparkSession.table

    def sql(self, sqlQuery, *arguments, **named):
        for name in table_names(sqlQuery):
            tables.register(self, plain_sql, name)
        return plain_sql(self, sqlQuery, *arguments, **named)

    def table(self, tableName):
        tables.register(self, plain_sql, tableName)
        return plain_table(self, tableName)

    SparkSession.sql = sql
    SparkSession.table = table
    for name in ("saveAsTable", "insertInto"):
        setattr(DataFrameWriter, name, refuse(name))


def refuse(name: str):
    def refused(_self, *_arguments, **_options):
        raise NotImplementedError(written.format(name))

    return refused


class Tables:
    def __init__(self, host):
        self._host = host
        self._known: set[str] = set()

    def call(self, operation: str, **input):
        return self._host.call("glue", operation=operation, input=input)

    def register(self, session, sql, name: str) -> None:
        parts = name.replace("`", "").split(".")
        database, table_name = parts[-2:] if len(parts) > 1 else (session.catalog.currentDatabase(), parts[0])
        if f"{database}.{table_name}" in self._known or len(parts) == 1 and session.catalog._jcatalog.tableExists(table_name):
            return
        try:
            table = self.call("GetTable", DatabaseName=database.lower(), Name=table_name.lower())["Table"]
        except HostError as error:
            if error.code == "EntityNotFoundException":
                return
            raise
        self._known.add(f"{database}.{table_name}")
        for statement in self._statements(database, table):
            sql(session, statement)

    def _statements(self, database: str, table: dict):
        name = f"`{database}`.`{table['Name']}`"
        format, options = format_of(table)
        columns = table["StorageDescriptor"].get("Columns", []) + table.get("PartitionKeys", [])
        schema = ", ".join(f"`{column['Name']}` {column['Type']}" for column in columns)
        shown = ", ".join(f"{quoted(key)} = {quoted(value)}" for key, value in options.items())
        keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        yield f"CREATE DATABASE IF NOT EXISTS `{database}`"
        yield (f"CREATE TABLE {name} ({schema}) USING {format}" + (f" OPTIONS ({shown})" if shown else "")
               + (f" PARTITIONED BY ({', '.join(f'`{key}`' for key in keys)})" if keys else "") + f" LOCATION {quoted(table['StorageDescriptor']['Location'])}")
        for partition in self._partitions(table) if keys else []:
            values = ", ".join(f"`{key}` = {quoted(value)}" for key, value in zip(keys, partition["Values"]))
            location = partition["StorageDescriptor"].get("Location") or table["StorageDescriptor"]["Location"]
            yield f"ALTER TABLE {name} ADD IF NOT EXISTS PARTITION ({values}) LOCATION {quoted(location)}"

    def _partitions(self, table: dict):
        token: dict = {}
        while True:
            page = self.call("GetPartitions", DatabaseName=table["DatabaseName"], TableName=table["Name"], **token)
            yield from page.get("Partitions", [])
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
