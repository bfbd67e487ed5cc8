"""A script of the server's own: reaches a database, and tells of its tables if it is asked for them. The address comes by the environment,
so that no list of processes shows a password.
"""

import json
import os
import sys
from dataclasses import replace

from igarape_jobs.jdbc import addresses, databases


def main(asked: dict) -> None:
    address = addresses.parse(asked["url"]).signed(asked.get("user"), asked.get("password"))
    address = replace(address, encrypts=address.encrypts or asked.get("encrypts", False))
    with databases.connected(address) as database:
        database.rows("SELECT 1")
        print(json.dumps([described(database, schema, name) for schema, name in database.tables()] if asked.get("describes") else []))


def described(database, schema: str, name: str) -> dict:
    query = f"SELECT * FROM {database.quoted(schema)}.{database.quoted(name)}"
    try:
        fields = database.columns(query).fields
    except NotImplementedError as error:
        return {"schema": schema, "name": name, "columns": [], "refusal": str(error)}
    return {"schema": schema, "name": name, "columns": [{"name": field.name, "type": field.dataType.simpleString()} for field in fields]}


if __name__ == "__main__":
    try:
        main(json.loads(os.environ["IGARAPE_DATABASE"]))
    except (databases.DatabaseError, NotImplementedError, ValueError) as error:
        print(json.dumps({"error": str(error), "isRefused": isinstance(error, NotImplementedError)}))
        sys.exit(0)
