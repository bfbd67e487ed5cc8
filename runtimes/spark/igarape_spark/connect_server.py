"""A Connect server of Apache Spark that stays up between runs: `python -m igarape_spark.connect_server server`. Its first order starts
it; each later one makes it as it was at first, so that no run finds what another left.
"""

import threading

from igarape_jobs.host import Host, end_process_group
from pyspark.sql import SparkSession

from igarape_spark import settings
from igarape_spark.metering import Meter

# Runs send their modules as they send their plans.
message_bytes_max = 512 << 20


def main() -> None:
    host = Host(3)
    gateway = settings.start_java(with_connect=True)
    threading.Thread(target=end_with, args=(gateway.proc,), daemon=True).start()
    host.send({"event": "ready"})
    order = host.next_run()
    session = started(gateway, order)
    service = gateway.jvm.org.apache.spark.sql.connect.service
    host.send({"event": "serving", "port": listening(gateway, service)})
    sessions = getattr(getattr(service, "SparkConnectService$"), "MODULE$")
    meter = Meter(gateway, lambda found: host.send({"event": "progress", "counts": found}))
    while True:
        host.next_run()
        counts = meter.settled()
        emptied(session)
        sessions.invalidateAllSessions()
        meter.reset()
        host.send({"event": "emptied", "counts": counts})


def end_with(java) -> None:
    java.wait()
    end_process_group()


def started(gateway, order: dict):
    settings.configure(gateway, order)
    return SparkSession.builder.getOrCreate()


def listening(gateway, service) -> int:
    """Spark's own start would listen for the whole network, and whoever reaches it may run what he likes."""
    address = gateway.jvm.java.net.InetSocketAddress("127.0.0.1", 0)
    builder = gateway.jvm.org.sparkproject.connect.grpc.netty.NettyServerBuilder.forAddress(address)
    builder.maxInboundMessageSize(message_bytes_max).addService(service.SparkConnectService(False))
    return builder.build().start().getPort()


def emptied(session) -> None:
    """Sessions are apart by themselves: settings, views, modules. What they share goes: cached frames, databases and views for all."""
    session.sparkContext.cancelAllJobs()
    session.catalog.clearCache()
    for view in session.catalog.listTables("global_temp"):
        session.catalog.dropGlobalTempView(view.name)
    for database in session.catalog.listDatabases():
        if database.name == "default":
            for table in session.catalog.listTables("default"):
                drop(session, table)
        else:
            session.sql(f"DROP DATABASE IF EXISTS `{database.name}` CASCADE")


def drop(session, table) -> None:
    kind = "VIEW" if table.tableType == "VIEW" else "TABLE"
    if not table.isTemporary:
        session.sql(f"DROP {kind} IF EXISTS default.`{table.name}`")


if __name__ == "__main__":
    main()
