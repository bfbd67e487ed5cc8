"""Bank A's debits of a day against bank B's credits: a full outer join on the transaction, and what does not agree.

Kinds of discrepancy, the first that holds:
  missing_credit, missing_debit      one bank knows the transaction, the other does not
  duplicate_debit, duplicate_credit  a bank has it more often than the other
  amount_mismatch                    both have it as often, with other amounts

A day's rows overwrite that day's folder, so a run may be repeated. It says that it has finished last of all.
"""

import json
import sys

import boto3
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F

KINDS = ("missing_credit", "missing_debit", "duplicate_debit", "duplicate_credit", "amount_mismatch")

args = getResolvedOptions(sys.argv, ["JOB_NAME", "date", "incoming", "results"])
DATE = args["date"]
REPORT = f"s3://{args['results']}/discrepancies/date={DATE}/"

glue_context = GlueContext(SparkContext.getOrCreate())
spark = glue_context.spark_session


def main():
    transactions = classified(entries("debits", "debit"), entries("credits", "credit")).cache()
    transactions.where("kind IS NOT NULL").coalesce(1).write.mode("overwrite").parquet(REPORT)
    summary = summarized(transactions)
    print(summary)
    announce(summary)


def entries(file, side):
    """One row a transaction of a bank's file: how often it is there, and the sum."""
    rows = (
        spark.read.option("header", True)
        .option("mode", "FAILFAST")
        .schema("transaction_id STRING, account STRING, amount DECIMAL(18,2), booked_at TIMESTAMP")
        .csv(f"s3://{args['incoming']}/{file}_{DATE}.csv")
    )
    return rows.groupBy("transaction_id").agg(
        F.sum("amount").cast("decimal(18,2)").alias(side), F.count("*").alias(f"{side}_entries")
    )


def classified(debits, credits):
    kind = (
        F.when(F.col("credit_entries").isNull(), "missing_credit")
        .when(F.col("debit_entries").isNull(), "missing_debit")
        .when(F.col("debit_entries") > F.col("credit_entries"), "duplicate_debit")
        .when(F.col("credit_entries") > F.col("debit_entries"), "duplicate_credit")
        .when(F.col("debit") != F.col("credit"), "amount_mismatch")
    )
    return debits.join(credits, "transaction_id", "full_outer").select(
        "transaction_id", kind.alias("kind"), "debit", "credit", "debit_entries", "credit_entries"
    )


def summarized(transactions):
    """Counts by kind, and how much money the two banks do not agree on."""
    difference = F.abs(F.coalesce("debit", F.lit(0)) - F.coalesce("credit", F.lit(0)))
    counts = [F.count(F.when(F.col("kind") == kind, 1)).alias(kind) for kind in KINDS]
    unexplained = F.sum(F.when(F.col("kind").isNotNull(), difference))
    totals = transactions.agg(
        F.count("*").alias("transactions"), F.count("kind").alias("discrepancies"), unexplained.alias("unexplained"), *counts
    ).first()
    return {**totals.asDict(), "unexplained": str(totals["unexplained"] or 0), "date": DATE, "report": REPORT}


def announce(summary):
    entry = {"Source": "reconciliation", "DetailType": "Reconciliation Finished", "Detail": json.dumps(summary)}
    answer = boto3.client("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"the bus refused the event: {answer['Entries']}")


job = Job(glue_context)
job.init(args["JOB_NAME"], args)
main()
job.commit()
