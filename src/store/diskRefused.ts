/** What a disk says when it does not do what it is asked: it is full, broken, read-only, not ours, or has no descriptors left. */

const refusals = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE', 'EFBIG', 'ENOMEM'])

export class DiskRefused extends Error {}

/** The error to throw on: what the disk refused is told apart from what is our own mistake. */
export function asRefusal(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  return code !== undefined && refusals.has(code)
    ? new DiskRefused(`The disk refused: ${message}`, { cause: error })
    : error
}
