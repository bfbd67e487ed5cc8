"""Functions of functions that the embedded engine lacks, said by those that it has: `transform` over pairs of elements, or over a map's entries."""

import re

from pyspark.sql.connect import proto
from pyspark.sql.connect.expressions import Expression, LambdaFunction

from igarape_jobs.nodes import Built, Each, Field, Text, call, refuse
from igarape_jobs.sql_tokens import is_blank, token

heading = re.compile(r"\s*(?:(\w+)|\(([\w\s,]+)\))\s*->", re.DOTALL)
names_anew = re.compile(r"\s*->|(\s*,\s*\w+)*\s*\)\s*->")


class Applied(Expression):
    """A lambda of the script's with its variables replaced, each of which has a name of its own."""

    def __init__(self, function: LambdaFunction, arguments: list):
        super().__init__()
        self._function = function
        self._arguments = arguments

    def to_plan(self, session) -> proto.Expression:
        function = self._function.to_plan(session).lambda_function
        names = [".".join(variable.name_parts) for variable in function.arguments]
        body = function.function
        replace(body, dict(zip(names, [argument.column()._expr.to_plan(session) for argument in self._arguments])))
        return body


def replace(message, values: dict[str, proto.Expression]) -> None:
    if isinstance(message, proto.Expression) and message.WhichOneof("expr_type") == "unresolved_named_lambda_variable":
        value = values.get(".".join(message.unresolved_named_lambda_variable.name_parts))
        if value is not None:
            message.CopyFrom(value)
        return
    for field, value in message.ListFields():
        if field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for item in value if hasattr(value, "__len__") and not hasattr(value, "ListFields") else [value]:
                replace(item, values)


def applied(function, *arguments):
    """What the script's function gives for these arguments."""
    if isinstance(function, Built) and isinstance(function.expression, LambdaFunction):
        return Built(Applied(function.expression, list(arguments)))
    found = heading.match(function.sql) if isinstance(function, Text) else None
    if not found:
        return refuse("a higher-order function of something else than a lambda")
    names = [name.strip().lower() for name in (found[1] or found[2]).split(",")]
    return Text(with_values(function.sql[found.end():], dict(zip(names, [argument.text() for argument in arguments]))))


def with_values(body: str, values: dict[str, str]) -> str:
    tokens, out = token.findall(body), []
    around = [""]
    for at, word in enumerate(tokens):
        if word == "(":
            around.append(next((before.lower() for before in reversed(tokens[:at]) if not is_blank(before)), ""))
        elif word == ")" and len(around) > 1:
            around.pop()
        rest = "".join(tokens[at + 1:])
        is_variable = word.lower() in values and not (at and tokens[at - 1] == ".") and not rest.lstrip().startswith("(")
        if is_variable and names_anew.match(rest):
            return refuse(f"a lambda inside a lambda that both name {word}")
        # A struct's field is named after the variable that stands there alone.
        is_field = is_variable and around[-1] == "struct" and rest.lstrip()[:1] in (",", ")") and "".join(tokens[:at]).rstrip()[-1:] in ("(", ",")
        out.append(values[word.lower()] + (f" AS `{word}`" if is_field else "") if is_variable else word)
    return "".join(out).strip()


def zip_with(left, right, function):
    """What is no plain column has no name in `arrays_zip`, but its place."""
    pairs = call("arrays_zip", call("coalesce", left), call("coalesce", right))
    return call("transform", pairs, Each(lambda pair: applied(function, Field(pair, "0"), Field(pair, "1"))))


def of_entries(map, function):
    return call("transform", call("map_entries", map), Each(lambda entry: applied(function, Field(entry, "key"), Field(entry, "value"))))


def transform_keys(map, function):
    return call("map_from_arrays", of_entries(map, function), call("map_values", map))


def transform_values(map, function):
    return call("map_from_arrays", call("map_keys", map), of_entries(map, function))


def map_zip_with(left, right, function):
    keys = call("array_union", call("map_keys", left), call("map_keys", right))
    values = Each(lambda key: applied(function, key, call("try_element_at", left, key), call("try_element_at", right, key)))
    return call("map_from_arrays", keys, call("transform", keys, values))


functions = {"zip_with": zip_with, "transform_keys": transform_keys, "transform_values": transform_values, "map_zip_with": map_zip_with}
