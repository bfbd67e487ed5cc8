/** SQL that reaches for what is not its data: files of the host, other engines' files, settings, the network. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AthenaClient, GetQueryExecutionCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena'
import { DescribeStatementCommand, ExecuteStatementCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data'
import {
  CreateNamespaceCommand,
  CreateWorkgroupCommand,
  RedshiftServerlessClient,
} from '@aws-sdk/client-redshift-serverless'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'

const secret = 'venda_id\nsegredo-do-host\n'
const folder = mkdtempSync(join(tmpdir(), 'igarape-hostile-sql-'))
const secretFile = join(folder, 'segredo.csv')
const madeFile = join(folder, 'feito.csv')
const place = { WorkgroupName: 'vendas', Database: 'dev' }

let igarape: Igarape

beforeAll(async () => {
  writeFileSync(secretFile, secret)
  igarape = await startIgarape()
  await igarape.client(S3Client).send(new CreateBucketCommand({ Bucket: 'lago' }))
  const serverless = igarape.client(RedshiftServerlessClient)
  await serverless.send(new CreateNamespaceCommand({ namespaceName: 'vendas' }))
  await serverless.send(new CreateWorkgroupCommand({ workgroupName: 'vendas', namespaceName: 'vendas' }))
})
afterAll(async () => {
  await igarape.stop()
  rmSync(folder, { recursive: true })
})

/** So that a refusal below is of what is asked for, not of everything. */
test('plain SQL runs in both', async () => {
  expect(await athenaOutcome('SELECT 1')).toMatchObject({ State: 'SUCCEEDED' })
  expect(await redshiftOutcome('SELECT 1')).toMatchObject({ Status: 'FINISHED' })
})

const store = () => join(igarape.server.platform.dataFolder, 'store.mdb')

const reaching: [what: string, sql: () => string][] = [
  ['a file by a reader', () => `SELECT * FROM read_csv('${secretFile}')`],
  ['a file by a reader that guesses', () => `SELECT * FROM read_csv_auto('${secretFile}')`],
  ['a file as text', () => `SELECT content FROM read_text('${secretFile}')`],
  ['a file as bytes', () => `SELECT content FROM read_blob('${secretFile}')`],
  ['a file by its name alone', () => `SELECT * FROM '${secretFile}'`],
  ['a file by its quoted name', () => `SELECT * FROM "${secretFile}"`],
  ['the names of files', () => `SELECT * FROM glob('${folder}/*')`],
  ['the store itself', () => `SELECT content FROM read_blob('${store()}')`],
  ['Parquet of the host', () => `SELECT * FROM parquet_scan('${folder}/x.parquet')`],
  ['a file inside a sub-query', () => `SELECT (SELECT count(*) FROM read_csv('${secretFile}')) AS n`],
  ['a file behind a comment', () => `SELECT * FROM /* */ read_csv /* */ ('${secretFile}')`],
  ['a file in a second statement', () => `SELECT 1; SELECT * FROM read_text('${secretFile}')`],
  ['the environment', () => `SELECT getenv('PATH')`],
  ['the settings', () => `SELECT * FROM duckdb_settings()`],
  ['the secrets', () => `SELECT * FROM duckdb_secrets()`],
  ['the network', () => `SELECT * FROM read_csv('http://127.0.0.1:${igarape.port}/_igarape/health')`],
  ['writing a file', () => `COPY (SELECT 1) TO '${madeFile}'`],
  ['exporting a database', () => `EXPORT DATABASE '${folder}/export'`],
  ['attaching a database', () => `ATTACH '${folder}/x.db' AS x`],
  ['installing an extension', () => 'INSTALL httpfs'],
  ['loading an extension', () => 'LOAD httpfs'],
  ['a setting', () => 'SET enable_external_access = true'],
  ['a pragma', () => `PRAGMA database_list`],
]

describe('Athena refuses', () => {
  test.for(reaching)('%s', async ([, sql]) => {
    const outcome = await athenaOutcome(sql())

    expect(outcome?.State).toBe('FAILED')
    expect(outcome?.StateChangeReason).not.toContain('segredo-do-host')
    expect(made()).toEqual([])
  })
})

/** What Redshift has of the same name, and means something harmless by. */
const harmlessInRedshift = new Set(['a setting'])

describe('Redshift refuses', () => {
  test.for(reaching.filter(([what]) => !harmlessInRedshift.has(what)))('%s', async ([, sql]) => {
    const outcome = await redshiftOutcome(sql())

    expect(outcome.Status).toBe('FAILED')
    expect(outcome.Error).not.toContain('segredo-do-host')
    expect(made()).toEqual([])
  })

  test('a COPY that names no object of S3', async () => {
    await redshiftOutcome('CREATE TABLE t (venda_id VARCHAR)')
    for (const source of [secretFile, `file://${secretFile}`, `s3://lago/../../..${secretFile}`, 's3://lago/*']) {
      expect(await redshiftOutcome(`COPY t FROM '${source}' IAM_ROLE default CSV`)).toMatchObject({ Status: 'FAILED' })
    }
  })
})

/** A refusal at the door counts as a failure. */
async function athenaOutcome(sql: string) {
  const athena = igarape.client(AthenaClient)
  const ResultConfiguration = { OutputLocation: 's3://lago/resultados/' }
  try {
    const { QueryExecutionId } = await athena.send(
      new StartQueryExecutionCommand({ QueryString: sql, ResultConfiguration }),
    )
    await igarape.settled()
    return (await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))).QueryExecution?.Status
  } catch (error) {
    return { State: 'FAILED', StateChangeReason: clientFault(error) }
  }
}

async function redshiftOutcome(sql: string) {
  const data = igarape.client(RedshiftDataClient)
  try {
    const { Id } = await data.send(new ExecuteStatementCommand({ ...place, Sql: sql }))
    await igarape.settled()
    return await data.send(new DescribeStatementCommand({ Id }))
  } catch (error) {
    return { Status: 'FAILED', Error: clientFault(error) }
  }
}

function clientFault(error: unknown): string {
  const { $fault, message } = error as { $fault?: string; message: string }
  expect($fault, message).toBe('client')
  return message
}

/** What a statement left on the host. */
function made(): string[] {
  return [madeFile, `${folder}/export`, `${folder}/x.db`].filter((path) => existsSync(path))
}
