"""SHOW and DESCRIBE, answered by the Data Catalog and the temporary views, in Spark's columns and order."""

from datetime import datetime, timezone

from pyspark.errors import AnalysisException

from igarape_jobs import table_facts
from igarape_jobs.catalog import column_type
from igarape_jobs.catalog_questions import Questions, name_of_catalog
from igarape_jobs.partitions import Partitions
from igarape_jobs.sql_writing import quoted, quoted_name, written_type
from igarape_jobs.statement_words import Words, not_covered, partition_values, unquoted

described = "col_name string, data_type string, comment string"
named = "info_name string, info_value string"
blank = ("", "", "")
readable_by = {"org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe": "parquet", "org.apache.hadoop.hive.ql.io.orc.OrcSerde": "orc"}


class ShowStatements:
    def __init__(self, engine):
        self._engine = engine
        self._questions = Questions(engine)

    def run(self, text: str):
        """The answer's rows, or None where another has to answer."""
        words = Words(text)
        if words.take("SHOW"):
            return self._show(words, text)
        if words.take("DESCRIBE") or words.take("DESC"):
            return self._describe(words)
        return None

    def _show(self, words: Words, text: str):
        what = words.take_any("TABLES", "VIEWS", "DATABASES", "SCHEMAS", "NAMESPACES", "COLUMNS", "PARTITIONS", "TBLPROPERTIES", "CATALOGS")
        if what in ("TABLES", "VIEWS"):
            return self._tables(words, is_views=what == "VIEWS")
        if what in ("DATABASES", "SCHEMAS", "NAMESPACES"):
            pattern = pattern_of(words)
            return self._rows([(base.name,) for base in self._questions.listDatabases(pattern)], "namespace string")
        if what == "COLUMNS":
            return self._rows([(column["Name"],) for column in table_facts.columns(self._table_of_columns(words))], "col_name string")
        if what == "PARTITIONS":
            return self._partitions(words)
        if what == "TBLPROPERTIES":
            return self._properties(words)
        if what == "CATALOGS":
            return self._rows([(name_of_catalog,)], "catalog string")
        if words.take("CURRENT", "NAMESPACE"):
            return self._rows([(name_of_catalog, self._engine.catalog.database)], "catalog string, namespace string")
        if words.take("CREATE", "TABLE"):
            return self._rows([(creation_of(self._engine, self._table(words)),)], "createtab_stmt string")
        raise not_covered(text)

    def _tables(self, words: Words, is_views: bool):
        database = words.name() if words.take("IN") or words.take("FROM") else None
        pattern = pattern_of(words)
        found = [table for table in self._questions.listTables(database, pattern) if not is_views or table.tableType in ("VIEW", "TEMPORARY")]
        rows = [(table.namespace[0] if table.namespace else "", table.name, table.isTemporary) for table in found]
        return self._rows(rows, f"namespace string, {'viewName' if is_views else 'tableName'} string, isTemporary boolean")

    def _table_of_columns(self, words: Words) -> dict:
        if not (words.take("IN") or words.take("FROM")):
            raise not_covered(f"SHOW COLUMNS {words.rest}")
        name = words.name() or ""
        within = words.name() if words.take("IN") or words.take("FROM") else None
        return self._must_get(f"{within}.{name}" if within else name)

    def _partitions(self, words: Words):
        table = self._table(words)
        partitions = Partitions(self._engine, table)
        partitions.must_exist()
        wanted = partition_values(words.group() or "") if words.take("PARTITION") else {}
        return self._rows(sorted((partitions.folder(partition["Values"]),) for partition in partitions.matching(wanted)), "partition string")

    def _properties(self, words: Words):
        table = self._table(words)
        known = {**table_facts.properties(table), **{f"option.{name}": value for name, value in table_facts.options(table).items()}}
        if asked := words.group():
            key = unquoted(asked.strip())
            missing = f"Table {name_of_catalog}.{table['DatabaseName']}.{table['Name']} does not have property: {key}"
            return self._rows([(key, known.get(key, missing))], "key string, value string")
        return self._rows(sorted(known.items()), "key string, value string")

    def _describe(self, words: Words):
        if words.take("DATABASE") or words.take("SCHEMA") or words.take("NAMESPACE"):
            return self._describe_database(words)
        if words.take("FUNCTION"):
            raise not_covered("DESCRIBE FUNCTION")
        if words.take("QUERY") or words.rest.upper().startswith(("SELECT", "WITH", "VALUES", "FROM", "(")):
            return None
        words.take("TABLE")
        is_extended = bool(words.take_any("EXTENDED", "FORMATTED"))
        name = words.name() or ""
        if self._engine.catalog.is_temporary_view(name):
            return self._rows(column_rows(self._fields(name)), described)
        table = self._must_get(name)
        if words.take("PARTITION"):
            return self._describe_partition(table, words, is_extended)
        if column := words.name():
            return self._describe_column(table, column.strip("`"), is_extended)
        return self._rows(self._columns_of(table) + ([blank, *details(table)] if is_extended else []), described)

    def _describe_partition(self, table: dict, words: Words, is_extended: bool):
        if is_extended:
            raise not_covered("DESCRIBE EXTENDED of a partition")
        partitions = Partitions(self._engine, table)
        wanted = partition_values(words.group() or "")
        if not partitions.matching(wanted):
            raise partitions.not_found(wanted)
        return self._rows(self._columns_of(table), described)

    def _describe_column(self, table: dict, name: str, is_extended: bool):
        if is_extended:
            raise not_covered("DESCRIBE EXTENDED of a column")
        found = next((column for column in table_facts.columns(table) if column["Name"] == name.lower()), None)
        if found is None:
            raise AnalysisException(f"[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column or function parameter with name `{name}` cannot be resolved.")
        return self._rows([("col_name", found["Name"]), ("data_type", found["Type"]), ("comment", found.get("Comment") or "NULL")], named)

    def _describe_database(self, words: Words):
        is_extended = words.take("EXTENDED")
        base = self._questions.must_get_database((words.name() or "").strip("`"))
        rows = [("Catalog Name", name_of_catalog), ("Namespace Name", base["Name"]), *([("Comment", base["Description"])] if base.get("Description") else []),
                ("Location", base.get("LocationUri", ""))]
        pairs = ", ".join(f"({key},{value})" for key, value in sorted(base.get("Parameters", {}).items()))
        return self._rows(rows + ([("Properties", f"({pairs})" if pairs else "")] if is_extended else []), named)

    def _columns_of(self, table: dict) -> list[tuple]:
        rows = [(column["Name"], column["Type"], column.get("Comment")) for column in table_facts.columns(table)]
        last = [(key["Name"], key["Type"], key.get("Comment")) for key in table.get("PartitionKeys", [])]
        return rows + ([("# Partition Information", "", ""), ("# col_name", "data_type", "comment"), *last] if last else [])

    def _fields(self, view: str) -> list:
        return self._engine.session.table(view).schema.fields

    def _table(self, words: Words) -> dict:
        return self._must_get(words.name() or "")

    def _must_get(self, name: str) -> dict:
        return self._engine.catalog.must_get_table(*self._engine.catalog.split(name))

    def _rows(self, rows: list[tuple], columns: str):
        return self._engine.session.createDataFrame(rows, columns)


