/**
 * The columns of the lake's table, in the order of the Parquet files: COPY fills a table by position, and Redshift's
 * table (functions/carga_redshift/comandos.py) has the same order. The two partition columns are repeated inside the
 * files under other names, since a partition column itself is in the path only.
 */
export const dataColumns = [
  { name: 'loja', type: 'string', comment: 'Store, from the file name' },
  { name: 'venda_id', type: 'string', comment: 'Number of the sale in its store; null where the file has none' },
  { name: 'produto_id', type: 'string' },
  { name: 'produto', type: 'string' },
  { name: 'quantidade', type: 'int' },
  { name: 'valor', type: 'decimal(12,2)' },
  { name: 'data_venda', type: 'date' },
  { name: 'arquivo', type: 'string', comment: 'The file that this sale came in' },
]

export const partitionColumns = [
  { name: 'origem', type: 'string', comment: 'The source file: its rows are replaced together' },
  { name: 'data', type: 'string', comment: 'Day of the sale, YYYY-MM-DD' },
]
