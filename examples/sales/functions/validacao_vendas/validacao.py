"""Checks a sales file that a store dropped. Valid: files it under validated/ and says so on the bus. Invalid: an
e-mail says what is wrong with which file.

EventBridge may deliver an event twice, and this function may die at any line and be called again: each step gives the
same result the second time. What it files is named after the event's sequencer, so a newer version of the same file
is another object, and nothing is lost when the two meet.
"""

import json
import os
import re
import shutil
import tempfile
from urllib.parse import quote

import boto3
from botocore.exceptions import ClientError

from planilha import Report, check

FILE_NAME = re.compile(r"loja-(?P<store>[A-Za-z0-9-]+)(_[A-Za-z0-9._-]+)?\.csv")

s3 = boto3.client("s3")
events = boto3.client("events")
sns = boto3.client("sns")


def handler(event, context):
    bucket = event["detail"]["bucket"]["name"]
    arrived = event["detail"]["object"]
    key = arrived["key"]

    name = FILE_NAME.fullmatch(key)
    if name is None:
        report = Report()
        report.problem("o nome não é da forma loja-LOJA_DATA.csv")
        return refuse(bucket, key, report)
    try:
        report = check_object(bucket, key, arrived["etag"])
        if not report.valid:
            return refuse(bucket, key, report)
        return accept(bucket, arrived, name["store"], report)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("PreconditionFailed", "412", "NoSuchKey", "404"):
            raise
        # The store has replaced or removed the file since. What is there now has an event of its own.
        print(f"{key}: superseded, nothing to do")
        return {"file": key, "verdict": "superseded"}


def check_object(bucket, key, etag):
    body = s3.get_object(Bucket=bucket, Key=key, IfMatch=etag)["Body"]
    with tempfile.NamedTemporaryFile(suffix=".csv") as copy:
        shutil.copyfileobj(body, copy)
        copy.flush()
        return check(copy.name)


def accept(bucket, arrived, store, report):
    key = arrived["key"]
    # S3's sequencers grow with each version of a key; padded, they sort as text.
    validated = f"validated/{key}/{arrived['sequencer']:0>32}.csv"
    s3.copy_object(
        Bucket=bucket,
        Key=validated,
        CopySource={"Bucket": bucket, "Key": key},
        CopySourceIfMatch=arrived["etag"],
        MetadataDirective="REPLACE",
        ContentType="text/csv",
        Metadata={"encoding": report.encoding, "delimiter": report.delimiter},
    )
    detail = {
        "bucket": bucket,
        "arquivo": key,
        "validado": validated,
        "loja": store,
        "linhas": report.rows,
        "codificacao": report.encoding,
        "separador": report.delimiter,
    }
    answer = events.put_events(
        Entries=[
            {
                "EventBusName": os.environ["BUS_NAME"],
                "Source": "vendas.validacao",
                "DetailType": "arquivo-vendas-validado",
                "Detail": json.dumps(detail),
                "Resources": [f"arn:aws:s3:::{bucket}/{quote(key)}"],
            }
        ]
    )
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"the bus refused the event: {answer['Entries']}")
    print(f"{key}: valid, {report.rows} rows, {report.encoding}, '{report.delimiter}'")
    return {"file": key, "verdict": "valid", "rows": report.rows}


def refuse(bucket, key, report):
    hidden = report.problems_total - len(report.problems)
    lines = [
        f"O arquivo {key} (bucket {bucket}) foi recusado e não entrou nas vendas.",
        "",
        *[f"- {problem}" for problem in report.problems],
        *([f"- … e mais {hidden} problemas"] if hidden else []),
        "",
        "Corrija o arquivo e envie de novo com o mesmo nome.",
    ]
    # A subject is ASCII, one line, at most 100 characters.
    subject = f"Arquivo de vendas recusado: {key}".encode("ascii", "replace").decode()[:100]
    sns.publish(TopicArn=os.environ["TOPIC_ARN"], Subject=subject, Message="\n".join(lines))
    print(f"{key}: refused, {report.problems_total} problems, first: {report.problems[0]}")
    return {"file": key, "verdict": "refused", "problems": report.problems}
