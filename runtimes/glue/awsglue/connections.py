"""Connections of the Catalog, and what a source or sink over a database was told: one address, whoever named it."""

import json
import re
from dataclasses import replace

from igarape_jobs.jdbc import addresses

dialects = ("postgresql", "mysql")
# How rows are fetched or put, and over how many connections: never which.
harmless = {"hashfield", "hashexpression", "hashpartitions", "bulksize", "fetchsize", "batchsize", "connectiontype", "connection_type", "customjdbcdriverclassname",
            "usesslconnection", "numpartitions", "redshifttmpdir"}


def connection_conf(glue_context, name: str) -> dict:
    """What `extract_jdbc_conf` gives on AWS."""
    properties = properties_of(glue_context, name)
    url = properties.get("JDBC_CONNECTION_URL", "")
    user, password = properties.get("USERNAME", ""), properties.get("PASSWORD", "")
    if properties.get("SECRET_ID"):
        secret = secret_of(properties["SECRET_ID"])
        user, password = secret.get("username", ""), secret.get("password", "")
    vendor = (re.match(r"jdbc:(\w+):", url) or ["", ""])[1]
    return {"user": user, "password": password, "vendor": vendor, "url": url.rpartition("/")[0], "fullUrl": url,
            "enforceSSL": properties.get("JDBC_ENFORCE_SSL", "false"), "skipCustomJDBCCertValidation": "false", "customJDBCCert": "",
            "customJDBCCertString": ""}


def properties_of(glue_context, name: str) -> dict:
    connection = glue_context.engine.catalog.call("GetConnection", Name=name)["Connection"]
    if connection.get("ConnectionType") != "JDBC":
        raise NotImplementedError(f"awsglue: the connection {name} of the type {connection.get('ConnectionType')} is not implemented by Igarapé.")
    return connection["ConnectionProperties"]


def secret_of(name: str) -> dict:
    import boto3

    return json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])


class DatabaseOptions:
    """Options by lower case names, each of which is taken or refused."""

    def __init__(self, glue_context, given: dict, what: str):
        self._what = what
        self._given = {name.lower(): value for name, value in given.items()}
        connection = self.take("connectionname")
        self.conf = connection_conf(glue_context, connection) if connection else {}
        uses = self.take("useconnectionproperties")
        if connection and str(uses or "true").lower() != "true":
            raise ValueError("A connection's name needs useConnectionProperties to be true.")
        if self.take("secretid") is not None:
            secret = secret_of(given.get("secretId"))
            self.conf = {**self.conf, "user": secret.get("username", ""), "password": secret.get("password", "")}

    def take(self, *names: str):
        found = [self._given.pop(name) for name in names if name in self._given]
        return found[0] if found else None

    def address(self) -> addresses.Address:
        url = self.take("url") or self.conf.get("fullUrl")
        if not url:
            raise ValueError(f"{self._what} over a database needs the option url, or a connection.")
        found = addresses.parse(url).signed(self.take("user", "username") or self.conf.get("user"), self.take("password") or self.conf.get("password"))
        database = self.take("database")
        enforced = self.conf.get("enforceSSL") == "true"
        return replace(found, database=database or found.database, encrypts=found.encrypts or enforced)

    def refuse_unknown(self) -> None:
        for name in self._given.keys() - harmless:
            raise NotImplementedError(f"awsglue: {self._what} over a database with the option {name} is not implemented by Igarapé.")


def table_options(table) -> dict:
    """What a table of the Catalog says of the database's table that it stands for."""
    location, connection = table.descriptor.get("Location", ""), table.parameters.get("connectionName")
    database, *rest = location.split(".")
    if not connection or not rest:
        raise ValueError(f"The table {table.record['Name']} names no connection, or no table of a database: {location!r}.")
    name = location if table.classification == "mysql" else ".".join(rest)
    hashed = {key: value for key, value in table.parameters.items() if key.lower() in harmless}
    return {"connectionName": connection, "dbtable": name, **hashed, **({} if table.classification == "mysql" else {"database": database})}
