"""The SQL of the load. The order of the columns is that of the Parquet files: COPY fills a table by position."""

TABLE = """
CREATE TABLE IF NOT EXISTS vendas (
  loja VARCHAR(64) NOT NULL,
  venda_id VARCHAR(64),
  produto_id VARCHAR(256) NOT NULL,
  produto VARCHAR(1024),
  quantidade INTEGER,
  valor DECIMAL(12,2) NOT NULL,
  data_venda DATE NOT NULL,
  arquivo VARCHAR(1024) NOT NULL
) DISTKEY (loja) SORTKEY (data_venda)
"""


def prepare(catalog_database, role_arn):
    """What must be there before the first load; harmless when it is."""
    return [
        TABLE,
        f"CREATE EXTERNAL SCHEMA IF NOT EXISTS lago FROM DATA CATALOG DATABASE '{text(catalog_database)}' IAM_ROLE '{text(role_arn)}'",
    ]


def load(files, manifest_url, role_arn):
    """One transaction: whatever the table held of these files is replaced by what the lake holds of them now.

    LOCK comes first: a transaction sees the table as it was at its first other statement, so two loads of one file
    that overlap must not both see it without that file's rows.
    """
    names = ", ".join(f"'{text(name)}'" for name in files)
    statements = ["LOCK vendas"]
    if manifest_url:
        statements += [
            "CREATE TEMP TABLE chegada (LIKE vendas)",
            f"COPY chegada FROM '{text(manifest_url)}' IAM_ROLE '{text(role_arn)}' FORMAT AS PARQUET MANIFEST",
        ]
    statements += [f"DELETE FROM vendas WHERE arquivo IN ({names})"]
    if manifest_url:
        statements += ["INSERT INTO vendas SELECT * FROM chegada"]
    return statements


def text(value):
    return value.replace("'", "''")
