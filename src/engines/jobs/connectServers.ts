/**
 * Connect servers of Apache Spark, kept between runs: its Java machine, with its code loaded and compiled, is what takes the
 * time. A server serves one run at a time, and is emptied after it; one whose run was killed is killed with it, since work of
 * the run goes on in it. Idle ones end after a while, and at once where memory is short.
 */
import { freemem } from 'node:os'
import { stopwatch, type Wake } from '../../clock.ts'
import { JobProcess, type ProcessPlan, type RunCounts } from './jobProcess.ts'

/** What a server has for its whole life; a run that wants another gets another server. */
export interface ConnectWants {
  environment: Readonly<Record<string, string>>
  threads: number
  /** Where it works; it is not the folder of any run. */
  folder: string
}

export interface ConnectServersSettings {
  plan(): Omit<ProcessPlan, 'kind'>
  idleSeconds: number
}

/** What Spark's Java machine takes when it has worked: below this a server is not kept. */
const serverBytes = 1.5 * 2 ** 30
const serversMax = 2

export class ConnectServer {
  readonly process: JobProcess
  readonly wants: string
  remote = ''
  /** It ended though nobody ended it. */
  isLost = false
  idle: Wake | undefined

  constructor(process: JobProcess, wants: string) {
    this.process = process
    this.wants = wants
  }
}

export class ConnectServers {
  readonly #settings: ConnectServersSettings
  readonly #waiting = new Set<ConnectServer>()
  readonly #all = new Set<ConnectServer>()
  #closed = false

  constructor(settings: ConnectServersSettings) {
    this.#settings = settings
  }

  /** Errors: where Spark cannot be started. */
  async take(wants: ConnectWants): Promise<ConnectServer> {
    const key = JSON.stringify(wants)
    const found = [...this.#waiting].find((server) => server.wants === key)
    if (!found) return this.#start(wants, key)
    this.#waiting.delete(found)
    found.idle?.cancel()
    return found
  }

  /** After its run: kept for the next, if the run came to an end by itself. What Spark had read and written for it, if it still says so. */
  async giveBack(server: ConnectServer, endedByItself: boolean): Promise<RunCounts | undefined> {
    server.process.onServed = undefined
    if (!endedByItself || this.#closed || !this.#all.has(server)) return this.#end(server)
    const others = [...this.#waiting].slice(0, this.#waiting.size + 1 - serversMax)
    await Promise.all(others.map((other) => this.#end(other)))
    const emptied = await Promise.race([server.process.told('emptied', { run: {} }), server.process.ended])
    const counts = 'event' in emptied ? emptied.counts : undefined
    if (!counts || this.#closed || freemem() < serverBytes) {
      await this.#end(server)
      return counts
    }
    server.idle = stopwatch.after(this.#settings.idleSeconds * 1000, () => void this.#end(server))
    this.#waiting.add(server)
    return counts
  }

  /** For tests: the processes that are kept. */
  get waiting(): number[] {
    return [...this.#waiting].map(({ process }) => process.pid)
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#all].map((server) => this.#end(server)))
  }

  async #start(wants: ConnectWants, key: string): Promise<ConnectServer> {
    const plan = this.#settings.plan()
    // Functions of a script run in the server's own processes, with the SDKs that they may use.
    const hostEnvironment = { ...plan.hostEnvironment, ...wants.environment }
    const server = new ConnectServer(new JobProcess({ ...plan, hostEnvironment, kind: 'connectServer' }), key)
    this.#all.add(server)
    void server.process.ended.then(() => {
      server.isLost = this.#all.delete(server)
      this.#waiting.delete(server)
    })
    await server.process.ready
    const { environment, threads, folder } = wants
    const order = { run: { environment, arguments: [], folder, spark: { threads } } }
    const serving = await Promise.race([server.process.told('serving', order), server.process.ended])
    if (!('event' in serving)) throw new Error(`Spark's Connect server did not start: ${server.process.earlyOutput}`)
    server.remote = `sc://127.0.0.1:${serving.port}`
    return server
  }

  async #end(server: ConnectServer): Promise<undefined> {
    server.idle?.cancel()
    this.#all.delete(server)
    this.#waiting.delete(server)
    server.process.kill()
    await server.process.ended
    return undefined
  }
}
