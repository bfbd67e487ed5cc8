"""Sums, differences and products of decimals that have more than 38 digits: Spark gives up places behind the point, down to six, where the embedded
engine keeps them all. Each such step of a plan is cast to Spark's type. SQL is not taken apart, so there it is refused where such decimals are in sight.

https://spark.apache.org/docs/3.5.6/sql-ref-ansi-compliance.html (the types of decimal arithmetic).
"""

import re

from pyspark.errors import PySparkException
from pyspark.sql import types
from pyspark.sql.connect import proto
from pyspark.sql.connect.client.core import SparkConnectClient

from igarape_jobs.divisions import whole
from igarape_jobs.messages import look_first, messages, own_messages

digits_max, places_kept = 38, 6
digits_of = {"byte": 3, "short": 5, "integer": 10, "long": 20}
operators = ("+", "-", "*")
quoted = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`")
in_text = re.compile(r"[\w)\]]\s*[-+*]\s*[\w(]")
no_operand = re.compile(r"\bselect\s+(distinct\s+)?\*|\(\s*\*\s*\)|\.\s*\*|\binterval\s+[^,()]*", re.IGNORECASE)
decimal_text = re.compile(r"\b(?:decimal|numeric|dec)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)", re.IGNORECASE)
refusal = ("Arithmetic in SQL over decimals that may have more than 38 digits together is not covered by the embedded engine, which keeps other places than Spark's. Cast them to fewer digits, "
           "write it with columns, or use the `spark` engine (--igarape-engine spark).")


class Seen:
    """Whether the script has met a decimal at all: no plan of one without is looked at."""

    decimal = False


seen = Seen()


def install() -> None:
    plain_analyze, plain_type = SparkConnectClient._analyze, types.DecimalType.__init__

    def made(self, *arguments, **named):
        seen.decimal = True
        plain_type(self, *arguments, **named)

    types.DecimalType.__init__ = made
    look_first(lambda client, message: restate(client, plain_analyze, message))


def restate(client, analyze, message) -> None:
    """The innermost steps first, for those around them have the types that come of it."""
    text = message.SerializeToString()
    if not (seen.decimal or b"ecimal" in text):
        return
    for relation in reversed(list(messages(message, proto.Relation))):
        kind = relation.WhichOneof("rel_type")
        part = getattr(relation, kind) if kind else None
        if kind in ("project", "filter", "aggregate", "with_columns"):
            cast_in(client, analyze, part.input, own_messages(part, proto.Expression))
            check_strings(client, analyze, part, part.input)


def cast_in(client, analyze, source: proto.Relation, expressions: list[proto.Expression]) -> None:
    wanted = [expression for expression in reversed(expressions) if is_arithmetic(expression)]
    while wanted:
        found = [type_of(expression.unresolved_function, *pair) for expression, pair in zip(wanted, types_of(client, analyze, source, wanted))]
        changed = next((at for at, type in enumerate(found) if type), None)
        if changed is None:
            return
        expression, type = wanted[changed], found[changed]
        cast = proto.Expression(cast=proto.Expression.Cast(expr=expression, type_str=type.simpleString()))
        expression.CopyFrom(cast)
        # Those before it have other types than they would have beside it.
        wanted = wanted[changed + 1:]


def is_arithmetic(expression: proto.Expression) -> bool:
    function = expression.unresolved_function if expression.WhichOneof("expr_type") == "unresolved_function" else None
    return function is not None and function.function_name in operators and len(function.arguments) == 2


def types_of(client, analyze, source: proto.Relation, expressions: list[proto.Expression]) -> list[tuple]:
    """Of both operands of each; nothing where the engine cannot tell them alone, as of an argument of a lambda."""
    found = proto.Relation()
    found.project.input.CopyFrom(source)
    for index, expression in enumerate(expressions):
        for side, operand in enumerate(expression.unresolved_function.arguments):
            alias = found.project.expressions.add().alias
            alias.expr.CopyFrom(operand)
            alias.name.append(f"{index}_{side}")
    try:
        fields = analyze(client, "schema", plan=proto.Plan(root=found)).schema.fields
    except PySparkException:
        return [pair for expression in expressions for pair in (types_of(client, analyze, source, [expression]) if len(expressions) > 1 else [(None, None)])]
    return [(fields[at].dataType, fields[at + 1].dataType) for at in range(0, len(fields), 2)]


def type_of(function, left, right) -> types.DecimalType | None:
    """Spark's type, where it has to give up places, or where a number that is written out counts with the digits it has."""
    one, two = (parts_of(type, operand) for type, operand in zip((left, right), function.arguments))
    if one is None or two is None or not any(isinstance(type, types.DecimalType) for type in (left, right)):
        return None
    (digits, scale), (other_digits, other_scale) = one, two
    if function.function_name == "*":
        wanted, places = digits + other_digits + 1, scale + other_scale
    else:
        places = max(scale, other_scale)
        wanted = max(digits - scale, other_digits - other_scale) + places + 1
    if wanted <= digits_max:
        return types.DecimalType(wanted, places) if any(map(is_whole_literal, function.arguments)) else None
    return types.DecimalType(digits_max, max(digits_max - (wanted - places), min(places, places_kept)))


def parts_of(type, operand: proto.Expression) -> tuple[int, int] | None:
    if isinstance(type, types.DecimalType):
        return type.precision, type.scale
    if is_whole_literal(operand):
        return len(str(abs(getattr(operand.literal, operand.literal.WhichOneof("literal_type"))))), 0
    return (digits_of[type.typeName()], 0) if isinstance(type, whole) else None


def is_whole_literal(operand: proto.Expression) -> bool:
    return operand.WhichOneof("expr_type") == "literal" and operand.literal.WhichOneof("literal_type") in digits_of


def check_text(engine, text: str, tables: list[str]) -> None:
    """SQL is not taken apart: arithmetic is refused where decimals are in sight that may have too many digits together."""
    plain = without_others(text)
    if (seen.decimal or decimal_text.search(plain)) and in_text.search(plain):
        check_sizes(plain, [size for name in tables for size in sizes_of(lambda: engine.session.table(name).schema)])


def check_strings(client, analyze, part, source: proto.Relation) -> None:
    """The same of expressions in words, over the columns of their step."""
    words = [without_others(string.expression) for string in own_messages(part, proto.Expression.ExpressionString)]
    if any(in_text.search(text) for text in words):
        plan = proto.Plan(root=source)
        sizes = sizes_of(lambda: types.StructType([types.StructField(field.name, field.dataType) for field in analyze(client, "schema", plan=plan).schema.fields]))
        check_sizes(" , ".join(words), sizes)


def without_others(text: str) -> str:
    return no_operand.sub("", quoted.sub("_", text))


def check_sizes(text: str, sizes: list[tuple[int, int]]) -> None:
    known = sizes + [(int(digits), int(scale or 0)) for digits, scale in decimal_text.findall(text)]
    if not any(scale for _, scale in known):
        return
    steps = len(in_text.findall(text))
    of_sum = max(digits - scale for digits, scale in known) + max(scale for _, scale in known) + steps
    of_product = 2 * max(digits for digits, _ in known) + 1
    if of_sum > digits_max or ("*" in text and of_product > digits_max):
        raise NotImplementedError(refusal)


def sizes_of(schema) -> list[tuple[int, int]]:
    try:
        fields = schema().fields
    except PySparkException:
        # A name of the query's own, not a table.
        return []
    return [(field.dataType.precision, field.dataType.scale) for field in fields if isinstance(field.dataType, types.DecimalType)]
