/** ExportTableToPointInTime: a table as it was at a moment, as files in a bucket (exportFiles.ts writes them). */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { mustFindTable } from './recovery.ts'
import { undoFrom } from './restores.ts'
import { beginCopy } from './tableCopies.ts'
import { tableArn, tableNameOf } from './tables.ts'

const { ExportNotFoundException, InvalidExportTimeException } = awsErrors('dynamodb')

const pageMax = 25

export interface Export {
  /** The end of its ARN. */
  id: string
  tableName: string
  tableId: string
  /** Of its table. */
  at: Millis
  startedAt: Millis
  bucket: string
  prefix?: string
  token?: string
  sse: { algorithm?: string; keyId?: string }
  end?: { at: Millis; bytes: number; count: number; failure?: { code: string; message: string } }
}

export const tableExports = collection<Export>('dynamodb/exports', { version: 1, key: ({ id }) => [id] })

export const exportOperations = operations('dynamodb', {
  async ExportTableToPointInTime(input, ctx) {
    if (input.ExportFormat === 'ION') throw NotImplemented('ExportTableToPointInTime in the format ION')
    if (input.ExportType === 'INCREMENTAL_EXPORT')
      throw NotImplemented('ExportTableToPointInTime of type INCREMENTAL_EXPORT')
    for (const name of ['FilterSpecification', 'IncrementalExportSpecification'] as const) {
      if (input[name] !== undefined) throw NotImplemented(`ExportTableToPointInTime with ${name}`)
    }
    const made = await ctx.commit((tx) => {
      const known =
        input.ClientToken && [...tx.in(tableExports).list()].find(({ token }) => token === input.ClientToken)
      if (known) return known
      const table = mustFindTable(tx, input.TableArn)
      const undo = timed(() => undoFrom(table, input.ExportTime?.getTime() ?? tx.now, tx.now))
      const id = `${String(tx.now).padStart(14, '0')}-${tx.random.hex(8)}`
      const one: Export = {
        ...{ id, tableName: table.name, tableId: table.id, at: undo.since, startedAt: tx.now, bucket: input.S3Bucket },
        ...(input.S3Prefix && { prefix: input.S3Prefix }),
        ...(input.ClientToken && { token: input.ClientToken }),
        sse: {
          ...(input.S3SseAlgorithm && { algorithm: input.S3SseAlgorithm }),
          ...(input.S3SseKmsKeyId && { keyId: input.S3SseKmsKeyId }),
        },
      }
      tx.in(tableExports).put(one)
      beginCopy(tx, { from: table.id, to: `export ${id}`, undo, purpose: { kind: 'export', name: id } })
      return one
    })
    return { ExportDescription: described(ctx, made) }
  },

  async DescribeExport(input, ctx) {
    const found = ctx.in(tableExports).get(input.ExportArn.slice(input.ExportArn.lastIndexOf('/') + 1))
    if (!found) throw ExportNotFoundException(`Export not found: ${input.ExportArn}`)
    return { ExportDescription: described(ctx, found) }
  },

  async ListExports(input, ctx) {
    const name = input.TableArn && tableNameOf(input.TableArn)
    const range = input.NextToken ? { after: [input.NextToken] } : {}
    const all = [...ctx.in(tableExports).list(range)].filter((one) => !name || one.tableName === name)
    const page = all.slice(0, input.MaxResults ?? pageMax)
    return {
      ExportSummaries: page.map((one) => {
        const { ExportArn, ExportStatus, ExportType } = described(ctx, one)
        return { ExportArn, ExportStatus, ExportType }
      }),
      ...(page.length < all.length && { NextToken: (page.at(-1) as Export).id }),
    }
  },
})

/** The export's own word for a moment out of reach. */
function timed<T>(part: () => T): T {
  try {
    return part()
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    throw code === 'InvalidRestoreTimeException'
      ? InvalidExportTimeException(message.replaceAll('restore', 'export'))
      : error
  }
}

export function exportArn(scope: Pick<Context | Tx, 'account' | 'region'>, { tableName, id }: Export): string {
  return `${tableArn(tableName, scope)}/export/${id}`
}

export function exportFolder({ prefix, id }: Export): string {
  return `${prefix ? `${prefix.replace(/\/$/, '')}/` : ''}AWSDynamoDB/${id}`
}

function described(ctx: Context, one: Export) {
  const { end, sse } = one
  const status = !end ? 'IN_PROGRESS' : end.failure ? 'FAILED' : 'COMPLETED'
  return {
    ExportArn: exportArn(ctx, one),
    ExportStatus: status as 'COMPLETED',
    ExportType: 'FULL_EXPORT' as const,
    ExportFormat: 'DYNAMODB_JSON' as const,
    StartTime: new Date(one.startedAt),
    TableArn: tableArn(one.tableName, ctx),
    TableId: one.tableId,
    ExportTime: new Date(one.at),
    S3Bucket: one.bucket,
    S3SseAlgorithm: (sse.algorithm ?? 'AES256') as 'AES256',
    ...(sse.keyId && { S3SseKmsKeyId: sse.keyId }),
    ...(one.prefix && { S3Prefix: one.prefix }),
    ...(one.token && { ClientToken: one.token }),
    ...(end && { EndTime: new Date(end.at) }),
    ...(end?.failure && { FailureCode: end.failure.code, FailureMessage: end.failure.message }),
    ...(end &&
      !end.failure && {
        ExportManifest: `${exportFolder(one)}/manifest-summary.json`,
        ItemCount: end.count,
        BilledSizeBytes: end.bytes,
      }),
  }
}
