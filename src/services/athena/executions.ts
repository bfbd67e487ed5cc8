/** Query executions: what was asked, where its result goes, and how far it is. running.ts carries them out. */

import type { EncryptionConfiguration, QueryExecution } from '@aws-sdk/client-athena'
import type { TableInput } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import { type AthenaStatement, parseAthena, statementType } from '../../engines/sql/athena/athenaStatements.ts'
import { SqlError } from '../../engines/sql/sqlError.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { page } from './pages.ts'
import { runningQueries } from './runningQueries.ts'
import { mustGetWorkGroup } from './workGroups.ts'

const { InvalidRequestException } = awsErrors('athena')

export type ExecutionState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED'

/** What a statement has written and not yet registered in the Catalog: its objects are there. */
export interface Registration {
  database: string
  /** CREATE TABLE AS: the new table. */
  table?: TableInput
  partitionsOf?: string
  partitions: { values: { name: string; value: string }[]; location: string }[]
  rows: number
  bytesScanned: number
  /** The objects. */
  manifest: string[]
}

export interface ResultColumn {
  name: string
  type: string
  precision: number
  scale: number
}

export interface Execution {
  id: string
  query: string
  database: string
  catalog: string
  workGroup: string
  parameters: string[]
  statementType: 'DDL' | 'DML' | 'UTILITY'
  /** The result's object, s3://…/id.csv. */
  output: string
  state: ExecutionState
  reason?: string
  errorCode?: string
  submittedAt: Millis
  startedAt?: Millis
  endedAt?: Millis
  engineMs?: Millis
  bytesScanned?: number
  columns?: ResultColumn[]
  /** SELECT's first row is the header. */
  hasHeader?: boolean
  sequence: number
  updateCount?: number
  /** `SELECT`, `CREATE_TABLE_AS_SELECT` … */
  substatement?: string
  /** An earlier result of the same query may be given if it is not older. */
  reuseMinutes?: number
  isReused?: boolean
  encryption?: EncryptionConfiguration
  /** Kept from the commit of its objects on: a run after a kill goes on from there. */
  registration?: Registration
  /** A list of the objects that it wrote lies beside its result. */
  hasManifest?: boolean
}

/** Where results go, `s3://…/`. */
export function resultsFolder({ output }: Execution): string {
  return output.slice(0, output.lastIndexOf('/') + 1)
}

export function manifestOf(execution: Execution): string {
  return `${resultsFolder(execution)}${execution.id}-manifest.csv`
}

export const executions = collection<Execution>('athena/executions', { version: 1, key: (execution) => [execution.id] })

/** Newest first, by work group. */
const executionOrder = collection<{ workGroup: string; at: Millis; id: string }>('athena/executionOrder', {
  version: 1,
  key: ({ workGroup, at, id }) => [workGroup, at, id],
})

const requestTokens = collection<{ token: string; id: string; query: string }>('athena/requestTokens', {
  version: 1,
  key: ({ token }) => [token],
})

export const queryQueue = dueQueue<Due>('athena/queries')

