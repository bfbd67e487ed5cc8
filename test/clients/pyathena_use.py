"""PyAthena's cursors and its SQLAlchemy dialect doing their ordinary work, at whatever AWS_ENDPOINT_URL names."""

import datetime
import os

import boto3
import pandas as pd
import sqlalchemy as sa
from pyarrow import fs
from pyathena import connect
from pyathena.arrow.cursor import ArrowCursor
from pyathena.async_cursor import AsyncCursor
from pyathena.cursor import DictCursor
from pyathena.error import OperationalError
from pyathena.pandas.cursor import PandasCursor
from pyathena.pandas.util import to_sql
from steps import say, step

PLACE = "s3://lago/resultados/"
boto3.client("s3").create_bucket(Bucket="lago")
connect(s3_staging_dir=PLACE, region_name="us-east-1").cursor().execute("CREATE DATABASE vendas")


class S3FileSystem(fs.S3FileSystem):
    """pyarrow, unlike boto3, does not look for an endpoint in the environment."""

    def __init__(self, **settings):
        super().__init__(endpoint_override=os.environ["AWS_ENDPOINT_URL"], **settings)


fs.S3FileSystem = S3FileSystem


def cursor(kind=None, **settings):
    more = {"cursor_class": kind} if kind else {}
    return connect(s3_staging_dir=PLACE, region_name="us-east-1", schema_name="vendas", **more).cursor(**settings)


def rows(sql, *given, **settings):
    return [list(row) for row in cursor().execute(sql, *given, **settings).fetchall()]


cursor().execute(
    """CREATE TABLE tipos WITH (external_location = 's3://lago/tipos/') AS SELECT * FROM (VALUES
       (true, CAST(1 AS tinyint), 3, CAST(4 AS bigint), REAL '1.5', 2.5E0, DECIMAL '3.14', 'texto', DATE '2025-01-02',
        TIMESTAMP '2025-01-02 03:04:05.678', X'00ff', ARRAY[1, 2]),
       (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))
     AS t(logico, pequeno, inteiro, grande, curto, longo, preco, nome, dia, quando, bytes, lista)"""
)
cursor().execute("CREATE TABLE partes WITH (partitioned_by = ARRAY['ano']) AS SELECT 1 AS id, '2025' AS ano")
cursor().execute("CREATE VIEW vista AS SELECT inteiro, nome FROM tipos")


@step
def typed_rows():
    found = cursor().execute("SELECT * FROM tipos ORDER BY inteiro")
    return [[column[1] for column in found.description], *[[repr(cell) for cell in row] for row in found.fetchall()]]


@step
def parameters():
    named = rows("SELECT inteiro FROM tipos WHERE nome = %(n)s AND dia = %(d)s", {"n": "texto", "d": datetime.date(2025, 1, 2)})
    marked = rows("SELECT inteiro FROM tipos WHERE nome = ? AND inteiro = ?", ["'texto'", "3"], paramstyle="qmark")
    return [named, marked]


@step
def pages():
    found = cursor().execute("SELECT x FROM UNNEST(sequence(1, 2500)) AS t(x) ORDER BY x")
    return [len(found.fetchmany(10)), found.fetchone()[0], len(list(found))]


@step
def dictionary():
    return cursor(DictCursor).execute("SELECT inteiro, nome FROM tipos WHERE inteiro = 3").fetchall()


@step
def pandas_frames():
    whole = cursor(PandasCursor).execute("SELECT inteiro, nome, quando FROM tipos ORDER BY inteiro").as_pandas()
    unloaded = cursor(PandasCursor, unload=True).execute("SELECT inteiro, lista FROM tipos WHERE inteiro = 3").as_pandas()
    return [str(whole.dtypes["inteiro"]), len(whole), str(whole["quando"][0]), unloaded["lista"][0].tolist()]


@step
def arrow_tables():
    whole = cursor(ArrowCursor).execute("SELECT inteiro, nome FROM tipos ORDER BY inteiro").as_arrow()
    unloaded = cursor(ArrowCursor, unload=True).execute("SELECT inteiro, lista FROM tipos WHERE inteiro = 3").as_arrow()
    return [whole.to_pydict(), unloaded.to_pydict()]


