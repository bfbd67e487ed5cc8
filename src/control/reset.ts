/** Back to an empty server, without a restart: every record, body and warm process of a resource goes. */
import type { Platform } from '../delivery/platform.ts'

export async function reset(platform: Platform): Promise<void> {
  platform.interruptSingletons()
  await platform.runner.stop()
  await platform.store.clear()
  await platform.resetSingletons()
  platform.runner.start()
}
