# A CSV table whose declared types some rows do not keep: choices resolved in each way, values cleaned with a UDF and by functions.
import sys

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql.functions import udf
from pyspark.sql.types import StringType

args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket"])
glueContext = GlueContext(SparkContext.getOrCreate())
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
out = f"s3://{args['bucket']}/saida"

medicare = glueContext.create_dynamic_frame.from_catalog(database="corpus", table_name="pagamentos", transformation_ctx="fonte")
medicare.printSchema()
for name, resolved in {
    "cast": medicare.resolveChoice(specs=[("prestador", "cast:long")]),
    "project": medicare.resolveChoice(specs=[("prestador", "project:string")]),
    "cols": medicare.resolveChoice(specs=[("prestador", "make_cols")]),
    "struct": medicare.resolveChoice(choice="make_struct"),
    "catalog": ResolveChoice.apply(medicare, choice="match_catalog", database="corpus", table_name="pagamentos"),
}.items():
    print(name, resolved.toDF().select([column for column in resolved.toDF().columns if "prestador" in column]).dtypes)

frame = medicare.resolveChoice(specs=[("prestador", "cast:long")]).toDF()
frame = frame.where("prestador is not null")
chop = udf(lambda text: text[1:], StringType())
frame = frame.withColumn("cobrado", chop(frame["cobrado"])).withColumn("pago", chop(frame["pago"]))
tidy = DynamicFrame.fromDF(frame, glueContext, "nested")
tidy = tidy.apply_mapping([("regra", "string", "regra", "string"), ("prestador", "long", "prestador.id", "long"),
                           ("uf", "string", "prestador.uf", "string"), ("cobrado", "string", "valores.cobrado", "double"),
                           ("pago", "string", "valores.pago", "double")])
tidy.printSchema()


def with_difference(record):
    record["diferenca"] = round(record["valores"]["cobrado"] - record["valores"]["pago"], 2)
    record["grande"] = "sim" if record["diferenca"] > 10 else "nao"
    return record


mapped = Map.apply(frame=tidy, f=with_difference, transformation_ctx="mapa")
large = Filter.apply(frame=mapped, f=lambda record: record["grande"] == "sim" and record["prestador"]["uf"] in ("PA", "AM"))
print(sorted((row.prestador.id, row.diferenca) for row in large.toDF().collect()))
split = SplitRows.apply(frame=mapped, comparison_dict={"diferenca": {">": 10}}, name1="grandes", name2="pequenas")
print({name: split[name].count() for name in sorted(split.keys())})
datasink = glueContext.write_dynamic_frame.from_options(frame=SplitFields.apply(mapped, ["prestador"], "um", "resto")["resto"].drop_fields(["valores"]),
                                                        connection_type="s3", connection_options={"path": f"{out}/limpo/", "compression": "gzip"},
                                                        format="csv", format_options={"separator": "|", "quoteChar": '"', "writeHeader": True})
back = glueContext.create_dynamic_frame.from_options("s3", {"paths": [f"{out}/limpo/"], "compressionType": "gzip"}, "csv",
                                                     {"withHeader": True, "separator": "|"})
print(sorted(tuple(row) for row in back.toDF().collect()))
glueContext.get_logger().info("feito")
job.commit()
