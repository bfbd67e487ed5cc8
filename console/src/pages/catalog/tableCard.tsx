/** A table: its columns, where it lies, its partitions, and its first rows by Athena. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../../language/text.ts'
import { Badge, Button, Card, Empty, Facts, Shown } from '../../parts/blocks.tsx'
import { DataTable, Grid } from '../../parts/dataTable.tsx'
import { link } from '../../router.ts'
import { awsIfThere, type Output } from '../../server/aws.ts'
import { useLive } from '../../server/live.ts'
import { athenaEngine } from '../sql/athena.ts'
import type { Answer } from '../sql/engine.ts'

const sampleRows = 50

export function TableCard({ table }: { table: Output }): JSX.Element {
  const { DatabaseName: database, Name: name, StorageDescriptor: storage = {} } = table
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(storage.Location ?? '') ?? []
  const sql = `SELECT * FROM "${database}"."${name}" LIMIT ${sampleRows}`
  const columns = [
    ...(storage.Columns ?? []).map((column: Output) => ({ ...column, isPartition: false })),
    ...(table.PartitionKeys ?? []).map((column: Output) => ({ ...column, isPartition: true })),
  ]
  return (
    <div class="stack">
      <Card
        title={
          <>
            {database}.{name}
          </>
        }
        actions={
          <Button icon="sql" href={link('sql', [], { sql })}>
            {t('Query')}
          </Button>
        }
      >
        <Facts
          facts={[
            [t('What it is'), table.Description],
            [
              t('Kind'),
              table.TableType === 'VIRTUAL_VIEW' ? t('view') : (table.Parameters?.classification ?? table.TableType),
            ],
            [t('Lies in'), bucket && <a href={link('objects', [bucket], { prefix })}>{storage.Location}</a>],
          ]}
        />
      </Card>
      <Card flush title={t('Columns')}>
        <DataTable<Output>
          caption={t('Columns')}
          rows={columns}
          keyOf={(column) => column.Name}
          columns={[
            { name: t('Name'), cell: (column) => <strong>{column.Name}</strong> },
            { name: t('Type'), cell: (column) => <code>{column.Type}</code> },
            { name: '', cell: (column) => column.isPartition && <Badge tone="busy">{t('partition')}</Badge> },
            { name: t('What it is'), cell: (column) => column.Comment, isMinor: true },
          ]}
        />
      </Card>
      {table.TableType !== 'VIRTUAL_VIEW' && table.PartitionKeys?.length > 0 && (
        <Partitions database={database} name={name} keys={table.PartitionKeys} />
      )}
      <Sample database={database} sql={sql} />
    </div>
  )
}

function Partitions({ database, name, keys }: { database: string; name: string; keys: Output[] }): JSX.Element {
  const live = useLive(
    `partitions ${database}.${name}`,
    () => awsIfThere('glue', 'GetPartitions', { DatabaseName: database, TableName: name, MaxResults: 200 }),
    8_000,
  )
  return (
    <Card flush title={t('Partitions')}>
      <Shown live={live}>
        {(answer) => {
          const partitions: Output[] = answer?.Partitions ?? []
          if (partitions.length === 0) return <Empty icon="folder" title={t('No partition')} />
          return (
            <Grid
              caption={t('Partitions')}
              columns={keys.map((key) => ({ name: key.Name, type: key.Type }))}
              rows={partitions.map(({ Values }) => Values)}
            />
          )
        }}
      </Shown>
    </Card>
  )
}

function Sample({ database, sql }: { database: string; sql: string }): JSX.Element {
  const [isAsked, ask] = useState(false)
  const live = useLive<Answer>(isAsked ? `sample ${sql}` : undefined, () => athenaEngine.run(sql, { database }), 0)
  return (
    <Card
      flush
      title={t('Sample')}
      actions={!isAsked && <Button onClick={() => ask(true)}>{t('Show {n} rows', { n: sampleRows })}</Button>}
    >
      {isAsked ? (
        <Shown live={live}>
          {(answer) => <Grid caption={t('Sample')} columns={answer.columns} rows={answer.rows} />}
        </Shown>
      ) : (
        <p class="note">{t('A look at the rows is a query of Athena’s, and its result lies in a bucket as ever.')}</p>
      )}
    </Card>
  )
}
