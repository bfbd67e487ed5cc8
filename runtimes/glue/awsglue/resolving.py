"""`resolveChoice`: what becomes of a field that is of several types."""

from awsglue import gluetypes as glue
from awsglue.fields import Column, cast, choice_paths, edit, members, path_of
from awsglue.shapes import glue_type
from awsglue.unsupported import refuse


def resolved(columns: list[Column], specs, choice: str, catalog_types) -> list[Column]:
    """`catalog_types` gives a Catalog table's types by name, for the action match_catalog."""
    if specs and choice:
        raise ValueError("Only one of specs and choice can be given to resolveChoice.")
    if not specs and not choice:
        raise ValueError("resolveChoice needs specs or choice.")
    for path, action in specs or []:
        columns = edit(columns, path_of(path, columns), changing(action, {}))
    if choice:
        types = catalog_types() if choice.lower() == "match_catalog" else {}
        columns = match_catalog(columns, types) if choice.lower() == "match_catalog" else columns
        whole = glue.StructType([glue.Field(column.name, column.type) for column in columns])
        for path in choice_paths(whole):
            columns = edit(columns, path, changing("make_struct" if types else choice, types))
    return columns


def match_catalog(columns: list[Column], types: dict[str, glue.DataType]) -> list[Column]:
    """Fields that the table knows get its types."""
    atomic = [column for column in columns if column.name.lower() in types and isinstance(types[column.name.lower()], glue.AtomicType)]
    return [cast(column, types[column.name.lower()]) if column in atomic else column for column in columns]


def changing(action: str, types: dict):
    kind, _, target = action.partition(":")
    kind = kind.lower()
    if kind in ("cast", "project"):
        wanted = glue.type_of(target) if target else None
        if wanted is None:
            raise ValueError(f"The action {action} names no type.")
        return lambda column: [cast(column, wanted)]
    if kind == "make_cols":
        return lambda column: [Column(f"{column.name}_{inner.name}", inner.value, inner.type) for inner in members(column)] if is_choice(column) else [column]
    if kind == "make_struct":
        return lambda column: [Column(column.name, column.value, as_struct(column.type))]
    return refuse(f"resolveChoice with the action {action!r}")


def is_choice(column: Column) -> bool:
    return isinstance(column.type, glue.ChoiceType)


def as_struct(type: glue.DataType) -> glue.DataType:
    """A choice lies as a struct of its alternatives already."""
    if not isinstance(type, glue.ChoiceType):
        return type
    return glue.StructType([glue.Field(name, choice) for name, choice in type.choices.items()])


def table_types(engine, database: str, table_name: str) -> dict[str, glue.DataType]:
    from igarape_jobs.catalog import column_type

    table = engine.catalog.must_get_table(database, table_name)
    columns = table["StorageDescriptor"].get("Columns", []) + table.get("PartitionKeys", [])
    return {column["Name"].lower(): glue_type(column_type(engine, column["Type"])) for column in columns}


class ResolveOption:
    """How `toDF` resolves one choice: KeepAsStruct, Project or Cast, the latter two with a type."""

    def __init__(self, path, action, target=None):
        self.path, self.action, self.target = path, action, target

    def spec(self) -> tuple[str, str]:
        if self.action == "KeepAsStruct":
            return self.path, "make_struct"
        if self.action not in ("Project", "Cast") or self.target is None:
            raise ValueError(f"A ResolveOption is KeepAsStruct, or Project or Cast with a type, not {self.action}.")
        target = self.target
        name = f"decimal({target.precision},{target.scale})" if isinstance(target, glue.DecimalType) else target.typeName()
        return self.path, f"cast:{name}"
