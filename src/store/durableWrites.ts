/** What files on disk share: folders that are synced, writes by a descriptor, and how a write gets to the disk. */
import { fdatasync, write as writeBytes } from 'node:fs'
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'

/** Linux writes and syncs by one call (O_DSYNC), in half the time of two (adr/0011). */
export const syncsByWriting = process.platform === 'linux'

/** Makes the names in a folder last: its files' own syncs do not. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export const syncData = promisify(fdatasync)

/** All of it, however many calls that takes. By the descriptor: the handle's own way takes three promises a write. */
export function writeWhole(descriptor: number, bytes: Uint8Array, at: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const from = (done: number) => {
      writeBytes(descriptor, bytes, done, bytes.byteLength - done, at + done, (error, written) => {
        if (error) reject(error)
        else if (done + written < bytes.byteLength) from(done + written)
        else resolve()
      })
    }
    from(0)
  })
}
