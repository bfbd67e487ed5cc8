/** SQL for Athena and Redshift: written with the Catalog's names at hand, run, its rows, its plan, and the bytes it read. */
import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { PageProps } from '../../app.tsx'
import { bytes, duration, number, t } from '../../language/text.ts'
import { Button, Card, Empty, PageHead, Trouble } from '../../parts/blocks.tsx'
import { CopyCall } from '../../parts/copyCall.tsx'
import { Grid } from '../../parts/dataTable.tsx'
import { Editor } from '../../parts/editor.tsx'
import { go, replace } from '../../router.ts'
import { pages } from '../../server/aws.ts'
import { Problem } from '../../server/control.ts'
import { tellChanged, useLive } from '../../server/live.ts'
import { athenaEngine } from './athena.ts'
import type { Answer } from './engine.ts'
import { History } from './history.tsx'
import { findWarehouses, redshiftEngine } from './redshift.ts'

interface Outcome {
  answer?: Answer
  problem?: Problem
}

export function SqlPage({ place }: PageProps): JSX.Element {
  const engineName = place.query.get('engine') ?? 'athena'
  const warehouses = useLive('warehouses', findWarehouses, 30_000)
  const schema = useLive('schema', findSchema, 20_000)
  const warehouse =
    warehouses.data?.find(({ name }) => engineName === `redshift:${name}`) ??
    (engineName.startsWith('redshift') ? warehouses.data?.[0] : undefined)
  const [written, setSql] = useState(place.query.get('sql'))
  const sql = written ?? (warehouse ? 'SELECT current_database(), version()' : 'SHOW DATABASES')
  const databases = [...new Set(Object.keys(schema.data ?? {}).map((name) => name.split('.')[0] ?? ''))]
  const database = place.query.get('database') ?? databases[0]
  const [running, setRunning] = useState<{ id?: string }>()
  const [outcome, setOutcome] = useState<Outcome>()
  const engine = useMemo(() => (warehouse ? redshiftEngine(warehouse) : athenaEngine), [warehouse])

  const run = async (text: string) => {
    if (running) return
    setRunning({})
    replace('sql', [], { engine: place.query.get('engine') ?? undefined, database, sql })
    try {
      const onStart = (id: string) => setRunning({ id })
      setOutcome({ answer: await engine.run(text, { onStart, ...(database && { database }) }) })
    } catch (error) {
      setOutcome({ problem: error instanceof Problem ? error : new Problem('Error', (error as Error).message, 400) })
    }
    setRunning(undefined)
    tellChanged()
  }

  return (
    <>
      <PageHead
        title={t('SQL')}
        lead={t('Athena over the lake, Redshift over the warehouse: the same questions as on AWS.')}
      >
        {!warehouse && databases.length > 1 && (
          <label class="row">
            <span class="quiet-words">{t('Database')}</span>
            <select
              class="field"
              value={database}
              onChange={(event) => replace('sql', [], { database: event.currentTarget.value })}
            >
              {databases.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
        <label class="row">
          <span class="quiet-words">{t('Engine')}</span>
          <select
            class="field"
            value={warehouse ? `redshift:${warehouse.name}` : 'athena'}
            onChange={(event) => go('sql', [], { engine: event.currentTarget.value })}
          >
            <option value="athena">Athena</option>
            {(warehouses.data ?? []).map(({ name }) => (
              <option key={name} value={`redshift:${name}`}>
                Redshift · {name}
              </option>
            ))}
          </select>
        </label>
      </PageHead>
      <div class="stack">
        <Card
          flush
          title={t('Question')}
          actions={
            <>
              <CopyCall call={engine.call(sql, database)} />
              {running?.id && <Button onClick={() => void engine.cancel(running.id as string)}>{t('Stop')}</Button>}
              <Button onClick={() => run(`EXPLAIN ${sql.replace(/^\s*EXPLAIN\s+/i, '')}`)}>{t('Plan')}</Button>
              <Button kind="primary" icon="play" disabled={running !== undefined} onClick={() => run(sql)}>
                {running ? t('Running …') : t('Run')} <kbd class="on-button">Ctrl ↵</kbd>
              </Button>
            </>
          }
        >
          <Editor
            value={sql}
            kind="sql"
            label={t('Question')}
            height={190}
            {...(schema.data && { schema: schema.data })}
            onChange={setSql}
            onRun={() => run(sql)}
          />
        </Card>
        <Results outcome={outcome} isRunning={running !== undefined} />
        <History warehouse={warehouse} onChoose={setSql} />
      </div>
    </>
  )
}

function Results({ outcome, isRunning }: { outcome: Outcome | undefined; isRunning: boolean }): JSX.Element {
  const { answer, problem } = outcome ?? {}
  if (problem) return <Card flush>{<Trouble problem={problem} />}</Card>
  if (!answer) {
    return (
      <Card>
        <Empty icon="sql" title={isRunning ? t('Running …') : t('No answer yet')}>
          {!isRunning && <p>{t('Ctrl+Enter runs what is written above.')}</p>}
        </Empty>
      </Card>
    )
  }
  const isPlan = answer.columns.length === 1 && /plan/i.test(answer.columns[0]?.name ?? '')
  return (
    <Card
      flush
      title={isPlan ? t('Plan') : t('{n} rows', { n: `${number(answer.rows.length)}${answer.isCut ? '+' : ''}` })}
      actions={
        <span class="quiet-words">
          {duration(answer.millis)}
          {answer.bytesScanned !== undefined && ` · ${t('{size} read', { size: bytes(answer.bytesScanned) })}`}
        </span>
      }
    >
      {isPlan ? (
        <pre class="code plan">{answer.rows.map(([line]) => line).join('\n')}</pre>
      ) : answer.columns.length === 0 ? (
        <Empty icon="check" title={t('Done')} />
      ) : (
        <Grid caption={t('Answer')} columns={answer.columns} rows={answer.rows} />
      )}
    </Card>
  )
}

/** Tables and their columns, for completion. */
async function findSchema(): Promise<Record<string, string[]>> {
  const databases = await pages('glue', 'GetDatabases', {}, 'DatabaseList')
  const lists = await Promise.all(
    databases.map(({ Name }) => pages('glue', 'GetTables', { DatabaseName: Name }, 'TableList')),
  )
  return Object.fromEntries(
    lists
      .flat()
      .map((table) => [
        `${table.DatabaseName}.${table.Name}`,
        [...(table.StorageDescriptor?.Columns ?? []), ...(table.PartitionKeys ?? [])].map(({ Name }) => Name as string),
      ]),
  )
}
