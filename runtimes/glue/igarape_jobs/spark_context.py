"""`SparkContext` for scripts that begin with one: a small shim, since Spark Connect has none. RDDs need the `spark` engine."""

import sys
import types as modules
import uuid

import pyspark
from pyspark.sql.connect.session import SparkSession

def install(engine) -> None:
    context_class = type("SparkContext", (SparkContext,), {"_engine": engine, "__module__": "pyspark.context"})
    module = modules.ModuleType("pyspark.context")
    module.SparkContext = context_class
    sys.modules["pyspark.context"] = module
    pyspark.SparkContext = context_class
    pyspark.context = module
    SparkSession.sparkContext = property(lambda _self: context_class.getOrCreate())
    SparkSession._sc = SparkSession.sparkContext
    for name in ("_jvm", "_jsparkSession", "_jsc"):
        setattr(SparkSession, name, property(lambda _self, name=name: refuse(engine, name)))
    sql_module = sys.modules["pyspark.sql"]
    sql_module.SQLContext = type("SQLContext", (SqlContext,), {"_engine": engine})


def refuse(engine, name: str):
    raise NotImplementedError(engine.no_context.format(name))


class SparkContext:
    _engine = None
    _active = None

    def __init__(self, master=None, appName=None, conf=None, **_options):
        self._conf = conf
        self.appName = appName or "glue-job"
        self.applicationId = f"spark-application-{uuid.uuid4().hex}"
        self.master = master or "local[*]"
        type(self)._active = self
        for key, value in conf.getAll() if conf else []:
            self._engine.set(key, value)

    @classmethod
    def getOrCreate(cls, conf=None):
        return cls._active or cls(conf=conf)

    @property
    def version(self) -> str:
        return self._engine.spark_version

    @property
    def defaultParallelism(self) -> int:
        import os

        return os.cpu_count() or 2

    @property
    def _jsc(self):
        return JavaContext(self._engine)

    @property
    def _jvm(self):
        return refuse(self._engine, "sc._jvm")

    def getConf(self):
        from pyspark.conf import SparkConf

        return self._conf or SparkConf(loadDefaults=False)

    def setLogLevel(self, _level) -> None:
        """The log holds what the script prints; the engine's own lines are not in it."""

    def setJobGroup(self, *_arguments) -> None:
        """Groups name Spark's jobs in its UI, which this engine does not have."""

    def broadcast(self, value):
        return Broadcast(value)

    def stop(self) -> None:
        """The process ends with its run."""

    def __getattr__(self, name):
        return refuse(self._engine, f"SparkContext.{name}")


class Broadcast:
    """UDFs carry what they close over, so a broadcast value is only held."""

    def __init__(self, value):
        self.value = value

    def unpersist(self, blocking=False) -> None:
        pass

    def destroy(self) -> None:
        pass


class JavaContext:
    def __init__(self, engine):
        self._engine = engine

    def hadoopConfiguration(self):
        return self

    def set(self, key: str, value: str) -> None:
        self._engine.set(f"spark.hadoop.{key}", value)

    def __getattr__(self, name):
        return refuse(self._engine, f"sc._jsc.{name}")


class SqlContext:
    _engine = None

    def __init__(self, _context=None, _session=None):
        self.sparkSession = self._engine.session

    def __getattr__(self, name):
        return getattr(self._engine.session, name)
