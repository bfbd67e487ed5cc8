/** A real server in a process of its own, for benches, and what its process tree takes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const command = resolve(import.meta.dirname, '../bin/igarape.js')

export interface BenchServer {
  endpoint: string
  pid: number
  /** Its data. */
  folder: string
  /** From the start of the process to the line `Ready.` */
  readyMillis: number
  stop(): Promise<void>
  /** `kill -9`. */
  kill(): Promise<void>
}

/** For the SDK's clients. */
export function clientSettings({ endpoint }: Pick<BenchServer, 'endpoint'>) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  return { endpoint, region: 'us-east-1', credentials, forcePathStyle: true }
}

/** Starts `igarape start` on a free port, and on a fresh folder where none is given. */
export async function startBenchServer(extra: string[] = [], data?: string): Promise<BenchServer> {
  const folder = data ?? mkdtempSync(join(tmpdir(), 'igarape-bench-'))
  const start = performance.now()
  const child = spawn(process.execPath, [command, 'start', '--port', '0', '--data', folder, ...extra], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const endpoint = await endpointOf(child)
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    const gone = new Promise((done) => child.once('exit', done))
    child.kill(signal)
    await gone
    if (data === undefined) rmSync(folder, { recursive: true, force: true })
  }
  return {
    endpoint,
    pid: child.pid as number,
    folder,
    readyMillis: performance.now() - start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

function endpointOf(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let said = ''
    child.once('exit', (code) => fail(new Error(`the server ended with ${code}: ${said}`)))
    child.stdout?.on('data', (part: Buffer) => {
      said += part.toString()
      const endpoint = /http:\/\/[\d.:]+/.exec(said)?.[0]
      if (/^Ready\.$/m.test(said) && endpoint) done(endpoint)
    })
  })
}

/** Megabytes of a process tree: its own memory (RssAnon + RssShmem), and mapped store pages (RssFile) beside it. */
export function memoryOf(pid: number): { own: number; mapped: number } {
  const sum = { own: 0, mapped: 0 }
  for (const member of treeOf(pid)) {
    const status = readFileSync(`/proc/${member}/status`, 'utf8')
    const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0)
    sum.own += (kilobytes('RssAnon') + kilobytes('RssShmem')) / 1024
    sum.mapped += kilobytes('RssFile') / 1024
  }
  return sum
}

/** Processor time of the server's own process so far, all its threads. */
export function cpuMillisOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) * millisATick
}

/** Linux counts processor time in hundredths of a second. */
const millisATick = 10

function treeOf(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // The process ended while we looked.
    }
  }
  const tree = [pid]
  for (const member of tree) for (const [child, parent] of parents) if (parent === member) tree.push(child)
  return tree
}
