"""Runs the corpus on one engine and prints each case's answer as a JSON line: `python corpus.py spark|hive|sail|job FOLDER [ANSWERS]`.

A case is a few lines of PySpark under `# case: NAME` in corpus/*.py; its last expression is its answer. `put` makes an input
file, `at` gives a path below the case's own folder, `names` and `lines` show what was written, `told` asks statements one after the
other and gives the rows of each, or the kind of its error.
"""

import ast
import datetime
import json
import os
import re
import sys
import tempfile
from pathlib import Path


def cases(folder: Path):
    for file in sorted(folder.glob("*.py")):
        parts = re.split(r"^# case: (.+)\n", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        yield from ((f"{file.stem}: {name}", source) for name, source in zip(parts[1::2], parts[2::2]))


def answer(spark, source: str, folder: Path) -> dict:
    names = {"spark": spark, "put": putter(folder), "at": lambda name="": f"file://{folder}/{name}",
             "told": lambda *texts: [outcome_of(spark, text) for text in texts], "names": lambda name: written_names(folder / name), "lines": lambda name: written_lines(folder / name)}
    code = ast.parse(source)
    try:
        exec("import datetime, decimal\nfrom pyspark.sql import functions as F, types as T, Row\n"
             "from pyspark.sql.window import Window as W", names)
        last = ast.Expression(code.body.pop().value)
        exec(compile(code, "<case>", "exec"), names)
        return {"answer": shown(eval(compile(last, "<case>", "eval"), names))}
    except NotImplementedError as error:
        return {"refused": str(error)}
    except Exception as error:
        return {"error": kind_of(error), "text": re.sub(r"\s+", " ", str(error))[:300]}


def outcome_of(spark, text: str):
    try:
        frame = spark.sql(text)
        return frame.schema.simpleString(), [tuple(row) for row in frame.collect()]
    except NotImplementedError as error:
        return f"refused: {error}"
    except Exception as error:
        return kind_of(error)


def kind_of(error: Exception) -> str:
    """What a script can tell apart: a mistake in the query, or a failure while it runs."""
    kinds = {"AnalysisException", "ParseException", "IllegalArgumentException"}
    found = [kind.__name__ for kind in type(error).__mro__ if kind.__name__ in kinds]
    return found[0] if found else "failed"


def shown(value):
    if hasattr(value, "schema") and hasattr(value, "collect"):
        rows = sorted(repr(plain(row)) for row in value.collect())
        return {"schema": value.schema.simpleString(), "rows": rows}
    if isinstance(value, tuple) and not hasattr(value, "asDict"):
        return [shown(item) for item in value]
    return repr(plain(value))


def plain(value):
    """Equal values look equal: the two clients give bytes and rows by types of their own."""
    if hasattr(value, "asDict") and isinstance(value, tuple):
        return Shown(f"Row({', '.join(f'{name}={plain(item)!r}' for name, item in zip(value.__fields__, value))})")
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in sorted(value.items(), key=repr)}
    if isinstance(value, float):
        return Shown(f"{value:.12g}")
    return bytes(value) if isinstance(value, bytearray) else value


class Shown(str):
    def __repr__(self):
        return str(self)


def putter(folder: Path):
    def put(name: str, content, encoding="utf-8") -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))

    return put


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".crc"))


def written_names(folder: Path) -> list[str]:
    part = re.compile(r"part-\d{5}-[0-9a-f-]{36}")
    return sorted({part.sub("part", str(path.relative_to(folder))) for path in files_of(folder)})


def written_lines(folder: Path) -> list[str]:
    return sorted(line for path in files_of(folder) for line in path.read_bytes().decode("utf-8", "replace").split("\n") if line)


def session(engine: str):
    from pyspark.sql import SparkSession

    if engine in ("spark", "hive"):
        os.environ["PYSPARK_PYTHON"] = sys.executable
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "2")
        builder = builder.config("spark.sql.session.timeZone", "UTC").config("spark.sql.warehouse.dir", tempfile.mkdtemp())
        return (with_metastore(builder) if engine == "hive" else builder).getOrCreate()
    if engine == "sail":
        from igarape_jobs.engine import Engine

        made = Engine(None)
        made.scratch = Path(tempfile.mkdtemp())
        return made.session
    return SparkSession.builder.getOrCreate()


def with_metastore(builder):
    """Tables as on AWS, where the Catalog is Spark's Hive metastore."""
    place = f"jdbc:derby:;databaseName={tempfile.mkdtemp()}/metastore;create=true"
    return builder.config("spark.hadoop.javax.jdo.option.ConnectionURL", place).enableHiveSupport()


def main(engine: str, folder: str, answers: str = "", only: str = "") -> None:
    os.environ["TZ"] = "UTC"
    spark = session(engine)
    out = open(answers, "w", encoding="utf-8") if answers else sys.stdout
    for name, source in cases(Path(folder)):
        if only in name:
            with tempfile.TemporaryDirectory() as place:
                found = answer(spark, source, Path(place).resolve())
                text = json.dumps({"name": name, **found}, ensure_ascii=False).replace(str(Path(place).resolve()), "PLACE")
                print(text, file=out, flush=True)
        for view in spark.catalog.listTables():
            if view.isTemporary:
                spark.catalog.dropTempView(view.name)


if __name__ == "__main__":
    main(*sys.argv[1:])
