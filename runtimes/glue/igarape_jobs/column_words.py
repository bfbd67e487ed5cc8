"""Columns as a statement writes them: `name TYPE [NOT NULL] [COMMENT 'text']`. The engine's own reading of them loses the comments."""

import re

from pyspark.sql.types import StructType

from igarape_jobs.sql_tokens import token
from igarape_jobs.statement_words import unquoted

commented = re.compile(r"(.*?)\bCOMMENT\s+('.*'|\".*\")\s*", re.IGNORECASE | re.DOTALL)


def split_at_comment(text: str) -> tuple[str, str | None]:
    found = commented.fullmatch(text)
    return (found[1].strip(), unquoted(found[2])) if found else (text.strip(), None)


def parted(text: str) -> list[str]:
    """The columns, which commas part that stand in no `<…>`, `(…)` or quotes."""
    parts, depth = [""], 0
    for word in token.findall(text):
        depth += (word in ("<", "(")) - (word in (">", ")"))
        if word == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += word
    return parts


def columns_of(engine, text: str) -> StructType:
    parts = [split_at_comment(part) for part in parted(text)]
    fields = engine.session._parse_ddl(", ".join(words for words, _ in parts)).fields
    for field, (_, comment) in zip(fields, parts):
        field.metadata = {"comment": comment} if comment is not None else {}
    return StructType(fields)
