"""awswrangler doing what its users do with it, at whatever AWS_ENDPOINT_URL names."""

import datetime
import decimal

import awswrangler as wr
import boto3
import pandas as pd
from steps import say, step

boto3.client("s3").create_bucket(Bucket="lago")
wr.catalog.create_database("vendas")

RESULTS = "s3://lago/resultados/"
PEDIDOS = dict(
    path="s3://lago/vendas/pedidos/",
    dataset=True,
    database="vendas",
    table="pedidos",
    partition_cols=["loja"],
    dtype={"valor": "decimal(10,2)"},
)
frame = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "nome": ["a", None, "c"],
        "valor": [decimal.Decimal("1.20"), decimal.Decimal("3.40"), None],
        "quando": pd.to_datetime(["2025-01-01 10:00", "2025-01-02 00:00", "2025-01-03 00:00"]),
        "dia": [datetime.date(2025, 1, 1)] * 3,
        "pago": [True, False, None],
        "marcas": [[1, 2], [], None],
        "loja": ["x", "y", "x"],
    }
)


def read(sql, **more):
    return wr.athena.read_sql_query(sql, database="vendas", s3_output=RESULTS, **more)


def plain(found):
    cells = [[None if not isinstance(cell, list) and pd.isna(cell) else cell for cell in row] for row in rows(found)]
    return [[str(cell) if isinstance(cell, (decimal.Decimal, pd.Timestamp, datetime.date)) else cell for cell in row] for row in cells]


def rows(found):
    for row in found.to_dict("split")["data"]:
        yield [cell.tolist() if hasattr(cell, "tolist") else cell for cell in row]


@step
def written():
    settings = {"description": "Pedidos", "columns_comments": {"id": "o número"}}
    wrote = wr.s3.to_parquet(frame, mode="overwrite", glue_table_settings=settings, **PEDIDOS)
    return sorted(wrote["partitions_values"].values())


everything = "SELECT id, nome, valor, quando, dia, pago, marcas, loja FROM pedidos ORDER BY id"


@step
def read_by_ctas():
    return sorted(plain(read(everything, ctas_approach=True)))


@step
def read_from_csv():
    return plain(read(everything.replace("marcas, ", ""), ctas_approach=False))


@step
def read_by_unload():
    return sorted(
        plain(
            wr.athena.read_sql_query(
                everything, database="vendas", s3_output="s3://lago/fora/", ctas_approach=False, unload_approach=True
            )
        )
    )


@step
def read_in_chunks():
    return [len(part) for part in read("SELECT id FROM pedidos", ctas_approach=False, chunksize=2)]


@step
def read_table():
    return len(wr.athena.read_sql_table("pedidos", database="vendas", s3_output=RESULTS))


@step
def read_without_a_place():
    return plain(wr.athena.read_sql_query("SELECT 1 AS a", database="vendas"))


@step
def read_with_parameters():
    named = read("SELECT id FROM pedidos WHERE nome = :nome", params={"nome": "a"})
    marked = read("SELECT id FROM pedidos WHERE nome = ?", params=["'c'"], paramstyle="qmark", ctas_approach=False)
    return [plain(named), plain(marked)]


@step
def read_again_from_cache():
    settings = {"max_cache_seconds": 900}
    first = read("SELECT count(*) AS n FROM pedidos", ctas_approach=False, athena_cache_settings=settings)
    again = read("SELECT count(*) AS n FROM pedidos", ctas_approach=False, athena_cache_settings=settings)
    return [first.query_metadata["QueryExecutionId"] == again.query_metadata["QueryExecutionId"], plain(again)]


@step
def appended_with_a_new_column():
    wr.s3.to_parquet(frame.assign(id=frame["id"] + 3, nova="z"), mode="append", **PEDIDOS)
    return plain(read("SELECT nova, count(*) AS n FROM pedidos GROUP BY 1 ORDER BY 1"))


@step
def partitions_overwritten():
    wr.s3.to_parquet(frame[frame.loja == "y"].assign(nova="q"), mode="overwrite_partitions", **PEDIDOS)
    return plain(read("SELECT loja, count(*) AS n FROM pedidos GROUP BY 1 ORDER BY 1"))


@step
def projected():
    wr.s3.to_parquet(
        frame[["id", "dia", "loja"]],
        path="s3://lago/vendas/projetada/",
        dataset=True,
        database="vendas",
        table="projetada",
        partition_cols=["dia", "loja"],
        athena_partition_projection_settings={
            "projection_types": {"dia": "date", "loja": "enum"},
            "projection_ranges": {"dia": "2025-01-01,2025-01-31"},
            "projection_values": {"loja": "x,y"},
        },
    )
    return plain(read("SELECT count(*) AS n FROM projetada WHERE loja = 'x' AND dia < DATE '2025-01-10'"))


