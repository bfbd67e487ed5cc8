"""Columns added, dropped, renamed, widened, moved: by their ids, so no file is written anew."""
from pyiceberg.exceptions import ValidationError
from pyiceberg.schema import Schema

from igarape_iceberg.refusals import Refused
from igarape_iceberg.tables import described


def change(place, request):
    table = place.load()
    try:
        with table.update_schema() as update:
            for step in request["steps"]:
                STEPS[step["kind"]](update, table.schema(), step)
    except (ValidationError, ValueError) as error:
        raise Refused("INVALID_ARGUMENTS", str(error)) from error
    return described(table)


def type_of(step):
    return Schema.model_validate(step["schema"]).fields[0].field_type


def must_have(schema, name):
    if name not in [field.name for field in schema.fields]:
        raise Refused("COLUMN_NOT_FOUND", f"Column '{name}' does not exist")


def add(update, schema, step):
    if step["column"] in [field.name for field in schema.fields]:
        raise Refused("COLUMN_ALREADY_EXISTS", f"Column '{step['column']}' already exists")
    update.add_column((step["column"],), type_of(step), doc=step.get("comment"))


def drop(update, schema, step):
    must_have(schema, step["column"])
    update.delete_column((step["column"],))


def alter(update, schema, step):
    """CHANGE COLUMN: another name, a wider type, another comment, another place."""
    name, renamed = step["column"], step["renamed"]
    must_have(schema, name)
    wanted = type_of(step)
    current = schema.find_field(name)
    if current.field_type != wanted or step.get("comment") is not None:
        changed = {} if current.field_type == wanted else {"field_type": wanted}
        update.update_column((name,), doc=step.get("comment", current.doc), **changed)
    if renamed != name:
        update.rename_column((name,), renamed)
    if step.get("after") is not None:
        must_have(schema, step["after"])
        update.move_after((name,), (step["after"],))
    elif step.get("first"):
        update.move_first((name,))


STEPS = {"add": add, "drop": drop, "change": alter}
