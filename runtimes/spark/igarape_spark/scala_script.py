"""Jobs whose script is in Scala: compiled by the compiler that Spark brings along, run in the Java machine of the run's process."""

import re
import sys
from pathlib import Path

from py4j.protocol import Py4JError, Py4JJavaError

from igarape_jobs.failures import message_length_max
from igarape_spark import settings, support

glue_package = "com.amazonaws.services.glue"
not_there = ("; of Glue's library for Scala there are GlueContext (getSparkSession), GlueArgParser, Job and GlueLogger: the rest is not implemented by Igarapé, "
             "and a script reads and writes by its SparkSession")

# How long a Java machine that does not answer any more may take to end.
end_seconds = 60


def execute(gateway, run: dict) -> dict:
    script, jar = Path(run["scriptPath"]), Path(run["folder"], ".igarape", "script.jar")
    try:
        support.compile_scala([script], jar, [str(support.jar_in(settings.jars_folder())), *run["jars"]])
    except support.CompilationFailed as error:
        print(error, file=sys.stderr)
        return failed(*first_mistake(str(error), script.name))
    settings.add_jars(gateway, [str(jar)])
    try:
        thrown = list(gateway.jvm.org.apache.spark.sql.igarape.ScriptMain.run(run["mainClass"], run["arguments"], script.name))
    except Py4JJavaError:
        raise
    except (Py4JError, OSError):
        # The script has ended the Java machine itself.
        code = gateway.proc.wait(end_seconds)
        return {"succeeded": code == 0, **({"errorMessage": f"Command failed with exit code {code}"} if code else {})}
    return failed("UNCLASSIFIED_ERROR", int(thrown[2]), f"{thrown[0]}: {thrown[1]}") if thrown else {"succeeded": True}


def first_mistake(said: str, script: str) -> tuple[str, int, str]:
    """Its category, its line, and what the compiler says of it."""
    found = re.search(rf"{re.escape(script)}:(\d+): error: (.*)", said)
    if not found:
        return "SYNTAX_ERROR", 0, said
    if glue_package in found[2]:
        return "UNSUPPORTED_OPERATION_ERROR", int(found[1]), found[2] + not_there
    return "SYNTAX_ERROR", int(found[1]), found[2]


def failed(category: str, line: int, text: str) -> dict:
    where = f" Failed Line Number: {line};" if line else ""
    return {"succeeded": False, "errorMessage": f"Error Category: {category};{where} {text}"[:message_length_max]}
