"""DynamoDB's tables as sources and sinks, through the SDK to the server's own endpoint."""

import decimal

from awsglue.dynamicframe import DynamicFrame
from awsglue.records import RecordSpool
from awsglue.unsupported import refuse

read_options = {"dynamodb.input.tablename", "dynamodb.throughput.read.percent", "dynamodb.splits", "dynamodb.region"}
write_options = {"dynamodb.output.tablename", "dynamodb.throughput.write.percent", "dynamodb.output.numparalleltasks", "dynamodb.output.retry",
                 "dynamodb.region"}


def read_table(glue_context, given: dict, what: str) -> DynamicFrame:
    import boto3

    options = {name.lower(): value for name, value in given.items()}
    for name in set(options) - read_options:
        refuse(f"{what} with the option {name}")
    client = boto3.client("dynamodb", **region_of(options))
    spool = RecordSpool(glue_context.engine)
    rows = 0
    for page in client.get_paginator("scan").paginate(TableName=must_have(options, "dynamodb.input.tablename"), ConsistentRead=True):
        for item in page["Items"]:
            spool.add({name: plain(value) for name, value in item.items()})
            rows += 1
    glue_context.engine.counts.read(rows, 0, 0)
    return DynamicFrame.typed(*spool.frame(), glue_context)


def write_table(glue_context, frame: DynamicFrame, given: dict, what: str) -> None:
    import boto3

    options = {name.lower(): value for name, value in given.items()}
    for name in set(options) - write_options:
        refuse(f"{what} with the option {name}")
    table = boto3.resource("dynamodb", **region_of(options)).Table(must_have(options, "dynamodb.output.tablename"))
    rows = 0
    with table.batch_writer() as batch:
        for record in frame._records():
            batch.put_item(Item={name: attribute(value) for name, value in record.items() if value is not None})
            rows += 1
    glue_context.engine.counts.written(rows, 0, 0)


def region_of(options: dict) -> dict:
    return {"region_name": options["dynamodb.region"]} if options.get("dynamodb.region") else {}


def must_have(options: dict, name: str) -> str:
    if not options.get(name):
        raise ValueError(f"A DynamoDB connection needs the option {name}.")
    return options[name]


def plain(value: dict):
    (kind, inner), = value.items()
    if kind == "M":
        return {name: plain(item) for name, item in inner.items()}
    if kind == "L":
        return [plain(item) for item in inner]
    if kind in ("N", "NS"):
        return number(inner) if kind == "N" else [number(item) for item in inner]
    return None if kind == "NULL" else inner


def attribute(value):
    """Numbers exact, what DynamoDB has no type for as text."""
    if isinstance(value, float):
        return decimal.Decimal(repr(value))
    if isinstance(value, dict):
        return {name: attribute(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [attribute(item) for item in value]
    return value if isinstance(value, (str, bool, int, bytes, decimal.Decimal)) or value is None else str(value)


def number(text: str):
    """Whole numbers are whole, others doubles: a field of both is a choice."""
    exact = decimal.Decimal(text)
    return int(exact) if exact == exact.to_integral_value() and abs(exact) < 2**63 else float(exact)
