"""SQL statements about the Data Catalog's databases, and those that list what it has, on either engine."""

import re

from pyspark.errors import AnalysisException
from pyspark.sql.types import StructType

from igarape_jobs import catalog_questions
from igarape_jobs.host import HostError
from igarape_jobs.show_statements import ShowStatements
from igarape_jobs.statement_words import Words, not_covered, properties

lists = re.compile(r"SHOW\s+(TABLES|DATABASES|SCHEMAS|NAMESPACES|PARTITIONS)\b", re.IGNORECASE)


def run(engine, text: str):
    """The statement's answer, or None where it is none of these."""
    words = Words(text)
    if words.take("USE"):
        words.take_any("DATABASE", "SCHEMA", "NAMESPACE")
        catalog_questions.enter(engine, (words.name() or "").strip("`"))
        return nothing(engine)
    if create_database(engine, words):
        return nothing(engine)
    return ShowStatements(engine).run(text) if lists.match(text) else None


def create_database(engine, words: Words) -> bool:
    """Whether the statement is of a database; if so, it is there."""
    if not (words.take("CREATE") and words.take_any("DATABASE", "SCHEMA", "NAMESPACE")):
        return False
    if_not_exists = words.take("IF", "NOT", "EXISTS")
    made: dict = {"Name": (words.name() or "").strip("`").lower()}
    while words.rest:
        if words.take("COMMENT"):
            made["Description"] = words.text()
        elif words.take("LOCATION"):
            made["LocationUri"] = words.text()
        elif words.take("WITH", "DBPROPERTIES") or words.take("WITH", "PROPERTIES"):
            made["Parameters"] = properties(words.group() or "")
        else:
            raise not_covered(words.rest)
    try:
        engine.catalog.call("CreateDatabase", DatabaseInput=made)
    except HostError as error:
        if error.code != "AlreadyExistsException":
            raise
        if not if_not_exists:
            raise AnalysisException(f"[SCHEMA_ALREADY_EXISTS] Cannot create schema `{made['Name']}` because it already exists.") from None
    return True


def nothing(engine):
    """What a statement gives that gives no rows: no columns either."""
    return engine.session.createDataFrame([], StructType([]))
