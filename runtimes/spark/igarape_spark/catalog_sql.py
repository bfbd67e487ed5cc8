"""SQL statements over the Data Catalog: those that make, fill, list and drop go to it; queries are Spark's, once the tables that they
name are the session's."""

import re

from igarape_jobs import catalog_statements, table_statements
from igarape_jobs.session_names import chain, quoted_text, without_comments

# What would change, or show, only the session's own copy of a table.
changing = ("CREATE", "DROP", "INSERT", "ALTER", "TRUNCATE", "MSCK", "REPAIR", "LOAD", "MERGE", "UPDATE", "DELETE", "REPLACE", "ANALYZE", "COMMENT", "FROM", "WITH", "SHOW")
of_the_session = re.compile(r"""CREATE\s+(OR\s+REPLACE\s+)?(GLOBAL\s+)?TEMP(ORARY)?\s+(VIEW|FUNCTION)\b | DROP\s+((GLOBAL\s+)?TEMP(ORARY)?\s+)?(VIEW|FUNCTION)\b
                                | INSERT\s+OVERWRITE\s+(LOCAL\s+)?DIRECTORY\b
                                | SHOW\s+(FUNCTIONS|VIEWS|CATALOGS|COLUMNS|CREATE\s+TABLE|TBLPROPERTIES|CURRENT)\b""", re.IGNORECASE | re.VERBOSE)
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
    is_query = first in ("FROM", "WITH") and not re.search(r"\bINSERT\s+(INTO|OVERWRITE)\b", quoted_text.sub("''", bare), re.IGNORECASE)
    if first in changing and not is_query and not of_the_session.match(bare):
        raise NotImplementedError(f"This SQL statement is not covered for tables of the Data Catalog: {bare[:200]}")
    return None


def query(engine, text: str, arguments):
    return engine.session.sql(text, arguments)
