/**
 * Conversations with Apache Iceberg's library, pyiceberg, in the Python environment (`runtimes/iceberg`). A process
 * answers one request at a time and may ask for objects meanwhile; the last that was used waits a while for more work.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stopwatch } from '../../../clock.ts'
import type { Context } from '../../../delivery/context.ts'
import { singleton } from '../../../delivery/singleton.ts'
import { UserError } from '../../../userError.ts'
import { packageFolder } from '../../functions/packageFolder.ts'
import { pythonEnvironment } from '../../python/environment.ts'
import { SqlError } from '../sqlError.ts'
import type { IcebergStruct } from './icebergSchema.ts'

const idleMilliseconds = 60_000

export interface StagedObject {
  location: string
  path: string
}

/** What the library says of a table as it is, or as it would be. */
export interface IcebergDescription {
  metadata_location: string
  schema: IcebergStruct
  location: string
  properties: Record<string, string>
  partitioning: { column: string; transform: string; name: string }[]
  /** Earlier metadata files, oldest first. */
  metadata_log: string[]
  /** What it wrote. */
  files: StagedObject[]
}

export interface IcebergRequest {
  operation: string
  metadata_location?: string
  /** Where it may write. */
  folder?: string
  query_id?: string
  [name: string]: unknown
}

/** Where an object can be read; null where there is none. */
export type PathOf = (location: string) => Promise<string | null>

type Message = { ask: string } | { result: Record<string, unknown> } | { refused: { code: string; message: string } }

export const icebergLibrary = singleton('Iceberg library', () => new IcebergLibrary())

class IcebergLibrary {
  #idle: Conversation | undefined
  #closing: { cancel(): void } | undefined

  /** Errors: SqlError, what the library refuses. */
  async request<T>(ctx: Context, asked: IcebergRequest, pathOf: PathOf): Promise<T> {
    this.#closing?.cancel()
    const conversation = this.#idle ?? new Conversation(await pythonOf(ctx))
    this.#idle = undefined
    try {
      return (await conversation.request({ ...asked, now: ctx.clock.now() }, pathOf)) as T
    } finally {
      this.#keep(conversation)
    }
  }

  #keep(conversation: Conversation): void {
    if (this.#idle || !conversation.isUsable) {
      conversation.close()
      return
    }
    this.#idle = conversation
    this.#closing = stopwatch.after(idleMilliseconds, () => this.close())
  }

  close(): void {
    this.#closing?.cancel()
    this.#idle?.close()
    this.#idle = undefined
  }
}

class Conversation {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  #errors = ''
  isUsable = true

  constructor(python: string) {
    const script = join(packageFolder(), 'runtimes/iceberg/serve.py')
    const child = spawn(python, ['-I', '-B', script], { env: {}, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    child.once('error', () => {
      this.isUsable = false
    })
    child.stdin.on('error', () => {
      this.isUsable = false
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-2000)
    })
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  }

  async request(asked: IcebergRequest & { now: number }, pathOf: PathOf): Promise<unknown> {
    try {
      await this.#say(asked)
      for (;;) {
        const message = await this.#hear()
        if ('ask' in message) await this.#say({ path: await pathOf(message.ask) })
        else if ('result' in message) return message.result
        else throw new SqlError(message.refused.message, undefined, message.refused.code)
      }
    } catch (error) {
      // Stopped within an answer, it would give it to the next who asks.
      if (!(error instanceof SqlError)) this.isUsable = false
      throw error
    }
  }

  async #say(message: object): Promise<void> {
    if (!this.#child.stdin?.write(`${JSON.stringify(message)}\n`)) await once(this.#child.stdin as never, 'drain')
  }

  async #hear(): Promise<Message> {
    const { value, done } = await this.#lines.next()
    if (!done) return JSON.parse(value) as Message
    this.isUsable = false
    const last = this.#errors.trim().split('\n').at(-1) ?? ''
    throw new SqlError(`Iceberg's library ended: ${last}`, undefined, 'GENERIC_INTERNAL_ERROR')
  }

  close(): void {
    this.#child.kill('SIGKILL')
  }
}

/** Errors: NOT_SUPPORTED where there is no Python, with what to do. */
async function pythonOf(ctx: Context): Promise<string> {
  try {
    return (await ctx.use(pythonEnvironment).ready()).python
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const text = `Iceberg tables are read and written by Python. ${error.message} ${error.fix}`
    throw new SqlError(text, undefined, 'NOT_SUPPORTED')
  }
}
