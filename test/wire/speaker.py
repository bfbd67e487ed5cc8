"""Speaks to the address it is given with the boto3 that is installed, and prints what came of it as JSON."""

import json
import sys

import boto3
import botocore
from botocore.config import Config

endpoint = sys.argv[1]
config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})


def client(name):
    return boto3.client(
        name,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=config,
    )


def outcome(call):
    try:
        answer = call()
        answer.pop("ResponseMetadata", None)
        if "Body" in answer:
            answer["Body"] = answer["Body"].read().decode()
        return answer
    except botocore.exceptions.ClientError as error:
        return {"error": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}


sqs, s3, events = client("sqs"), client("s3"), client("events")
cloudwatch, sns, function = client("cloudwatch"), client("sns"), client("lambda")
url = endpoint + "/000000000000/q"
attributes = {"kind": {"DataType": "String", "StringValue": "ç"}}
calls = {
    "sqs.CreateQueue": lambda: sqs.create_queue(QueueName="q", Attributes={"DelaySeconds": "3"}, tags={"a": "1"}),
    "sqs.SendMessage": lambda: sqs.send_message(QueueUrl=url, MessageBody="olá <b>", MessageAttributes=attributes),
    "sqs.ReceiveMessage": lambda: sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]),
    "sqs.GetQueueUrl": lambda: sqs.get_queue_url(QueueName="none"),
    "s3.PutObject": lambda: s3.put_object(Bucket="b", Key="a b/ç", Body=b"hello", Metadata={"x": "y"}),
    "s3.GetObject": lambda: s3.get_object(Bucket="b", Key="a b/ç"),
    "s3.ListObjectsV2": lambda: s3.list_objects_v2(Bucket="b", Prefix="a"),
    "s3.HeadObject": lambda: s3.head_object(Bucket="b", Key="none"),
    "eventbridge.PutEvents": lambda: events.put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}"}]),
    "cloudwatch.PutMetricData": lambda: cloudwatch.put_metric_data(
        Namespace="n", MetricData=[{"MetricName": "m", "Value": 1.5, "Dimensions": [{"Name": "a", "Value": "b"}]}]
    ),
    "sns.Publish": lambda: sns.publish(TopicArn="arn:aws:sns:us-east-1:000000000000:t", Message="m", MessageAttributes=attributes),
    "lambda.Invoke": lambda: {"Payload": function.invoke(FunctionName="f", Payload=b'{"a":1}')["Payload"].read().decode()},
}
print(json.dumps({name: outcome(call) for name, call in calls.items()}, default=str))
