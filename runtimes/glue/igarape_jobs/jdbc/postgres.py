"""PostgreSQL through pg8000: columns in the types that Spark's PostgreSQL dialect gives them, rows by a cursor, writing by COPY."""

import io
import ssl

from pg8000 import native
from pyspark.sql import types

fetch_rows = 10_000
int8, numeric, unknown_scale = 20, 1700, (38, 18)

plain = {16: types.BooleanType(), 17: types.BinaryType(), int8: types.LongType(), 21: types.ShortType(), 23: types.IntegerType(), 26: types.LongType(),
         700: types.FloatType(), 701: types.DoubleType(), 1082: types.DateType(), 1114: types.TimestampType(), 1184: types.TimestampType()}
arrays = {1000: 16, 1005: 21, 1007: 23, 1016: int8, 1021: 700, 1022: 701, 1182: 1082, 1115: 1114, 1185: 1184, 1009: 25, 1015: 1043, 1231: numeric}
# What the driver would make objects of, and Spark reads as text: json, jsonb, uuid, interval, xml, inet, cidr, point and the like.
as_text = (114, 3802, 2950, 1186, 142, 869, 650, 600, 829, 3904, 3906, 3908, 3910, 3912, 3926)
refused = {1083: "time", 1266: "time with time zone", 790: "money"}

definitions = {"boolean": "BOOLEAN", "byte": "SMALLINT", "short": "SMALLINT", "integer": "INTEGER", "long": "BIGINT", "float": "FLOAT4",
               "double": "FLOAT8", "string": "TEXT", "binary": "BYTEA", "date": "DATE", "timestamp": "TIMESTAMP", "timestamp_ntz": "TIMESTAMP"}


class Postgres:
    name = "PostgreSQL"
    definitions = definitions

    def __init__(self, address):
        context = None
        if address.encrypts:
            context = ssl.create_default_context()
            if not address.verifies:
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._connection = native.Connection(address.user, address.host, address.database, address.port, address.password, ssl_context=context,
                                             application_name="igarape")
        for oid in as_text:
            self._connection.register_in_adapter(oid, lambda text: text)
        if address.schema:
            self._connection.run(f"SET search_path TO {self.quoted(address.schema)}, public")

    def close(self) -> None:
        self._connection.close()

    def columns(self, query: str) -> types.StructType:
        self._connection.run(f"SELECT * FROM ({query}) AS igarape_columns WHERE 1 = 0")
        return types.StructType([types.StructField(column["name"], spark_type(column)) for column in self._connection.columns])

    def batches(self, query: str):
        """Lists of rows; the rest waits in the database."""
        run = self._connection.run
        run("BEGIN")
        try:
            run(f"DECLARE igarape_rows NO SCROLL CURSOR FOR {query}")
            while rows := run(f"FETCH {fetch_rows} FROM igarape_rows"):
                yield rows
        finally:
            run("ROLLBACK")

    def rows(self, query: str, **parameters) -> list[list]:
        return self._connection.run(query, **parameters)

    def execute(self, statement: str) -> None:
        self._connection.run(statement)

    def begin(self) -> None:
        self.execute("BEGIN")

    def commit(self) -> None:
        self.execute("COMMIT")

    def append(self, table: str, names: list[str], rows) -> None:
        columns = ", ".join(map(self.quoted, names))
        lines = io.BytesIO("".join(",".join(map(text, row)) + "\n" for row in rows).encode())
        self._connection.run(f"COPY {table} ({columns}) FROM STDIN WITH (FORMAT csv, NULL '\\N')", stream=lines)

    def has_table(self, table: str) -> bool:
        return self.rows("SELECT to_regclass(:name) IS NOT NULL", name=table)[0][0]

    def primary_key(self, table: str) -> list[str]:
        query = ("SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) "
                 "WHERE i.indrelid = to_regclass(:name) AND i.indisprimary ORDER BY array_position(i.indkey, a.attnum)")
        return [row[0] for row in self.rows(query, name=table)]

    def tables(self) -> list[tuple[str, str]]:
        """Schemas and names of the database's own tables and views."""
        query = ("SELECT table_schema, table_name FROM information_schema.tables "
                 "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2")
        return [(row[0], row[1]) for row in self.rows(query)]

    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def text_literal(self, value: str) -> str:
        return "'" + value.replace("'", "''") + "'"


def spark_type(column: dict) -> types.DataType:
    oid, modifier = column["type_oid"], column["type_modifier"]
    if oid in refused:
        raise NotImplementedError(f"The embedded engine does not read the column {column['name']} of PostgreSQL's type {refused[oid]}; cast it in a query.")
    if oid in arrays:
        return types.ArrayType(element_type(arrays[oid], modifier))
    return element_type(oid, modifier)


def element_type(oid: int, modifier: int) -> types.DataType:
    if oid != numeric:
        return plain.get(oid, types.StringType())
    if modifier < 4:
        return types.DecimalType(*unknown_scale)
    return types.DecimalType(min((modifier - 4) >> 16, 38), (modifier - 4) & 0xFFFF)


def text(value) -> str:
    """A value in a line of COPY."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, (bytes, bytearray)):
        return f'"\\x{value.hex()}"'
    return '"' + str(value).replace('"', '""') + '"'
