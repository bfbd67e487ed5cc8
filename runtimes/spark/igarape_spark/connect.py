"""Spark by its Connect server: a session of the run's own, at an address. There is no Java in this process, so scripts that need
`SparkContext` for real run in classic mode.
"""

import os
from pathlib import Path

from igarape_jobs import spark_context
from pyspark.sql import SparkSession
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.readwriter import DataFrameWriter
from pyspark.sql.connect.session import SparkSession as ConnectSession

from igarape_spark import settings, shipping, tables
from igarape_spark.engine import Engine


class Connect:
    def __init__(self):
        # PySpark's functions and its builder ask the environment which of the two Sparks they serve.
        os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"

    def engine(self, host, run: dict) -> Engine:
        spark = run["spark"]
        os.environ["SPARK_REMOTE"] = spark["remote"]
        session = ConnectSession.builder.remote(spark["remote"]).getOrCreate()
        self._session = session
        for key, value in session_settings(run).items():
            session.conf.set(key, value)
        send_modules(session, run)
        engine = Engine(host, run, lambda: session, spark.get("isElsewhere", False))
        spark_context.install(engine)
        install(session)
        tables.install(engine, ConnectSession, DataFrameWriter, lambda writer: DataFrame.withPlan(writer._df, writer._spark))
        return engine

    def end(self) -> None:
        self._session.client.close()


def install(session) -> None:
    """One session a run: whatever a builder is told goes to it."""
    def get_or_create(builder):
        for key, value in builder._options.items():
            if key not in ("spark.app.name", "spark.master", "spark.remote"):
                session.conf.set(key, value)
        return session

    for builder in (SparkSession.Builder, ConnectSession.Builder):
        builder.getOrCreate = get_or_create
    ConnectSession.stop = lambda _self: None


def session_settings(run: dict) -> dict[str, str]:
    """What a session may be told; where S3 is, a server that is not ours hears by its session too."""
    environment = run["environment"]
    plain = {"spark.sql.session.timeZone": "UTC"}
    endpoint = environment.get("AWS_ENDPOINT_URL", "")
    if run["spark"].get("isElsewhere") and endpoint:
        plain.update({key.removeprefix("spark.hadoop."): value for key, value in settings.storage(environment, endpoint).items()})
    return {**plain, **settings.given(run["arguments"])}


def send_modules(session, run: dict) -> None:
    modules = [path for path in shipping.files_of(run) if path.endswith((".py", ".zip"))]
    others = [path for path in shipping.files_of(run) if path not in modules]
    if modules:
        session.addArtifacts(*modules, pyfile=True)
    if others:
        session.addArtifacts(*others, file=True)
