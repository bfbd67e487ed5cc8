/** Interactive sessions: interpreters that are kept for statements. What makes and ends them is in sessionWorker.ts. */
import type { Session as SessionOutput } from '@aws-sdk/client-glue'
import type { Tx } from '../../delivery/context.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { jobEngine } from './engine.ts'
import { checkParameters, isScala } from './jobParameters.ts'
import { capacityOf } from './jobs.ts'
import { endLostSessions } from './lostSessions.ts'
import { dateOf, glueArn } from './names.ts'
import { pageOf } from './pages.ts'
import {
  dueSessions,
  endedStatuses,
  mustGetSession,
  type Session,
  type SessionSettings,
  sessions,
  statements,
  timeoutsOf,
} from './sessionRecords.ts'
import { putTags, tagSets } from './tags.ts'
import { sessionWorkers } from './workerTypes.ts'

const {
  AlreadyExistsException,
  IllegalSessionStateException,
  InvalidInputException,
  ResourceNumberLimitExceededException,
} = awsErrors('glue')

/** Each is an interpreter with an engine, some 300 MB. */
const openSessionsMax = 20

export const sessionOperations = operations('glue', {
  async CreateSession(input, ctx) {
    const { Id: id, Tags, RequestOrigin: _origin, ...given } = input
    const settings = checked(given)
    await endLostSessions(ctx)
    const session = await ctx.commit((tx) => {
      if (tx.in(sessions).has(id)) throw AlreadyExistsException(`Session already created, sessionId=${id}`)
      const open = [...tx.in(sessions).list()].filter(({ status }) => !endedStatuses.includes(status))
      if (open.length >= openSessionsMax)
        throw ResourceNumberLimitExceededException(`At most ${openSessionsMax} sessions are open at a time.`)
      const { now: createdAt, trace } = tx
      const made: Session = {
        id,
        settings,
        status: 'PROVISIONING',
        createdAt,
        usedAt: createdAt,
        lastStatement: 0,
        trace,
      }
      tx.in(sessions).put(made)
      tx.due(dueSessions).put({ id, dueAt: createdAt, trace })
      putTags(tx, glueArn(tx, 'session', id), Tags ?? {})
      return made
    })
    return { Session: sessionOutput(session) }
  },

  async GetSession(input, ctx) {
    await endLostSessions(ctx)
    return { Session: sessionOutput(mustGetSession(ctx, input.Id)) }
  },

  async ListSessions(input, ctx) {
    await endLostSessions(ctx)
    const wanted = Object.entries(input.Tags ?? {})
    const tagged = [...ctx.in(sessions).list()].filter(({ id }) => {
      const tags = ctx.in(tagSets).get(glueArn(ctx, 'session', id))?.tags ?? {}
      return wanted.every(([key, value]) => tags[key] === value)
    })
    const { items, next } = pageOf(tagged, input)
    return { Ids: items.map(({ id }) => id), Sessions: items.map(sessionOutput), ...next }
  },

  async StopSession(input, ctx) {
    await endLostSessions(ctx)
    await ctx.commit((tx) => stopSession(tx, mustGetSession(tx, input.Id)))
    return { Id: input.Id }
  },

  async DeleteSession(input, ctx) {
    await endLostSessions(ctx)
    await ctx.commit((tx) => {
      const { id, status } = mustGetSession(tx, input.Id)
      if (!endedStatuses.includes(status))
        throw IllegalSessionStateException(`Session ${id} is in ${status} status, and cannot be deleted`)
      tx.in(sessions).delete(id)
      for (const statement of [...tx.in(statements).list({ prefix: [id] })]) tx.in(statements).delete(id, statement.id)
      putTags(tx, glueArn(tx, 'session', id), undefined)
    })
    return { Id: input.Id }
  },
})

/** The record says so before the interpreter is told, so that a kill in between cannot lose the wish. */
function stopSession(tx: Tx, session: Session): void {
  const { id, status } = session
  if (status !== 'PROVISIONING' && status !== 'READY')
    throw IllegalSessionStateException(`Session ${id} is in ${status} status, and cannot be stopped`)
  tx.in(sessions).put({ ...session, status: 'STOPPING' })
  // One that is being made has its row, whose worker is told of the end by the interpreter itself.
  if (status === 'READY') tx.due(dueSessions).put({ id, dueAt: tx.now, trace: tx.trace })
  else tx.afterCommit(() => tx.use(jobEngine).closeSession(id))
}

function checked({ GlueVersion = '5.0', ...settings }: SessionSettings): SessionSettings {
  const { Command, MaxCapacity, NumberOfWorkers, WorkerType, SessionType, DefaultArguments } = settings
  const command = Command?.Name ?? 'glueetl'
  if (command !== 'glueetl') throw NotImplemented(`glue: a session of the command ${command}`)
  if (SessionType && SessionType !== 'LIVY') throw NotImplemented(`glue: a session of the type ${SessionType}`)
  if (!(Number(GlueVersion) > 2)) throw InvalidInputException('The GlueVersion of a session must be greater than 2.0')
  if (MaxCapacity !== undefined && (WorkerType !== undefined || NumberOfWorkers !== undefined))
    throw InvalidInputException('Please do not set Max Capacity if using Worker Type and Number of Workers.')
  checkParameters(DefaultArguments ?? {})
  if (isScala(DefaultArguments ?? {})) throw NotImplemented('glue: a session in Scala')
  return { ...settings, GlueVersion }
}

function sessionOutput(session: Session): SessionOutput {
  const { id, settings, status, createdAt, readyAt, completedAt, errorMessage } = session
  const capacity = capacityOf(sessionWorkers(settings))
  const seconds = readyAt !== undefined && completedAt !== undefined ? (completedAt - readyAt) / 1000 : undefined
  const { Timeout: _timeout, ...kept } = settings
  return {
    ...kept,
    Id: id,
    CreatedOn: dateOf(createdAt),
    Status: status,
    Progress: status === 'PROVISIONING' ? 0 : 1,
    MaxCapacity: capacity,
    IdleTimeout: timeoutsOf(settings).idleMinutes,
    ...(errorMessage !== undefined && { ErrorMessage: errorMessage }),
    ...(completedAt !== undefined && { CompletedOn: dateOf(completedAt) }),
    ...(seconds !== undefined && { ExecutionTime: seconds, DPUSeconds: seconds * capacity }),
  }
}