@step
def other_formats():
    small, place = frame[["id", "nome"]], dict(dataset=True, database="vendas", index=False)
    wr.s3.to_csv(small, path="s3://lago/vendas/csv/", table="em_csv", **place)
    wr.s3.to_json(small, path="s3://lago/vendas/json/", table="em_json", orient="records", lines=True, **place)
    wr.s3.to_orc(small, path="s3://lago/vendas/orc/", table="em_orc", **place)
    return [plain(read(f"SELECT * FROM {table} ORDER BY 1")) for table in ("em_csv", "em_json", "em_orc")]


@step
def ctas_table():
    place = dict(database="vendas", ctas_database="vendas", s3_output="s3://lago/ctas/", wait=True)
    sql = "SELECT id, nome, loja FROM pedidos"
    wr.athena.create_ctas_table(sql=sql, ctas_table="feita", partitioning_info=["loja"], storage_format="parquet", **place)
    wr.athena.create_ctas_table(sql=sql, ctas_table="em_baldes", bucketing_info=(["id"], 2), storage_format="parquet", **place)
    return [plain(read(f"SELECT count(*) AS n FROM {table}")) for table in ("feita", "em_baldes")]


@step
def statements():
    place = dict(database="vendas", s3_output=RESULTS)
    described = wr.athena.describe_table("pedidos", **place)
    return {
        "repaired": wr.athena.repair_table("pedidos", **place),
        "described": plain(described)[0],
        "created": wr.athena.show_create_table("pedidos", **place)[:42],
        "generated": wr.athena.generate_create_query("pedidos", database="vendas")[:29],
    }


@step
def prepared():
    wr.athena.create_prepared_statement("SELECT nome FROM pedidos WHERE id = ?", statement_name="por_id")
    found = read('EXECUTE "por_id"', params=["3"], paramstyle="qmark", ctas_approach=False)
    wr.athena.delete_prepared_statement("por_id")
    return [plain(found), wr.athena.list_prepared_statements()]


@step
def failed_query():
    try:
        read("SELECT nada FROM pedidos", ctas_approach=False)
    except wr.exceptions.QueryFailed as error:
        return str(error)


@step
def catalog():
    table = ("vendas", "pedidos")
    wr.catalog.upsert_table_parameters({"dono": "ana"}, *table)
    wr.catalog.add_column(*table, column_name="mais", column_type="string", column_comment="a mais")
    types = wr.catalog.get_table_types(*table)
    wr.catalog.delete_column(*table, column_name="mais")
    wr.catalog.add_parquet_partitions(*table, partitions_values={"s3://lago/vendas/pedidos/loja=z/": ["z"]})
    partitions = wr.catalog.get_partitions(*table)
    wr.catalog.delete_partitions("pedidos", "vendas", [["z"]])
    return {
        "databases": plain(wr.catalog.databases())[0],
        "there": [wr.catalog.does_table_exist("vendas", name) for name in ("pedidos", "nada")],
        "location": wr.catalog.get_table_location(*table),
        "description": wr.catalog.get_table_description(*table),
        "comment": wr.catalog.get_columns_comments(*table)["id"],
        "owner": wr.catalog.get_table_parameters(*table)["dono"],
        "types": types,
        "partitions": sorted(value for values in partitions.values() for value in values),
        "found": [found["Name"] for found in wr.catalog.search_tables(text="pedi")],
        "tables": [found["Name"] for found in wr.catalog.get_tables(database="vendas", name_prefix="em_")],
    }


@step
def iceberg():
    # Files of each step stay where they were staged, so that each has a place of its own.
    place = dict(database="vendas", table="gelo", s3_output=RESULTS)
    whole = dict(place, table_location="s3://lago/gelo/")
    wr.athena.to_iceberg(frame[["id", "nome"]], temp_path="s3://lago/gelo_1/", **whole)
    changed = pd.DataFrame({"id": [2, 9], "nome": ["dois", "nove"]})
    wr.athena.to_iceberg(changed, merge_cols=["id"], temp_path="s3://lago/gelo_2/", **whole)
    gone = pd.DataFrame({"id": [3]})
    wr.athena.delete_from_iceberg_table(gone, merge_cols=["id"], temp_path="s3://lago/gelo_3/", **place)
    return plain(read("SELECT id, nome FROM gelo ORDER BY id"))


say()
