"""MySQL through PyMySQL: columns in the types that Spark's MySQL dialect gives them, rows as they come, writing by long INSERTs."""

import pymysql
from pymysql.constants import CLIENT, FIELD_TYPE, FLAG
from pymysql.cursors import SSCursor
from pyspark.sql import types

fetch_rows = 10_000

plain = {FIELD_TYPE.SHORT: types.IntegerType(), FIELD_TYPE.INT24: types.IntegerType(), FIELD_TYPE.FLOAT: types.FloatType(),
         FIELD_TYPE.DOUBLE: types.DoubleType(), FIELD_TYPE.DATE: types.DateType(), FIELD_TYPE.NEWDATE: types.DateType(),
         FIELD_TYPE.DATETIME: types.TimestampType(), FIELD_TYPE.TIMESTAMP: types.TimestampType()}
blobs = (FIELD_TYPE.TINY_BLOB, FIELD_TYPE.MEDIUM_BLOB, FIELD_TYPE.LONG_BLOB, FIELD_TYPE.BLOB, FIELD_TYPE.STRING, FIELD_TYPE.VAR_STRING, FIELD_TYPE.VARCHAR)
refused = {FIELD_TYPE.TIME: "TIME", FIELD_TYPE.YEAR: "YEAR", FIELD_TYPE.GEOMETRY: "GEOMETRY"}
binary_charset = 63

definitions = {"boolean": "BIT(1)", "byte": "TINYINT", "short": "SMALLINT", "integer": "INTEGER", "long": "BIGINT", "float": "FLOAT",
               "double": "DOUBLE PRECISION", "string": "LONGTEXT", "binary": "LONGBLOB", "date": "DATE", "timestamp": "TIMESTAMP(6) NULL",
               "timestamp_ntz": "DATETIME(6)"}


class MySql:
    name = "MySQL"
    definitions = definitions

    def __init__(self, address):
        tls = {"ssl": {"verify_mode": address.verifies, "check_hostname": address.verifies}} if address.encrypts else {}
        self._connection = pymysql.connect(host=address.host, port=address.port, user=address.user, password=address.password.encode(),
                                           database=address.database or None, charset="utf8mb4", client_flag=CLIENT.FOUND_ROWS,
                                           init_command="SET time_zone = '+00:00'", autocommit=True, **tls)

    def close(self) -> None:
        self._connection.close()

    def columns(self, query: str) -> types.StructType:
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({query}) AS igarape_columns WHERE 1 = 0")
            # What the driver's own description leaves out: whether a number is unsigned, and a text binary.
            return types.StructType([types.StructField(field.name, spark_type(field)) for field in cursor._result.fields])

    def batches(self, query: str):
        """Lists of rows; the rest waits in the database."""
        types_by_column = [field.dataType for field in self.columns(query).fields]
        with self._connection.cursor(SSCursor) as cursor:
            cursor.execute(query)
            while rows := cursor.fetchmany(fetch_rows):
                yield [[value_of(value, type) for value, type in zip(row, types_by_column)] for row in rows]

    def rows(self, query: str, **parameters) -> list:
        with self._connection.cursor() as cursor:
            cursor.execute(query, parameters or None)
            return list(cursor.fetchall())

    def execute(self, statement: str) -> None:
        self.rows(statement)

    def begin(self) -> None:
        self._connection.begin()

    def commit(self) -> None:
        self._connection.commit()

    def append(self, table: str, names: list[str], rows) -> None:
        columns = ", ".join(map(self.quoted, names)).replace("%", "%%")
        with self._connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({', '.join(['%s'] * len(names))})", [list(row) for row in rows])

    def has_table(self, table: str) -> bool:
        schema, name = self._split(table)
        return bool(self.rows("SELECT 1 FROM information_schema.tables WHERE table_schema = COALESCE(%(schema)s, DATABASE()) AND table_name = %(name)s",
                              schema=schema, name=name))

    def primary_key(self, table: str) -> list[str]:
        schema, name = self._split(table)
        query = ("SELECT column_name FROM information_schema.statistics WHERE table_schema = COALESCE(%(schema)s, DATABASE()) "
                 "AND table_name = %(name)s AND index_name = 'PRIMARY' ORDER BY seq_in_index")
        return [row[0] for row in self.rows(query, schema=schema, name=name)]

    def tables(self) -> list[tuple[str, str]]:
        """Databases, which are MySQL's schemas, and names of tables and views."""
        query = ("SELECT table_schema, table_name FROM information_schema.tables "
                 "WHERE table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys') ORDER BY 1, 2")
        return [(row[0], row[1]) for row in self.rows(query)]

    def _split(self, table: str) -> tuple[str | None, str]:
        *before, name = [part.strip("`") for part in table.split(".")]
        return (before[-1] if before else None), name

    def quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def text_literal(self, value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def spark_type(field) -> types.DataType:
    code, is_unsigned = field.type_code, bool(field.flags & FLAG.UNSIGNED)
    if code in refused:
        raise NotImplementedError(f"The embedded engine does not read the column {field.name} of MySQL's type {refused[code]}; cast it in a query.")
    if code == FIELD_TYPE.TINY:
        return types.BooleanType() if field.length == 1 and not is_unsigned else types.IntegerType()
    if code == FIELD_TYPE.BIT:
        return types.BooleanType() if field.length == 1 else types.LongType()
    if code == FIELD_TYPE.LONG:
        return types.LongType() if is_unsigned else types.IntegerType()
    if code == FIELD_TYPE.LONGLONG:
        return types.DecimalType(20, 0) if is_unsigned else types.LongType()
    if code in (FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL):
        # The length counts the point and the sign.
        digits = field.length - (1 if field.scale else 0) - (0 if is_unsigned else 1)
        return types.DecimalType(min(digits, 38), min(field.scale, 38))
    if code in blobs and field.charsetnr == binary_charset:
        return types.BinaryType()
    return plain.get(code, types.StringType())


def value_of(value, type: types.DataType):
    if value is None:
        return None
    if isinstance(type, types.BooleanType):
        return bool(int.from_bytes(value, "big") if isinstance(value, bytes) else value)
    if isinstance(value, bytes) and isinstance(type, types.LongType):
        return int.from_bytes(value, "big")
    return value
