/**
 * Where instances that were forked connect to: their streams cannot be handed down to them, so each calls back, and says by
 * its first bytes whose stream it is and which. The socket lies in the server's own folder, and what an instance says of
 * itself nobody else knows.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import path from 'node:path'

/** Its output, its errors, its Runtime API, its log. */
const streamsCount = 4
const tokenDigits = 32
/** Of an address of Unix. */
const pathBytesMax = 100

export interface Expected {
  token: string
  /** In their order, as they come. */
  streams: (Socket | undefined)[]
}

interface Expecting extends Expected {
  onComplete(): void
}

export class Arrivals {
  readonly address: string
  readonly #server: Server
  readonly #expected = new Map<string, Expecting>()

  private constructor(address: string) {
    this.address = address
    this.#server = createServer((socket) => this.#arrived(socket))
  }

  /** Undefined where no such socket can be: its path is too long, or the folder's disk has none. */
  static open(folder: string): Promise<Arrivals | undefined> {
    const arrivals = new Arrivals(path.join(folder, 'arrivals'))
    if (Buffer.byteLength(arrivals.address) > pathBytesMax) return Promise.resolve(undefined)
    // What a killed server left.
    rmSync(arrivals.address, { force: true })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return new Promise((resolve) => {
      arrivals.#server.once('error', () => resolve(undefined))
      arrivals.#server.listen(arrivals.address, () => {
        chmodSync(arrivals.address, 0o600)
        resolve(arrivals)
      })
    })
  }

  expect(onComplete: () => void): Expected {
    const token = randomBytes(tokenDigits / 2).toString('hex')
    const expecting = { token, streams: Array.from({ length: streamsCount }, () => undefined), onComplete }
    this.#expected.set(token, expecting)
    return expecting
  }

  forget(token: string): void {
    this.#expected.delete(token)
  }

  close(): void {
    this.#server.close()
  }

  #arrived(socket: Socket): void {
    socket.on('error', () => {})
    const read = () => {
      const said = socket.read(tokenDigits + 1) as Buffer | null
      if (!said) return
      socket.off('readable', read)
      const expecting = this.#expected.get(said.toString('latin1', 0, tokenDigits))
      const index = Number(said.toString('latin1', tokenDigits))
      if (!expecting || !(index < streamsCount) || expecting.streams[index]) {
        socket.destroy()
        return
      }
      expecting.streams[index] = socket
      if (expecting.streams.every(Boolean)) expecting.onComplete()
    }
    socket.on('readable', read)
  }
}
