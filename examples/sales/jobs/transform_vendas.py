"""Validated sales files become Parquet in the lake: read, cast, deduplicate, write by day, update the Catalog.

The workflow's trigger hands over event ids only, so a run takes whatever lies under validated/ and moves it to done/
when its output is committed. Three rules keep each sale there exactly once, whatever dies and whenever:

1. Rows are replaced by source file: a file owns the prefix origem=FILE, and its output overwrites that prefix.
   Doing a file twice changes nothing.
2. A sale is (store, venda_id), also across the files of a store: one that another file already brought is left out.
   A file without venda_id can only be deduplicated within itself.
3. A store is transformed by one run at a time (see `claim`), so two runs never write one prefix, and rule 2 sees all.

A file is acknowledged last: output, Catalog, the marker that the Redshift load works from, then the move to done/.
"""

import random
import re
import sys
import time
import uuid

import boto3
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as F

VALIDATED = re.compile(r"validated/(?P<file>loja-(?P<store>[A-Za-z0-9-]+)(_[^/]+)?\.csv)/(?P<version>[^/]+)\.csv")
JAVA_CHARSETS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp1252": "windows-1252", "latin-1": "ISO-8859-1"}
COLUMNS = ["loja", "venda_id", "produto_id", "produto", "quantidade", "valor", "data_venda", "arquivo"]
RUN_IS_ALIVE = ("STARTING", "RUNNING", "STOPPING", "WAITING")

args = getResolvedOptions(sys.argv, ["JOB_NAME", "raw_bucket", "processed_bucket", "database", "table"])
RAW, PROCESSED = args["raw_bucket"], args["processed_bucket"]
CATALOG_TABLE = {"DatabaseName": args["database"], "TableName": args["table"]}

glue_context = GlueContext(SparkContext.getOrCreate())
spark = glue_context.spark_session
s3 = boto3.client("s3")
glue = boto3.client("glue")


def main():
    failures = {}
    while True:
        stores = {key["store"] for key in validated_keys("loja-")} - failures.keys()
        if not stores:
            break
        claimed = [store for store in sorted(stores) if transform_store(store, failures)]
        if not claimed:
            # Other runs have them all. They may be killed, so wait for the end instead of trusting it.
            time.sleep(1 + random.random())
    if failures:
        raise RuntimeError(f"not transformed, and still under validated/: {failures}")


def transform_store(store, failures):
    """False if another run has the store. A file that cannot be read must not keep the other stores from theirs."""
    if not claim(store):
        return False
    try:
        versions = {}
        for key in validated_keys(f"loja-{store}"):
            if key["store"] == store:
                versions.setdefault(key["file"], []).append(key.string)
        for file, keys in versions.items():
            transform_file(store, file, sorted(keys))
    except Exception as error:
        failures[store] = repr(error)
    finally:
        s3.delete_object(Bucket=PROCESSED, Key=claim_key(store))
    return True


def validated_keys(prefix):
    return [match for key in objects(RAW, f"validated/{prefix}") if (match := VALIDATED.fullmatch(key))]


def claim(store):
    """Mutual exclusion with nothing but S3's consistent listing: say that you want the store, then look who else does.

    Of two runs that do so at once the later one sees the earlier, or each sees the other; who sees a living other
    steps back. The claim of a run that ended without taking it back is void.
    """
    s3.put_object(Bucket=PROCESSED, Key=claim_key(store), Body=b"")
    for key in objects(PROCESSED, f"claims/{store}/"):
        if key != claim_key(store):
            if is_alive(key.rsplit("/", 1)[1]):
                s3.delete_object(Bucket=PROCESSED, Key=claim_key(store))
                return False
            s3.delete_object(Bucket=PROCESSED, Key=key)
    return True


def claim_key(store):
    return f"claims/{store}/{args['JOB_RUN_ID']}"


def is_alive(run_id):
    try:
        return glue.get_job_run(JobName=args["JOB_NAME"], RunId=run_id)["JobRun"]["JobRunState"] in RUN_IS_ALIVE
    except glue.exceptions.EntityNotFoundException:
        return False


