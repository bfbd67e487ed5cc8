"""Regular expressions of Java in the words of the embedded engine's, which takes letters and digits of every alphabet for \\w and \\d."""

import re

from igarape_jobs.nodes import Built, Cast, Literal, Text, call, node

# Java's classes are ASCII's; its \\b, up to Java 18, is of every alphabet. https://docs.oracle.com/javase/17/docs/api/java.base/java/util/regex/Pattern.html
classes = {"w": "[0-9A-Za-z_]", "W": "[^0-9A-Za-z_]", "d": "[0-9]", "D": "[^0-9]", "s": r"[ \t\n\x0B\f\r]", "S": r"[^ \t\n\x0B\f\r]"}
escape = re.compile(r"\\(.)", re.DOTALL)
# In SQL's quotes a backslash is written twice.
escape_in_quotes = re.compile(r"\\\\(\\\\|[^\\])", re.DOTALL)
in_quoted_replacement = re.compile(r"\\\\([^\\])|\$(\d)", re.DOTALL)
in_replacement = re.compile(r"\\(.)|\$(\d)", re.DOTALL)


def translated(pattern: str) -> str:
    return escape.sub(lambda match: classes.get(match[1], match[0]), pattern)


def in_quotes(quoted: str) -> str:
    """The same of a text of SQL, with its quotes."""
    return escape_in_quotes.sub(lambda match: classes.get(match[1], match[0].replace("\\\\", "\\")).replace("\\", "\\\\") if match[1] != "\\\\" else match[0], quoted)


def pattern_of(given):
    if isinstance(given, Text):
        return Text(in_quotes(given.sql)) if given.sql[:1] in "'\"" else given
    return Built(node(translated(given.literal)).column()._expr) if given.literal is not None else given


def replacement_of(given):
    """Java's `\\$` is a dollar, and `$1a` the first group and an a."""
    if isinstance(given, Text) and given.sql[:1] in "'\"":
        return Text(in_quoted_replacement.sub(lambda match: f"${{{match[2]}}}" if match[2] else {"$": "$$"}.get(match[1], match[1]), given.sql))
    if given.literal is None or not in_replacement.search(given.literal):
        return given
    return Literal(in_replacement.sub(lambda match: f"${{{match[2]}}}" if match[2] else {"$": "$$"}.get(match[1], match[1]), given.literal))


def by_pattern(name: str):
    return lambda text, pattern, *more: call(name, text, pattern_of(pattern), *more)


def regexp_replace(text, pattern, replacement, *start):
    return call("regexp_replace", text, pattern_of(pattern), replacement_of(replacement), *start)


def regexp_count(text, pattern):
    return Cast(call("regexp_count", text, pattern_of(pattern)), "int")


functions = {
    **{name: by_pattern(name) for name in ("rlike", "regexp", "regexp_like", "regexp_extract", "regexp_extract_all", "regexp_substr", "regexp_instr")},
    "regexp_replace": regexp_replace,
    "regexp_count": regexp_count,
}
