"""Spark's classic mode: the script's session lies in a Java machine of this process group, and all of Spark is there."""

from igarape_jobs.runner import execute
from pyspark import SparkContext
from pyspark.sql import DataFrame, DataFrameReader, DataFrameWriter, SparkSession
from pyspark.sql.catalog import Catalog
from pyspark.sql.types import _parse_datatype_string

from igarape_spark import scala_script, settings, tables
from igarape_spark.engine import Engine
from igarape_spark.metering import CountsWithSpark

classes = tables.Classes(SparkSession, (SparkSession.Builder,), DataFrame, DataFrameReader, DataFrameWriter, Catalog, lambda writer: writer._df)


class Classic:
    def __init__(self):
        self._gateway = settings.start_java()

    def engine(self, host, run: dict) -> Engine:
        settings.configure(self._gateway, run)
        counts = CountsWithSpark(self._gateway, lambda found: host.send({"event": "progress", "counts": found}))
        engine = Engine(host, run, lambda: SparkSession.builder.getOrCreate(), counts, settings.is_cluster(run), has_rdds=True)
        SparkContext._engine = engine
        # As a session of Spark Connect has it.
        SparkSession._parse_ddl = lambda _self, text: _parse_datatype_string(text)
        tables.install(engine, classes)
        return engine

    def execute(self, run: dict) -> dict:
        return scala_script.execute(self._gateway, run) if run.get("mainClass") else execute(run)

    def end(self) -> None:
        """A cluster hears that the application is over, rather than that it lost it."""
        if SparkContext._active_spark_context:
            SparkContext._active_spark_context.stop()
