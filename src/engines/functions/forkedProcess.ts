/**
 * The process of an instance that a zygote forked: told of as Node tells of a child of its own, by what the zygote says of
 * it and by its streams. Should the zygote die first, the process goes on, and is looked at until it ends.
 */
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { stopwatch, type Wake } from '../../clock.ts'
import { processStart } from '../processes.ts'

const orphanLookMilliseconds = 50

export interface ForkedEvents {
  exit: [code: number | null, signal: NodeJS.Signals | null]
  /** It has ended, and all its streams. */
  close: []
  error: [error: Error]
}

export class ForkedProcess extends EventEmitter<ForkedEvents> {
  readonly pid: number
  /** As of a child: its input, which is empty, its two outputs, and what it was born with. */
  readonly stdio: readonly (Socket | null)[]
  #openStreams: number
  #ended = false
  #exitTold = false
  #orphanWatch: Wake | undefined

  constructor(pid: number, streams: readonly Socket[]) {
    super()
    this.pid = pid
    this.stdio = [null, ...streams]
    this.#openStreams = streams.length
    for (const stream of streams) {
      stream.on('close', () => {
        this.#openStreams--
        this.#closeAtLast()
      })
    }
  }

  exited(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#ended) return
    this.#ended = true
    this.#orphanWatch?.cancel()
    // Later, as of a child: whoever asked for the process may not have got it yet.
    stopwatch.after(0, () => {
      this.emit('exit', code, signal)
      this.#exitTold = true
      this.#closeAtLast()
    })
  }

  /** Nobody will tell how it ends. */
  orphaned(): void {
    if (this.#ended) return
    this.#orphanWatch = stopwatch.every(orphanLookMilliseconds, () => {
      if (processStart(this.pid) === '') this.exited(null, null)
    })
  }

  #closeAtLast(): void {
    if (this.#exitTold && this.#openStreams === 0) this.emit('close')
  }
}
