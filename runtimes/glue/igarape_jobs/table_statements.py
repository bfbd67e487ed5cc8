"""SQL statements that make, fill and drop tables of the Catalog."""

import re

from pyspark.errors import AnalysisException
from pyspark.sql import functions

from igarape_jobs import catalog

table_name = r"((?:`[^`]+`|\w+)(?:\.(?:`[^`]+`|\w+))*)"
creation = re.compile(
    rf"CREATE\s+TABLE\s+(IF\s+NOT\s+EXISTS\s+)?{table_name}\s*(\(.*?\))?\s*USING\s+(\w+)\s*(?:PARTITIONED\s+BY\s*\(([^()]*)\)\s*)?(?:LOCATION\s+'([^']+)'\s*)?(?:AS\s+(.+))?",
    re.IGNORECASE | re.DOTALL)
drop = re.compile(rf"DROP\s+TABLE\s+(IF\s+EXISTS\s+)?{table_name}(?:\s+PURGE)?", re.IGNORECASE)
insertion = re.compile(
    rf"INSERT\s+(INTO|OVERWRITE)\s+(?:TABLE\s+)?{table_name}\s*(?:PARTITION\s*\(([^()]*)\)\s*)?(?:\(((?:\s*(?:`[^`]+`|\w+)\s*,?)+)\)\s*)?((?:SELECT|WITH|VALUES|FROM|TABLE|\().*)",
    re.IGNORECASE | re.DOTALL)
assignment = re.compile(r"\s*`?(\w+)`?\s*(?:=\s*('(?:[^'\\]|\\.)*'|[\w.+-]+)\s*)?")


def run(engine, text: str, arguments, query) -> bool:
    """Whether the statement is one of these; if so, it is done."""
    if match := creation.fullmatch(text):
        create(engine, match, arguments, query)
    elif match := drop.fullmatch(text):
        engine.tables.drop(match[2], if_exists=bool(match[1]))
    elif match := insertion.fullmatch(text):
        insert(engine, match, arguments, query)
    else:
        return False
    return True


def create(engine, match, arguments, query) -> None:
    if_not_exists, name, columns, format, partitions, location, rows = match.groups()
    keys = [key.strip(" `\n\t") for key in (partitions or "").split(",") if key.strip()]
    if any(not re.fullmatch(r"\w+", key) for key in keys) or bool(columns) == bool(rows):
        raise NotImplementedError("CREATE TABLE with these columns is not covered for tables of the Data Catalog.")
    engine.tables.check_enabled("CREATE TABLE")
    database, table = engine.catalog.split(name)
    if engine.catalog.get_table(database, table):
        if if_not_exists:
            return
        raise AnalysisException(f"[TABLE_OR_VIEW_ALREADY_EXISTS] Cannot create table or view `{database}`.`{table}` because it already exists.")
    frame = query(engine, rows, arguments) if rows else engine.session.createDataFrame([], engine.session._parse_ddl(columns[1:-1]))
    engine.tables.save(frame, name, format.lower(), "error", keys, {"path": location} if location else {})


def insert(engine, match, arguments, query) -> None:
    how, name, partition, columns, text = match.groups()
    database, table_name = engine.catalog.split(name)
    engine.tables.check_enabled("INSERT")
    table = engine.catalog.must_get_table(database, table_name)
    rows = query(engine, text, arguments)
    given = dict(assigned(partition))
    names = [column["Name"] for column in table["StorageDescriptor"]["Columns"] + table.get("PartitionKeys", [])]
    fixed = {key.lower(): value for key, value in given.items() if value is not None}
    unknown = [key for key in given if key.lower() not in [column["Name"] for column in table.get("PartitionKeys", [])]]
    if unknown:
        raise AnalysisException(f"[NON_PARTITION_COLUMN] PARTITION clause cannot contain the non-partition column: `{unknown[0]}`.")
    listed = [column.strip(" `\n\t").lower() for column in columns.split(",")] if columns else [column for column in names if column not in fixed]
    if sorted(listed + list(fixed)) != sorted(names):
        raise NotImplementedError("INSERT of some of a table's columns is not covered for tables of the Data Catalog.")
    if len(rows.columns) != len(listed):
        raise AnalysisException(f"[INSERT_COLUMN_ARITY_MISMATCH] Cannot write to `{database}`.`{table_name}`, the reason is that the number of columns differs: "
                                f"table columns: {len(listed)}, data columns: {len(rows.columns)}.")
    named = rows.toDF(*listed)
    for key, value in fixed.items():
        named = named.withColumn(key, functions.lit(value))
    engine.tables.insert(named.select(*[f"`{column}`" for column in names]), name, how.upper() == "OVERWRITE", within=fixed if how.upper() == "OVERWRITE" else None)


def assigned(partition: str | None):
    """`k = 'x', l`: each key, with its value where it has one."""
    for part in (partition or "").split(",") if partition else []:
        match = assignment.fullmatch(part)
        if not match:
            raise NotImplementedError(f"PARTITION ({partition}) is not covered for tables of the Data Catalog.")
        value = match[2]
        yield match[1], value[1:-1] if value and value[0] == "'" else value
