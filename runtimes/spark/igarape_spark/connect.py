"""Spark by its Connect server: a session of the run's own, at an address. There is no Java in this process, so scripts that need
`SparkContext` for real run in classic mode.
"""

import os

from igarape_jobs import spark_context
from igarape_jobs.counts import Counts
from igarape_jobs.runner import execute
from pyspark.sql import SparkSession
from pyspark.sql.connect.catalog import Catalog
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.readwriter import DataFrameReader, DataFrameWriter
from pyspark.sql.connect.session import SparkSession as ConnectSession

from igarape_spark import settings, shipping, tables
from igarape_spark.engine import Engine

classes = tables.Classes(ConnectSession, (SparkSession.Builder, ConnectSession.Builder), DataFrame, DataFrameReader, DataFrameWriter, Catalog,
                         lambda writer: DataFrame.withPlan(writer._df, writer._spark))


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
        # What Spark itself reads and writes is its server's to tell. One that is not ours does not, and half of it is no count.
        counts = Unknown() if spark.get("isElsewhere") else Counts(lambda found: host.send({"event": "progress", "counts": found.as_json()}))
        engine = Engine(host, run, lambda: session, counts, spark.get("isElsewhere", False), has_rdds=False)
        # As a later Spark's session has it.
        ConnectSession._parse_ddl = lambda self, text: self.client._analyze(method="ddl_parse", ddl_string=text).parsed
        spark_context.install(engine)
        install(session)
        tables.install(engine, classes)
        return engine

    def execute(self, run: dict) -> dict:
        return execute(run)

    def end(self) -> None:
        self._session.client.close()


class Unknown(Counts):
    def finished(self) -> None:
        """Nothing is told."""


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
    plain_count = DataFrame.count
    # The client's own is a number of numpy, which prints as such.
    DataFrame.count = lambda self: int(plain_count(self))


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
