/**
 * Makes and ends interactive sessions. One that was being made when the server was killed is made again; one that was
 * open is lost (lostSessions.ts), since what its statements defined was in its interpreter.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, Interrupted, worker } from '../../delivery/due.ts'
import { type InteractiveSession, SessionEnded, type SessionPlan } from '../../engines/jobs/interactiveSession.ts'
import type { ProcessIdentity } from '../../engines/jobs/orphans.ts'
import { jobEngine } from './engine.ts'
import { chooseEngine } from './engineChoice.ts'
import { notesOn } from './jobParameters.ts'
import { endLostSessions, sessionCensus } from './lostSessions.ts'
import { LaunchError, prepareLibraries } from './runFolder.ts'
import { type OpenedHost, plainHost } from './runHost.ts'
import { jobLogs, type RunLog } from './runLogs.ts'
import { environmentOf } from './runWorker.ts'
import { dueSessions, dueSessionTimeouts, endSession, putTimeout, type Session, sessions } from './sessionRecords.ts'
import { describeWorkers, sessionWorkers, workersOf } from './workerTypes.ts'

export const sessionWorker = worker<Due>('glue/sessions', {
  queue: dueSessions,
  async run({ id }, ctx) {
    await endLostSessions(ctx)
    const session = ctx.in(sessions).get(id)
    if (session?.status === 'STOPPING') await ctx.use(jobEngine).closeSession(id)
    const made = session?.status === 'PROVISIONING' ? await make(session, ctx) : undefined
    await ctx.commit((tx) => {
      tx.due(dueSessions).delete(id)
      const now = tx.in(sessions).get(id)
      if (now?.status === 'STOPPING') {
        endSession(tx, now, { status: 'STOPPED' })
        tx.afterCommit(() => ctx.use(jobEngine).closeSession(id))
      } else if (now?.status === 'PROVISIONING' && made) {
        if ('errorMessage' in made) endSession(tx, now, { status: 'FAILED', errorMessage: made.errorMessage })
        else becomeReady(tx, now, made)
      }
    })
  },
})

function becomeReady(tx: Tx, session: Session, identity: ProcessIdentity): void {
  const process = { ...identity, session: tx.use(sessionCensus).serverSession }
  const ready: Session = { ...session, status: 'READY', readyAt: tx.now, usedAt: tx.now, process }
  tx.in(sessions).put(ready)
  putTimeout(tx, ready)
}

export const sessionTimeoutWorker = worker<Due>('glue/session-timeouts', {
  queue: dueSessionTimeouts,
  async run({ id }, ctx) {
    await endLostSessions(ctx)
    await ctx.commit((tx) => {
      tx.due(dueSessionTimeouts).delete(id)
      const session = tx.in(sessions).get(id)
      if (session?.status !== 'READY') return
      endSession(tx, session, { status: 'TIMEOUT' })
      tx.afterCommit(() => ctx.use(jobEngine).closeSession(id))
    })
  },
})

/** An interpreter that waits for statements, or why there is none. */
async function make(session: Session, ctx: Context): Promise<ProcessIdentity | { errorMessage: string }> {
  const engine = ctx.use(jobEngine)
  const folder = join(engine.runsFolder, `session-${ctx.random.hex(16)}`)
  const host = plainHost(ctx)
  const logs = ctx.use(jobLogs).openBelow(ctx, { group: '/aws-glue/sessions', stream: session.id })
  const leave = async () => {
    await logs.close()
    await host.close()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const plan = await planOf(session, folder, { host, logs, ctx })
    const opened = engine.openSession(session.id, plan, host, { output: (stream, text) => logs.write(stream, text) })
    void watch(session, opened, ctx).finally(leave)
    return await opened.opened
  } catch (error) {
    if (engine.interrupted) throw new Interrupted()
    if (!(error instanceof LaunchError || error instanceof SessionEnded)) throw error
    if (error instanceof LaunchError) await leave()
    return { errorMessage: error.message }
  }
}

interface Surroundings {
  host: OpenedHost
  logs: RunLog
  ctx: Context
}

async function planOf(session: Session, folder: string, { host, logs, ctx }: Surroundings): Promise<SessionPlan> {
  const settings = sessionWorkers(session.settings)
  const given = session.settings.DefaultArguments ?? {}
  await mkdir(folder, { recursive: true })
  const libraries = await prepareLibraries(folder, given, host, ctx.use(jobEngine).install)
  const choice = chooseEngine({ settings, arguments: given }, undefined, ctx)
  for (const note of notesOn(given)) logs.write('error', `${note}\n`)
  const workers = workersOf(settings)
  logs.tell(`${choice.why}; ${describeWorkers(workers)}`)
  return {
    ...libraries,
    folder,
    scriptPath: join(folder, 'session'),
    arguments: Object.entries(given).flat(),
    environment: environmentOf({ settings, arguments: given, trace: session.trace }, ctx),
    glueVersion: session.settings.GlueVersion ?? '5.0',
    memoryBytesMax: workers.memoryBytesMax,
    kind: choice.kind,
    ...(choice.spark && { spark: choice.spark }),
  }
}

/** An interpreter that ends by itself takes its session with it. */
async function watch({ id, settings }: Session, opened: InteractiveSession, ctx: Context): Promise<void> {
  const end = await opened.end
  if (end.kind === 'closed' || ctx.use(jobEngine).interrupted) return
  const megabytes = Math.floor(workersOf(sessionWorkers(settings)).memoryBytesMax / 2 ** 20)
  const errorMessage =
    end.kind === 'failed' ? end.errorMessage : `The session used more than ${megabytes} MB of memory.`
  await ctx.commit((tx) => {
    const session = tx.in(sessions).get(id)
    // One that is still being made is told of by who makes it.
    if (session?.status === 'READY') endSession(tx, session, { status: 'FAILED', errorMessage })
  })
}
