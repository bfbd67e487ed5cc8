"""Fetches the jars that PySpark does not bring along into a folder, those by which it reads S3 and its Connect server: `fetch_jars.py FOLDER`."""

import shutil
import sys
import tempfile
from pathlib import Path

from pyspark.sql import SparkSession

# The Hadoop release that PySpark 3.5 brings along; a Connect server of a patch release fits every one of its line.
packages = "org.apache.hadoop:hadoop-aws:3.3.4,org.apache.spark:spark-connect_2.12:3.5.5"


def main(folder: Path) -> None:
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with tempfile.TemporaryDirectory() as ivy:
        builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
        builder.config("spark.jars.packages", packages).config("spark.jars.ivy", ivy).getOrCreate().stop()
        shutil.copytree(Path(ivy, "jars"), partial)
    partial.rename(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