def transform_file(store, file, keys):
    """The newest version of the file counts; the older ones are acknowledged with it."""
    path = f"vendas/origem={file}/"
    rows, has_ids = read_rows(keys[-1], store, file)
    sales = rows.dropDuplicates(["venda_id"] if has_ids else COLUMNS)
    if has_ids:
        sales = without_known_sales(sales, store, file)
    days = sales.select(*COLUMNS, F.date_format("data_venda", "yyyy-MM-dd").alias("data"))
    days.repartition("data").write.mode("overwrite").partitionBy("data").parquet(f"s3://{PROCESSED}/{path}")

    days_written = {key.split("/data=")[1].split("/")[0] for key in objects(PROCESSED, f"{path}data=")}
    register_partitions(file, path, days_written)
    s3.put_object(Bucket=PROCESSED, Key=f"to-load/{file}/{uuid.uuid4()}", Body=b"")
    print(f"{file}: {rows.count()} rows, {days.count()} sales, {len(days_written)} days")
    for key in keys:
        move_to_done(key)


def read_rows(key, store, file):
    about = s3.head_object(Bucket=RAW, Key=key)["Metadata"]
    raw = (
        spark.read.option("header", True)
        .option("sep", about["delimiter"])
        .option("encoding", JAVA_CHARSETS[about["encoding"]])
        .option("escape", '"')
        .option("mode", "FAILFAST")
        .csv(f"s3://{RAW}/{key}")
    )
    names = {name.strip("\ufeff ").lower(): name for name in raw.columns}

    def column(name):
        return F.trim(F.col(f"`{names[name]}`")) if name in names else F.lit(None).cast("string")

    rows = raw.select(
        F.lit(store).alias("loja"),
        column("venda_id").alias("venda_id"),
        column("produto_id").alias("produto_id"),
        column("produto").alias("produto"),
        column("quantidade").cast("int").alias("quantidade"),
        F.regexp_replace(column("valor"), ",", ".").cast("decimal(12,2)").alias("valor"),
        column("data").cast("date").alias("data_venda"),
        F.lit(file).alias("arquivo"),
    )
    return rows, "venda_id" in names


def without_known_sales(sales, store, file):
    """Leaves out what another file of this store has brought to the lake before."""
    others = set()
    for key in objects(PROCESSED, f"vendas/origem=loja-{store}"):
        other = key.split("/")[1].removeprefix("origem=")
        if key.endswith(".parquet") and other != file and re.fullmatch(rf"loja-{store}(_.*)?\.csv", other):
            others.add(f"s3://{PROCESSED}/vendas/origem={other}/")
    if not others:
        return sales
    known = spark.read.parquet(*sorted(others)).select("venda_id").where(F.col("venda_id").isNotNull())
    return sales.join(known, "venda_id", "left_anti")


def register_partitions(file, path, days):
    table = glue.get_table(DatabaseName=args["database"], Name=args["table"])["Table"]
    pages = glue.get_paginator("get_partitions").paginate(**CATALOG_TABLE, Expression=f"origem = '{file}'")
    known = {partition["Values"][1] for page in pages for partition in page["Partitions"]}
    for some in batches(sorted(days - known), 100):
        partitions = [
            {
                "Values": [file, day],
                "StorageDescriptor": {
                    **table["StorageDescriptor"],
                    "Location": f"s3://{PROCESSED}/{path}data={day}/",
                },
            }
            for day in some
        ]
        refused = glue.batch_create_partition(**CATALOG_TABLE, PartitionInputList=partitions).get("Errors", [])
        if refused:
            raise RuntimeError(f"the Catalog refused partitions: {refused}")
    for some in batches(sorted(known - days), 25):
        gone = [{"Values": [file, day]} for day in some]
        glue.batch_delete_partition(**CATALOG_TABLE, PartitionsToDelete=gone)


def move_to_done(key):
    done = key.replace("validated/", "done/", 1)
    s3.copy_object(Bucket=RAW, Key=done, CopySource={"Bucket": RAW, "Key": key})
    s3.delete_object(Bucket=RAW, Key=key)


def objects(bucket, prefix):
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for found in page.get("Contents", []):
            yield found["Key"]


def batches(values, size):
    return [values[start : start + size] for start in range(0, len(values), size)]


job = Job(glue_context)
job.init(args["JOB_NAME"], args)
main()
job.commit()
