/** Statements: durable rows from the moment they are accepted; running.ts carries them out. */
import type { DescribeStatementResponse, StatementData, SubStatementData } from '@aws-sdk/client-redshift-data'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import { singleton } from '../../delivery/singleton.ts'
import type { TraceRef } from '../../observe/traces.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { type Address, mustFindDatabase } from './addresses.ts'
import { endHop } from './hops.ts'

const { ValidationException, ResourceNotFoundException } = awsErrors('redshift-data')

export type Status = 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED'

/** One SQL text of a statement: the only one, or one of a batch. */
export interface Part {
  sql: string
  status: Status
  rows: number
  hasResult: boolean
  columns: object[]
  bytes: number
  error?: string
}

export interface Statement extends Address {
  id: string
  parts: Part[]
  isBatch: boolean
  parameters: { name: string; value: string }[]
  status: Status
  name?: string
  secretArn?: string
  dbUser?: string
  withEvent: boolean
  caller: string
  createdAt: Millis
  updatedAt: Millis
  startedAt?: Millis
  durationNs: number
  error?: string
  /** Its hop, once it runs. */
  trace?: TraceRef
}

export const statements = collection<Statement>('redshift-data/statements', { version: 1, key: (one) => [one.id] })

const statementOrder = collection<{ at: Millis; id: string }>('redshift-data/order', {
  version: 1,
  key: ({ at, id }) => [at, id],
})
const clientTokens = collection<{ token: string; id: string }>('redshift-data/tokens', {
  version: 1,
  key: ({ token }) => [token],
})

export const statementQueue = dueQueue<Due>('redshift-data/statements')

/** What runs now, so that a cancellation reaches it. */
export class RunningStatements {
  readonly cancels = new Map<string, () => void>()

  interrupt(): void {
    for (const cancel of this.cancels.values()) cancel()
  }
}
export const runningStatements = singleton('redshift running statements', () => new RunningStatements())

export interface NewStatement extends Address {
  sqls: string[]
  isBatch: boolean
  parameters?: { name: string; value: string }[]
  name?: string | undefined
  secretArn?: string | undefined
  dbUser?: string | undefined
  withEvent?: boolean | undefined
  token?: string | undefined
  caller: string
}

/** Accepts a statement in the commit that asks for it. */
export function submit(tx: Tx, wanted: NewStatement): Statement {
  const earlier = wanted.token ? tx.in(clientTokens).get(wanted.token) : undefined
  const known = earlier && tx.in(statements).get(earlier.id)
  if (known) return known
  const { sqls, token, parameters = [], withEvent = false, name, secretArn, dbUser, ...rest } = wanted
  const statement: Statement = {
    ...rest,
    id: tx.random.uuid(),
    parts: sqls.map((sql) => ({ sql, status: 'SUBMITTED', rows: -1, hasResult: false, columns: [], bytes: -1 })),
    parameters,
    status: 'SUBMITTED',
    withEvent,
    createdAt: tx.now,
    updatedAt: tx.now,
    durationNs: -1,
    ...(name && { name }),
    ...(secretArn && { secretArn }),
    ...(dbUser && { dbUser }),
  }
  tx.in(statements).put(statement)
  tx.in(statementOrder).put({ at: tx.now, id: statement.id })
  if (token) tx.in(clientTokens).put({ token, id: statement.id })
  tx.due(statementQueue).put({ id: statement.id, dueAt: tx.now, trace: tx.trace })
  return statement
}

