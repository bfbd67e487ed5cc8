/**
 * The real process under load from SDK clients, ended by `kill -9` again and again: what it acknowledged is there
 * afterwards, whole; what it acknowledged to have deleted is not; what failed is where failures go.
 */
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Random, seededRandom } from '../../src/clock.ts'
import { buildLoad, findDeleted, findLoad, load } from './load.ts'
import { buildSchedules, findScheduled, schedules } from './schedules.ts'
import { ServerProcess } from './serverProcess.ts'
import { buildWorld, idsIn, idsOf, type Outlet, outlets, writes } from './world.ts'

export interface TortureReport {
  rows: Row[]
  /** What was acknowledged and is not as it must be. */
  lost: string[]
  /** Of functions and jobs, after the server's end. */
  processesLeft: string[]
}

/** What became of one kind of write. */
export interface Row {
  kind: string
  /** For people: `PutEvents → rule → queue`. */
  way: string
  acknowledged: number
  lost: number
  /** Copies beyond the first. */
  duplicates: number
  /** What AWS promises of it. */
  contract: 'once' | 'at least once'
}

const writers = 12
const answersBeforeKill = { least: 10, most: 120 }
/** Every other round ends after so long, whatever was answered. */
const millisBeforeKill = { least: 20, most: 700 }

/** Runs as real processes: one fails always, one for half of what it is given. */
const code = `export const handler = async (event, { functionName }) => {
  if (functionName === 'broken' || /[02468]>/.test(JSON.stringify(event))) throw new Error('no')
}`

const kinds: Record<string, (server: ServerProcess, id: string) => Promise<unknown>> = {
  ...Object.fromEntries(Object.entries(writes).map(([kind, { write }]) => [kind, write])),
  ...load,
  ...schedules,
}

interface Written {
  kind: string
  id: string
}

export async function torture(settings: {
  rounds: number
  seed: number
  onRound?: (round: number, acknowledged: number) => void
}): Promise<TortureReport> {
  const { rounds, seed, onRound = () => undefined } = settings
  const random = seededRandom(seed)
  const data = mkdtempSync(join(tmpdir(), 'igarape-torture-'))
  const acknowledged: Written[] = []
  let server = await ServerProcess.start(data)
  try {
    await buildWorld(server, code)
    await buildLoad(server)
    await buildSchedules(server)
    for (let round = 0; round < rounds; round++) {
      await writeUntilKilled(server, { round, random, acknowledged })
      onRound(round + 1, acknowledged.length)
      server = await ServerProcess.start(data)
    }
    // Longer than every retry of every policy in play.
    await server.control('/clock', { advance: '25h' })
    const { rows, lost } = await account(server, acknowledged)
    await server.kill('SIGTERM')
    return { rows, lost, processesLeft: await processesLeftIn(data) }
  } finally {
    await server.kill('SIGTERM')
    rmSync(data, { recursive: true, force: true })
  }
}

/** Writers write side by side, and the server is killed when enough is acknowledged, or at a moment, whatever is under way. */
async function writeUntilKilled(
  server: ServerProcess,
  { round, random, acknowledged }: { round: number; random: Random; acknowledged: Written[] },
): Promise<void> {
  const names = Object.keys(kinds)
  const between = ({ least, most }: { least: number; most: number }) => least + random.fraction() * (most - least)
  const enough = round % 2 === 0 ? acknowledged.length + between(answersBeforeKill) : Number.POSITIVE_INFINITY
  let count = 0
  let killing: Promise<void> | undefined
  const write = async () => {
    while (!killing) {
      const kind = names[Math.floor(random.fraction() * names.length)] as string
      const id = `${kind}-${round * 10_000 + count++}`
      const isStanding = await kinds[kind]?.(server, id).then(
        () => true,
        () => false,
      )
      if (isStanding) acknowledged.push({ kind, id })
      if (acknowledged.length >= enough) killing ??= server.kill()
    }
  }
  const moment = async () => {
    if (round % 2 === 0) return
    await pause(between(millisBeforeKill))
    killing ??= server.kill()
  }
  // What is due later comes to be due in the midst of it.
  const later = random.fraction() < 0.5 ? server.control('/clock', { advance: '1m' }).catch(() => undefined) : undefined
  await Promise.all([moment(), later, ...Array.from({ length: writers }, write)])
  await killing
}

const ways: Record<string, string> = {
  SendMessage: 'SQS SendMessage',
  PutObject: 'S3 PutObject → rule → queue, and → notification → queue',
  event: 'PutEvents → rule → queue',
  batch: 'PutEvents of 10 → rule → queue',
  refused: 'PutEvents → rule → no queue → dead-letter queue',
  outcome: 'PutEvents → rule → function → destination',
  Invoke: 'Lambda Invoke (Event) → on-failure destination',
  file: 'S3 PutObject, 300 kB',
  parts: 'S3 multipart upload, 5 MB',
  deleted: 'S3 DeleteObject',
  published: 'SNS Publish → queue',
  logged: 'CloudWatch Logs PutLogEvents',
  table: 'Glue CreateTable',
  scheduled: 'Scheduler CreateSchedule (rate) → queue',
  timed: 'Scheduler CreateSchedule (at) → queue',
  called: 'Scheduler CreateSchedule → s3:putObject',
}
/** Of what is sent on, AWS promises that it comes at least once; of what is kept, that it is there. */
const once = new Set(['file', 'parts', 'deleted', 'table'])

async function account(server: ServerProcess, acknowledged: Written[]): Promise<Pick<TortureReport, 'rows' | 'lost'>> {
  const inOutlets = new Map<Outlet, Map<string, number>>()
  for (const [outlet, queue] of Object.entries(outlets)) inOutlets.set(outlet as Outlet, await idsIn(server, queue))
  const { found: kept, broken } = await findLoad(server)
  const found = { ...kept, ...(await findScheduled(server)) }
  const deleted = await findDeleted(server)
  /** How often each of what must be there is there. */
  const counts = ({ kind, id }: Written): { what: string; times: number }[] => {
    if (kind === 'deleted') return [{ what: `${id} is there again`, times: deleted.has(id) ? 0 : 1 }]
    const own = found[kind]
    if (own) return [{ what: `${id} is gone`, times: own.get(kind === 'table' ? id.toLowerCase() : id) ?? 0 }]
    return (writes[kind]?.outlets ?? []).flatMap((outlet) =>
      idsOf(kind, id).map((one) => ({
        what: `${one} never reached ${outlet}`,
        times: inOutlets.get(outlet)?.get(one) ?? 0,
      })),
    )
  }
  const lost = broken.map((key) => `${key} is not whole`)
  const rows = Object.keys(kinds).map((kind): Row => {
    const mine = acknowledged.filter((written) => written.kind === kind)
    const all = mine.flatMap(counts)
    const missing = all.filter(({ times }) => times === 0).map(({ what }) => what)
    lost.push(...missing)
    const duplicates = all.reduce((sum, { times }) => sum + Math.max(0, times - 1), 0)
    const contract = once.has(kind) ? 'once' : 'at least once'
    return { kind, way: ways[kind] ?? kind, acknowledged: mine.length, lost: missing.length, duplicates, contract }
  })
  return { rows, lost }
}

/** Functions must not outlive the server that started them; they are given a moment. */
async function processesLeftIn(folder: string): Promise<string[]> {
  for (let look = 0; look < 200 && processesIn(folder).length > 0; look++) await pause(100)
  return processesIn(folder)
}

function processesIn(folder: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`).startsWith(folder)
    } catch {
      return false
    }
  })
}
