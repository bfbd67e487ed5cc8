"""By 10:00 both banks have delivered the day's file. Which has not is told to the analysts."""

import os
from datetime import datetime
from zoneinfo import ZoneInfo

import boto3

from files import missing_files

BANKS = {"debits": "bank A", "credits": "bank B"}
DAY_IS_THAT_OF = ZoneInfo("America/Sao_Paulo")

s3 = boto3.client("s3")
sns = boto3.client("sns")


def handler(event, context):
    scheduled = datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
    date = scheduled.astimezone(DAY_IS_THAT_OF).date().isoformat()
    missing = missing_files(s3, os.environ["BUCKET"], date)
    if missing:
        lines = [f"- {name} ({BANKS[name.split('_')[0]]})" for name in missing]
        sns.publish(
            TopicArn=os.environ["TOPIC_ARN"],
            Subject=f"Reconciliation of {date}: {len(missing)} of 2 files missing",
            Message="\n".join([f"At 10:00 these files of {date} had not arrived:", "", *lines]),
        )
    print({"date": date, "missing": missing})
    return {"date": date, "missing": missing}
