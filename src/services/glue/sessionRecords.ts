/** Interactive sessions and their statements as they are kept, and what a session's end does to both. */
import type { CreateSessionCommandInput, SessionStatus, StatementState } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import type { ProcessIdentity } from '../../engines/jobs/orphans.ts'
import type { TraceRef } from '../../observe/traces.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'

const { EntityNotFoundException } = awsErrors('glue')

export type SessionSettings = Omit<CreateSessionCommandInput, 'Id' | 'Tags' | 'RequestOrigin'>

export interface Session {
  id: string
  settings: SessionSettings
  status: SessionStatus
  createdAt: Millis
  readyAt?: Millis
  completedAt?: Millis
  /** When its last statement ended, or it became ready. */
  usedAt: Millis
  errorMessage?: string
  /** Of its newest statement; they count from one. */
  lastStatement: number
  /** The interpreter's process group; `session` is the server's start that made it. */
  process?: ProcessIdentity & { session: string }
  trace: TraceRef
}

export interface StatementError {
  name: string
  value: string
  traceback: string[]
}

export interface Statement {
  sessionId: string
  id: number
  code: string
  state: StatementState
  text?: string
  error?: StatementError
  startedAt?: Millis
  completedAt?: Millis
}

export const sessions = collection<Session>('glue/sessions', { version: 1, key: ({ id }) => [id] })

export const statements = collection<Statement>('glue/statements', {
  version: 1,
  key: ({ sessionId, id }) => [sessionId, id],
})

/** Those that wait or run, in their order. */
export const openStatements = collection<{ sessionId: string; id: number }>('glue/open-statements', {
  version: 1,
  key: ({ sessionId, id }) => [sessionId, id],
})

/** Sessions to be made, or to be stopped. */
export const dueSessions = dueQueue<Due>('glue/sessions')

/** Sessions with statements to run, by the session's id. */
export const dueStatements = dueQueue<Due>('glue/statements')

/** When a session has been idle, or has lived, for too long. */
export const dueSessionTimeouts = dueQueue<Due>('glue/session-timeouts')

export const endedStatuses: readonly SessionStatus[] = ['FAILED', 'TIMEOUT', 'STOPPED']

const timeoutMinutesUnlessSaid = 2880

export function timeoutsOf({ Timeout, IdleTimeout }: SessionSettings): { lifeMinutes: number; idleMinutes: number } {
  const lifeMinutes = Timeout ?? timeoutMinutesUnlessSaid
  return { lifeMinutes, idleMinutes: IdleTimeout ?? lifeMinutes }
}

/** Errors: EntityNotFoundException. */
export function mustGetSession(ctx: Pick<Context | Tx, 'in'>, id: string): Session {
  const session = ctx.in(sessions).get(id)
  if (!session) throw EntityNotFoundException(`Session ${id} not found`)
  return session
}

/** A session with statements is not idle, however long they take. */
export function putTimeout(tx: Tx, { id, createdAt, usedAt, settings }: Session): void {
  const { lifeMinutes, idleMinutes } = timeoutsOf(settings)
  const end = createdAt + lifeMinutes * 60_000
  const isBusy = tx.in(openStatements).first({ prefix: [id] }) !== undefined
  tx.due(dueSessionTimeouts).put({ id, dueAt: isBusy ? end : Math.min(end, usedAt + idleMinutes * 60_000) })
}

/** What waits is cancelled, and what runs has come to what the session came to. */
export function endSession(tx: Tx, session: Session, end: { status: SessionStatus; errorMessage?: string }): void {
  const { process: _gone, ...rest } = session
  tx.in(sessions).put({ ...rest, ...end, completedAt: tx.now })
  for (const { id } of [...tx.in(openStatements).list({ prefix: [session.id] })]) {
    const statement = tx.in(statements).get(session.id, id)
    if (!statement) continue
    const { errorMessage } = end
    const isLost = statement.state === 'RUNNING' && errorMessage !== undefined
    endStatement(tx, statement, isLost ? { state: 'ERROR', error: lost(errorMessage) } : { state: 'CANCELLED' })
  }
  tx.due(dueSessions).delete(session.id)
  tx.due(dueSessionTimeouts).delete(session.id)
}

export function endStatement(tx: Tx, statement: Statement, end: Pick<Statement, 'state' | 'text' | 'error'>): void {
  tx.in(statements).put({ ...statement, ...end, completedAt: tx.now })
  tx.in(openStatements).delete(statement.sessionId, statement.id)
}

function lost(value: string): StatementError {
  return { name: 'SessionEnded', value, traceback: [] }
}
