"""JSON, CSV and addresses inside a column: what the embedded engine's functions of them leave out of Spark's is put right, or refused."""

import json
import re

from pyspark.sql import types
from pyspark.sql.connect.expressions import LiteralExpression, UnresolvedFunction

from igarape_jobs.nodes import Built, Cast, Each, Text, call, case, node, refuse
from igarape_jobs.sql_writing import written_type

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
    found = parsed(text, schema, options)
    if not is_array(schema.literal):
        return case(call("==", call("trim", text), ""), None, found)
    # An array of which an element does not fit is null as a whole.
    error = call("raise_error", "The embedded engine does not do from_json of an array with nulls and elements of another type as Spark does; the `spark` engine does (--igarape-engine spark).")
    has_null = call("exists", found, Each(lambda item: call("isnull", item)))
    is_misfit = call("and", has_null, call("not", call("rlike", text, r"\bnull\b")))
    has_both = call("and", has_null, call("not", call("rlike", text, r"^\s*\[(\s*(null|[^\s\[{\"]+|\"[^\"]*\")\s*,?)*\]\s*$")))
    return case(call("==", call("trim", text), ""), None, is_misfit, None, has_both, error, found)


def is_array(ddl: str | None) -> bool:
    return bool(ddl) and re.match(r'\s*array\s*<|\s*\{\s*"type"\s*:\s*"array"|.*"type"\s*:\s*"array"\s*\}\s*$', ddl, re.IGNORECASE) is not None


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
    return Cast(call("from_json", text, wide, *options), written_type(declared))


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
    """Timestamps have three digits of a second. Of numbers with a point, the engine writes other digits than Java."""
    check_options("to_json", options)
    text = call("to_json", value, *options)
    type = call("typeof", value)
    short = call("regexp_replace", text, r"(T\d\d:\d\d:\d\d\.\d{3})\d{3}(Z|[+-]\d\d:\d\d)\"", "${1}${2}\"")
    bare = call("regexp_replace", text, in_quotes, '""')
    decimals = call("raise_error", "The embedded engine does not write decimals with places by to_json as Spark does: cast them to string or double, or use the `spark` engine (--igarape-engine spark).")
    doubles = call("raise_error", "The embedded engine does not write a double from 1e7 on, or below 0.001, by to_json as Spark does: cast it to string, or use the `spark` engine (--igarape-engine spark).")
    return case(call("rlike", type, r"decimal\(\d+,[1-9]"), decimals, call("and", call("rlike", type, "double|float"), call("rlike", bare, java_exponent)), doubles,
                call("rlike", type, "timestamp"), short, text)


def get_json_object(text, path):
    """A part that is an object or an array comes without blanks, and a number with the digits that Java writes."""
    if path.literal is None or "*" in path.literal:
        return refuse("get_json_object with a * in its path")
    found = call("get_json_object", text, path)
    as_string = call("concat", '"', call("replace", call("replace", found, "\\", "\\\\"), '"', '\\"'), '"')
    is_written_so = call("or", call("not", call("rlike", found, r"^[\[{]|\.\d*0$|[eE]")), call(">", call("instr", text, as_string), 0))
    error = call("raise_error", "The embedded engine does not write a number with an exponent by get_json_object as Spark does; the `spark` engine does (--igarape-engine spark).")
    has_exponent = call("rlike", call("regexp_replace", found, in_quotes, '""'), r"^-?\d[\d.]*[eE]|[\[:,]\s*-?\d[\d.]*[eE]")
    is_number_or_part = call("rlike", found, r"^[\[{]|^-?\d[\d.]*([eE][+-]?\d+)?$")
    return case(is_written_so, found, call("not", is_number_or_part), found, has_exponent, error, call("regexp_replace", found, shortened, "${1}${2}"))


def json_array_length(text):
    return case(call("rlike", text, r"^\s*\["), call("json_array_length", Cast(text, "string")), Cast(node(None), "int"))


# A text in JSON; then blanks, or zeros that end a number; both outside texts.
in_quotes = r'"(?:[^"\\]|\\.)*"'
shortened = rf"({in_quotes})|\s+|(\.(?:0|\d*?[1-9]))0+\b"
java_exponent = r"\d{8,}\.|\d[eE]|(^|[^\d.])0\.000"

functions = {"from_json": from_json, "to_json": to_json, "get_json_object": get_json_object, "json_array_length": json_array_length, "to_csv": to_csv, "from_csv": from_csv, "schema_of_csv": schema_of_csv, "schema_of_json": checked("schema_of_json"),
             "parse_url": parse_url("parse_url"), "try_parse_url": parse_url("try_parse_url")}
