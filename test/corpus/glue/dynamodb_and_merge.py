# A table of DynamoDB as a source and as a sink, new records merged into old ones, samples put aside, old files purged.
import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket", "table"])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
root = f"s3://{args['bucket']}"

customers = glueContext.create_dynamic_frame.from_options(
    connection_type="dynamodb",
    connection_options={"dynamodb.input.tableName": args["table"], "dynamodb.throughput.read.percent": "1.0", "dynamodb.splits": "2"})
customers.printSchema()
fresh = glueContext.create_dynamic_frame.from_options("s3", {"paths": [f"{root}/novos/"]}, "json")
merged = customers.mergeDynamicFrame(fresh, ["id"])
print(sorted((record["id"], record.get("pontos")) for record in (row.asDict() for row in merged.select_fields(["id", "pontos"])
                                                                 .resolveChoice(specs=[("pontos", "cast:double")]).toDF().collect())))
merged.spigot(f"{root}/saida/amostra/", options={"topk": 2})
glueContext.write_dynamic_frame_from_options(frame=merged, connection_type="dynamodb",
                                             connection_options={"dynamodb.output.tableName": args["table"], "dynamodb.throughput.write.percent": "1.0"})
again = glueContext.create_dynamic_frame.from_options("dynamodb", {"dynamodb.input.tableName": args["table"]})
print(again.count())
glueContext.purge_s3_path(f"{root}/novos/", {"retentionPeriod": 0})
print(glueContext.create_dynamic_frame.from_options("s3", {"paths": [f"{root}/novos/"]}, "json").count())
job.commit()
