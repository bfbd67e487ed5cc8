/** Policies of tables and of their streams: kept and told again. No service delivers to a table, so none is asked by one. */
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { documentIn } from '../json.ts'
import { operations } from '../service.ts'
import { mustGetTable, tableArn } from './tables.ts'
import { invalid } from './values.ts'

const { PolicyNotFoundException, ResourceNotFoundException } = awsErrors('dynamodb')

interface TablePolicy {
  /** The id of the table: one that is made anew has none. */
  table: string
  /** Of its stream, by the label; empty: of the table. */
  stream: string
  document: string
  revision: string
}

export const tablePolicies = collection<TablePolicy>('dynamodb/resource-policies', {
  version: 1,
  key: ({ table, stream }) => [table, stream],
})

const documentBytesMax = 20 * 1024
/** Says of a revision that there must be no policy yet. */
const noPolicy = 'NO_POLICY'

export const resourcePolicyOperations = operations('dynamodb', {
  async PutResourcePolicy({ ResourceArn: arn, Policy: document, ExpectedRevisionId: expected }, ctx) {
    if (Buffer.byteLength(document) > documentBytesMax) {
      throw invalid('Resource policy size exceeds the maximum size of 20 KB')
    }
    if (!isPolicy(document)) throw invalid('Resource policy is not valid: it must be a JSON policy document')
    const revision = ctx.random.uuid()
    await ctx.commit((tx) => {
      const holder = holderOf(tx, arn)
      const present = tx.in(tablePolicies).get(holder.table, holder.stream)
      checkRevision(expected, present)
      tx.in(tablePolicies).put({ ...holder, document, revision })
    })
    return { RevisionId: revision }
  },

  async GetResourcePolicy({ ResourceArn: arn }, ctx) {
    const { table, stream } = holderOf(ctx, arn)
    const found = ctx.in(tablePolicies).get(table, stream)
    if (!found) throw PolicyNotFoundException(`Resource-based policy not found for the provided ResourceArn: ${arn}`)
    return { Policy: found.document, RevisionId: found.revision }
  },

  /** Deleting what is not there is no error, unless a revision is expected. */
  async DeleteResourcePolicy({ ResourceArn: arn, ExpectedRevisionId: expected }, ctx) {
    const RevisionId = await ctx.commit((tx) => {
      const { table, stream } = holderOf(tx, arn)
      const present = tx.in(tablePolicies).get(table, stream)
      checkRevision(expected, present)
      if (present) tx.in(tablePolicies).delete(table, stream)
      return present?.revision
    })
    return RevisionId === undefined ? {} : { RevisionId }
  },
})

/** With its table. */
export function withoutPolicies(tx: Tx, table: string): void {
  for (const { stream } of [...tx.in(tablePolicies).list({ prefix: [table] })])
    tx.in(tablePolicies).delete(table, stream)
}

/** Errors: ValidationException, ResourceNotFoundException. */
function holderOf(place: Context | Tx, arn: string): { table: string; stream: string } {
  const [, name, stream = ''] = /^(arn:[^/]+:table\/[\w.-]+)(?:\/stream\/(.+))?$/.exec(arn) ?? []
  if (name === undefined) throw invalid(`Invalid ResourceArn: ${arn}`)
  const table = mustGetTable(place, name)
  if (name !== tableArn(table.name, place) || (stream !== '' && table.stream?.label !== stream)) {
    throw ResourceNotFoundException(`Requested resource not found: ${arn}`)
  }
  return { table: table.id, stream }
}

function isPolicy(text: string): boolean {
  const document = documentIn(text)
  return document !== undefined && 'Statement' in document
}

/** Errors: PolicyNotFoundException. */
function checkRevision(expected: string | undefined, present: TablePolicy | undefined): void {
  if (expected === undefined || expected === (present?.revision ?? noPolicy)) return
  throw PolicyNotFoundException('The revision ID of the resource-based policy does not match the expected revision ID.')
}
