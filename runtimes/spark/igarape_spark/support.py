"""What runs inside of Spark's Java machine, made from `runtimes/spark/scala` by the Scala compiler that PySpark brings along: once, when
Spark is installed or first started after an update. `python -m igarape_spark.support JARS` makes it now."""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pyspark

sources = sorted(Path(__file__).parent.parent.glob("scala/**/*.scala"))
jars_of_spark = Path(pyspark.__file__).parent / "jars"


class CompilationFailed(Exception):
    """What the compiler said."""


def jar_in(jars: str) -> Path:
    """The jar of these sources, beside the folder of the other jars."""
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    made = Path(jars).parent / "igarape-support" / f"{digest}.jar"
    if not made.exists():
        made.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=made.parent) as folder:
            whole = Path(folder, "support.jar")
            compile_scala(sources, whole, [])
            os.replace(whole, made)
    return made


def compile_scala(scripts: list[Path], target: Path, jars: list[str]) -> None:
    """Spark's own release of the language, with all that Spark has."""
    java = Path(os.environ["JAVA_HOME"], "bin/java") if "JAVA_HOME" in os.environ else "java"
    classpath = os.pathsep.join([f"{jars_of_spark}/*", *jars])
    # The compiler itself expands no `*`; Java does, in the class path that it is asked to go by.
    command = [str(java), "-Xss8m", "-XX:TieredStopAtLevel=1", "-cp", classpath, "scala.tools.nsc.Main", "-usejavacp", "-nowarn", "-d", str(target), *map(str, scripts)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise CompilationFailed((done.stdout + done.stderr).strip())


if __name__ == "__main__":
    print(jar_in(sys.argv[1]))
