"""A bank's file has arrived: when the other is there too, the date is reconciled. Once, whatever happens.

Files come in either order, hours apart, twice; EventBridge may deliver an event twice; this function may die at any
line and be called again. So the date is claimed in DynamoDB before the job is started, and the claim bears the id of
the call: of many arrivals one wins, and only its own repetitions (Lambda retries a failed call under the same id) find
the claim theirs and finish what they began. The run bears the same id, so one that was started before the crash is found.
"""

import os

import boto3

from files import date_of, missing_files

JOB_NAME = os.environ["JOB_NAME"]

s3 = boto3.client("s3")
glue = boto3.client("glue")
dates = boto3.resource("dynamodb").Table(os.environ["DATES_TABLE"])


def handler(event, context):
    bucket = event["detail"]["bucket"]["name"]
    date = date_of(event["detail"]["object"]["key"])
    if date is None:
        return tell(verdict="not a bank's file", key=event["detail"]["object"]["key"])
    missing = missing_files(s3, bucket, date)
    if missing:
        return tell(verdict="waiting", date=date, missing=missing)
    if not claim(date, context.aws_request_id):
        return tell(verdict="already started", date=date)
    return tell(verdict="started", date=date, run=run_of(context.aws_request_id) or start(date, context.aws_request_id))


def claim(date, call):
    try:
        dates.put_item(
            Item={"date": date, "call": call},
            ConditionExpression="attribute_not_exists(#date) OR #call = :call",
            ExpressionAttributeNames={"#date": "date", "#call": "call"},
            ExpressionAttributeValues={":call": call},
        )
        return True
    except dates.meta.client.exceptions.ConditionalCheckFailedException:
        return False


def run_of(call):
    """The run that this very call started before it died."""
    for page in glue.get_paginator("get_job_runs").paginate(JobName=JOB_NAME):
        for run in page["JobRuns"]:
            if run.get("Arguments", {}).get("--started_by") == call:
                return run["Id"]
    return None


def start(date, call):
    return glue.start_job_run(JobName=JOB_NAME, Arguments={"--date": date, "--started_by": call})["JobRunId"]


def tell(**verdict):
    print(verdict)
    return verdict
