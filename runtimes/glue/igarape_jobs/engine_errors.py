"""Errors of the embedded engine: its own words, with the way out where Spark might have answered."""

import re

from pyspark.errors import PySparkException
from pyspark.errors.exceptions.connect import ParseException
from pyspark.sql.connect.client.core import SparkConnectClient

way_out = "(This is the embedded engine's own error. Where Spark itself would go on, give the job the argument --igarape-engine spark.)"
# An error with Spark's own class is Spark's; one of a user's function is the user's.
of_spark = re.compile(r"^\s*\[[A-Z][A-Z_.]+\]|Python worker|Traceback \(most recent call last\)|UNRESOLVED_|TABLE_OR_VIEW_NOT_FOUND")


def install() -> None:
    plain = SparkConnectClient._handle_error

    def handle(self, error):
        try:
            plain(self, error)
        except PySparkException as found:
            raise told(found) from None

    SparkConnectClient._handle_error = handle


def told(error: PySparkException) -> PySparkException:
    message = str(error)
    syntax = re.match(r"invalid argument: found (.+) at (\d+):\d+ expected", message)
    if syntax:
        return ParseException(f"[PARSE_SYNTAX_ERROR] Syntax error at or near '{syntax[1]}' (pos {syntax[2]}). {way_out}")
    name = re.search(r"""Identifier\("([^"]+)"\)\]\)( is missing from the schema)?$|ObjectName\(\[.*Identifier\("([^"]+)"\)\]\) is missing""", message)
    if name and "missing from the schema" in message:
        return renamed(error, f"[UNRESOLVED_COLUMN.WITHOUT_SUGGESTION] A column or function parameter with name `{name[1] or name[3]}` cannot be resolved.")
    if name and message.startswith("ambiguous attribute"):
        return renamed(error, f"[AMBIGUOUS_REFERENCE] Reference `{name[1]}` is ambiguous.")
    if not of_spark.search(message):
        return renamed(error, f"{message} {way_out}")
    return error


def renamed(error: PySparkException, message: str) -> PySparkException:
    error._message = message
    error.args = (message,)
    return error