def column_rows(fields: list) -> list[tuple]:
    return [(field.name, field.dataType.simpleString(), None) for field in fields]


def pattern_of(words: Words) -> str | None:
    words.take("LIKE")
    return words.text()


def details(table: dict) -> list[tuple]:
    """What DESCRIBE EXTENDED tells of a table below its columns."""
    descriptor = table["StorageDescriptor"]
    serde = descriptor.get("SerdeInfo", {})
    count, bucket_columns, sort_columns = table_facts.buckets(table)
    found = [
        ("Catalog", name_of_catalog), ("Database", table["DatabaseName"]), ("Table", table["Name"]), ("Owner", table.get("Owner")), ("Created Time", time_text(table.get("CreateTime"))),
        ("Last Access", "UNKNOWN"), ("Type", table_facts.kind(table)), ("Provider", table_facts.provider(table)),
        *([("Num Buckets", str(count)), ("Bucket Columns", in_brackets(bucket_columns)), ("Sort Columns", in_brackets(sort_columns))] if count else []),
        ("Comment", table.get("Description")), ("Table Properties", pairs_of(table_facts.properties(table))), ("Location", descriptor.get("Location")),
        ("Serde Library", serde.get("SerializationLibrary")), ("InputFormat", descriptor.get("InputFormat")), ("OutputFormat", descriptor.get("OutputFormat")),
        ("Storage Properties", pairs_of(table_facts.options(table) if table_facts.provider(table) != "hive" else serde.get("Parameters", {}))),
        ("Partition Provider", "Catalog" if table.get("PartitionKeys") else None)]
    return [("# Detailed Table Information", "", ""), *[(name, value, "") for name, value in found if value]]


def in_brackets(names: list[str]) -> str:
    return f"[{', '.join(f'`{name}`' for name in names)}]"


def pairs_of(found: dict) -> str:
    return f"[{', '.join(f'{key}={value}' for key, value in found.items())}]" if found else ""


def time_text(moment) -> str:
    seconds = moment if isinstance(moment, (int, float)) else datetime.fromisoformat(moment).timestamp() if moment else 0
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%a %b %d %H:%M:%S UTC %Y")


def creation_of(engine, table: dict) -> str:
    """The statement that would make the table again."""
    provider = table_facts.provider(table)
    library = table["StorageDescriptor"].get("SerdeInfo", {}).get("SerializationLibrary", "")
    format = readable_by.get(library) if provider == "hive" else provider
    if format is None or table_facts.kind(table) == "VIEW":
        raise not_covered(f"SHOW CREATE TABLE of {table['Name']} ({library or 'a view'})")
    columns = ",\n  ".join(f"{quoted_name(column['Name'])} {written_type(column_type(engine, column['Type']), quoted_name, str.upper)}" + (f" COMMENT {quoted(column['Comment'])}" if column.get("Comment") else "")
                           for column in table_facts.columns(table))
    count, bucket_columns, sort_columns = table_facts.buckets(table)
    name = ".".join(quoted_name(part) for part in (table["DatabaseName"], table["Name"]))
    lines = [f"CREATE TABLE {'' if provider == 'hive' else name_of_catalog + '.'}{name} (\n  {columns})", f"USING {format}"]
    if given := table_facts.options(table):
        lines.append(f"OPTIONS (\n  {assignments(given)})")
    if keys := table_facts.keys(table):
        lines.append(f"PARTITIONED BY ({', '.join(map(quoted_name, keys))})")
    if count:
        lines.append(f"CLUSTERED BY ({', '.join(bucket_columns)})" + (f"\nSORTED BY ({', '.join(sort_columns)})" if sort_columns else "") + f"\nINTO {count} BUCKETS")
    if table.get("Description"):
        lines.append(f"COMMENT {quoted(table['Description'])}")
    if table_facts.kind(table) == "EXTERNAL":
        lines.append(f"LOCATION {quoted(table['StorageDescriptor']['Location'])}")
    if properties := table_facts.properties(table):
        lines.append(f"TBLPROPERTIES (\n  {assignments(properties)})")
    return "\n".join(lines) + "\n"


def assignments(pairs: dict) -> str:
    return ",\n  ".join(f"{quoted(key)} = {quoted(value)}" for key, value in pairs.items())