export const statementOperations = operations('redshift-data', {
  async ExecuteStatement(input, ctx) {
    refuseSessions(input)
    const address = await mustFindDatabase(ctx, input)
    const parameters = (input.Parameters ?? []).map((one) => ({ name: one.name ?? '', value: one.value ?? '' }))
    const statement = await ctx.commit((tx) =>
      submit(tx, { ...address, ...common(input, ctx), sqls: [input.Sql], isBatch: false, parameters }),
    )
    return started(statement)
  },

  async BatchExecuteStatement(input, ctx) {
    refuseSessions(input)
    const address = await mustFindDatabase(ctx, input)
    const statement = await ctx.commit((tx) =>
      submit(tx, { ...address, ...common(input, ctx), sqls: input.Sqls, isBatch: true }),
    )
    return started(statement)
  },

  async DescribeStatement(input, ctx) {
    const { id, part } = splitId(input.Id)
    const statement = mustGetStatement(ctx, id)
    return described(statement, part)
  },

  async ListStatements(input, ctx) {
    const newestFirst = [...ctx.in(statementOrder).list({ reverse: true })].map((mark) => mark.id)
    const start = input.NextToken ? newestFirst.indexOf(input.NextToken) + 1 : 0
    const size = input.MaxResults ?? 100
    const matching: Statement[] = []
    for (const id of newestFirst.slice(start)) {
      const statement = ctx.in(statements).get(id)
      if (!statement) continue
      if (input.Status && input.Status !== 'ALL' && statement.status !== input.Status) continue
      if (input.StatementName && !statement.name?.startsWith(input.StatementName)) continue
      if (matching.push(statement) > size) break
    }
    const page = matching.slice(0, size)
    return {
      Statements: page.map(listed),
      ...(matching.length > size && { NextToken: page[page.length - 1]?.id as string }),
    }
  },

  async CancelStatement(input, ctx) {
    const statement = mustGetStatement(ctx, input.Id)
    if (isOver(statement))
      throw ValidationException(
        `Could not cancel a query that is already in ${statement.status} state with ID: ${statement.id}.`,
      )
    await ctx.commit((tx) => {
      const latest = tx.in(statements).get(input.Id)
      if (!latest || isOver(latest)) return
      tx.due(statementQueue).delete(latest.id)
      finish(tx, {
        ...latest,
        status: 'ABORTED',
        error: 'The statement was cancelled.',
        parts: latest.parts.map((one) => ({ ...one, status: 'ABORTED' })),
      })
    })
    ctx.use(runningStatements).cancels.get(input.Id)?.()
    return { Status: true }
  },
})

export function isOver(statement: Statement): boolean {
  return statement.status === 'FINISHED' || statement.status === 'FAILED' || statement.status === 'ABORTED'
}

/** Keeps a statement that is over, and says so where it was asked. */
export function finish(tx: Tx, statement: Statement): void {
  const done = { ...statement, updatedAt: tx.now }
  tx.in(statements).put(done)
  endHop(tx, done)
  if (!done.withEvent) return
  const arn = done.clusterIdentifier
    ? `arn:aws:redshift:${tx.region}:${tx.account}:cluster:${done.clusterIdentifier}`
    : `arn:aws:redshift-serverless:${tx.region}:${tx.account}:workgroup/${done.workgroupName}`
  tx.emit({
    source: 'aws.redshift-data',
    'detail-type': 'Redshift Data Statement Status Change',
    resources: [arn],
    detail: {
      principal: done.caller,
      statementName: done.name ?? '',
      statementId: done.id,
      redshiftQueryId: -1,
      state: done.status,
      rows: done.parts[done.parts.length - 1]?.rows ?? -1,
      expireAt: Math.floor(done.createdAt / 1000) + 86_400,
    },
  })
}

/** `id`, or `id:2` for the second of a batch. */
export function splitId(text: string): { id: string; part?: number } {
  const [id = '', number] = text.split(':')
  return number === undefined ? { id } : { id, part: Number(number) - 1 }
}

export function mustGetStatement(ctx: Pick<Context, 'in'>, id: string): Statement {
  const statement = ctx.in(statements).get(id)
  if (!statement) throw ResourceNotFoundException('Query does not exist.', { ResourceId: id })
  return statement
}

type Asked = {
  SecretArn?: string | undefined
  DbUser?: string | undefined
  StatementName?: string | undefined
  WithEvent?: boolean | undefined
  ClientToken?: string | undefined
}

