"""Counts a log file by level and error type into the day's counters, and keeps its critical errors.

The counters are those of the newest version of each file, whatever is delivered twice, late, or cut short: beside them
lies what each file has brought so far, and one transaction moves both on, by the difference, and only if the version
is newer than the one counted. A file counted before adds nothing; a longer one under the same name adds what is new.
"""

import json
import os
import re
from collections import Counter
from datetime import datetime, timezone

import boto3
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

FILE_NAME = re.compile(r"app\.log\.(?P<date>\d{4}-\d{2}-\d{2})([.T_-].*)?\.json")
CRITICAL_KEPT_MAX = 50

s3 = boto3.client("s3")
dynamodb = boto3.client("dynamodb")
serialize = TypeSerializer().serialize


def handler(event, context):
    bucket, arrived = event["detail"]["bucket"]["name"], event["detail"]["object"]
    key = arrived["key"]
    name = FILE_NAME.fullmatch(key)
    if name is None:
        print(f"{key}: not app.log.DATE.json, left alone")
        return {"file": key, "verdict": "left alone"}
    try:
        body = s3.get_object(Bucket=bucket, Key=key, IfMatch=arrived["etag"])["Body"]
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("PreconditionFailed", "412", "NoSuchKey", "404"):
            raise
        # It has been replaced or removed since. What is there now has an event of its own.
        return {"file": key, "verdict": "superseded"}
    counts, critical = read(body)
    # S3's sequencers grow with each version of a key; padded, they sort as text.
    is_new = add({"file": key, "date": name["date"], "sequencer": f"{arrived['sequencer']:0>32}"}, counts, critical)
    if is_new:
        tell_metrics(counts)
    print(f"{key}: {counts['total']} events, {counts['critical']} critical, {'counted' if is_new else 'counted before'}")
    return {"file": key, "verdict": "counted" if is_new else "counted before", **counts}


def read(lines):
    """One event a line. A line that is no event is counted as such: a log that is cut short must not stop the rest."""
    counts, critical = Counter(total=0, critical=0), []
    for number, line in enumerate(lines.iter_lines(), 1):
        if not line.strip():
            continue
        counts["total"] += 1
        event = parse(line)
        if event is None:
            counts["unreadable"] += 1
            continue
        counts[f"level:{event.get('level', 'NONE')}"] += 1
        if "error_type" in event:
            counts[f"type:{event['error_type']}"] += 1
        if event.get("level") == "CRITICAL":
            counts["critical"] += 1
            critical.append((number, event))
    return counts, critical[-CRITICAL_KEPT_MAX:]


def parse(line):
    try:
        event = json.loads(line)
        return event if isinstance(event, dict) else None
    except ValueError:
        return None


def add(version, counts, critical):
    """False if this version, or a newer one, has been counted."""
    key = {"file": {"S": version["file"]}}
    known = dynamodb.get_item(TableName=os.environ["FILES_TABLE"], Key=key, ConsistentRead=True).get("Item")
    if known and known["sequencer"]["S"] >= version["sequencer"]:
        return False
    before = Counter({name: int(count["N"]) for name, count in known["counts"]["M"].items()}) if known else Counter()
    difference = {name: counts[name] - before[name] for name in counts.keys() | before.keys()}
    dynamodb.transact_write_items(
        TransactItems=[
            remember(version, counts, known),
            {"Update": added(version["date"], difference)},
            *({"Put": kept(version, number, event)} for number, event in critical),
        ]
    )
    return True


def remember(version, counts, known):
    """What was read must still be so: of two calls for one file the second fails, is called again, and reads anew."""
    is_as_read = "sequencer = :known" if known else "attribute_not_exists(#file)"
    return {
        "Put": {
            "TableName": os.environ["FILES_TABLE"],
            "Item": {name: serialize(value) for name, value in {**version, "counts": dict(counts)}.items()},
            "ConditionExpression": is_as_read,
            **({"ExpressionAttributeValues": {":known": known["sequencer"]}} if known else {}),
            **({} if known else {"ExpressionAttributeNames": {"#file": "file"}}),
        }
    }


def added(date, difference):
    names = sorted(difference)
    return {
        "TableName": os.environ["COUNTERS_TABLE"],
        "Key": {"date": {"S": date}},
        "UpdateExpression": "ADD " + ", ".join(f"#n{index} :v{index}" for index in range(len(names))),
        "ExpressionAttributeNames": {f"#n{index}": name for index, name in enumerate(names)},
        "ExpressionAttributeValues": {f":v{index}": {"N": str(difference[name])} for index, name in enumerate(names)},
    }


def kept(version, number, event):
    item = {
        "date": version["date"],
        "at": f"{event.get('timestamp', '')}#{version['file']}#{number}",
        "type": str(event.get("error_type", "")),
        "user": str(event.get("user", "")),
        "message": str(event.get("message", ""))[:1000],
    }
    return {
        "TableName": os.environ["CRITICAL_TABLE"],
        "Item": {name: {"S": value} for name, value in item.items()},
    }


def tell_metrics(counts):
    """CloudWatch's embedded metric format: a line of the log that becomes two metrics."""
    metrics = [{"Name": "Events", "Unit": "Count"}, {"Name": "CriticalErrors", "Unit": "Count"}]
    now = int(datetime.now(timezone.utc).timestamp() * 1000)
    directive = {"Namespace": "AppLogs", "Dimensions": [[]], "Metrics": metrics}
    line = {
        "_aws": {"Timestamp": now, "CloudWatchMetrics": [directive]},
        "Events": counts["total"],
        "CriticalErrors": counts["critical"],
    }
    print(json.dumps(line))
