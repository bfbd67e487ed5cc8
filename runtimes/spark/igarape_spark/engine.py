"""Apache Spark as the library of Glue meets an engine: the same members as the embedded one has. `spark.read` and `df.write` stay
Spark's own; what DynamicFrames read and what functions make of records goes through files that this process and Spark both see.
"""

from pathlib import Path

import pyspark
from igarape_jobs.catalog import Catalog
from igarape_jobs.counts import Counts
from igarape_jobs.engine_arguments import enables_catalog
from igarape_jobs.lake import Lake

from igarape_spark.exchange import exchange_of
from igarape_spark.reader import Reader
from igarape_spark.rows import batches
from igarape_spark.writer import Writer


class Engine:
    marks_success = True
    no_context = "{} is not there over Spark Connect; a job whose script names it runs in Spark's classic mode, on this machine or a cluster by spark://HOST:PORT."

    def __init__(self, host, run: dict, open_session, counts: Counts, is_remote: bool, has_rdds: bool):
        self._open_session = open_session
        self.has_rdds = has_rdds
        self.counts = counts
        self.host = host
        self.spark_version = pyspark.__version__
        self.scratch = Path(run["folder"], ".igarape")
        self.scratch.mkdir(exist_ok=True)
        self.lake = Lake(host, self)
        self.exchange = exchange_of(self, run, is_remote)
        self.catalog = Catalog(self)
        self.catalog.enabled = enables_catalog(run["arguments"])
        self.reader = Reader(self)
        self.writer = Writer(self)

    @property
    def session(self):
        """The script's own, as it configured it, or one that is made now."""
        return self._open_session()

    def set(self, key: str, value) -> None:
        self.session.conf.set(key, str(value))

    def batches(self, frame, schema):
        """A frame's rows in tables of this Arrow schema, never all at once."""
        return batches(self.exchange, frame, schema)

    def new_folder(self, name: str) -> Path:
        """A folder of the run's own that no other read or write uses."""
        folder = self.scratch / f"{self.counts.next_folder():06d}-{name}"
        folder.mkdir(parents=True)
        return folder
