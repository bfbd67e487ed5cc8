"""JSON, CSV and addresses inside a column: what the embedded engine's functions of them leave out of Spark's is put right, or refused."""

import json
import re

from pyspark.sql import types
from pyspark.sql.connect.expressions import LiteralExpression, UnresolvedFunction

from igarape_jobs.nodes import Built, Cast, Text, call, case, refuse

# The options that the engine follows.
followed = {"from_json": {"dateformat", "timestampformat"}, "to_json": {"dateformat", "timestampformat"}, "from_csv": {"sep", "delimiter", "dateformat", "timestampformat", "ignoreleadingwhitespace"},
            "to_csv": {"sep", "delimiter", "nullvalue", "dateformat"}, "schema_of_csv": {"sep", "delimiter"}, "schema_of_json": set()}
narrow = re.compile(r"\b(int|integer|smallint|short|tinyint|byte)\b", re.IGNORECASE)
# What java.net.URI takes in no address.
no_address = r"[\s<>\"{}|\\^`]|%([^0-9a-fA-F]|.[^0-9a-fA-F]|.?$)"


def option_names(options) -> list[str] | None:
    """The names of options that are written out."""
    if isinstance(options, Text):
        inner = re.fullmatch(r"map\s*\((.*)\)", options.sql.strip(), re.IGNORECASE | re.DOTALL)
        names = re.findall(r"'([^']*)'\s*,\s*(?:'[^']*'|[\w.]+)\s*(?:,|$)", inner[1]) if inner else None
    elif isinstance(options, Built) and isinstance(options.expression, UnresolvedFunction) and options.expression._name == "map":
        names = [key._value for key in options.expression._args[::2] if isinstance(key, LiteralExpression)]
    else:
        names = None
    return names


def check_options(name: str, options: tuple) -> None:
    if not options:
        return
    names = option_names(options[0])
    unknown = [option for option in names or [] if option.lower() not in followed[name]]
    if names is None or unknown:
        refuse(f"{name} with {'the option ' + unknown[0] if unknown else 'options that are not written out'}")


def from_json(text, schema, *options):
    """A number beyond its whole type is null, not its last bits; the empty text is no document."""
    check_options("from_json", options)
    return case(call("==", call("trim", text), ""), None, parsed(text, schema, options))


def parsed(text, schema, options):
    plain = call("from_json", text, schema, *options)
    ddl = schema.literal
    if not ddl or not (narrow.search(ddl)):
        return plain
    if ddl.lstrip().startswith("{"):
        return narrowed(text, ddl, options)
    return Cast(call("from_json", text, narrow.sub("bigint", ddl), *options), ddl if re.match(r"\s*(struct|array|map)\s*<", ddl, re.IGNORECASE) else f"struct<{ddl}>")


def narrowed(text, schema: str, options):
    """The schema as columns hand it over, in Spark's JSON."""
    try:
        declared = types._parse_datatype_json_value(json.loads(schema))
    except (ValueError, KeyError):
        return call("from_json", text, schema, *options)
    wide = re.sub(r'"(integer|short|byte)"', '"long"', schema)
    return Cast(call("from_json", text, wide, *options), quoted_type(declared))


def quoted_type(type) -> str:
    if isinstance(type, types.StructType):
        return f"struct<{', '.join(f'`{field.name}`: {quoted_type(field.dataType)}' for field in type.fields)}>"
    if isinstance(type, types.ArrayType):
        return f"array<{quoted_type(type.elementType)}>"
    if isinstance(type, types.MapType):
        return f"map<{quoted_type(type.keyType)}, {quoted_type(type.valueType)}>"
    return type.simpleString()


def to_csv(value, *options):
    """The engine writes null as it writes the empty text, unless it is told a word for it."""
    check_options("to_csv", options)
    if options and "nullvalue" in [name.lower() for name in option_names(options[0]) or []]:
        return call("to_csv", value, *options)
    has_null = call("rlike", call("to_csv", value, *options), "\"\"")
    error = call("raise_error", "The embedded engine does not do to_csv of a null as Spark does: give it the option nullValue, or use the `spark` engine (--igarape-engine spark).")
    return case(has_null, error, call("to_csv", value, *options))


def schema_of_csv(text, *options):
    check_options("schema_of_csv", options)
    if text.literal is None or '"' in text.literal:
        return refuse("schema_of_csv of quoted text")
    return call("schema_of_csv", text, *options)


def parse_url(name: str):
    """What is no address to Java has no parts; neither has it a part named by null."""

    def rule(address, part, *key):
        known = call(name, address, part, *key)
        if part.literal == "AUTHORITY":
            return refuse(f"{name} of the part AUTHORITY")
        nothing = call("rlike", address, no_address)
        return case(call("or", nothing, call("isnull", key[0])), None, known) if key else case(nothing, None, known)

    return rule


def checked(name: str):
    def rule(value, *options):
        check_options(name, options)
        return call(name, value, *options)

    return rule


def from_csv(text, schema, *options):
    check_options("from_csv", options)
    return call("from_csv", text, schema, *options)


def to_json(value, *options):
    """Timestamps have three digits of a second."""
    check_options("to_json", options)
    text = call("to_json", value, *options)
    short = call("regexp_replace", text, r"(T\d\d:\d\d:\d\d\.\d{3})\d{3}(Z|[+-]\d\d:\d\d)\"", "${1}${2}\"")
    return case(call("rlike", call("typeof", value), "timestamp"), short, text)


def get_json_object(text, path):
    if path.literal is None or "*" in path.literal:
        return refuse("get_json_object with a * in its path")
    return call("get_json_object", text, path)


functions = {"from_json": from_json, "to_json": to_json, "get_json_object": get_json_object, "to_csv": to_csv, "from_csv": from_csv, "schema_of_csv": schema_of_csv, "schema_of_json": checked("schema_of_json"),
             "parse_url": parse_url("parse_url"), "try_parse_url": parse_url("try_parse_url")}
