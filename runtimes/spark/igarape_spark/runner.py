"""A job's process on Apache Spark: `python -m igarape_spark.runner apache|connect`, with the server's socket as descriptor 3.

`apache` is Spark's classic mode: its Java machine is started first, in this very process group, and then waits for its run.
`connect` has no Java: it speaks to a Connect server, which the run names.
"""

import os
import sys

from igarape_jobs.host import Host
from igarape_jobs.runner import begun, converse, enter


def main(kind: str) -> None:
    host = Host(3)
    mode = modes[kind]()
    host.send({"event": "ready"})
    run = host.next_run()
    enter(run)
    beginning = Beginning(mode, host)
    outcome = begun(beginning, run) or (converse(host) if run.get("isSession") else mode.execute(run))
    counts = beginning.counts()
    sys.stdout.flush()
    sys.stderr.flush()
    beginning.end()
    host.send({"event": "finished", **outcome, **({"counts": counts} if counts else {})})
    # Java and its workers end with the process group.
    os._exit(0 if outcome["succeeded"] else 1)


class Beginning:
    """A run's engine, which can be made only when the run is known."""

    def __init__(self, mode, host):
        self._mode, self._host, self._engine = mode, host, None

    def begin(self, run: dict) -> None:
        self._engine = self._mode.engine(self._host, run)

    def counts(self) -> dict | None:
        return self._engine.counts.finished() if self._engine else None

    def end(self) -> None:
        if self._engine:
            self._engine.exchange.close()
        self._mode.end()


def classic():
    from igarape_spark.classic import Classic

    return Classic()


def connect():
    from igarape_spark.connect import Connect

    return Connect()


modes = {"apache": classic, "connect": connect}

if __name__ == "__main__":
    main(sys.argv[1])
