"""SQL statements over the Data Catalog: those that make, fill, list and drop go to it; queries are Spark's, once the tables that they
name are the session's."""

import re

from igarape_jobs import catalog_statements, table_statements
from igarape_jobs.session_names import chain, without_comments

# What would change, or show, only the session's own copy of a table.
changing = ("CREATE", "DROP", "INSERT", "ALTER", "TRUNCATE", "MSCK", "REPAIR", "LOAD", "MERGE", "UPDATE", "DELETE", "REPLACE", "ANALYZE", "COMMENT", "FROM", "SHOW")
views_and_functions = re.compile(r"(CREATE\s+(OR\s+REPLACE\s+)?|DROP\s+)((GLOBAL\s+)?TEMP(ORARY)?\s+)?(VIEW|FUNCTION)\b", re.IGNORECASE)
shows_of_spark = re.compile(r"SHOW\s+(FUNCTIONS|VIEWS|CATALOGS|COLUMNS|CREATE\s+TABLE|TBLPROPERTIES|CURRENT)\b", re.IGNORECASE)
described = re.compile(rf"(?:DESCRIBE|DESC|REFRESH|CACHE(?:\s+LAZY)?|UNCACHE|SHOW\s+(?:CREATE|COLUMNS|TBLPROPERTIES))\s+(?:TABLE\s+|FROM\s+|IN\s+)*(?:EXTENDED\s+|FORMATTED\s+)?({chain.pattern})",
                       re.IGNORECASE)


def run(engine, text: str, arguments):
    """The statement's answer, or None where it is Spark's to answer."""
    bare = without_comments(text).strip().rstrip(";").strip()
    if table_statements.run(engine, bare, arguments, query):
        return catalog_statements.nothing(engine)
    answer = catalog_statements.run(engine, bare)
    if answer is not None:
        return answer
    if match := described.match(bare):
        if bare.upper().startswith("REFRESH"):
            engine.tables.renew(match[1])
        engine.tables.register(match[1])
        return None
    first = (re.match(r"\w+", bare) or [""])[0].upper()
    is_query = first == "FROM" and not re.search(r"\bINSERT\b", bare, re.IGNORECASE)
    if first in changing and not is_query and not views_and_functions.match(bare) and not shows_of_spark.match(bare):
        raise NotImplementedError(f"This SQL statement is not covered for tables of the Data Catalog: {bare[:200]}")
    return None


def query(engine, text: str, arguments):
    return engine.session.sql(text, arguments)
