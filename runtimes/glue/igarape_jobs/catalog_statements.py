"""SQL statements about the Data Catalog's databases, and those that list what it has."""

import re
from urllib.parse import quote

from pyspark.errors import AnalysisException

from igarape_jobs import catalog_questions
from igarape_jobs.host import HostError

name = r"((?:`[^`]+`|\w+)(?:\.(?:`[^`]+`|\w+))*)"
pattern = r"(?:\s+(?:LIKE\s+)?'([^']*)')?"


def run(engine, text: str):
    """The statement's answer, or None where it is none of these."""
    for form, answer in forms.items():
        if match := re.fullmatch(form, text, re.IGNORECASE):
            return answer(engine, *match.groups())
    return None


def use(engine, database: str):
    catalog_questions.enter(engine, database.strip("` "))
    return nothing(engine)


def create_database(engine, if_not_exists: str | None, database: str, location: str | None):
    try:
        engine.catalog.call("CreateDatabase", DatabaseInput={"Name": database, **({"LocationUri": location} if location else {})})
    except HostError as error:
        if error.code != "AlreadyExistsException" or not if_not_exists:
            raise
    return nothing(engine)


def show_databases(engine, wanted: str | None):
    return engine.session.createDataFrame([(base.name,) for base in engine.session.catalog.listDatabases(wanted)], "namespace string")


def show_tables(engine, database: str | None, wanted: str | None):
    found = engine.session.catalog.listTables(database and database.strip("`"), wanted)
    rows = [("" if table.isTemporary else table.namespace[0], table.name, table.isTemporary) for table in found]
    return engine.session.createDataFrame(rows, "namespace string, tableName string, isTemporary boolean")


def show_partitions(engine, table_name: str):
    engine.tables.check_enabled("SHOW PARTITIONS")
    table = engine.catalog.must_get_table(*engine.catalog.split(table_name))
    keys = [key["Name"] for key in table.get("PartitionKeys", [])]
    if not keys:
        raise AnalysisException(f"[INVALID_PARTITION_OPERATION.PARTITION_SCHEMA_IS_EMPTY] Table {table_name} is not partitioned.")
    shown = ["/".join(f"{key}={quote(value, safe=' ')}" for key, value in zip(keys, partition["Values"])) for partition in engine.catalog.partitions(table)]
    return engine.session.createDataFrame([(partition,) for partition in sorted(shown)], "partition string")


def nothing(engine):
    return engine.session.createDataFrame([], "value string")


forms = {
    r"USE\s+(?:(?:DATABASE|SCHEMA|NAMESPACE)\s+)?(`[^`]+`|\w+)": use,
    r"CREATE\s+(?:DATABASE|SCHEMA)\s+(IF\s+NOT\s+EXISTS\s+)?`?(\w+)`?(?:\s+LOCATION\s+'([^']+)')?": create_database,
    rf"SHOW\s+(?:DATABASES|SCHEMAS|NAMESPACES){pattern}": show_databases,
    rf"SHOW\s+TABLES(?:\s+(?:FROM|IN)\s+(`[^`]+`|\w+))?{pattern}": show_tables,
    rf"SHOW\s+PARTITIONS\s+{name}": show_partitions,
}
