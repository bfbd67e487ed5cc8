"""Days of logs become Parquet: errors by type, hour and user, one folder a day.

A run is started by files that arrived, but is not told which: it compares each day's files with those that the day was
last made of, and writes the days that differ, whole. So a run may be repeated, killed, or overlap with another: the one
that ends last looks again, and leaves no day that does not agree with its files.
"""

import hashlib
import json
import re
import sys
from collections import defaultdict

import boto3
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F

FILE_NAME = re.compile(r"app\.log\.(?P<date>\d{4}-\d{2}-\d{2})([.T_-].*)?\.json")
EVENT = "timestamp TIMESTAMP, level STRING, error_type STRING, user STRING"

args = getResolvedOptions(sys.argv, ["JOB_NAME", "logs_bucket", "lake_bucket"])
LOGS, LAKE = args["logs_bucket"], args["lake_bucket"]

glue_context = GlueContext(SparkContext.getOrCreate())
spark = glue_context.spark_session
s3 = boto3.client("s3")


def main():
    while changed := changed_days():
        for day, (keys, state) in sorted(changed.items()):
            aggregate(day, keys)
            s3.put_object(Bucket=LAKE, Key=f"state/{day}.json", Body=json.dumps({"files": state}).encode())


def changed_days():
    """Day → its files and their state, of those days whose state is not the one that was last written down."""
    files = defaultdict(dict)
    for found in objects(LOGS, "app.log."):
        if name := FILE_NAME.fullmatch(found["Key"]):
            files[name["date"]][found["Key"]] = found["ETag"]
    days = {day: (sorted(etags), state_of(etags)) for day, etags in files.items()}
    return {day: (keys, state) for day, (keys, state) in days.items() if state != written_state(day)}


def state_of(etags):
    return hashlib.sha256(json.dumps(etags, sort_keys=True).encode()).hexdigest()


def written_state(day):
    try:
        return json.load(s3.get_object(Bucket=LAKE, Key=f"state/{day}.json")["Body"])["files"]
    except s3.exceptions.NoSuchKey:
        return None


def aggregate(day, keys):
    events = spark.read.schema(EVENT).json([f"s3://{LOGS}/{key}" for key in keys])
    errors = (
        events.where(F.col("level").isin("ERROR", "CRITICAL"))
        .groupBy("error_type", "level", F.date_trunc("hour", "timestamp").alias("hour"), "user")
        .agg(F.count("*").alias("errors"))
        .select("error_type", "level", "hour", "user", "errors")
    )
    errors.coalesce(1).write.mode("overwrite").parquet(f"s3://{LAKE}/errors_by_hour/date={day}/")
    print(f"{day}: {len(keys)} files")


def objects(bucket, prefix):
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from page.get("Contents", [])


job = Job(glue_context)
job.init(args["JOB_NAME"], args)
main()
job.commit()
