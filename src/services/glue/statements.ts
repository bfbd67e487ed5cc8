/** Statements of interactive sessions: they run one after the other, and each has an output. */
import type { Statement as StatementResult, StatementState } from '@aws-sdk/client-glue'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, worker } from '../../delivery/due.ts'
import { SessionEnded } from '../../engines/jobs/interactiveSession.ts'
import type { StatementOutcome } from '../../engines/jobs/jobProcess.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { jobEngine } from './engine.ts'
import { endLostSessions } from './lostSessions.ts'
import { pageOf } from './pages.ts'
import {
  dueStatements,
  endStatement,
  mustGetSession,
  openStatements,
  putTimeout,
  type Session,
  type Statement,
  sessions,
  statements,
} from './sessionRecords.ts'

const { EntityNotFoundException, IllegalSessionStateException, ResourceNumberLimitExceededException } =
  awsErrors('glue')

const openStatementsMax = 100
/** What a session remembers is given back by its end alone. */
const statementsMax = 10_000

export const statementOperations = operations('glue', {
  async RunStatement(input, ctx) {
    await endLostSessions(ctx)
    const { SessionId: sessionId, Code: code } = input
    const id = await ctx.commit((tx) => {
      const session = mustGetReady(tx, sessionId)
      if (tx.in(openStatements).count({ prefix: [sessionId] }) >= openStatementsMax)
        throw ResourceNumberLimitExceededException(`At most ${openStatementsMax} statements of a session wait.`)
      if (session.lastStatement >= statementsMax)
        throw ResourceNumberLimitExceededException(`A session has at most ${statementsMax} statements.`)
      const number = session.lastStatement + 1
      tx.in(statements).put({ sessionId, id: number, code, state: 'WAITING' })
      tx.in(openStatements).put({ sessionId, id: number })
      const used: Session = { ...session, lastStatement: number }
      tx.in(sessions).put(used)
      putTimeout(tx, used)
      // A session whose statements run already looks for the next one itself.
      if (!tx.due(dueStatements).get(sessionId))
        tx.due(dueStatements).put({ id: sessionId, dueAt: tx.now, trace: tx.trace })
      return number
    })
    return { Id: id }
  },

  async GetStatement(input, ctx) {
    await endLostSessions(ctx)
    return { Statement: statementResult(mustGetStatement(ctx, input.SessionId, input.Id)) }
  },

  async ListStatements(input, ctx) {
    await endLostSessions(ctx)
    const session = mustGetSession(ctx, input.SessionId)
    const { items, next } = pageOf(ctx.in(statements).list({ prefix: [session.id] }), input)
    return { Statements: items.map(statementResult), ...next }
  },

  async CancelStatement(input, ctx) {
    await endLostSessions(ctx)
    const { SessionId: sessionId, Id: id } = input
    await ctx.commit((tx) => {
      mustGetReady(tx, sessionId)
      const statement = mustGetStatement(tx, sessionId, id)
      if (statement.state === 'WAITING') endStatement(tx, statement, { state: 'CANCELLED' })
      else if (statement.state === 'RUNNING') {
        tx.in(statements).put({ ...statement, state: 'CANCELLING' })
        tx.afterCommit(() => ctx.use(jobEngine).session(sessionId)?.cancel(id))
      } else if (statement.state !== 'CANCELLING')
        throw IllegalSessionStateException(`Statement ${id} is in ${statement.state} state, and cannot be cancelled`)
    })
    return {}
  },
})

/** Runs what waits in a session, until nothing does. */
export const statementWorker = worker<Due>('glue/statements', {
  queue: dueStatements,
  concurrency: 32,
  async run({ id: sessionId }, ctx) {
    await endLostSessions(ctx)
    for (;;) {
      const statement = await ctx.commit((tx) => takeNext(tx, sessionId))
      if (!statement) return
      const outcome = await outcomeOf(statement, ctx)
      await ctx.commit((tx) => {
        const there = tx.in(statements).get(sessionId, statement.id)
        // A session that ended has ended its statements too.
        if (there && outcome && there.completedAt === undefined) endStatement(tx, there, endOf(outcome))
      })
      if (outcome) continue
      // The interpreter is gone, which its session is told of beside this.
      await ctx.commit((tx) => tx.due(dueStatements).delete(sessionId))
      return
    }
  },
})

function takeNext(tx: Tx, sessionId: string): Statement | undefined {
  const session = tx.in(sessions).get(sessionId)
  const next = tx.in(openStatements).first({ prefix: [sessionId] })
  const statement = next && tx.in(statements).get(sessionId, next.id)
  if (session?.status === 'READY' && statement) {
    const running: Statement = { ...statement, state: 'RUNNING', startedAt: tx.now }
    tx.in(statements).put(running)
    return running
  }
  tx.due(dueStatements).delete(sessionId)
  if (session?.status !== 'READY') return undefined
  const used = { ...session, usedAt: tx.now }
  tx.in(sessions).put(used)
  putTimeout(tx, used)
  return undefined
}

async function outcomeOf({ sessionId, id, code }: Statement, ctx: Context): Promise<StatementOutcome | undefined> {
  try {
    return await ctx.use(jobEngine).session(sessionId)?.execute(id, code)
  } catch (error) {
    if (error instanceof SessionEnded) return undefined
    throw error
  }
}

function endOf(outcome: StatementOutcome): Pick<Statement, 'state' | 'text' | 'error'> {
  const { text } = outcome
  if (outcome.status === 'cancelled') return { state: 'CANCELLED', text }
  if (outcome.status === 'ok') return { state: 'AVAILABLE', text }
  const { name, value, traceback } = outcome
  return { state: 'AVAILABLE', text, error: { name, value, traceback } }
}

/** Errors: EntityNotFoundException, IllegalSessionStateException. */
function mustGetReady(tx: Tx, id: string): Session {
  const session = mustGetSession(tx, id)
  if (session.status !== 'READY')
    throw IllegalSessionStateException(`Session is in ${session.status} status, and not READY: ${id}`)
  return session
}

/** Errors: EntityNotFoundException. */
function mustGetStatement(ctx: Pick<Context | Tx, 'in'>, sessionId: string, id: number): Statement {
  mustGetSession(ctx, sessionId)
  const statement = ctx.in(statements).get(sessionId, id)
  if (!statement) throw EntityNotFoundException(`Statement ${id} of session ${sessionId} not found`)
  return statement
}

function statementResult(statement: Statement): StatementResult {
  const { id, code, state, startedAt, completedAt } = statement
  return {
    Id: id,
    Code: code,
    State: state,
    Progress: completedAt === undefined ? 0 : 1,
    StartedOn: startedAt ?? 0,
    CompletedOn: completedAt ?? 0,
    ...(completedAt !== undefined && { Output: outputOf(statement) }),
  }
}

/** A statement that raised is AVAILABLE too; its output's status is Livy's word, as AWS's own kernel reads it. */
function outputOf({ id, state, text, error }: Statement): StatementResult['Output'] {
  const status = error ? 'error' : state === 'AVAILABLE' ? 'ok' : state
  return {
    ...(text !== undefined && (text || !error) && { Data: { TextPlain: text } }),
    ExecutionCount: id,
    Status: status as StatementState,
    ...(error && { ErrorName: error.name, ErrorValue: error.value, Traceback: error.traceback }),
  }
}
