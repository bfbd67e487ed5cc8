"""Runs the examples of PySpark's own documentation as a script's: `python doctests.py sail|job ANSWERS [ONLY]` writes a JSON line for each docstring.

They are read from the installed package and held against what it says there, by doctest's own rules and with the flags of PySpark's own
tests. Nothing of them is kept here. A docstring is what the worst of its examples is. Rows in another order are the same rows, unless the
example sorts them. What Spark Connect does not have (RDDs, SQLContext) and streaming are left out.
"""

import contextlib
import doctest
import importlib
import io
import json
import os
import sys
import tempfile

from corpus import session

flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
modules = ["functions.builtin", "functions.partitioning", "dataframe", "column", "group", "window", "readwriter", "catalog", "session", "conf", "types", "udf",
           "udtf", "tvf", "observation", "merge", "avro.functions", "protobuf.functions", "datasource"]
# From the worst on.
outcomes = ["different", "no error", "other error", "error instead of an answer", "refused", "same"]
report_characters_max = 1500


class Finder(doctest.DocTestFinder):
    """PySpark's functions are wrapped by one of another module, which hides them from doctest."""

    def _from_module(self, module, object):
        return getattr(object, "__module__", module.__name__) == module.__name__


class Runner(doctest.DocTestRunner):
    def __init__(self):
        super().__init__(verbose=False, optionflags=flags)
        self.failing: list[dict] = []

    def report_failure(self, out, test, example, got):
        if example.exc_msg is not None:
            self.add(test, example, "other error" if "Traceback (most recent call last)" in got else "no error", got)
        elif "sort" in example.source or "orderBy" in example.source or lines_of(example.want) != lines_of(got):
            self.add(test, example, "different", got)

    def report_unexpected_exception(self, out, test, example, exc_info):
        error = exc_info[1]
        outcome = "refused" if isinstance(error, NotImplementedError) else "error instead of an answer"
        self.add(test, example, outcome, f"{type(error).__name__}: {error}")

    def add(self, test, example, outcome, got):
        self.failing.append({"example": test.examples.index(example) + 1, "outcome": outcome, "source": example.source, "want": example.want[:report_characters_max],
                             "got": got[:report_characters_max]})


def lines_of(text: str) -> list[str]:
    return sorted(" ".join(line.split()) for line in text.splitlines() if line.strip())


def tests_of(name: str):
    module = importlib.import_module(f"pyspark.sql.{name}")
    tests = Finder(exclude_empty=True).find(module, f"pyspark.sql.{name}", globs=dict(module.__dict__))
    return {test.name.removeprefix("pyspark.sql."): test for test in tests if any(doctest.SKIP not in example.options for example in test.examples)}


def answer(spark, test) -> dict:
    runner = Runner()
    test.globs["spark"] = spark
    with contextlib.redirect_stderr(io.StringIO()):
        runner.run(test, clear_globs=True)
    found = {failing["outcome"] for failing in runner.failing}
    return {"outcome": next((outcome for outcome in outcomes if outcome in found), "same"), "failing": runner.failing}


def main(engine: str, answers: str, only: str = "") -> None:
    os.environ["TZ"] = "UTC"
    spark = session(engine)
    with open(answers, "w", encoding="utf-8") as out, tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, test in [item for module in modules for item in sorted(tests_of(module).items())]:
            if only in name:
                print(json.dumps({"name": name, **answer(spark, test)}, ensure_ascii=False), file=out, flush=True)
                for view in spark.catalog.listTables():
                    if view.isTemporary:
                        spark.catalog.dropTempView(view.name)
        os.chdir("/")


if __name__ == "__main__":
    main(*sys.argv[1:])
