"""SQL statements that make, fill and drop tables of the Catalog."""

import re

from pyspark.errors import AnalysisException
from pyspark.sql import functions

from igarape_jobs import catalog, table_facts
from igarape_jobs.buckets import Buckets, of_table
from igarape_jobs.column_words import columns_of
from igarape_jobs.statement_words import Words, listed, names_in, not_covered, partition_values, properties
from igarape_jobs.tables import Wanted

table_name = r"((?:`[^`]+`|\w+)(?:\.(?:`[^`]+`|\w+))*)"
drop = re.compile(rf"DROP\s+TABLE\s+(IF\s+EXISTS\s+)?{table_name}(?:\s+PURGE)?", re.IGNORECASE)
insertion = re.compile(
    rf"INSERT\s+(INTO|OVERWRITE)\s+(?:TABLE\s+)?{table_name}\s*(?:PARTITION\s*\(([^()]*)\)\s*)?(?:\(((?:\s*(?:`[^`]+`|\w+)\s*,?)+)\)\s*)?((?:SELECT|WITH|VALUES|FROM|TABLE|\().*)",
    re.IGNORECASE | re.DOTALL)
no_replacement = ("[UNSUPPORTED_FEATURE.TABLE_OPERATION] The feature is not supported: Table `spark_catalog`.{} does not support REPLACE TABLE AS SELECT. Please check the current "
                  "catalog and namespace to make sure the qualified table name is expected, and also check the catalog implementation which is configured by \"spark.sql.catalog\".")


def run(engine, text: str, arguments, query) -> bool:
    """Whether the statement is one of these; if so, it is done."""
    words = Words(text)
    if words.take("CREATE", "TABLE") or words.take("CREATE", "EXTERNAL", "TABLE"):
        create(engine, words, text, arguments, query)
    elif match := drop.fullmatch(text):
        engine.tables.drop(match[2], if_exists=bool(match[1]))
    elif match := insertion.fullmatch(text):
        insert(engine, match, arguments, query)
    elif words.take("CREATE", "OR", "REPLACE", "TABLE") or words.take("REPLACE", "TABLE"):
        raise AnalysisException(no_replacement.format(words.name()))
    else:
        return False
    return True


def create(engine, words: Words, text: str, arguments, query) -> None:
    if_not_exists = words.take("IF", "NOT", "EXISTS")
    name = words.name() or ""
    if words.take("LIKE"):
        return create_like(engine, name, words, text, if_not_exists)
    columns = words.group()
    given, rows = clauses(words, text)
    if "format" not in given:
        raise not_covered("CREATE TABLE without USING, or STORED AS PARQUET or ORC,")
    keys = given.pop("keys", [])
    typed = [key for key in keys if re.search(r"\s", key)]
    if typed and (rows or not columns or len(typed) < len(keys)):
        raise not_covered(text)
    schema = None if rows or not columns else columns_of(engine, ", ".join([columns, *typed]))
    wanted = Wanted(partition_columns=[key.split()[0].strip("`") for key in keys], is_external=bool(re.match(r"CREATE\s+EXTERNAL", text, re.IGNORECASE)), **given)
    if wanted.is_external and not wanted.location:
        raise AnalysisException("CREATE EXTERNAL TABLE must be accompanied by LOCATION.")
    if schema is not None:
        return engine.tables.create(name, schema, wanted, if_not_exists)
    if rows:
        if columns is not None:
            raise not_covered(text)
        return engine.tables.save(query(engine, rows, arguments), name, "ignore" if if_not_exists else "error", wanted)
    if not wanted.location:
        raise AnalysisException("[UNABLE_TO_INFER_SCHEMA] Unable to infer schema. It must be specified manually.")
    found = engine.session.read.format(wanted.format).options(**wanted.options).load(wanted.location)
    engine.tables.create(name, found.schema, wanted, if_not_exists)


def clauses(words: Words, text: str) -> tuple[dict, str | None]:
    """What stands behind the columns, in any order, and the query whose rows fill the table."""
    found: dict = {}
    while words.rest:
        if words.take("USING"):
            found["format"] = (words.name() or "").lower()
        elif words.take("STORED", "AS"):
            found |= {"format": (words.name() or "").lower(), "is_spark": False}
            if found["format"] not in ("parquet", "orc"):
                raise not_covered(f"STORED AS {found['format']}")
        elif words.take("PARTITIONED", "BY"):
            found["keys"] = listed(words.group() or "")
        elif words.take("CLUSTERED", "BY"):
            found["buckets"] = buckets_of(words)
        elif words.take("LOCATION"):
            found["location"] = words.text()
        elif words.take("COMMENT"):
            found["comment"] = words.text()
        elif words.take("OPTIONS"):
            found["options"] = properties(words.group() or "")
        elif words.take("TBLPROPERTIES"):
            found["properties"] = properties(words.group() or "")
        elif words.take("AS"):
            return found, words.rest
        elif words.rest.upper().startswith(("SELECT", "WITH")):
            return found, words.rest
        else:
            raise not_covered(text)
    return found, None


def buckets_of(words: Words) -> Buckets:
    columns = names_in(words.group() or "")
    sort_columns = names_in(words.group() or "") if words.take("SORTED", "BY") else []
    words.take("INTO")
    count = words.name() or ""
    if not words.take("BUCKETS") or not count.isdigit() or any(" " in name for name in sort_columns):
        raise not_covered("CLUSTERED BY in this form")
    return Buckets(int(count), tuple(columns), tuple(sort_columns))


def create_like(engine, name: str, words: Words, text: str, if_not_exists: bool) -> None:
    source = engine.catalog.must_get_table(*engine.catalog.split(words.name() or ""))
    given, rows = clauses(words, text)
    if rows or set(given) - {"location"} or table_facts.provider(source) == "hive":
        raise not_covered(text)
    schema = catalog.schema_of(engine, [{**column, "Name": catalog.spelled(source, column["Name"])} for column in table_facts.columns(source)])
    wanted = Wanted(table_facts.provider(source), table_facts.keys(source), table_facts.options(source), given.get("location"), of_table(source))
    engine.tables.create(name, schema, wanted, if_not_exists)


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
    types = {key["Name"]: catalog.column_type(engine, key["Type"]) for key in table.get("PartitionKeys", [])}
    for key, value in fixed.items():
        named = named.withColumn(key, functions.lit(value).cast(types[key]))
    engine.tables.insert(named.select(*[f"`{column}`" for column in names]), name, how.upper() == "OVERWRITE", within=fixed if how.upper() == "OVERWRITE" else None)


def assigned(partition: str | None):
    """`k = 'x', l`: each key, with its value where it has one."""
    for part in listed(partition or ""):
        value = partition_values(part) if "=" in part else {part.strip("`"): None}
        yield from value.items()
