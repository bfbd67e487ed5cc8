"""What Spark reads and writes by itself, counted in its Java machine (`scala/Metering.scala`)."""

import json
import threading

from igarape_jobs.counts import Counts
from py4j.protocol import Py4JError

look_seconds = 1.0
class_name = "org.apache.spark.sql.igarape.Meter"


class Meter:
    """`tell` is given the counts whenever a look finds that they have changed."""

    def __init__(self, gateway, tell):
        self._java = gateway.jvm.org.apache.spark.sql.igarape.Metering
        self._tell = tell
        self._told = None
        self._found = Counts().as_json()
        # A look that is under way does not tell of a run that is over.
        self._looking = threading.Lock()
        self._ended = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def counts(self) -> dict:
        """The last that are known, where a script has ended Java."""
        try:
            self._found = json.loads(self._java.counts())
        except (Py4JError, OSError):
            pass
        return self._found

    def settled(self) -> dict:
        """All that was read and written so far."""
        with self._looking:
            try:
                self._java.settle()
            except (Py4JError, OSError):
                pass
            return self.counts()

    def reset(self) -> None:
        with self._looking:
            self._java.reset()
            self._told = None

    def end(self) -> None:
        """Nobody asks Java any more."""
        self._ended.set()
        with self._looking:
            pass

    def _look(self) -> None:
        while not self._ended.wait(look_seconds):
            with self._looking:
                if self._ended.is_set():
                    return
                found = self.counts()
                if any(found.values()) and found != self._told:
                    self._told = found
                    self._tell(found)


class CountsWithSpark(Counts):
    """Of a run whose Spark is its own: what its process reads and writes, and what Spark does."""

    def __init__(self, gateway, send):
        super().__init__(lambda counts: send(counts.as_json()))
        self._meter = Meter(gateway, lambda _found: send(self.as_json()))

    def as_json(self) -> dict:
        return sums(super().as_json(), self._meter.counts())

    def finished(self) -> dict:
        """The last of them; they do not change any more."""
        found = sums(super().as_json(), self._meter.settled())
        self._meter.end()
        return found


def sums(some: dict, others: dict) -> dict:
    return {name: number + others[name] for name, number in some.items()}
