"""Glue's names of types, as Spark's."""

from awsglue.unsupported import refuse

names = {"string": "string", "int": "int", "integer": "int", "long": "bigint", "bigint": "bigint", "short": "smallint", "smallint": "smallint",
         "byte": "tinyint", "tinyint": "tinyint", "double": "double", "float": "float", "boolean": "boolean", "date": "date",
         "timestamp": "timestamp", "binary": "binary", "char": "string", "varchar": "string", "decimal": "decimal(10,2)"}


def spark_type(name: str) -> str:
    lower = name.strip().lower()
    if lower in names:
        return names[lower]
    if lower.startswith(("decimal(", "array<", "struct<", "map<")):
        return lower
    if lower.startswith(("varchar(", "char(")):
        return "string"
    return refuse(f"the type {name}")
