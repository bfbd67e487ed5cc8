"""Division of decimals: the engine's result has another scale than Spark's, so a plan that does it is refused."""

import re

from pyspark.errors import PySparkException
from pyspark.sql import types
from pyspark.sql.connect.client.core import SparkConnectClient
from pyspark.sql.connect.proto import Expression, Plan, Relation

from igarape_jobs.messages import messages, own_messages

whole = (types.ByteType, types.ShortType, types.IntegerType, types.LongType)
refusal = ("Division of decimals is not covered by the embedded engine, whose result has another scale than Spark's. "
           "Cast an operand to double, or use the `spark` engine (--igarape-engine spark).")


def install() -> None:
    plain = SparkConnectClient._execute_and_fetch_as_iterator

    def checked(self, req, *arguments, **options):
        if b"\x01/" in req.plan.SerializeToString():
            check(self, req.plan)
        return plain(self, req, *arguments, **options)

    SparkConnectClient._execute_and_fetch_as_iterator = checked


def check(client, plan: Plan) -> None:
    for relation in messages(plan, Relation):
        kind = relation.WhichOneof("rel_type")
        if kind not in ("project", "filter", "aggregate", "with_columns"):
            continue
        part = getattr(relation, kind)
        for division in own_divisions(part):
            if divides_decimals(client, kind, part.input, division):
                raise NotImplementedError(refusal)


def own_divisions(part):
    """Divisions of this step, not of the steps below it."""
    return [function for function in own_messages(part, Expression.UnresolvedFunction) if function.function_name == "/" and len(function.arguments) == 2]


def divides_decimals(client, kind: str, input: Relation, division) -> bool:
    found = Relation()
    if kind == "aggregate":
        found.aggregate.input.CopyFrom(input)
        found.aggregate.group_type = 1
        expressions = found.aggregate.aggregate_expressions
    else:
        found.project.input.CopyFrom(input)
        expressions = found.project.expressions
    for index, operand in enumerate(division.arguments):
        alias = expressions.add().alias
        alias.expr.CopyFrom(operand)
        alias.name.append(f"operand{index}")
    try:
        schema = client.schema(Plan(root=found))
    except PySparkException:
        return False
    kinds = [field.dataType for field in schema.fields]
    return any(isinstance(kind, types.DecimalType) for kind in kinds) and all(isinstance(kind, (types.DecimalType, *whole)) for kind in kinds)


def check_text(engine, text: str, tables: list[str]) -> None:
    """SQL is not taken apart: a division is refused where a decimal is in sight."""
    plain = re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`", "", text)
    if "/" not in plain:
        return
    if re.search(r"\bdec(imal)?\b|\bnumeric\b", plain, re.IGNORECASE) or any(has_decimal(engine, name) for name in tables):
        raise NotImplementedError(refusal)


def has_decimal(engine, name: str) -> bool:
    try:
        return any(isinstance(field.dataType, types.DecimalType) for field in engine.session.table(name).schema.fields)
    except PySparkException:
        # A name of the query's own, not a table.
        return False
