"""The Data Catalog for Spark's SQL: a table that a script names becomes an external table of the session, read from its files. What a
script writes, makes or drops goes through the Catalog, and the session's table is made anew."""

from dataclasses import dataclass
from typing import Callable

from igarape_jobs import catalog_questions, tables
from igarape_jobs.catalog import format_of, spelled
from igarape_jobs.session_names import table_names
from igarape_jobs.sql_writing import quoted

from igarape_spark import catalog_sql, table_writing


@dataclass(frozen=True)
class Classes:
    """Of one of the two Sparks."""

    session: type
    builders: tuple[type, ...]
    frame: type
    reader: type
    writer: type
    catalog: type
    frame_of: Callable


def install(engine, classes: Classes) -> None:
    """On AWS a script's SQL sees the Catalog only when its job says --enable-glue-datacatalog, or its session has Hive's support."""
    session_class = classes.session
    # Over Connect, the session's own asks the reader's.
    plain_sql, plain_table, plain_read = session_class.sql, session_class.table, classes.reader.table
    engine.plain_sql = lambda text, arguments=None: plain_sql(engine.session, text, arguments)
    engine.tables = SessionTables(engine)

    def sql(self, sqlQuery, args=None, **named):
        if not engine.catalog.enabled:
            return plain_sql(self, sqlQuery, args, **named)
        done = None if named else catalog_sql.run(engine, sqlQuery, args)
        if done is not None:
            return done
        for name in table_names(sqlQuery):
            engine.tables.register(name)
        return plain_sql(self, sqlQuery, args, **named)

    def table(self, tableName):
        return plain_table(self, engine.tables.registered(tableName))

    def read_table(self, tableName):
        return plain_read(self, engine.tables.registered(tableName))

    def enable(self):
        engine.catalog.enabled = True
        return self

    session_class.sql = sql
    session_class.table = table
    classes.reader.table = read_table
    for builder in classes.builders:
        builder.enableHiveSupport = enable
    install_catalog(engine, classes.catalog)
    table_writing.install(engine, classes.writer, classes.frame, classes.frame_of)


def install_catalog(engine, catalog_class) -> None:
    """`spark.catalog` answers by the Data Catalog; what it keeps in memory are Spark's own tables."""
    catalog_questions.install(engine, catalog_class)
    for name in ("cacheTable", "uncacheTable", "isCached"):
        setattr(catalog_class, name, registering(engine, getattr(catalog_class, name)))
    for name in ("createTable", "createExternalTable", "recoverPartitions"):
        setattr(catalog_class, name, table_writing.refusing(engine, f"spark.catalog.{name}", getattr(catalog_class, name)))
    plain_refresh = catalog_class.refreshTable

    def refresh(self, tableName):
        engine.tables.renew(tableName)
        engine.tables.register(tableName)
        return plain_refresh(self, tableName)

    catalog_class.refreshTable = refresh


def registering(engine, plain):
    def registered(self, tableName, *arguments, **named):
        engine.tables.register(tableName)
        return plain(self, tableName, *arguments, **named)

    return registered


class SessionTables(tables.Tables):
    """The Catalog's tables, of which those that a script named are the session's too."""

    def __init__(self, engine):
        super().__init__(engine)
        self._known: set[tuple[str, str]] = set()

    def put(self, database, name, *arguments, **named):
        super().put(database, name, *arguments, **named)
        self.renew(f"`{database}`.`{name}`")

    def record(self, database, name, *arguments, **named):
        super().record(database, name, *arguments, **named)
        self.renew(f"`{database}`.`{name}`")

    def add_partitions(self, database, name, location, folders):
        super().add_partitions(database, name, location, folders)
        if folders:
            self.renew(f"`{database}`.`{name}`")

    def insert(self, frame, name, overwrite, within=None):
        super().insert(frame, name, overwrite, within)
        self.renew(name)

    def drop(self, name, if_exists):
        super().drop(name, if_exists)
        self.renew(name)

    def renew(self, name: str) -> None:
        """A table that the session has is read as it is now."""
        database, table = place = self._place(name)
        if place not in self._known:
            return
        self._known.discard(place)
        self._engine.plain_sql(f"DROP TABLE IF EXISTS `{database}`.`{table}`")
        self.register(name)

    def registered(self, name: str) -> str:
        """With its database, for a frame over Connect is looked at only when it is used, and the current one may be another by then."""
        catalog = self._engine.catalog
        if not catalog.enabled or catalog.is_temporary_view(name):
            return name
        database, table = place = self._place(name)
        return f"`{database}`.`{table}`" if self._has(place) else name

    def register(self, name: str) -> None:
        catalog = self._engine.catalog
        if not catalog.enabled:
            return
        place = self._place(name)
        if place not in self._known and not catalog.is_temporary_view(name):
            self._has(place)

    def _has(self, place: tuple[str, str]) -> bool:
        """Whether the session has this table of the Catalog, which it is given now if it had not."""
        if place in self._known:
            return True
        table = self._engine.catalog.get_table(*place)
        if table is None:
            return False
        self._known.add(place)
        for statement in self._statements(place[0], table):
            self._engine.plain_sql(statement)
        return True

    def _place(self, name: str) -> tuple[str, str]:
        database, table = self._engine.catalog.split(name)
        return database.lower(), table.lower()

    def _statements(self, database: str, table: dict):
        name = f"`{database}`.`{table['Name']}`"
        format, options = format_of(table)
        shown = ", ".join(f"{quoted(key)} = {quoted(value)}" for key, value in options.items())
        keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        yield f"CREATE DATABASE IF NOT EXISTS `{database}`"
        yield (f"CREATE TABLE {name} ({columns_of(table)}) USING {format}" + (f" OPTIONS ({shown})" if shown else "")
               + (f" PARTITIONED BY ({', '.join(f'`{key}`' for key in keys)})" if keys else "") + f" LOCATION {quoted(table['StorageDescriptor']['Location'])}")
        found = self._engine.catalog.partitions(table) if keys else []
        for start in range(0, len(found), partitions_at_once):
            parts = " ".join(partition_text(table, keys, partition) for partition in found[start:start + partitions_at_once])
            yield f"ALTER TABLE {name} ADD IF NOT EXISTS {parts}"


partitions_at_once = 500


def columns_of(table: dict) -> str:
    columns = table["StorageDescriptor"].get("Columns", []) + table.get("PartitionKeys", [])
    return ", ".join(f"`{spelled(table, column['Name'])}` {column['Type']}" for column in columns)


def partition_text(table: dict, keys: list[str], partition: dict) -> str:
    values = ", ".join(f"`{key}` = {quoted(value)}" for key, value in zip(keys, partition["Values"]))
    location = partition["StorageDescriptor"].get("Location") or table["StorageDescriptor"]["Location"]
    return f"PARTITION ({values}) LOCATION {quoted(location)}"
