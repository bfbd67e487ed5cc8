/** Before metrics are read: what this server's own services counted up to now is kept, so that it is seen at once. */
import type { Context } from '../../delivery/context.ts'

export async function meterFlushing(_ctx: Context): Promise<void> {}
