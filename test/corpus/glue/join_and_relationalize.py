# Persons, memberships and organizations as nested JSON: joined, made flat, and written as tables of the Catalog.
import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket", "TempDir"])
sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)


def read(name):
    return glueContext.create_dynamic_frame.from_options(
        connection_type="s3", connection_options={"paths": [f"s3://{args['bucket']}/{name}/"], "recurse": True}, format="json",
        transformation_ctx=name)


persons = read("pessoas")
memberships = read("filiacoes")
orgs = read("orgaos").drop_fields(["antigo"]).rename_field("id", "orgao_id").rename_field("nome", "orgao_nome")

history = Join.apply(orgs, Join.apply(persons, memberships, "id", "pessoa_id"), "orgao_id", "org").drop_fields(["pessoa_id", "org"])
print("history", history.count(), sorted(history.toDF().columns))
history.select_fields(["nome", "orgao_nome", "contatos"]).printSchema()

glueContext.write_dynamic_frame.from_options(frame=history, connection_type="s3",
                                             connection_options={"path": f"s3://{args['bucket']}/saida/historia/"}, format="parquet")
by_org = history.toDF().repartition(1)
by_org.write.partitionBy("orgao_nome").parquet(f"s3://{args['bucket']}/saida/por_orgao")

tables = history.relationalize("raiz", args["TempDir"])
for name in sorted(tables.keys()):
    frame = tables.select(name)
    print(name, frame.count(), sorted(frame.toDF().columns))
    sink = glueContext.getSink(connection_type="s3", path=f"s3://{args['bucket']}/saida/tabelas/{name}/", enableUpdateCatalog=True,
                               updateBehavior="UPDATE_IN_DATABASE")
    sink.setFormat("glueparquet")
    sink.setCatalogInfo(catalogDatabase="corpus", catalogTableName=name.replace(".", "_"))
    sink.writeFrame(frame)
contacts = tables.select("raiz_contatos").toDF()
contacts.createOrReplaceTempView("contatos")
tables.select("raiz").toDF().createOrReplaceTempView("raiz")
rows = spark.sql("select r.nome, c.`contatos.val.valor` v from raiz r join contatos c on r.contatos = c.id order by 1, 2").collect()
print([tuple(row) for row in rows])
job.commit()
