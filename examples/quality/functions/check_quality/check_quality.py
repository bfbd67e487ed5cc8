"""Checks a Parquet file of orders. Passed: `Quality Check Passed` with its key on the bus. Failed: the file is moved to
quarantine/ with the reasons, and `Quality Check Failed` says them.

An event may come twice, and this function may die at any line and be called again: the bus hears of a file before it is
moved, and a file that is no longer there has been dealt with.
"""

import io
import json

import boto3
import pyarrow.parquet as parquet
from botocore.exceptions import ClientError

from rules import data_faults, schema_faults

REASONS_MAX = 1024

s3 = boto3.client("s3")
events = boto3.client("events")


def handler(event, context):
    bucket, arrived = event["detail"]["bucket"]["name"], event["detail"]["object"]
    try:
        body = s3.get_object(Bucket=bucket, Key=arrived["key"], IfMatch=arrived["etag"])["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("PreconditionFailed", "412", "NoSuchKey", "404"):
            raise
        # It has been replaced or removed since. What is there now has an event of its own.
        return {"file": arrived["key"], "verdict": "superseded"}
    rows, reasons = check(body)
    file = {"bucket": bucket, "key": arrived["key"], "etag": arrived["etag"], "rows": rows}
    if reasons:
        say("Quality Check Failed", {**file, "reasons": "; ".join(reasons)})
        quarantine(bucket, arrived, reasons)
        verdict = "FAILED"
    else:
        say("Quality Check Passed", file)
        verdict = "PASSED"
    print(f"{arrived['key']}: {verdict} {reasons}")
    return {"file": arrived["key"], "verdict": verdict, "reasons": reasons}


def check(body):
    """Rows, and the reasons against the file: its form first, then what is in it."""
    try:
        table = parquet.read_table(io.BytesIO(body))
    except (OSError, ValueError) as error:
        return 0, [f"it is not Parquet: {error}"]
    return table.num_rows, schema_faults(table.schema) or data_faults(table.to_pandas())


def say(kind, detail):
    answer = events.put_events(Entries=[{"Source": "quality", "DetailType": kind, "Detail": json.dumps(detail)}])
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"the bus refused the event: {answer['Entries']}")


def quarantine(bucket, arrived, reasons):
    said = "; ".join(reasons).encode("ascii", "replace").decode()[:REASONS_MAX]
    s3.copy_object(
        Bucket=bucket,
        Key=f"quarantine/{arrived['key']}",
        CopySource={"Bucket": bucket, "Key": arrived["key"]},
        CopySourceIfMatch=arrived["etag"],
        MetadataDirective="REPLACE",
        Metadata={"reasons": said},
    )
    s3.delete_object(Bucket=bucket, Key=arrived["key"])
