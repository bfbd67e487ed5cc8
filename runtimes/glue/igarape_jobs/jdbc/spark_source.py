"""`spark.read.format("jdbc")`, `spark.read.jdbc`, and what their writers do."""

from pyspark.sql import types
from pyspark.sql.connect.dataframe import DataFrame

from igarape_jobs.jdbc import addresses, reading, writing
from igarape_jobs.options import Options

# How rows are fetched, and over how many connections: never which.
harmless = ("driver", "fetchsize", "batchsize", "numPartitions", "partitionColumn", "lowerBound", "upperBound", "queryTimeout", "isolationLevel",
            "pushDownPredicate", "pushDownAggregate", "pushDownLimit", "pushDownOffset", "pushDownTableSample", "keytab", "principal")


def read(engine, given: dict, predicates: list[str] | None = None):
    options = Options("jdbc", given)
    address = address_of(options)
    table, query, alias = options.get("dbtable"), options.get("query"), "SPARK_GEN_SUBQ_0"
    if bool(table) == bool(query):
        raise ValueError("Option 'dbtable' or 'query' is required, and only one of them.")
    schema = engine.session._parse_ddl(text) if (text := options.get("customSchema")) else None
    options.refuse_unknown()
    source = reading.query_of(table or f"({query}) {alias}")
    if not predicates:
        return reading.read(engine, address, source, schema)
    # Each predicate is a partition, and a row that fits two is read twice, as by Spark.
    return reading.read(engine, address, " UNION ALL ".join(f"{source} WHERE {predicate}" for predicate in predicates), schema)


def write(engine, frame: DataFrame, given: dict, mode: str) -> None:
    options = Options("jdbc", given)
    address, table = address_of(options), options.get("dbtable")
    if not table:
        raise ValueError("Option 'dbtable' is required.")
    truncates, table_options = options.flag("truncate"), options.get("createTableOptions")
    given_types = {field.name.lower(): sql_type(field) for field in parsed(engine, options.get("createTableColumnTypes"))}
    options.refuse_unknown()
    writing.write(engine, frame, address, table, mode, truncates, table_options, given_types)


def address_of(options: Options):
    url = options.get("url")
    if not url:
        raise ValueError("Option 'url' is required.")
    for name in harmless:
        options.get(name)
    return addresses.parse(url).signed(options.get("user"), options.get("password"))


def parsed(engine, text: str) -> list[types.StructField]:
    return engine.session._parse_ddl(text).fields if text else []


def sql_type(field: types.StructField) -> str:
    return field.dataType.simpleString().upper()


def read_jdbc(engine):
    """`DataFrameReader.jdbc`."""
    def jdbc(self, url, table, column=None, lowerBound=None, upperBound=None, numPartitions=None, predicates=None, properties=None):
        return read(engine, {**self._options, **(properties or {}), "url": url, "dbtable": table}, predicates)

    return jdbc
