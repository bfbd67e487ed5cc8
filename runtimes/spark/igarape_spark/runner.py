"""A job's process on Apache Spark: the Java machine is started first, then it waits for its run.
`python -m igarape_spark.runner apache`, with the server's socket as descriptor 3 and the jars' folder in IGARAPE_SPARK_JARS.
"""

import os
import sys

from igarape_jobs.host import Host
from igarape_jobs.runner import converse, enter, execute

from igarape_spark import settings, tables


def main() -> None:
    host = Host(3)
    gateway = settings.start_java(os.environ["IGARAPE_SPARK_JARS"])
    host.send({"event": "ready"})
    run = host.next_run()
    enter(run)
    settings.configure(gateway, run)
    tables.install(host, run)
    outcome = converse(host) if run.get("isSession") else execute(run)
    sys.stdout.flush()
    sys.stderr.flush()
    host.send({"event": "finished", **outcome})
    # Java and its workers end with the process group.
    os._exit(0 if outcome["succeeded"] else 1)


if __name__ == "__main__":
    main()
