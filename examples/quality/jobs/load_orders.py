"""A checked file of orders is held against the rules of its business, and written only if it keeps them all. Its folder
in the lake is that file's alone and is overwritten, so a run may be repeated."""

import re
import sys

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from awsgluedq.transforms import EvaluateDataQuality
from pyspark.context import SparkContext

RULES = """Rules = [
    RowCount > 0,
    IsComplete "order_id",
    IsUnique "order_id",
    Completeness "customer_id" > 0.95,
    ColumnValues "amount" > 0,
    ColumnValues "city" in ["Manaus", "Belém", "Santarém", "Macapá", "Porto Velho"]
]"""

args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket", "key", "lake"])
glue_context = GlueContext(SparkContext.getOrCreate())


def main():
    orders = glue_context.create_dynamic_frame.from_options(
        "s3", {"paths": [f"s3://{args['bucket']}/{args['key']}"]}, format="parquet", transformation_ctx="orders"
    )
    refused = broken_rules(orders)
    if refused:
        raise ValueError(f"{args['key']} breaks {len(refused)} rules: {'; '.join(refused)}")
    day = re.fullmatch(r"orders_(\d{4}-\d{2}-\d{2})\.parquet", args["key"])[1]
    orders.toDF().coalesce(1).write.mode("overwrite").parquet(f"s3://{args['lake']}/orders/day={day}/")
    print(f"{args['key']}: {orders.count()} orders loaded")


def broken_rules(frame: DynamicFrame):
    outcome = EvaluateDataQuality.apply(
        frame=frame,
        ruleset=RULES,
        publishing_options={"dataQualityEvaluationContext": "orders", "enableDataQualityResultsPublishing": True},
    )
    failed = outcome.toDF().where("Outcome = 'Failed'").collect()
    return [f"{row['Rule']} ({row['FailureReason']})" for row in failed]


job = Job(glue_context)
job.init(args["JOB_NAME"], args)
main()
job.commit()
