/** Statements at a server that is killed and started again: begun, awaited, and what they left, all by its endpoint. */
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'

export function clients(endpoint: string) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const settings = { endpoint, region: 'us-east-1', credentials, forcePathStyle: true }
  return { athena: new AthenaClient(settings), s3: new S3Client(settings) }
}

/** The execution's id. */
export async function start(endpoint: string, QueryString: string): Promise<string> {
  const ResultConfiguration = { OutputLocation: 's3://lago/resultados/' }
  const command = new StartQueryExecutionCommand({ QueryString, ResultConfiguration })
  const { QueryExecutionId = '' } = await clients(endpoint).athena.send(command)
  return QueryExecutionId
}

/** The state that it ends in; the reason where it is another than SUCCEEDED. */
export async function ended(endpoint: string, QueryExecutionId: string): Promise<string> {
  for (;;) {
    const { QueryExecution } = await clients(endpoint).athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
    const { State = '', StateChangeReason } = QueryExecution?.Status ?? {}
    if (State !== 'QUEUED' && State !== 'RUNNING') return StateChangeReason ?? State
    await new Promise((done) => setTimeout(done, 20))
  }
}

export async function resultOf(endpoint: string, sql: string): Promise<(string | undefined)[][]> {
  const id = await start(endpoint, sql)
  expect(await ended(endpoint, id)).toBe('SUCCEEDED')
  const { ResultSet } = await clients(endpoint).athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }))
  return (ResultSet?.Rows ?? []).slice(1).map((row) => (row.Data ?? []).map((cell) => cell.VarCharValue))
}

export async function keysIn(endpoint: string, Prefix: string): Promise<string[]> {
  const { Contents = [] } = await clients(endpoint).s3.send(new ListObjectsV2Command({ Bucket: 'lago', Prefix }))
  return Contents.map(({ Key = '' }) => Key)
}
