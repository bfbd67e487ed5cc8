/** Load on bare sockets (a client of Node's own would take more time than the servers), and bare servers to compare with. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const measuredMillis = 4_000
const warmMillis = 1_500

export interface Load {
  connections: number
  /** The bytes of the `count`th request of a connection. */
  request(lane: number, count: number): Buffer
  /** Answers to HEAD say a length and have no body. */
  hasBody?: boolean
}

/** Requests answered in a second, each connection sending the next when the one before is answered. */
export async function rate(endpoint: string, load: Load): Promise<number> {
  const lanes = Array.from({ length: load.connections }, () => new Lane(endpoint, load.hasBody ?? true))
  const counts = lanes.map(() => 0)
  const runUntil = (until: number) =>
    Promise.all(
      lanes.map(async (lane, index) => {
        while (performance.now() < until) {
          const count = counts[index] as number
          await lane.send(load.request(index, count))
          counts[index] = count + 1
        }
      }),
    )
  const answered = () => counts.reduce((sum, count) => sum + count, 0)
  await runUntil(performance.now() + warmMillis)
  const [start, before] = [performance.now(), answered()]
  await runUntil(start + measuredMillis)
  const seconds = (performance.now() - start) / 1000
  for (const lane of lanes) lane.close()
  return (answered() - before) / seconds
}

/** So many requests, answered as fast as they are: for what is counted, not timed. */
export async function repeated(endpoint: string, load: Load, count: number): Promise<void> {
  const lanes = Array.from({ length: load.connections }, () => new Lane(endpoint, load.hasBody ?? true))
  let sent = 0
  await Promise.all(
    lanes.map(async (lane, index) => {
      while (sent < count) await lane.send(load.request(index, sent++))
      lane.close()
    }),
  )
}

/** One connection. */
export class Lane {
  readonly #socket
  readonly #hasBody: boolean
  #answered: () => void = () => undefined
  #failed: (error: Error) => void = () => undefined
  #held = ''
  #left = 0

  constructor(endpoint: string, hasBody = true) {
    const { hostname, port } = new URL(endpoint)
    this.#hasBody = hasBody
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true })
    this.#socket.on('data', (part: Buffer) => this.#take(part))
    this.#socket.on('error', (error) => this.#failed(error))
  }

  send(request: Buffer): Promise<void> {
    return new Promise((answered, failed) => {
      this.#answered = answered
      this.#failed = failed
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(part: Buffer): void {
    if (this.#left > 0) {
      this.#left -= part.length
      if (this.#left <= 0) this.#answered()
      return
    }
    this.#held += part.toString('latin1')
    const end = this.#held.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#held.slice(0, end)
    if (Number(head.slice(9, 12)) >= 300) this.#failed(new Error(`the server answered ${this.#held}`))
    const length = this.#hasBody ? Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0) : 0
    this.#left = length - (this.#held.length - end - 4)
    this.#held = ''
    if (this.#left <= 0) this.#answered()
  }
}

/** A server of a few lines in a process of its own; it is handed a folder and prints its address. */
export async function startBare(source: string): Promise<{ endpoint: string; stop(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bare-'))
  const child = spawn(process.execPath, ['-e', source, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const endpoint = await new Promise<string>((done) =>
    child.stdout.once('data', (line: Buffer) => done(line.toString().trim())),
  )
  return {
    endpoint,
    stop() {
      child.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
