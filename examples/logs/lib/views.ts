/**
 * The table's columns, and Athena's views over it. CloudFormation has no resource for a view: it is a table of the
 * Catalog whose text is what Athena itself stores, JSON in Base64 within a comment.
 */

/** As the job writes them. */
export const columns = [
  { name: 'error_type', type: 'string' },
  { name: 'level', type: 'string' },
  { name: 'hour', type: 'timestamp' },
  { name: 'user', type: 'string' },
  { name: 'errors', type: 'bigint' },
]

interface Column {
  name: string
  /** In Presto's words, and in Hive's. */
  presto: string
  hive: string
}

interface View {
  name: string
  columns: Column[]
  text: string
}

const date = { name: 'date', presto: 'date', hive: 'date' }
const errors = { name: 'errors', presto: 'bigint', hive: 'bigint' }

export const views: View[] = [
  view(
    'critical_by_hour',
    `SELECT date, hour, error_type, sum(errors) AS errors
FROM errors_by_hour WHERE level = 'CRITICAL' GROUP BY date, hour, error_type`,
    [
      date,
      { name: 'hour', presto: 'timestamp(3)', hive: 'timestamp' },
      { name: 'error_type', presto: 'varchar', hive: 'string' },
      errors,
    ],
  ),
  view(
    'users_most_affected',
    `SELECT date, "user", sum(errors) AS errors, count(DISTINCT error_type) AS error_types
FROM errors_by_hour WHERE "user" IS NOT NULL GROUP BY date, "user"`,
    [
      date,
      { name: 'user', presto: 'varchar', hive: 'string' },
      errors,
      { name: 'error_types', presto: 'bigint', hive: 'bigint' },
    ],
  ),
]

function view(name: string, originalSql: string, columns: Column[]): View {
  const stored = {
    originalSql,
    catalog: 'awsdatacatalog',
    schema: 'logs',
    columns: columns.map(({ name, presto }) => ({ name, type: presto })),
  }
  return { name, columns, text: `/* Presto View: ${Buffer.from(JSON.stringify(stored)).toString('base64')} */` }
}
