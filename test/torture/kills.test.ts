/**
 * The real process under load, ended by `kill -9` twenty times: what it acknowledged is there afterwards, whole; what it
 * acknowledged to have deleted is not; what failed is where failures go. The seed is printed; the kernel decides the rest.
 */
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seededRandom } from '../../src/clock.ts'
import { buildLoad, findDeleted, findLoad, load } from './load.ts'
import { ServerProcess } from './serverProcess.ts'
import { buildWorld, idsIn, type Outlet, outlets, writes } from './world.ts'

const rounds = 20
const writers = 12
const answersBeforeKill = { least: 10, most: 120 }

/** Runs as real processes: one fails always, one for half of what it is given. */
const code = `export const handler = async (event, { functionName }) => {
  if (functionName === 'broken' || /[02468]>/.test(JSON.stringify(event))) throw new Error('no')
}`

const kinds: Record<string, (server: ServerProcess, id: string) => Promise<unknown>> = {
  ...Object.fromEntries(Object.entries(writes).map(([kind, { write }]) => [kind, write])),
  ...load,
}

test('twenty kills under load lose nothing that was acknowledged', async () => {
  const seed = Number(process.env.IGARAPE_SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`seed ${seed}`)
  const random = seededRandom(seed)
  const data = mkdtempSync(join(tmpdir(), 'igarape-torture-'))
  const acknowledged: { kind: string; id: string }[] = []
  let server = await ServerProcess.start(data)
  try {
    await buildWorld(server, code)
    await buildLoad(server)
    for (let round = 0; round < rounds; round++) {
      const { least, most } = answersBeforeKill
      const enough = acknowledged.length + least + Math.floor(random.fraction() * (most - least))
      await writeUntilKilled(server, round, random, acknowledged, enough)
      server = await ServerProcess.start(data)
    }
    // Longer than every retry of every policy in play.
    await server.control('/clock', { advance: '25h' })
    expect(await missing(server, acknowledged)).toEqual([])
    expect(acknowledged.length).toBeGreaterThan(rounds * answersBeforeKill.least)
  } finally {
    await server.kill('SIGTERM')
    await expect.poll(() => processesIn(data), { timeout: 20_000 }).toEqual([])
    rmSync(data, { recursive: true, force: true })
  }
}, 240_000)

/** Writers write side by side, and the server is killed when enough is acknowledged, whatever else is under way. */
async function writeUntilKilled(
  server: ServerProcess,
  round: number,
  random: { fraction(): number },
  acknowledged: { kind: string; id: string }[],
  enough: number,
): Promise<void> {
  const names = Object.keys(kinds)
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
  await Promise.all(Array.from({ length: writers }, write))
  await killing
}

async function missing(server: ServerProcess, acknowledged: { kind: string; id: string }[]): Promise<string[]> {
  const inOutlets = new Map<Outlet, Set<string>>()
  for (const [outlet, queue] of Object.entries(outlets)) inOutlets.set(outlet as Outlet, await idsIn(server, queue))
  const { found, broken } = await findLoad(server)
  const deleted = await findDeleted(server)
  const lost = acknowledged.flatMap(({ kind, id }) => {
    if (kind === 'deleted') return deleted.has(id) ? [`${id} is there again`] : []
    const known = kind === 'table' ? id.toLowerCase() : id
    if (found[kind]) return found[kind].has(known) ? [] : [`${id} is gone`]
    return (writes[kind]?.outlets ?? [])
      .filter((outlet) => !inOutlets.get(outlet)?.has(id))
      .map((outlet) => `${id} never reached ${outlet}`)
  })
  return [...lost, ...broken.map((key) => `${key} is not whole`)]
}

/** Functions must not outlive the server that started them. */
function processesIn(folder: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`).startsWith(folder)
    } catch {
      return false
    }
  })
}
