# What Glue Studio generates, and DataFrame round trips: SQL over temporary views, pandas UDFs, dropped nulls and duplicates, unions,
# dynamic partition overwrite, a sink that keeps the Catalog up to date, and a predicate on its partitions.
import sys

import pandas
from awsglue import DynamicFrame
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as SqlFuncs
from pyspark.sql.functions import pandas_udf


def sparkSqlQuery(glueContext, query, mapping, transformation_ctx) -> DynamicFrame:
    for alias, frame in mapping.items():
        frame.toDF().createOrReplaceTempView(alias)
    result = spark.sql(query)
    return DynamicFrame.fromDF(result, glueContext, transformation_ctx)


args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket"])
sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
root = f"s3://{args['bucket']}"

sales_node = glueContext.create_dynamic_frame.from_options(
    format_options={"quoteChar": '"', "withHeader": True, "separator": ",", "optimizePerformance": False},
    connection_type="s3", format="csv", connection_options={"paths": [f"{root}/vendas/"], "recurse": True}, transformation_ctx="S3_node1")
typed_node = ApplyMapping.apply(frame=sales_node, mappings=[("id", "string", "id", "int"), ("loja", "string", "loja", "string"),
                                                            ("valor", "string", "valor", "decimal(10,2)"), ("dia", "string", "dia", "date")],
                                transformation_ctx="ApplyMapping_node2")
unique_node = DynamicFrame.fromDF(typed_node.toDF().dropDuplicates(["id"]), glueContext, "DropDuplicates_node3")
print(unique_node.toDF().dtypes, unique_node.count())
totals_node = sparkSqlQuery(glueContext, query="select loja, sum(valor) total, count(*) n from vendas group by loja order by loja",
                            mapping={"vendas": unique_node}, transformation_ctx="SQLQuery_node4")
print([tuple(row) for row in totals_node.toDF().collect()])


@pandas_udf("double")
def with_tax(values: pandas.Series) -> pandas.Series:
    return values * 1.1


frame = unique_node.toDF().withColumn("valor", SqlFuncs.col("valor").cast("double"))
taxed = frame.withColumn("com_imposto", SqlFuncs.round(with_tax(SqlFuncs.col("valor")), 2))
print(sorted((row.id, row.com_imposto) for row in taxed.collect()))

sink = glueContext.getSink(path=f"{root}/saida/vendas/", connection_type="s3", updateBehavior="UPDATE_IN_DATABASE", partitionKeys=["dia"],
                           enableUpdateCatalog=True, transformation_ctx="S3_node5")
sink.setCatalogInfo(catalogDatabase="corpus", catalogTableName="vendas_saida")
sink.setFormat("glueparquet", compression="snappy")
sink.writeFrame(DynamicFrame.fromDF(taxed.withColumn("dia", SqlFuncs.col("dia").cast("string")), glueContext, "taxed"))
read = glueContext.create_dynamic_frame.from_catalog(database="corpus", table_name="vendas_saida", push_down_predicate="(dia == '2025-10-20')")
print(read.count(), sorted(row.id for row in read.toDF().collect()))
read = glueContext.create_data_frame.from_catalog(database="corpus", table_name="vendas_saida",
                                                  additional_options={"catalogPartitionPredicate": "dia > '2025-10-20'"})
print(read.count())

spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
spark.createDataFrame([(9, "novo", "b")], ["id", "nome", "p"]).write.mode("overwrite").partitionBy("p").parquet(f"{root}/saida/dinamico")
spark.createDataFrame([(1, "um", "a")], ["id", "nome", "p"]).write.mode("overwrite").partitionBy("p").parquet(f"{root}/saida/dinamico")
print(sorted(tuple(row) for row in spark.read.parquet(f"{root}/saida/dinamico").collect()))

events = glueContext.create_dynamic_frame.from_options("s3", {"paths": [f"{root}/eventos/"]}, "json", {"multiline": False}, "eventos")
print(DropNullFields.apply(frame=events).toDF().columns, events.unnest().toDF().columns)
unboxed = Unbox.apply(frame=events, path="dados", format="json")
print(sorted(str(row.dados) for row in unboxed.toDF().collect()))
whole = unboxed.select_fields(["id"]).union(sales_node.select_fields(["id"]))
whole.printSchema()
print(whole.resolveChoice(specs=[("id", "cast:int")]).count(), glueContext.add_ingestion_time_columns(frame, "day").columns[-3:])
job.commit()
