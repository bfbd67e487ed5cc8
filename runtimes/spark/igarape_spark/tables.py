"""The Data Catalog for Spark's SQL: a table that a script names becomes an external table of the session, read from its files; what
`saveAsTable` and `insertInto` write stands in the Catalog."""

from igarape_jobs.catalog import format_of
from igarape_jobs.session_names import table_names
from igarape_jobs.writer import mode_of


def install(engine, session_class, writer_class, frame_of) -> None:
    """On AWS a script's SQL sees the Catalog only when its job says --enable-glue-datacatalog."""
    if not engine.catalog.enabled:
        return
    tables = SessionTables(engine)
    plain_sql, plain_table = session_class.sql, session_class.table

    def sql(self, sqlQuery, *arguments, **named):
        for name in table_names(sqlQuery):
            tables.register(self, plain_sql, name)
        return plain_sql(self, sqlQuery, *arguments, **named)

    def table(self, tableName):
        tables.register(self, plain_sql, tableName)
        return plain_table(self, tableName)

    session_class.sql = sql
    session_class.table = table
    install_writing(engine, tables, writer_class, frame_of)


def install_writing(engine, tables: "SessionTables", writer_class, frame_of) -> None:
    """A writer keeps what it was told, since Spark's own does not show it."""
    plain = {name: getattr(writer_class, name) for name in ("format", "mode", "option", "options", "partitionBy")}

    def told(self) -> dict:
        return self.__dict__.setdefault("_told", {"format": "parquet", "mode": "error", "keys": [], "options": {}})

    def noting(name, note):
        def noted(self, *arguments, **named):
            note(told(self), *arguments, **named)
            return plain[name](self, *arguments, **named)
        setattr(writer_class, name, noted)

    noting("format", lambda told, source: told.update(format=source))
    noting("mode", lambda told, saveMode: told.update(mode=mode_of(saveMode)) if saveMode else None)
    noting("option", lambda told, key, value: told["options"].update({key: value}))
    noting("options", lambda told, **options: told["options"].update(options))
    noting("partitionBy", lambda told, *keys: told.update(keys=[key for some in keys for key in ([some] if isinstance(some, str) else some)]))

    def save_as_table(self, name, format=None, mode=None, partitionBy=None, **options):
        self.mode(mode).options(**options)
        if format is not None:
            self.format(format)
        if partitionBy is not None:
            self.partitionBy(partitionBy)
        given = told(self)
        engine.tables.save(frame_of(self), name, given["format"], given["mode"], given["keys"], given["options"])
        tables.forget(name)

    def insert_into(self, tableName, overwrite=None):
        replaces = told(self)["mode"] == "overwrite" if overwrite is None else overwrite
        engine.tables.insert(frame_of(self), tableName, replaces)
        tables.forget(tableName)

    writer_class.saveAsTable = save_as_table
    writer_class.insertInto = insert_into


class SessionTables:
    def __init__(self, engine):
        self._engine = engine
        self._catalog = engine.catalog
        self._known: set[tuple[str, str]] = set()

    def forget(self, name: str) -> None:
        """What is written is read anew."""
        database, table = self._catalog.split(name)
        if (database, table) in self._known:
            self._known.discard((database, table))
            self._engine.session.sql(f"DROP TABLE IF EXISTS `{database}`.`{table}`")

    def register(self, session, sql, name: str) -> None:
        parts = name.replace("`", "").split(".")
        database, table_name = parts[-2:] if len(parts) > 1 else (session.catalog.currentDatabase(), parts[0])
        if (database, table_name) in self._known or len(parts) == 1 and session.catalog.tableExists(table_name):
            return
        table = self._catalog.get_table(database, table_name)
        if table is None:
            return
        self._known.add((database, table_name))
        for statement in self._statements(database, table):
            sql(session, statement)

    def _statements(self, database: str, table: dict):
        name = f"`{database}`.`{table['Name']}`"
        format, options = format_of(table)
        columns = table["StorageDescriptor"].get("Columns", []) + table.get("PartitionKeys", [])
        schema = ", ".join(f"`{column['Name']}` {column['Type']}" for column in columns)
        shown = ", ".join(f"{quoted(key)} = {quoted(value)}" for key, value in options.items())
        keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        yield f"CREATE DATABASE IF NOT EXISTS `{database}`"
        yield (f"CREATE TABLE {name} ({schema}) USING {format}" + (f" OPTIONS ({shown})" if shown else "")
               + (f" PARTITIONED BY ({', '.join(f'`{key}`' for key in keys)})" if keys else "") + f" LOCATION {quoted(table['StorageDescriptor']['Location'])}")
        for partition in self._catalog.partitions(table) if keys else []:
            values = ", ".join(f"`{key}` = {quoted(value)}" for key, value in zip(keys, partition["Values"]))
            location = partition["StorageDescriptor"].get("Location") or table["StorageDescriptor"]["Location"]
            yield f"ALTER TABLE {name} ADD IF NOT EXISTS PARTITION ({values}) LOCATION {quoted(location)}"


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
