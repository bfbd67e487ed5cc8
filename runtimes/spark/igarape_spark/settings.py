"""What Spark is told before a script makes its session: where it runs, where S3 is, what Glue sets."""

import os
import sys
from pathlib import Path

from pyspark import SparkContext
from pyspark.conf import SparkConf
from pyspark.java_gateway import launch_gateway

from igarape_spark import metering, shipping, support

driver_memory = "2g"


def start_java(with_connect: bool = False):
    """Spark reads its memory and jars when Java starts, before the run is known."""
    jars = jars_folder()
    found = sorted(str(path) for path in Path(jars).glob("*.jar") if with_connect or "spark-connect" not in path.name)
    found.append(str(support.jar_in(jars)))
    conf = SparkConf(loadDefaults=False)
    conf.set("spark.driver.memory", driver_memory).set("spark.jars", ",".join(found)).set("spark.driver.extraClassPath", ":".join(found))
    conf.set("spark.driver.extraJavaOptions", "-Duser.timezone=UTC")
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    return launch_gateway(conf)


def jars_folder() -> str:
    """Of the jars that PySpark does not bring along."""
    return os.environ["IGARAPE_SPARK_JARS"]


def add_jars(gateway, paths: list[str]) -> None:
    """Java, which is up already, finds them, and so do the executors of a context that is made from now on."""
    java = gateway.jvm.java
    loader = java.lang.Thread.currentThread().getContextClassLoader()
    for path in paths:
        loader.addURL(java.io.File(path).toURI().toURL())
    java.lang.System.setProperty("spark.jars", ",".join([java.lang.System.getProperty("spark.jars"), *paths]))


def configure(gateway, run: dict) -> None:
    """Java's system properties are the defaults of every SparkConf that the script makes."""
    add_jars(gateway, run.get("jars", []))
    settings = {**defaults(run), **(shipping.settings(run) if is_cluster(run) else {}), **given(run["arguments"])}
    settings["spark.extraListeners"] = ",".join([metering.class_name, *filter(None, [settings.get("spark.extraListeners")])])
    for key, value in settings.items():
        gateway.jvm.java.lang.System.setProperty(key, value)
    if is_cluster(run):
        # This machine's interpreter is not where the workers are; theirs is the one of Spark's own default.
        os.environ["PYSPARK_PYTHON"] = settings.get("spark.pyspark.python", "python3")
    SparkContext._ensure_initialized(gateway=gateway)


def is_cluster(run: dict) -> bool:
    """Whether its executors are processes of other machines, as far as anyone here can tell."""
    return run.get("spark", {}).get("master", "").startswith("spark://")


def defaults(run: dict) -> dict[str, str]:
    environment, spark = run["environment"], run.get("spark", {})
    endpoint = environment.get("AWS_ENDPOINT_URL", "")
    names = dict(zip(run["arguments"], run["arguments"][1:]))
    settings = {
        "spark.master": spark.get("master") or f"local[{spark.get('threads', 2)}]",
        "spark.app.name": names.get("--JOB_NAME", "glue-job"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": f"file://{run['folder']}/warehouse",
        "spark.local.dir": f"{run['folder']}/spark",
        # A task's file becomes visible when it is whole; version 2 moves it when the task is done, 1 when the job is.
        "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "1",
    }
    if not is_cluster(run):
        # Nobody else has business with Spark's own ports.
        settings.update({"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"})
        settings["spark.sql.shuffle.partitions"] = str(max(int(spark.get("threads", 2)), 2))
    # Functions of a script may use the SDKs where they run.
    settings.update({f"spark.executorEnv.{name}": value for name, value in environment.items() if name.startswith("AWS_")})
    return {**settings, **(storage(environment, endpoint) if endpoint else {})}


def storage(environment: dict[str, str], endpoint: str) -> dict[str, str]:
    """Every scheme of S3 is this server."""
    settings = {
        "spark.hadoop.fs.s3a.endpoint": endpoint,
        "spark.hadoop.fs.s3a.endpoint.region": environment["AWS_REGION"],
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.connection.ssl.enabled": str(endpoint.startswith("https")).lower(),
        "spark.hadoop.fs.s3a.access.key": environment["AWS_ACCESS_KEY_ID"],
        "spark.hadoop.fs.s3a.secret.key": environment["AWS_SECRET_ACCESS_KEY"],
        "spark.hadoop.fs.s3a.aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
    }
    for scheme in ("s3", "s3n", "s3a"):
        settings[f"spark.hadoop.fs.{scheme}.impl"] = "org.apache.hadoop.fs.s3a.S3AFileSystem"
    return settings


def given(arguments: list[str]) -> dict[str, str]:
    """`--conf a=b --conf c=d`, as Glue takes several in one argument."""
    texts = [value for name, value in zip(arguments, arguments[1:]) if name == "--conf"]
    pairs = [part.strip() for text in texts for part in text.split("--conf")]
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)
