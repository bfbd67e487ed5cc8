/** The real server as a process of its own, which may be killed; and what an SDK needs to speak to it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Played } from './world.ts'

const program = fileURLToPath(new URL('../../bin/igarape.js', import.meta.url))

export class ServerProcess implements Played {
  readonly endpoint: string
  readonly #child: ChildProcess
  /** Of the server itself. */
  readonly #pid: number | undefined
  readonly #clients = new Map<unknown, { destroy(): void }>()

  private constructor(child: ChildProcess, endpoint: string, pid: number | undefined) {
    this.#child = child
    this.#pid = pid
    this.endpoint = endpoint
  }

  /** `under` is a program that runs it, with its arguments: strace, or one that becomes it. Errors: what the server printed, if it never was ready. */
  static async start(
    data: string,
    { under = [], options = [] }: { under?: readonly string[]; options?: readonly string[] } = {},
  ): Promise<ServerProcess> {
    const line = [
      ...under,
      process.execPath,
      program,
      'start',
      '--port',
      '0',
      '--data',
      data,
      '--clock',
      'virtual',
      ...options,
    ]
    const child = spawn(line[0] as string, line.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
    let told = ''
    child.stderr.on('data', (text) => {
      told += text
    })
    for await (const printed of createInterface({ input: child.stdout })) {
      told += `${printed}\n`
      const endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec(told)?.[0]
      if (printed === 'Ready.' && endpoint) {
        return new ServerProcess(child, endpoint, under[0] === 'strace' ? childOf(child.pid) : child.pid)
      }
    }
    throw new Error(`The server was not ready:\n${told}`)
  }

  get pid(): number {
    return this.#pid ?? 0
  }

  client<C extends { destroy(): void }>(Client: new (settings: never) => C): C {
    const settings = {
      endpoint: this.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      forcePathStyle: true,
      maxAttempts: 1,
    }
    const made = this.#clients.get(Client) ?? new Client(settings as never)
    this.#clients.set(Client, made)
    return made as C
  }

  async control(path: string, body?: object): Promise<void> {
    const post = body && { method: 'POST', body: JSON.stringify(body) }
    const answer = await fetch(`${this.endpoint}/_igarape${path}`, post)
    if (!answer.ok) throw new Error(await answer.text())
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const ended =
      this.#child.exitCode === null && this.#child.signalCode === null ? once(this.#child, 'exit') : undefined
    if (ended && this.#pid !== undefined) process.kill(this.#pid, signal)
    await ended
    for (const client of this.#clients.values()) client.destroy()
  }
}

function childOf(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0])
}
