/** A bucket with objects, crawlers that are run to their end, and statements of Athena over what they found. */
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import {
  CreateCrawlerCommand,
  type CreateCrawlerCommandInput,
  GetTableCommand,
  GetTablesCommand,
  GlueClient,
  StartCrawlerCommand,
  type Table,
} from '@aws-sdk/client-glue'
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { Igarape } from '../../src/testkit/server.ts'

export interface FileLake {
  glue: GlueClient
  put(objects: Record<string, string | Uint8Array>): Promise<void>
  remove(...keys: string[]): Promise<void>
  /** Makes a crawler over `s3://lago/<path>` and runs it. */
  crawl(path: string, settings?: Partial<CreateCrawlerCommandInput>): Promise<void>
  again(name?: string): Promise<void>
  table(name: string): Promise<Table>
  tables(): Promise<string[]>
  query(sql: string): Promise<(string | undefined)[][]>
}

export async function lakeOfFiles(igarape: Igarape, objects: Record<string, string | Uint8Array>): Promise<FileLake> {
  const [glue, s3] = [igarape.client(GlueClient), igarape.client(S3Client)]
  const Bucket = 'lago'
  await s3.send(new CreateBucketCommand({ Bucket }))
  const put: FileLake['put'] = async (more) => {
    for (const [Key, Body] of Object.entries(more)) await s3.send(new PutObjectCommand({ Bucket, Key, Body }))
  }
  const again: FileLake['again'] = async (Name = 'rastreador') => {
    await glue.send(new StartCrawlerCommand({ Name }))
    await igarape.settled()
  }
  await put(objects)
  return {
    glue,
    put,
    again,
    async remove(...keys) {
      for (const Key of keys) await s3.send(new DeleteObjectCommand({ Bucket, Key }))
    },
    async crawl(path, settings = {}) {
      const Targets = { S3Targets: [{ Path: `s3://lago/${path}` }] }
      const named = { Name: 'rastreador', Role: 'glue', DatabaseName: 'lago', Targets, ...settings }
      await glue.send(new CreateCrawlerCommand(named))
      await again(named.Name)
    },
    async table(Name) {
      const { Table } = await glue.send(new GetTableCommand({ DatabaseName: 'lago', Name }))
      return Table as Table
    },
    async tables() {
      const { TableList = [] } = await glue.send(new GetTablesCommand({ DatabaseName: 'lago' }))
      return TableList.map(({ Name }) => Name ?? '')
    },
    query: (sql) => rowsOf(igarape, sql),
  }
}

async function rowsOf(igarape: Igarape, QueryString: string): Promise<(string | undefined)[][]> {
  const athena = igarape.client(AthenaClient)
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({
      QueryString,
      QueryExecutionContext: { Database: 'lago' },
      ResultConfiguration: { OutputLocation: 's3://lago/.resultados/' },
    }),
  )
  await igarape.settled()
  const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
  const reason = QueryExecution?.Status?.StateChangeReason
  if (reason) throw new Error(reason)
  const { ResultSet } = await athena.send(new GetQueryResultsCommand({ QueryExecutionId }))
  return (ResultSet?.Rows ?? []).slice(1).map((row) => (row.Data ?? []).map((cell) => cell.VarCharValue))
}

export function columnsOf(table: Table): string[] {
  return (table.StorageDescriptor?.Columns ?? []).map(({ Name, Type }) => `${Name} ${Type}`)
}
