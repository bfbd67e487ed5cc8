"""Loads what the Glue job committed into Redshift.

The job leaves a marker under to-load/ for each source file whose rows it replaced in the lake. This function loads
what the lake holds of those files now, in one transaction, and only then removes the markers. Killed at any line, called
twice, or late: the markers that are left are loaded again, and loading a file again replaces its rows.
"""

import json
import os
import time

import boto3

import comandos

MARKERS_PER_LOAD_MAX = 500
POLL_SECONDS = 0.05
POLL_SECONDS_MAX = 2.0

BUCKET = os.environ["PROCESSED_BUCKET"]

s3 = boto3.client("s3")
redshift = boto3.client("redshift-data")


def handler(event, context):
    run(comandos.prepare(os.environ["CATALOG_DATABASE"], os.environ["COPY_ROLE_ARN"]))
    loaded = []
    while markers := pending():
        loaded += load(markers, context.aws_request_id)
    print(f"loaded {', '.join(loaded) or 'nothing: an earlier load took it along'}")
    return {"files": loaded}


def load(markers, request_id):
    files = sorted({marker.split("/")[1] for marker in markers})
    entries = [entry for name in files for entry in parquet_files(name)]
    # A file whose sales all came in other files has no Parquet; its rows of an earlier version still have to go.
    manifest_url = write_manifest(entries, request_id) if entries else None
    run(comandos.load(files, manifest_url, os.environ["COPY_ROLE_ARN"]))
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in markers], "Quiet": True})
    return files


def pending():
    """Markers are to-load/FILE/ID. A page of them is one load."""
    page = s3.list_objects_v2(Bucket=BUCKET, Prefix="to-load/", MaxKeys=MARKERS_PER_LOAD_MAX)
    return [found["Key"] for found in page.get("Contents", [])]


def parquet_files(name):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"vendas/origem={name}/data=")
    for page in pages:
        for found in page.get("Contents", []):
            if found["Key"].endswith(".parquet"):
                yield {
                    "url": f"s3://{BUCKET}/{found['Key']}",
                    "mandatory": True,
                    "meta": {"content_length": found["Size"]},
                }


def write_manifest(entries, request_id):
    key = f"manifests/{request_id}.json"
    s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps({"entries": entries}).encode())
    return f"s3://{BUCKET}/{key}"


def run(statements):
    """A batch is one transaction: all of it is done, or none."""
    batch = redshift.batch_execute_statement(
        WorkgroupName=os.environ["WORKGROUP"],
        Database=os.environ["DATABASE"],
        SecretArn=os.environ["SECRET_ARN"],
        Sqls=statements,
    )
    wait_seconds = POLL_SECONDS
    while True:
        state = redshift.describe_statement(Id=batch["Id"])
        if state["Status"] == "FINISHED":
            return
        if state["Status"] in ("FAILED", "ABORTED"):
            raise RuntimeError(f"Redshift: {state.get('Error', state['Status'])}")
        time.sleep(wait_seconds)
        wait_seconds = min(wait_seconds * 1.5, POLL_SECONDS_MAX)
