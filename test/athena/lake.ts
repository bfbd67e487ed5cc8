/** A bucket with objects, and statements run to their end by the SDK: what Athena's tests share. */

import { gunzipSync } from 'node:zlib'
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import type { Igarape } from '../../src/testkit/server.ts'

export interface Lake {
  /** How the statement ended. */
  run(sql: string, more?: { ExecutionParameters?: string[] }): Promise<Ended>
  /** A query's rows, without the header; an error where it failed. */
  rows(sql: string, more?: { ExecutionParameters?: string[] }): Promise<(string | undefined)[][]>
  keys(prefix: string): Promise<string[]>
  /** An object's text, unpacked. */
  text(key: string): Promise<string>
}

export interface Ended {
  id: string
  state: string
  reason: string | undefined
  bytesScanned: number
  manifest: string | undefined
}

export async function lakeOf(igarape: Igarape, objects: Record<string, string> = {}): Promise<Lake> {
  const [s3, athena] = [igarape.client(S3Client), igarape.client(AthenaClient)]
  const Bucket = 'lago'
  await s3.send(new CreateBucketCommand({ Bucket }))
  for (const [Key, Body] of Object.entries(objects)) await s3.send(new PutObjectCommand({ Bucket, Key, Body }))

  const run: Lake['run'] = async (QueryString, more = {}) => {
    const { QueryExecutionId = '' } = await athena.send(
      new StartQueryExecutionCommand({
        QueryString,
        QueryExecutionContext: { Database: 'vendas' },
        ResultConfiguration: { OutputLocation: 's3://lago/resultados/' },
        ...more,
      }),
    )
    await igarape.settled()
    const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))
    return {
      id: QueryExecutionId,
      state: QueryExecution?.Status?.State ?? '',
      reason: QueryExecution?.Status?.StateChangeReason,
      bytesScanned: QueryExecution?.Statistics?.DataScannedInBytes ?? 0,
      manifest: QueryExecution?.Statistics?.DataManifestLocation,
    }
  }
  const text: Lake['text'] = async (Key) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? [])
    return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8')
  }
  const rows: Lake['rows'] = async (sql, more) => {
    const { id, reason } = await run(sql, more)
    if (reason !== undefined) throw new Error(reason)
    const { ResultSet } = await athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }))
    const all = (ResultSet?.Rows ?? []).map((row) => (row.Data ?? []).map((cell) => cell.VarCharValue))
    return /^\s*(show|desc|explain)/i.test(sql) ? all : all.slice(1)
  }
  const keys: Lake['keys'] = async (Prefix) => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }))
    return Contents.map((object) => object.Key ?? '')
  }
  await run('CREATE DATABASE vendas')
  return { run, rows, keys, text }
}
