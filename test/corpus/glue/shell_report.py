# A Python shell job: arguments, boto3 and pandas, and no Spark.
import io
import sys

import boto3
import pandas
from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ["bucket"])
s3 = boto3.client("s3")
keys = [item["Key"] for item in s3.list_objects_v2(Bucket=args["bucket"], Prefix="vendas/")["Contents"]]
frames = [pandas.read_csv(io.BytesIO(s3.get_object(Bucket=args["bucket"], Key=key)["Body"].read())) for key in keys]
totals = pandas.concat(frames).groupby("loja")["valor"].sum()
s3.put_object(Bucket=args["bucket"], Key="saida/resumo.csv", Body=totals.to_csv().encode())
print(totals.to_dict())
