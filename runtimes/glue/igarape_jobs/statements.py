"""`spark.sql`: queries go to the engine after the tables they name became views; statements that write are ours."""

import re

from pyspark.errors import AnalysisException

from igarape_jobs import catalog_statements, decimal_arithmetic, divisions, rewriting, sql_calls, table_statements
from igarape_jobs.alter_statements import AlterStatements
from igarape_jobs.catalog_statements import nothing
from igarape_jobs.session_names import table_names, without_comments
from igarape_jobs.show_statements import ShowStatements, column_rows
from igarape_jobs.show_statements import described as described_columns
from igarape_jobs.statement_words import Words

queries = ("SELECT", "WITH", "VALUES", "FROM", "(", "DESCRIBE", "DESC", "EXPLAIN")
# What begins otherwise is no SQL, which the engine's parser says.
statements = ("CREATE", "DROP", "INSERT", "ALTER", "TRUNCATE", "MERGE", "UPDATE", "DELETE", "SHOW", "MSCK", "ANALYZE", "LOAD", "SET", "RESET", "ADD", "LIST",
              "CLEAR", "COMMENT", "OPTIMIZE", "VACUUM", "CALL", "DECLARE", "REPLACE", "TABLE", "MAP", "REDUCE", "REPAIR", "GRANT", "REVOKE", "BEGIN")
description = re.compile(r"DESC(?:RIBE)?\s+(?:QUERY\s+)?(?=\(|SELECT\b|WITH\b|VALUES\b|FROM\b)", re.IGNORECASE)
# What the Data Catalog answers or does.
of_catalog = ("SHOW", "DESCRIBE", "DESC", "ALTER", "MSCK", "REPAIR", "TRUNCATE", "COMMENT", "DROP")
not_covered = "The embedded engine does not cover this SQL statement; the `spark` engine does (--igarape-engine spark): {}"


def run(engine, text: str, arguments, named):
    if named:
        raise NotImplementedError("spark.sql with frames as named arguments is not covered by the embedded engine.")
    bare = without_comments(text).strip().rstrip(";").strip()
    first = (re.match(r"\(|\w+", bare) or [""])[0].upper()
    described = description.match(bare)
    if described:
        return engine.session.createDataFrame(column_rows(query(engine, bare[described.end():], arguments).schema.fields), described_columns)
    if first in of_catalog and engine.catalog.enabled:
        answer = ShowStatements(engine).run(bare)
        if answer is not None:
            return answer
        if AlterStatements(engine).run(bare):
            return nothing(engine)
    if first in queries:
        return query(engine, bare, arguments)
    if first == "CREATE" and re.match(r"CREATE\s+(OR\s+REPLACE\s+)?(GLOBAL\s+)?TEMP(ORARY)?\s+VIEW\b", bare, re.IGNORECASE):
        return create_view(engine, bare, arguments)
    if first in ("CREATE", "DROP", "INSERT", "REPLACE") and table_statements.run(engine, bare, arguments, query):
        return nothing(engine)
    if first == "DROP" and (words := Words(bare)).take("DROP") and (words.take("VIEW") or words.take("TEMPORARY", "VIEW")):
        return drop_view(engine, words)
    if first in ("USE", "CREATE") and (answer := catalog_statements.run(engine, bare)) is not None:
        return answer
    if first == "SET" and (asked := re.fullmatch(r"SET\s+([\w.-]+)", bare, re.IGNORECASE)):
        return engine.session.createDataFrame([(asked[1], engine.session.conf.get(asked[1], "<undefined>"))], "key string, value string")
    if first == "SET" and "=" in bare:
        key, _, value = bare[3:].partition("=")
        engine.session.conf.set(key.strip(), value.strip())
        return engine.session.createDataFrame([(key.strip(), value.strip())], "key string, value string")
    if first in ("REFRESH", "CACHE", "UNCACHE", "CLEAR"):
        return cache(engine, Words(bare), bare, arguments)
    if first not in statements:
        return engine.plain_sql(bare)
    raise NotImplementedError(not_covered.format(bare[:200]))


named_view = re.compile(r"CREATE\s+(OR\s+REPLACE\s+)?TEMP(?:ORARY)?\s+VIEW\s+`?(\w+)`?\s+AS\s+((?:SELECT|WITH|VALUES|FROM)\b.*|\(.*)", re.IGNORECASE | re.DOTALL)


def create_view(engine, text: str, arguments):
    """A view whose columns have the names that its query as it is written gives them."""
    found = named_view.fullmatch(text)
    if not found:
        return query(engine, text, arguments, keeps_names=False)
    frame = query(engine, found[3], arguments)
    (frame.createOrReplaceTempView if found[1] else frame.createTempView)(found[2])
    return nothing(engine)


def cache(engine, words: Words, text: str, arguments):
    """Each run reads tables as they are when it names them; nothing is kept between. A query that is kept by a name is a view."""
    if words.take("CLEAR", "CACHE") or words.take("REFRESH") and words.text():
        return nothing(engine)
    words.take_any("CACHE", "UNCACHE", "REFRESH")
    words.take("LAZY")
    words.take("TABLE")
    if_exists = words.take("IF", "EXISTS")
    name = words.name() or ""
    if words.take("OPTIONS"):
        words.group()
    words.take("AS")
    if words.rest:
        query(engine, words.rest, arguments).createTempView(name.strip("`"))
    elif not if_exists and text.upper().split()[0] != "REFRESH":
        engine.session.table(name).schema
    return nothing(engine)


def drop_view(engine, words: Words):
    """Views of the session; the Catalog's own are not made here."""
    if_exists = words.take("IF", "EXISTS")
    name = words.name() or ""
    is_there = "." not in name and engine.session.catalog.dropTempView(name.strip("`"))
    database, plain = engine.catalog.split(name)
    if not is_there and engine.catalog.enabled and (table := engine.catalog.get_table(database, plain)):
        if table.get("TableType") == "VIRTUAL_VIEW":
            raise NotImplementedError(not_covered.format(f"DROP VIEW {name}, a view of the Catalog"))
        raise AnalysisException(f"[WRONG_COMMAND_FOR_OBJECT_TYPE] The operation DROP VIEW requires a VIEW. But spark_catalog.{database}.{plain} is a table. Use DROP TABLE instead.")
    if not is_there and not if_exists:
        raise AnalysisException(f"[TABLE_OR_VIEW_NOT_FOUND] The table or view `spark_catalog`.`{database}`.`{plain}` cannot be found.")
    return nothing(engine)


def query(engine, text: str, arguments, keeps_names: bool = True):
    if re.search(r"\b(parquet|csv|json|text|orc|delta)\s*\.\s*`", text, re.IGNORECASE):
        raise NotImplementedError("SQL straight over files (parquet.`s3://…`) is not covered by the embedded engine; use spark.read.")
    names = table_names(text)
    for name in names:
        engine.catalog.register_chain(name)
    divisions.check_text(engine, text, names)
    decimal_arithmetic.check_text(engine, text, names)
    return rewriting.query(engine.plain_sql, text, arguments) if keeps_names else engine.plain_sql(sql_calls.rewritten(text), arguments)
