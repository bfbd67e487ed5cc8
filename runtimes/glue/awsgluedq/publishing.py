"""Where outcomes go beside the job itself, by `publishing_options`."""

import json
import uuid
from urllib.parse import urlparse

OPTIONS = (
    "dataQualityEvaluationContext",
    "enableDataQualityCloudWatchMetrics",
    "enableDataQualityResultsPublishing",
    "resultsS3Prefix",
)


def publish(rows, options):
    unknown = [name for name in options if name not in OPTIONS]
    if unknown:
        raise NotImplementedError(f"EvaluateDataQuality: the publishing option {unknown[0]} is not supported.")
    context = options.get("dataQualityEvaluationContext", "")
    if options.get("resultsS3Prefix"):
        to_s3(rows, context, options["resultsS3Prefix"])
    if options.get("enableDataQualityCloudWatchMetrics"):
        to_cloudwatch(rows, context)


def to_s3(rows, context, prefix):
    """One file a run, one JSON object a rule."""
    import boto3

    place = urlparse(prefix.rstrip("/"))
    names = ("Rule", "Outcome", "FailureReason", "EvaluatedMetrics", "EvaluatedRule")
    lines = [json.dumps({"Context": context, **dict(zip(names, row))}) for row in rows]
    key = "/".join(part for part in (place.path.strip("/"), f"{uuid.uuid4()}.json") if part)
    boto3.client("s3").put_object(Bucket=place.netloc, Key=key, Body="\n".join(lines).encode())


def to_cloudwatch(rows, context):
    import boto3

    passed = sum(outcome == "Passed" for _, outcome, *_ in rows)
    counts = {"glue.data.quality.rules.passed": passed, "glue.data.quality.rules.failed": len(rows) - passed}
    dimensions = [{"Name": "EvaluationContext", "Value": context}] if context else []
    boto3.client("cloudwatch").put_metric_data(
        Namespace="Glue Data Quality",
        MetricData=[
            {"MetricName": name, "Dimensions": dimensions, "Value": value, "Unit": "Count"} for name, value in counts.items()
        ],
    )
