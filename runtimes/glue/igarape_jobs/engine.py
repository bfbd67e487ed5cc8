"""The engine of one run: a Sail server inside this process and a Spark Connect session to it, with our reader and writer
in place of the session's own. Sail is not Spark; what it would answer differently is answered here, or refused.
"""

import os
from pathlib import Path

os.environ.setdefault("RUST_LOG", "off")

from pysail.spark import SparkConnectServer  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql.connect.catalog import Catalog  # noqa: E402
from pyspark.sql.connect.session import SparkSession as ConnectSession  # noqa: E402

from igarape_jobs import approximations, catalog, catalog_questions, decimal_arithmetic, deduplication, divisions, engine_errors, file_names, frames, null_structs, plans, reader, rewriting, session, spark_context, table_writer, tables, typed_calls, writer  # noqa: E402
from igarape_jobs.counts import Counts  # noqa: E402
from igarape_jobs.engine_arguments import enables_catalog  # noqa: E402
from igarape_jobs.lake import Lake  # noqa: E402

spark_versions = {"5.1": "3.5.6", "5.0": "3.5.4", "4.0": "3.3.0", "3.0": "3.1.1"}


class Engine:
    has_rdds = False
    no_context = "{} is not covered by the embedded engine, which has no RDDs and no JVM; the `spark` engine does it."

    def __init__(self, host):
        self.server = SparkConnectServer(ip="127.0.0.1", port=0)
        self.server.start(background=True)
        address = f"sc://127.0.0.1:{self.server.listening_address[1]}"
        self.session = ConnectSession.builder.remote(address).getOrCreate()
        # Glue's Spark 3 is not in ANSI mode: arithmetic wraps, bad casts are null.
        self.session.conf.set("spark.sql.ansi.enabled", "false")
        self.session.conf.set("spark.sql.session.timeZone", "UTC")
        self.host = host
        self.counts = Counts()
        self.scratch = Path()
        self.spark_version = spark_versions["5.0"]
        self.lake = Lake(host, self)
        self.sources = plans.Sources()
        self.file_names = file_names.FileNames()
        self.catalog = catalog.Catalog(self)
        self.tables = tables.Tables(self)
        self.marks_success = True
        self._sql = ConnectSession.sql
        session.install(self, SparkSession, ConnectSession)
        spark_context.install(self)
        reader.install(self)
        writer.install(self)
        table_writer.install(self)
        catalog_questions.install(self, Catalog)
        catalog_questions.install_whole(self, Catalog)
        approximations.install()
        rewriting.install()
        frames.install()
        null_structs.install()
        file_names.install(self.file_names)
        divisions.install()
        deduplication.install(self)
        decimal_arithmetic.install()
        typed_calls.install()
        engine_errors.install()

    def warm_up(self) -> None:
        """Takes the ways that scripts take, so that their code and the server's is loaded and compiled."""
        import tempfile

        import awsglue.context
        import awsglue.job
        import awsglue.transforms
        import awsglue.utils  # noqa: F401

        with tempfile.TemporaryDirectory() as folder:
            self.scratch = Path(folder, "scratch")
            source = Path(folder, "warm.csv")
            source.write_text("a,b\n1,x\n2,y\n")
            frame = self.session.read.option("header", True).csv(f"file://{source}")
            frame = frame.withColumn("a", frame.a.cast("int")).dropDuplicates(["a"]).orderBy("a")
            frame.write.mode("overwrite").partitionBy("b").parquet(f"file://{folder}/out")
            self.session.read.parquet(f"file://{folder}/out").count()
        self.counts = Counts()

    def begin(self, run: dict) -> None:
        self.scratch = Path(run["folder"], ".igarape")
        self.scratch.mkdir(exist_ok=True)
        self.counts = Counts(lambda counts: self.host.send({"event": "progress", "counts": counts.as_json()}))
        version = run.get("glueVersion", "5.0")
        if version not in spark_versions:
            raise SystemExit(f"Glue version {version} has no Spark that the embedded engine can stand in for.")
        self.spark_version = spark_versions[version]
        self.catalog.enabled = enables_catalog(run["arguments"])
        for key, value in settings_of(run["arguments"]):
            session.apply(self, key, value)

    def plain_sql(self, text: str, arguments=None):
        """SQL as the engine itself takes it."""
        return self._sql(self.session, text, arguments)

    def set(self, key: str, value) -> None:
        session.apply(self, key, value)

    def batches(self, frame, schema):
        """A frame's rows as they come, in tables of this Arrow schema."""
        return writer.batches(frame, schema)

    def new_folder(self, name: str) -> Path:
        """A folder of the run's own that no other read or write uses."""
        number = self.counts.next_folder()
        folder = self.scratch / f"{number:06d}-{name}"
        folder.mkdir(parents=True)
        return folder


def settings_of(arguments: list[str]) -> list[tuple[str, str]]:
    """`--conf` names one setting, or several: `a=1 --conf b=2`."""
    texts = [value for name, value in zip(arguments, arguments[1:]) if name == "--conf"]
    pairs = [pair.strip().partition("=") for text in texts for pair in text.split("--conf")]
    return [(key.strip(), value.strip()) for key, _, value in pairs if key.strip()]
