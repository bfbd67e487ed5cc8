"""A file has passed: the job is started on that very key. Started twice it writes the same, so nothing is remembered."""

import os

import boto3

glue = boto3.client("glue")


def handler(event, context):
    file = event["detail"]
    arguments = {"--bucket": file["bucket"], "--key": file["key"]}
    return {"run": glue.start_job_run(JobName=os.environ["JOB_NAME"], Arguments=arguments)["JobRunId"]}