export const executionOperations = operations('athena', {
  async StartQueryExecution(input, ctx) {
    const execution = executionFrom(input, ctx)
    const token = input.ClientRequestToken
    const id = await ctx.commit((tx) => {
      const earlier = token ? tx.in(requestTokens).get(token) : undefined
      if (earlier && earlier.query !== input.QueryString)
        throw InvalidRequestException('Idempotent parameters do not match')
      if (earlier) return earlier.id
      if (token) tx.in(requestTokens).put({ token, id: execution.id, query: input.QueryString })
      tx.in(executionOrder).put({ workGroup: execution.workGroup, at: execution.submittedAt, id: execution.id })
      tx.due(queryQueue).put({ id: execution.id, dueAt: tx.now, trace: tx.trace })
      moveTo(tx, execution, 'QUEUED')
      return execution.id
    })
    return { QueryExecutionId: id }
  },

  async GetQueryExecution(input, ctx) {
    return { QueryExecution: shown(mustGetExecution(ctx, input.QueryExecutionId)) }
  },

  async BatchGetQueryExecution(input, ctx) {
    const found = input.QueryExecutionIds.map((id) => ctx.in(executions).get(id))
    return {
      QueryExecutions: found.filter((execution) => execution !== undefined).map(shown),
      UnprocessedQueryExecutionIds: input.QueryExecutionIds.filter((_, i) => !found[i]).map((id) => ({
        QueryExecutionId: id,
        ErrorCode: 'INVALID_INPUT',
        ErrorMessage: `QueryExecution ${id} was not found`,
      })),
    }
  },

  async ListQueryExecutions(input, ctx) {
    const workGroup = input.WorkGroup ?? 'primary'
    mustGetWorkGroup(ctx, workGroup)
    const all = [...ctx.in(executionOrder).list({ prefix: [workGroup], reverse: true })].map((mark) => mark.id)
    const { items, NextToken } = page(all, input, { nameOf: (id) => id, sizeMax: 50 })
    return { QueryExecutionIds: items, NextToken }
  },

  async GetQueryRuntimeStatistics(input, ctx) {
    const execution = mustGetExecution(ctx, input.QueryExecutionId)
    const { Statistics } = shown(execution)
    return {
      QueryRuntimeStatistics: {
        Timeline: {
          QueryQueueTimeInMillis: Statistics?.QueryQueueTimeInMillis,
          EngineExecutionTimeInMillis: Statistics?.EngineExecutionTimeInMillis,
          ServiceProcessingTimeInMillis: Statistics?.ServiceProcessingTimeInMillis,
          TotalExecutionTimeInMillis: Statistics?.TotalExecutionTimeInMillis,
        },
        Rows: { InputBytes: execution.bytesScanned ?? 0 },
      },
    }
  },

  async StopQueryExecution(input, ctx) {
    mustGetExecution(ctx, input.QueryExecutionId ?? '')
    await ctx.commit((tx) => {
      const execution = tx.in(executions).get(input.QueryExecutionId ?? '')
      if (!execution || isOver(execution)) return
      tx.due(queryQueue).delete(execution.id)
      moveTo(tx, { ...execution, endedAt: tx.now, reason: 'Query cancelled by user' }, 'CANCELLED')
    })
    ctx.use(runningQueries).cancel(input.QueryExecutionId ?? '')
    return {}
  },
})

export function isOver(execution: Execution): boolean {
  return execution.state === 'SUCCEEDED' || execution.state === 'FAILED' || execution.state === 'CANCELLED'
}

export function mustGetExecution(ctx: Pick<Context, 'in'>, id: string): Execution {
  const execution = ctx.in(executions).get(id)
  if (!execution) throw InvalidRequestException(`QueryExecution ${id} was not found`)
  return execution
}

/** Keeps the new state and says so on the event bus. */
export function moveTo(tx: Tx, execution: Execution, state: ExecutionState): void {
  const previousState = execution.sequence > 0 ? execution.state : undefined
  const next = { ...execution, state, sequence: execution.sequence + 1 }
  tx.in(executions).put(next)
  tx.emit({
    source: 'aws.athena',
    'detail-type': 'Athena Query State Change',
    detail: {
      versionId: '0',
      currentState: state,
      ...(previousState && { previousState }),
      statementType: next.statementType,
      queryExecutionId: next.id,
      workgroupName: next.workGroup,
      sequenceNumber: String(next.sequence),
    },
  })
}

type StartInput = {
  QueryString: string
  WorkGroup?: string | undefined
  QueryExecutionContext?: { Database?: string | undefined; Catalog?: string | undefined } | undefined
  ResultConfiguration?:
    | { OutputLocation?: string | undefined; EncryptionConfiguration?: EncryptionConfiguration | undefined }
    | undefined
  ResultReuseConfiguration?:
    | { ResultReuseByAgeConfiguration?: { Enabled?: boolean; MaxAgeInMinutes?: number | undefined } | undefined }
    | undefined
  ExecutionParameters?: string[] | undefined
}

