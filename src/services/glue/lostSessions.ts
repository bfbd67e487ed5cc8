/** Sessions whose server was ended: their interpreters went with it, and so did what their statements had defined. */
import type { Context } from '../../delivery/context.ts'
import { singleton } from '../../delivery/singleton.ts'
import { endOrphan } from '../../engines/jobs/orphans.ts'
import { endSession, type Session, sessions } from './sessionRecords.ts'

const serverEnded = 'The server ended while the session was open.'

/** Which accounts and regions were looked through by this start of the server, and how its interpreters are known. */
export const sessionCensus = singleton('glue session census', (platform) => ({
  serverSession: platform.sessionId,
  looked: new Set<string>(),
}))

/** Before anybody sees a session: those of an earlier start of the server are over. */
export async function endLostSessions(ctx: Context): Promise<void> {
  const { looked, serverSession } = ctx.use(sessionCensus)
  const place = `${ctx.account}/${ctx.region}`
  if (looked.has(place)) return
  const isLost = ({ process }: Session) => process !== undefined && process.session !== serverSession
  await ctx.commit((tx) => {
    for (const session of [...tx.in(sessions).list()].filter(isLost)) {
      if (session.process) endOrphan(session.process)
      const end = { status: 'FAILED' as const, errorMessage: serverEnded }
      endSession(tx, session, session.status === 'STOPPING' ? { status: 'STOPPED' } : end)
    }
  })
  looked.add(place)
}