@step
def cancelled():
    slow = "SELECT count(*) FROM UNNEST(sequence(1, 9000)) a(x), UNNEST(sequence(1, 9000)) b(y), UNNEST(sequence(1, 99)) c(z) WHERE x * y * z % 7 = 3"
    asynchronous = cursor(AsyncCursor)
    query, future = asynchronous.execute(slow)
    asynchronous.cancel(query).result()
    return future.result().state


@step
def failed():
    try:
        rows("SELECT nada FROM tipos")
    except OperationalError as error:
        return str(error)


@step
def statements():
    return {sql: rows(sql) for sql in ("SHOW TABLES", "SHOW PARTITIONS partes", "SHOW CREATE VIEW vista", "MSCK REPAIR TABLE partes")}


@step
def many_inserts():
    cursor().executemany("INSERT INTO partes VALUES (%(id)s, %(ano)s)", [{"id": 2, "ano": "2025"}, {"id": 3, "ano": "2026"}])
    return rows("SELECT id, ano FROM partes ORDER BY id")


@step
def reused():
    sql = "SELECT count(*) FROM partes"
    cursor().execute(sql, result_reuse_enable=True, result_reuse_minutes=60)
    return cursor().execute(sql, result_reuse_enable=True, result_reuse_minutes=60).reused_previous_result


@step
def frame_written():
    frame = pd.DataFrame({"id": [1, 2], "nome": ["x", "y"], "ano": ["1", "2"]})
    connection = connect(s3_staging_dir=PLACE, region_name="us-east-1")
    to_sql(frame, "quadro", connection, "s3://lago/quadro/", schema="vendas", partitions=["ano"], if_exists="replace")
    return rows("SELECT * FROM quadro ORDER BY id")


def engine(cursor_name, more=""):
    host = "athena.us-east-1.amazonaws.com:443/vendas"
    return sa.create_engine(f"awsathena+{cursor_name}://test:test@{host}?s3_staging_dir={PLACE}{more}")


@step
def reflected():
    found = []
    for name in ("rest", "pandas", "arrow"):
        inspector = sa.inspect(engine(name))
        tipos = sa.Table("tipos", sa.MetaData(schema="vendas"), autoload_with=engine(name))
        with engine(name).connect() as connection:
            chosen = connection.execute(sa.select(tipos.c.nome).where(tipos.c.inteiro == 3)).fetchall()
        found.append(
            {
                "tables": inspector.get_table_names("vendas"),
                "views": inspector.get_view_names("vendas"),
                "there": [inspector.has_table(table, "vendas") for table in ("tipos", "nada")],
                "types": [str(column.type) for column in tipos.columns][:9],
                "view": inspector.get_view_definition("vista", "vendas"),
                "chosen": [list(row) for row in chosen],
            }
        )
    return found


@step
def made_by_sqlalchemy():
    made = sa.Table(
        "nova",
        sa.MetaData(schema="vendas"),
        sa.Column("id", sa.Integer, comment="o número"),
        sa.Column("preco", sa.types.DECIMAL(10, 2)),
        sa.Column("ano", sa.String, awsathena_partition=True),
        awsathena_location="s3://lago/nova/",
        awsathena_file_format="PARQUET",
        awsathena_compression="SNAPPY",
    )
    with engine("rest").connect() as connection:
        made.create(connection)
        connection.execute(made.insert().values(id=1, preco=1.5, ano="2025"))
        return [[str(cell) for cell in row] for row in connection.execute(sa.select(made)).fetchall()]


@step
def frame_by_sqlalchemy():
    to = engine("rest", "&location=s3://lago/pandas/&file_format=parquet&compression=snappy")
    pd.DataFrame({"id": [1, 2], "nome": ["x", "y"]}).to_sql("do_pandas", to, schema="vendas", index=False, method="multi")
    return pd.read_sql("SELECT * FROM vendas.do_pandas ORDER BY id", to).to_dict("split")["data"]


say()