function executionFrom(input: StartInput, ctx: Context): Execution {
  const group = mustGetWorkGroup(ctx, input.WorkGroup ?? 'primary')
  if (group.state === 'DISABLED') throw InvalidRequestException(`WorkGroup ${group.name} is disabled.`)
  const theirs = group.configuration.ResultConfiguration?.OutputLocation
  const asked = input.ResultConfiguration?.OutputLocation
  const location = group.configuration.EnforceWorkGroupConfiguration && theirs ? theirs : (asked ?? theirs)
  if (!location) {
    throw InvalidRequestException(
      'No output location provided. You did not provide an output location for your query results. Specify one in the request or in the workgroup.',
    )
  }
  if (!/^s3:\/\/[^/]+/.test(location)) throw InvalidRequestException('outputLocation is not a valid S3 path.')
  const { type, substatement } = typeOf(input.QueryString)
  const reuse = input.ResultReuseConfiguration?.ResultReuseByAgeConfiguration
  const forced = group.configuration.EnforceWorkGroupConfiguration && theirs
  const encryption = (forced ? group.configuration.ResultConfiguration : input.ResultConfiguration)
    ?.EncryptionConfiguration
  const id = ctx.random.uuid()
  const extension = type === 'DML' ? 'csv' : 'txt'
  return {
    id,
    query: input.QueryString,
    // awswrangler writes it in backquotes.
    database: (input.QueryExecutionContext?.Database ?? 'default').replace(/^`(.*)`$/, '$1').toLowerCase(),
    catalog: input.QueryExecutionContext?.Catalog ?? 'AwsDataCatalog',
    workGroup: group.name,
    parameters: input.ExecutionParameters ?? [],
    statementType: type,
    ...(substatement && { substatement }),
    ...(reuse?.Enabled && { reuseMinutes: reuse.MaxAgeInMinutes ?? 60 }),
    ...(encryption && { encryption }),
    output: `${location.replace(/\/?$/, '/')}${id}.${extension}`,
    state: 'QUEUED',
    submittedAt: ctx.clock.now(),
    sequence: 0,
  }
}

/** Athena refuses at once what does not parse at all; what fails later fails the execution. */
function typeOf(query: string): { type: Execution['statementType']; substatement?: string } {
  try {
    const statement = parseAthena(query)
    const substatement = substatements[statement.kind]
    return { type: statementType(statement), ...(substatement && { substatement }) }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    if (error.code === 'NOT_SUPPORTED') return { type: 'DML' }
    throw InvalidRequestException(error.message, { AthenaErrorCode: 'MALFORMED_QUERY' })
  }
}

const substatements: Partial<Record<AthenaStatement['kind'], string>> = {
  query: 'SELECT',
  insert: 'INSERT',
  unload: 'UNLOAD',
  createTable: 'CREATE_TABLE',
  createIceberg: 'CREATE_TABLE',
  createTableAs: 'CREATE_TABLE_AS_SELECT',
  createView: 'CREATE_VIEW',
  createDatabase: 'CREATE_DATABASE',
  dropTable: 'DROP_TABLE',
  dropDatabase: 'DROP_DATABASE',
  alterTable: 'ALTER_TABLE',
  repairTable: 'MSCK_REPAIR',
  describe: 'DESCRIBE_TABLE',
  explain: 'EXPLAIN',
}

function shown(execution: Execution): QueryExecution {
  const { endedAt, startedAt, submittedAt } = execution
  return {
    QueryExecutionId: execution.id,
    Query: execution.query,
    StatementType: execution.statementType,
    ...(execution.substatement && { SubstatementType: execution.substatement }),
    ResultConfiguration: {
      OutputLocation: execution.output,
      ...(execution.encryption && { EncryptionConfiguration: execution.encryption }),
    },
    ...(execution.reuseMinutes !== undefined && {
      ResultReuseConfiguration: {
        ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: execution.reuseMinutes },
      },
    }),
    QueryExecutionContext: { Database: execution.database, Catalog: execution.catalog.toLowerCase() },
    WorkGroup: execution.workGroup,
    EngineVersion: { SelectedEngineVersion: 'AUTO', EffectiveEngineVersion: 'Athena engine version 3' },
    ...(execution.parameters.length > 0 && { ExecutionParameters: execution.parameters }),
    Status: {
      State: execution.state,
      SubmissionDateTime: new Date(submittedAt),
      ...(endedAt !== undefined && { CompletionDateTime: new Date(endedAt) }),
      ...(execution.reason && { StateChangeReason: execution.reason }),
      ...(execution.state === 'FAILED' && {
        AthenaError: { ErrorCategory: 2, ErrorType: 1, Retryable: false, ErrorMessage: execution.reason ?? '' },
      }),
    },
    Statistics: {
      EngineExecutionTimeInMillis: execution.engineMs ?? 0,
      DataScannedInBytes: execution.bytesScanned ?? 0,
      ...(execution.hasManifest && { DataManifestLocation: manifestOf(execution) }),
      TotalExecutionTimeInMillis: (endedAt ?? submittedAt) - submittedAt,
      QueryQueueTimeInMillis: (startedAt ?? submittedAt) - submittedAt,
      ServiceProcessingTimeInMillis: 0,
      ResultReuseInformation: { ReusedPreviousResult: execution.isReused ?? false },
    },
  }
}
