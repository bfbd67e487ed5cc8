"""`spark.catalog`: what a script asks of tables and databases, answered by the Data Catalog and the temporary views."""

import fnmatch

from pyspark.errors import AnalysisException
from pyspark.sql.catalog import Column, Database, Table

from igarape_jobs.host import HostError

name_of_catalog = "spark_catalog"


def install(engine, catalog_class) -> None:
    """`catalog_class` is what `spark.catalog` is of."""
    plain_enter = catalog_class.setCurrentDatabase
    engine.enter_session = lambda database: plain_enter(engine.session.catalog, database)
    questions = Questions(engine)
    for name in ("tableExists", "databaseExists", "listTables", "listDatabases", "listColumns", "getTable", "getDatabase", "currentDatabase", "setCurrentDatabase"):
        setattr(catalog_class, name, by_catalog(engine, getattr(questions, name), getattr(catalog_class, name)))
    catalog_class.currentCatalog = lambda _self: name_of_catalog


def keep_nothing(engine, catalog_class) -> None:
    """Each run reads tables as they are when it names them; nothing is kept between."""
    catalog_class.cacheTable = catalog_class.uncacheTable = catalog_class.refreshTable = lambda _self, tableName, *_level: engine.session.table(tableName) and None
    catalog_class.clearCache = lambda _self: None
    catalog_class.isCached = lambda _self, tableName: bool(engine.session.table(tableName)) and False


def by_catalog(engine, ours, plain):
    """Without the Catalog, a script's tables are those of the engine's own session."""
    return lambda self, *arguments, **named: (ours(*arguments, **named) if engine.catalog.enabled else plain(self, *arguments, **named))


def enter(engine, database: str) -> None:
    """The database that names without one mean, here and in the engine."""
    engine.catalog.database = database
    engine.plain_sql(f"CREATE DATABASE IF NOT EXISTS `{database}`")
    engine.enter_session(database)


class Questions:
    def __init__(self, engine):
        self._engine = engine
        self._catalog = engine.catalog

    def tableExists(self, tableName, dbName=None):
        database, name = self._place(tableName, dbName)
        is_view = "." not in tableName and dbName is None and self._is_view(name)
        return is_view or self._catalog.get_table(database, name) is not None

    def databaseExists(self, dbName):
        return self._database(dbName) is not None

    def listTables(self, dbName=None, pattern=None):
        database = dbName or self._catalog.database
        if dbName and self._database(dbName) is None:
            raise missing_schema(dbName)
        tables = [] if self._database(database) is None else self._pages("GetTables", "TableList", DatabaseName=database.lower())
        found = [self._shown(table) for table in tables]
        views = [Table(view, None, [], None, "TEMPORARY", True) for view in self._engine.temporary_views() if not view.startswith("__igarape_")]
        return [table for table in sorted(found, key=lambda table: table.name) + views if fits(table.name, pattern)]

    def listDatabases(self, pattern=None):
        return [self._shown_database(base) for base in self._pages("GetDatabases", "DatabaseList") if fits(base["Name"], pattern)]

    def listColumns(self, tableName, dbName=None):
        database, name = self._place(tableName, dbName)
        table = self._catalog.must_get_table(database, name)
        columns = [(column, False) for column in table["StorageDescriptor"]["Columns"]] + [(key, True) for key in table.get("PartitionKeys", [])]
        # Whether it is one of buckets, and, in later releases, of a cluster, comes last.
        return [Column(column["Name"], column.get("Comment"), column["Type"], True, is_key, *[False] * (len(Column._fields) - 5)) for column, is_key in columns]

    def getTable(self, tableName):
        database, name = self._place(tableName, None)
        if "." not in tableName and self._is_view(name):
            return Table(name, None, [], None, "TEMPORARY", True)
        return self._shown(self._catalog.must_get_table(database, name))

    def getDatabase(self, dbName):
        found = self._database(dbName)
        if found is None:
            raise missing_schema(dbName)
        return self._shown_database(found)

    def currentDatabase(self):
        return self._catalog.database

    def setCurrentDatabase(self, dbName):
        if self._database(dbName) is None and dbName.lower() != "default":
            raise missing_schema(dbName)
        enter(self._engine, dbName)

    def _place(self, name: str, database: str | None) -> tuple[str, str]:
        return (database, name) if database else self._catalog.split(name)

    def _is_view(self, name: str) -> bool:
        return name.lower() in {view.lower() for view in self._engine.temporary_views()}

    def _database(self, name: str) -> dict | None:
        try:
            return self._catalog.call("GetDatabase", Name=name.removeprefix(f"{name_of_catalog}.").lower())["Database"]
        except HostError as error:
            if error.code == "EntityNotFoundException":
                return None
            raise

    def _pages(self, operation: str, member: str, **input) -> list[dict]:
        found, token = [], None
        while True:
            page = self._catalog.call(operation, **input, **({"NextToken": token} if token else {}))
            found.extend(page.get(member, []))
            token = page.get("NextToken")
            if not token:
                return found

    def _shown(self, table: dict) -> Table:
        kind = "MANAGED" if table.get("TableType") == "MANAGED_TABLE" else "VIEW" if table.get("TableType") == "VIRTUAL_VIEW" else "EXTERNAL"
        return Table(table["Name"], name_of_catalog, [table["DatabaseName"]], table.get("Description"), kind, False)

    def _shown_database(self, base: dict) -> Database:
        return Database(base["Name"], name_of_catalog, base.get("Description", ""), base.get("LocationUri", ""))


def fits(name: str, pattern: str | None) -> bool:
    """`*` is any text and `|` parts several patterns; case does not matter."""
    return pattern is None or any(fnmatch.fnmatchcase(name.lower(), part.strip().lower()) for part in pattern.split("|"))


def missing_schema(name: str) -> AnalysisException:
    return AnalysisException(f"[SCHEMA_NOT_FOUND] The schema `{name}` cannot be found. Verify the spelling and correctness of the schema and catalog.")
