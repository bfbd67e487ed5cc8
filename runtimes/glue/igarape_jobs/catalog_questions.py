"""`spark.catalog`: what a script asks of tables and databases, answered by the Data Catalog and the temporary views."""

import fnmatch

from pyspark.errors import AnalysisException
from pyspark.sql.catalog import CatalogMetadata, Column, Database, Table

from igarape_jobs import table_facts
from igarape_jobs.host import HostError
from igarape_jobs.partitions import Partitions
from igarape_jobs.tables import Wanted

name_of_catalog = "spark_catalog"


def install(engine, catalog_class) -> None:
    """`catalog_class` is what `spark.catalog` is of."""
    plain_enter = catalog_class.setCurrentDatabase
    engine.enter_session = lambda database: plain_enter(engine.session.catalog, database)
    take_over(engine, catalog_class, "tableExists", "databaseExists", "listTables", "listDatabases", "listColumns", "getTable", "getDatabase", "currentDatabase", "setCurrentDatabase")
    catalog_class.currentCatalog = lambda _self: name_of_catalog


def install_whole(engine, catalog_class) -> None:
    """What an engine does not have by itself. Each run reads tables as they are when it names them; nothing is kept between."""
    questions, plain_drop = Questions(engine), catalog_class.dropTempView
    take_over(engine, catalog_class, "createTable", "recoverPartitions")
    catalog_class.createExternalTable = catalog_class.createTable
    catalog_class.listCatalogs = lambda _self, pattern=None: [CatalogMetadata(name_of_catalog, None)] if fits(name_of_catalog, pattern) else []
    catalog_class.setCurrentCatalog = lambda _self, catalogName: enter_catalog(catalogName)
    catalog_class.functionExists = lambda self, functionName, dbName=None: dbName is None and questions.has_function(functionName)
    catalog_class.dropTempView = lambda self, viewName: engine.catalog.is_temporary_view(viewName) and plain_drop(self, viewName)
    catalog_class.refreshByPath = lambda _self, _path: None
    catalog_class.cacheTable = catalog_class.uncacheTable = catalog_class.refreshTable = lambda _self, tableName, *_level: engine.session.table(tableName) and None
    catalog_class.clearCache = lambda _self: None
    catalog_class.isCached = lambda _self, tableName: bool(engine.session.table(tableName)) and False


def take_over(engine, catalog_class, *names: str) -> None:
    questions = Questions(engine)
    for name in names:
        setattr(catalog_class, name, by_catalog(engine, getattr(questions, name), getattr(catalog_class, name)))


def by_catalog(engine, ours, plain):
    """Without the Catalog, a script's tables are those of the engine's own session."""
    return lambda self, *arguments, **named: (ours(*arguments, **named) if engine.catalog.enabled else plain(self, *arguments, **named))


def enter(engine, database: str) -> None:
    """The database that names without one mean, here and in the engine."""
    engine.catalog.database = database
    engine.plain_sql(f"CREATE DATABASE IF NOT EXISTS `{database}`")
    engine.enter_session(database)


def enter_catalog(name: str) -> None:
    if name != name_of_catalog:
        raise NotImplementedError(f"The embedded engine has no catalog {name}, only {name_of_catalog}; the `spark` engine has those of its extensions (--igarape-engine spark).")


class Questions:
    def __init__(self, engine):
        self._engine = engine
        self._catalog = engine.catalog

    def tableExists(self, tableName, dbName=None):
        database, name = self._place(tableName, dbName)
        is_temporary = dbName is None and self._catalog.is_temporary_view(tableName)
        return is_temporary or self._catalog.get_table(database, name) is not None

    def databaseExists(self, dbName):
        return self._database(dbName) is not None

    def listTables(self, dbName=None, pattern=None):
        database = dbName or self._catalog.database
        if dbName and self._database(dbName) is None:
            raise missing_schema(dbName)
        tables = [] if self._database(database) is None else self._pages("GetTables", "TableList", DatabaseName=database.lower())
        found = [self._shown(table) for table in tables]
        views = [Table(view, None, [], None, "TEMPORARY", True) for view in self._catalog.temporary_views() if not view.startswith("__igarape_")]
        return [table for table in sorted(found, key=lambda table: table.name) + views if fits(table.name, pattern)]

    def listDatabases(self, pattern=None):
        return [self._shown_database(base) for base in self._pages("GetDatabases", "DatabaseList") if fits(base["Name"], pattern)]

    def listColumns(self, tableName, dbName=None):
        database, name = self._place(tableName, dbName)
        table = self._catalog.must_get_table(database, name)
        keys, (_, bucket_columns, _) = table_facts.keys(table), table_facts.buckets(table)
        return [Column(column["Name"], column.get("Comment"), column["Type"], True, column["Name"] in keys, column["Name"] in bucket_columns, *[False] * (len(Column._fields) - 6))
                for column in table_facts.columns(table)]

    def getTable(self, tableName):
        database, name = self._place(tableName, None)
        if self._catalog.is_temporary_view(tableName):
            return Table(name, None, [], None, "TEMPORARY", True)
        return self._shown(self._catalog.must_get_table(database, name))

    def getDatabase(self, dbName):
        return self._shown_database(self.must_get_database(dbName))

    def currentDatabase(self):
        return self._catalog.database

    def setCurrentDatabase(self, dbName):
        if self._database(dbName) is None and dbName.lower() != "default":
            raise missing_schema(dbName)
        enter(self._engine, dbName)

    def createTable(self, tableName, path=None, source=None, schema=None, description=None, **options):
        """The format is the session's where none is named, as in Spark; without a schema, that of the files."""
        format = (source or "parquet").lower()
        place = path or options.pop("path", None)
        if schema is None and not place:
            raise AnalysisException("[UNABLE_TO_INFER_SCHEMA] Unable to infer schema. It must be specified manually.")
        known = schema if schema is not None else self._engine.session.read.format(format).options(**options).load(place).schema
        self._engine.tables.create(tableName, known, Wanted(format, options={key: str(value) for key, value in options.items()}, location=place, comment=description))
        return self._engine.session.table(tableName)

    def recoverPartitions(self, tableName):
        Partitions(self._engine, self._catalog.must_get_table(*self._place(tableName, None))).repair()

    def _place(self, name: str, database: str | None) -> tuple[str, str]:
        return (database, name) if database else self._catalog.split(name)

    def has_function(self, name: str) -> bool:
        from igarape_jobs import meanings

        known = {function.name.lower() for function in self._engine.session.catalog.listFunctions()}
        return name.lower() in known or name.lower() in meanings.functions

    def must_get_database(self, name: str) -> dict:
        found = self._database(name)
        if found is None:
            raise missing_schema(name)
        return found

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
        return Table(table["Name"], name_of_catalog, [table["DatabaseName"]], table.get("Description"), table_facts.kind(table), False)

    def _shown_database(self, base: dict) -> Database:
        return Database(base["Name"], name_of_catalog, base.get("Description", ""), base.get("LocationUri", ""))


def fits(name: str, pattern: str | None) -> bool:
    """`*` is any text and `|` parts several patterns; case does not matter."""
    return pattern is None or any(fnmatch.fnmatchcase(name.lower(), part.strip().lower()) for part in pattern.split("|"))


def missing_schema(name: str) -> AnalysisException:
    return AnalysisException(f"[SCHEMA_NOT_FOUND] The schema `{name}` cannot be found. Verify the spelling and correctness of the schema and catalog.")