function common(input: Asked, ctx: Context) {
  return {
    name: input.StatementName,
    secretArn: input.SecretArn,
    dbUser: input.DbUser,
    withEvent: input.WithEvent,
    token: input.ClientToken,
    caller: ctx.caller.arn,
  }
}

function refuseSessions(input: {
  SessionId?: string | undefined
  SessionKeepAliveSeconds?: number | undefined
  ResultFormat?: string | undefined
}): void {
  if (input.SessionId || input.SessionKeepAliveSeconds)
    throw ValidationException('Sessions (SessionId, SessionKeepAliveSeconds) are not implemented by Igarapé.')
  if (input.ResultFormat && input.ResultFormat !== 'JSON')
    throw ValidationException('ResultFormat CSV is not implemented by Igarapé.')
}

function started(statement: Statement) {
  return { Id: statement.id, CreatedAt: new Date(statement.createdAt), ...place(statement) }
}

function place(statement: Statement) {
  return {
    Database: statement.database,
    ...(statement.clusterIdentifier && { ClusterIdentifier: statement.clusterIdentifier }),
    ...(statement.workgroupName && { WorkgroupName: statement.workgroupName }),
    ...(statement.dbUser && { DbUser: statement.dbUser }),
    ...(statement.secretArn && { SecretArn: statement.secretArn }),
  }
}

function described(statement: Statement, part: number | undefined): DescribeStatementResponse {
  const one = part === undefined ? statement.parts[statement.parts.length - 1] : statement.parts[part]
  if (!one) throw ResourceNotFoundException('Query does not exist.', { ResourceId: statement.id })
  const single = !statement.isBatch || part !== undefined
  const error = part === undefined ? statement.error : one.error
  return {
    Id: part === undefined ? statement.id : `${statement.id}:${part + 1}`,
    ...place(statement),
    Status: part === undefined ? statement.status : one.status,
    CreatedAt: new Date(statement.createdAt),
    UpdatedAt: new Date(statement.updatedAt),
    Duration: statement.durationNs,
    HasResultSet: single ? one.hasResult : statement.parts.some((each) => each.hasResult),
    RedshiftPid: 1,
    RedshiftQueryId: -1,
    ResultRows: one.rows,
    ResultSize: one.bytes,
    ResultFormat: 'JSON',
    ...(single && { QueryString: one.sql }),
    ...(error && { Error: error }),
    ...(statement.parameters.length > 0 && { QueryParameters: statement.parameters }),
    ...(statement.isBatch &&
      part === undefined && { SubStatements: statement.parts.map((each, i) => subStatement(statement, each, i)) }),
  }
}

function subStatement(statement: Statement, part: Part, index: number): SubStatementData {
  return {
    Id: `${statement.id}:${index + 1}`,
    QueryString: part.sql,
    Status: part.status === 'PICKED' ? 'SUBMITTED' : part.status,
    CreatedAt: new Date(statement.createdAt),
    UpdatedAt: new Date(statement.updatedAt),
    Duration: statement.durationNs,
    HasResultSet: part.hasResult,
    ResultRows: part.rows,
    ResultSize: part.bytes,
    RedshiftQueryId: -1,
    ...(part.error && { Error: part.error }),
  }
}

function listed(statement: Statement): StatementData {
  return {
    Id: statement.id,
    Status: statement.status,
    CreatedAt: new Date(statement.createdAt),
    UpdatedAt: new Date(statement.updatedAt),
    IsBatchStatement: statement.isBatch,
    ResultFormat: 'JSON',
    ...(statement.name && { StatementName: statement.name }),
    ...(statement.secretArn && { SecretArn: statement.secretArn }),
    ...(statement.isBatch
      ? { QueryStrings: statement.parts.map((part) => part.sql) }
      : { QueryString: statement.parts[0]?.sql ?? '' }),
  }
}
