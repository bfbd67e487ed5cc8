"""Spark's classic mode: the script's session lies in a Java machine of this process group, and all of Spark is there."""

from pyspark import SparkContext
from pyspark.sql import DataFrameWriter, SparkSession

from igarape_spark import settings, tables
from igarape_spark.engine import Engine


class Classic:
    def __init__(self, jars: str):
        self._gateway = settings.start_java(jars)

    def engine(self, host, run: dict) -> Engine:
        settings.configure(self._gateway, run)
        engine = Engine(host, run, lambda: SparkSession.builder.getOrCreate(), settings.is_cluster(run))
        SparkContext._engine = engine
        tables.install(engine, SparkSession, DataFrameWriter, lambda writer: writer._df)
        return engine

    def end(self) -> None:
        """A cluster hears that the application is over, rather than that it lost it."""
        if SparkContext._active_spark_context:
            SparkContext._active_spark_context.stop()
