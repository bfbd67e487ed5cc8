"""Columns and rows of ORC files, for crawlers: a JSON list of paths in, an object by path out.

A file that cannot be read is left out of the answer.
"""
import json
import sys

import pyarrow as pa
import pyarrow.orc as orc

PLAIN = {
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int16(): "smallint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.date32(): "date",
    pa.binary(): "binary",
}


def hive_type(kind):
    if kind in PLAIN:
        return PLAIN[kind]
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    if pa.types.is_map(kind):
        return f"map<{hive_type(kind.key_type)},{hive_type(kind.item_type)}>"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"array<{hive_type(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return "struct<" + ",".join(f"{field.name}:{hive_type(field.type)}" for field in kind) + ">"
    return "string"


def main():
    found = {}
    for path in json.load(sys.stdin):
        try:
            with open(path, "rb") as handle:
                reader = orc.ORCFile(handle)
                columns = [[field.name, hive_type(field.type)] for field in reader.schema]
                found[path] = {"columns": columns, "rows": reader.nrows}
        except (pa.ArrowException, OSError, ValueError):
            continue
    json.dump(found, sys.stdout)


main()
