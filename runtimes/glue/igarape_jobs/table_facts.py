"""What a table's record in the Catalog says, as Spark reads it: its kind, its format, its columns, options, properties and buckets."""

# What keeps the record itself, and is none of the script's properties.
of_serde = ("serialization.format", "field.delim", "path")
own_parameters = ("EXTERNAL", "classification", "skip.header.line.count", "transient_lastDdlTime")


def provider(table: dict) -> str:
    return table.get("Parameters", {}).get("spark.sql.sources.provider", "hive")


def kind(table: dict) -> str:
    return {"MANAGED_TABLE": "MANAGED", "VIRTUAL_VIEW": "VIEW"}.get(table.get("TableType", ""), "EXTERNAL")


def is_managed(table: dict) -> bool:
    return kind(table) == "MANAGED" and table.get("Parameters", {}).get("EXTERNAL", "").upper() != "TRUE"


def columns(table: dict) -> list[dict]:
    return table["StorageDescriptor"].get("Columns", []) + table.get("PartitionKeys", [])


def keys(table: dict) -> list[str]:
    return [key["Name"] for key in table.get("PartitionKeys", [])]


def options(table: dict) -> dict[str, str]:
    """What the script said of the format when it made the table; only Spark's own tables keep it."""
    given = table["StorageDescriptor"].get("SerdeInfo", {}).get("Parameters", {})
    return {key: value for key, value in sorted(given.items()) if key not in of_serde}


def properties(table: dict) -> dict[str, str]:
    hidden = own_parameters if provider(table) != "hive" else ("EXTERNAL",)
    return {key: value for key, value in sorted(table.get("Parameters", {}).items()) if key not in hidden and not key.startswith("spark.sql.")}


def buckets(table: dict) -> tuple[int, list[str], list[str]]:
    """How many, the columns they are told by, and those they are sorted by."""
    parameters = table.get("Parameters", {})
    told = [[parameters[f"spark.sql.sources.schema.{kind}Col.{index}"] for index in range(int(parameters.get(f"spark.sql.sources.schema.num{kind.capitalize()}Cols", 0)))]
            for kind in ("bucket", "sort")]
    return int(parameters.get("spark.sql.sources.schema.numBuckets", 0)), told[0], told[1]


def as_input(table: dict, **changed) -> dict:
    """The record as an update takes it."""
    members = ("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "ViewOriginalText", "ViewExpandedText", "TableType", "Parameters", "TargetTable")
    return {**{name: table[name] for name in members if table.get(name) is not None}, **changed}
