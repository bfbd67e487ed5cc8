"""The Spark session as scripts meet it: one a run, whatever the builder was told, with SQL and tables over the Catalog."""

import sys

from pyspark.sql.connect.conf import RuntimeConf
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.readwriter import DataFrameReader
from pyspark.sql.session import classproperty
from pyspark._globals import _NoValue

from igarape_jobs import meanings, statements

# What changes answers in a way that the embedded engine does not follow, with the values under which it is right.
fixed_settings = {
    "spark.sql.ansi.enabled": ("false",),
    "spark.sql.casesensitive": ("false",),
    "spark.sql.legacy.timeparserpolicy": ("exception", "corrected"),
    "spark.sql.storeassignmentpolicy": ("ansi",),
}


defaults = {
    "spark.sql.shuffle.partitions": "200",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.autobroadcastjointhreshold": "10485760b",
    "spark.sql.sources.partitionoverwritemode": "STATIC",
    "spark.sql.parquet.compression.codec": "snappy",
    "spark.sql.files.maxpartitionbytes": "134217728b",
    "spark.sql.legacy.timeparserpolicy": "EXCEPTION",
    "spark.sql.warehouse.dir": "spark-warehouse",
}


def install(engine, *session_classes) -> None:
    connect = session_classes[-1]
    for session_class in session_classes:
        session_class.builder = classproperty(lambda _cls: Builder(engine))
    connect.sql = lambda self, sqlQuery, args=None, **kwargs: statements.run(engine, sqlQuery, args, kwargs)
    plain_table = DataFrameReader.table

    def table(self, tableName):
        return plain_table(DataFrameReader(self), engine.catalog.register_chain(tableName))

    connect.table = table
    DataFrameReader.table = lambda self, tableName: table(engine.session, tableName)
    connect.version = property(lambda _self: engine.spark_version)
    connect.stop = lambda _self: None
    connect.newSession = lambda _self: engine.session
    connect.readStream = property(refuse("spark.readStream"))
    for name in ("writeStream", "rdd"):
        setattr(DataFrame, name, property(refuse(f"DataFrame.{name}")))
    plain_set = RuntimeConf.set

    def set_setting(self, key, value):
        check_setting(key, value)
        if key.lower() == "spark.sql.legacy.timeparserpolicy":
            meanings.policy.accepts_loose = str(value).lower() == "corrected"
        if key.lower() == "spark.sql.session.timezone":
            meanings.policy.zone = str(value)
        plain_set(self, key, str(value).lower() if isinstance(value, bool) else str(value))

    RuntimeConf.set = set_setting
    plain_get = RuntimeConf.get

    def get_setting(self, key, default=_NoValue):
        # What Spark has a default of its own for, it answers with that, not with the caller's.
        found = plain_get(self, key, None)
        return found if found is not None else defaults.get(key.lower()) or (plain_get(self, key) if default is _NoValue else default)

    RuntimeConf.get = get_setting


def refuse(name: str):
    def refused(_self):
        raise NotImplementedError(f"{name} is not covered by the embedded engine; the `spark` engine does it.")

    return refused


def check_setting(key: str, value) -> None:
    lower, text = key.lower(), str(value).lower()
    if lower in fixed_settings and text not in fixed_settings[lower]:
        raise NotImplementedError(f"The embedded engine does not cover {key}={value}; the `spark` engine does.")
    is_rebase = "rebasemode" in lower and text in ("corrected", "exception")
    if lower.startswith("spark.sql.legacy.") and lower not in fixed_settings and not is_rebase:
        raise NotImplementedError(f"The embedded engine does not cover {key}; the `spark` engine does.")
    if lower.startswith(("spark.sql.catalog.", "spark.sql.extensions")) or lower == "spark.jars.packages":
        raise NotImplementedError(f"The embedded engine has no extensions of Spark ({key}); the `spark` engine has.")


class Builder:
    """Takes everything that Spark's builder takes; there is one session a run."""

    def __init__(self, engine):
        self._engine = engine
        self._settings: dict[str, str] = {}

    def appName(self, _name):
        return self

    def master(self, _url):
        return self

    def enableHiveSupport(self):
        self._engine.catalog.enabled = True
        return self

    def config(self, key=None, value=None, *, conf=None, map=None):
        self._settings.update(map or {})
        if conf is not None:
            self._settings.update(dict(conf.getAll()))
        if key is not None:
            self._settings[key] = value
        return self

    def getOrCreate(self):
        for key, value in self._settings.items():
            apply(self._engine, key, value)
        return self._engine.session

    create = getOrCreate


def apply(engine, key: str, value) -> None:
    """Settings of SQL and of the catalog are the session's; those of executors and the like have nothing to act on here."""
    if key.startswith("spark.sql."):
        engine.session.conf.set(key, value)
    elif key == "spark.hadoop.hive.metastore.client.factory.class":
        engine.catalog.enabled = True
    elif key == "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs":
        engine.marks_success = str(value).lower() == "true"
    else:
        check_setting(key, value)
        print(f"Setting {key} has no effect on the embedded engine.", file=sys.stderr)
