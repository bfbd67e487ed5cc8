"""The two files of a date, and what their names say."""

import re

from botocore.exceptions import ClientError

SIDES = ("debits", "credits")
FILE_NAME = re.compile(r"(?P<side>debits|credits)_(?P<date>\d{4}-\d{2}-\d{2})\.csv")


def date_of(key):
    name = FILE_NAME.fullmatch(key)
    return name["date"] if name else None


def missing_files(s3, bucket, date):
    return [name for side in SIDES if not exists(s3, bucket, name := f"{side}_{date}.csv")]


def exists(s3, bucket, key):
    try:
        s3.head_object(Bucket=bucket, Key=key)
        return True
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
            return False
        raise
