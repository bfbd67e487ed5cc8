"""What a plan's messages have in them, and whoever looks at them before the engine does."""

from pyspark.sql.connect import proto
from pyspark.sql.connect.client.core import SparkConnectClient


def look_first(look) -> None:
    """Every plan that is to be carried out, or asked about, goes by `look(client, message)` on its way."""
    plain_execute, plain_analyze = SparkConnectClient._execute_and_fetch_as_iterator, SparkConnectClient._analyze

    def execute(self, req, *arguments, **options):
        look(self, req.plan)
        return plain_execute(self, req, *arguments, **options)

    def analyze(self, method, **given):
        for message in given.values():
            if isinstance(message, (proto.Plan, proto.Relation)):
                look(self, message)
        return plain_analyze(self, method, **given)

    SparkConnectClient._execute_and_fetch_as_iterator = execute
    SparkConnectClient._analyze = analyze


def messages(message, wanted):
    """All messages of a type, however deep."""
    if isinstance(message, wanted):
        yield message
    for field, value in message.ListFields():
        if field.message_type is not None and not field.message_type.GetOptions().map_entry:
            repeated = value if hasattr(value, "__len__") and not hasattr(value, "ListFields") else [value]
            for item in repeated:
                yield from messages(item, wanted)


def own_messages(part, wanted) -> list:
    """Those of this step, not of the steps below it."""
    found = []
    for field, value in part.ListFields():
        if field.name == "input" or field.message_type is None:
            continue
        for item in value if hasattr(value, "__len__") and not hasattr(value, "ListFields") else [value]:
            found.extend(messages(item, wanted))
    return found
