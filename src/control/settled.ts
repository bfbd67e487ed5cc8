/** Settled: nothing is due at or before now, nothing runs, and all of it is on disk. */
import { stopwatch } from '../clock.ts'
import type { Platform } from '../delivery/platform.ts'
import { awsError } from '../wire/errors.ts'

const settleMillisMax = 15 * 60_000
/** How often engines that are busy without a due row are asked again. */
const askAgainMillis = 2

/** Resolves when the server is settled. Errors: 504 where it is not within a quarter of an hour; 503 where it stops. */
export async function settled(platform: Platform): Promise<void> {
  const end = stopwatch.now() + settleMillisMax
  for (;;) {
    await platform.store.flushed()
    await new Promise((resolve) => setImmediate(resolve))
    if (platform.runner.isIdle && !platform.isBusy) return
    if (platform.runner.isStopped) throw awsError('ServiceUnavailable', 'The server stops, or is being reset.', 503)
    if (stopwatch.now() > end) throw awsError('NotSettled', 'Work is still under way after 15 minutes.', 504)
    await Promise.race([platform.runner.changed(), stopwatch.pause(askAgainMillis)])
  }
}
