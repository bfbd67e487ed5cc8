/** How far a run is, told on its hop while it goes: what it has read and written so far, and what it runs on. */
import { stopwatch } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import type { RunCounts } from '../../engines/jobs/jobProcess.ts'
import type { JobRun } from './jobRunRecords.ts'

/** A script of a thousand small reads tells of them together. */
const gatherMilliseconds = 500

type Measured = Pick<JobRun, 'engine' | 'counts' | 'peakBytes'>

/** For a hop, in words of its own. */
export function measuresOf({ engine, counts, peakBytes }: Measured) {
  return {
    ...(counts && { rows: counts.rowsWritten, bytes: counts.bytesWritten }),
    detail: {
      ...(engine && { engine }),
      ...(counts && { rowsRead: counts.rowsRead, bytesRead: counts.bytesRead, filesRead: counts.filesRead }),
      ...(counts && { filesWritten: counts.filesWritten }),
      ...(peakBytes && { memoryMegabytesMax: Math.ceil(peakBytes / 2 ** 20) }),
    },
  }
}

export class RunProgress {
  readonly #ctx: Context
  readonly #run: JobRun
  #counts: RunCounts | undefined
  #isWaiting = false
  #isOver = false

  constructor(ctx: Context, run: JobRun) {
    this.#ctx = ctx
    this.#run = run
  }

  tell(counts: RunCounts): void {
    this.#counts = counts
    if (this.#isWaiting) return
    this.#isWaiting = true
    // It fails only when the store does, and then the run's own end says so.
    this.#tellSoon().catch(() => undefined)
  }

  /** What is told from here on would come after the end. */
  close(): void {
    this.#isOver = true
  }

  async #tellSoon(): Promise<void> {
    await stopwatch.pause(gatherMilliseconds)
    this.#isWaiting = false
    const { hop, engine } = this.#run
    const measures = measuresOf({ ...(engine && { engine }), ...(this.#counts && { counts: this.#counts }) })
    await this.#ctx.commit((tx) => {
      if (hop && !this.#isOver) tx.tellHop(hop, measures)
    })
  }
}
