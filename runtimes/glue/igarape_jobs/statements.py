"""`spark.sql`: queries go to the engine after the tables they name became views; statements that write are ours."""

import re

from igarape_jobs import catalog_statements, divisions, rewriting, sql_calls, table_statements
from igarape_jobs.session_names import table_names, without_comments

queries = ("SELECT", "WITH", "VALUES", "FROM", "(", "DESCRIBE", "DESC", "EXPLAIN")
# What begins otherwise is no SQL, which the engine's parser says.
statements = ("CREATE", "DROP", "INSERT", "ALTER", "TRUNCATE", "MERGE", "UPDATE", "DELETE", "SHOW", "MSCK", "ANALYZE", "LOAD", "SET", "RESET", "ADD", "LIST",
              "CLEAR", "COMMENT", "OPTIMIZE", "VACUUM", "CALL", "DECLARE", "REPLACE", "TABLE", "MAP", "REDUCE", "REPAIR", "GRANT", "REVOKE", "BEGIN")
not_covered = "The embedded engine does not cover this SQL statement; the `spark` engine does (--igarape-engine spark): {}"


def run(engine, text: str, arguments, named):
    if named:
        raise NotImplementedError("spark.sql with frames as named arguments is not covered by the embedded engine.")
    bare = without_comments(text).strip().rstrip(";").strip()
    first = (re.match(r"\(|\w+", bare) or [""])[0].upper()
    if first in queries:
        return query(engine, bare, arguments)
    if first == "CREATE" and re.match(r"CREATE\s+(OR\s+REPLACE\s+)?(GLOBAL\s+)?TEMP(ORARY)?\s+VIEW\b", bare, re.IGNORECASE):
        return create_view(engine, bare, arguments)
    if first in ("CREATE", "DROP", "INSERT") and table_statements.run(engine, bare, arguments, query):
        return catalog_statements.nothing(engine)
    answer = catalog_statements.run(engine, bare)
    if answer is not None:
        return answer
    if first == "SET" and "=" in bare:
        key, _, value = bare[3:].partition("=")
        engine.session.conf.set(key.strip(), value.strip())
        return engine.session.createDataFrame([(key.strip(), value.strip())], "key string, value string")
    if first in ("REFRESH", "CACHE", "UNCACHE"):
        # Each run reads tables as they are when it names them; nothing is kept between.
        return engine.session.createDataFrame([], "value string")
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
    return engine.session.createDataFrame([], "value string")


def query(engine, text: str, arguments, keeps_names: bool = True):
    if re.search(r"\b(parquet|csv|json|text|orc|delta)\s*\.\s*`", text, re.IGNORECASE):
        raise NotImplementedError("SQL straight over files (parquet.`s3://…`) is not covered by the embedded engine; use spark.read.")
    names = table_names(text)
    for name in names:
        engine.catalog.register_chain(name)
    divisions.check_text(engine, text, names)
    return rewriting.query(engine.plain_sql, text, arguments) if keeps_names else engine.plain_sql(sql_calls.rewritten(text), arguments)
