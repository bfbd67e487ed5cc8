/** Results as Athena writes them: CSV with every value quoted and NULL as nothing, or tab-separated lines for DDL. */
import { open } from 'node:fs/promises'

export type Cell = string | null

export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map((cell) => (cell === null ? '' : `"${cell.replaceAll('"', '""')}"`)).join(',')}\n`
}

/** Reads rows from a byte offset on; `next` is where the following row begins, absent at the end. */
export async function readCsvRows(
  path: string,
  from: { offset: number; rowsMax: number },
): Promise<{ rows: Cell[][]; next?: number }> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const rows: Cell[][] = []
    let pending = Buffer.alloc(0)
    let readAt = from.offset
    let offset = from.offset
    while (rows.length < from.rowsMax && offset < size) {
      const chunk = Buffer.alloc(Math.min(chunkBytes, size - readAt))
      const { bytesRead } = await file.read(chunk, 0, chunk.length, readAt)
      readAt += bytesRead
      pending = Buffer.concat([pending, chunk.subarray(0, bytesRead)])
      let at = 0
      for (let end = rowEnd(pending, at); end >= 0 && rows.length < from.rowsMax; end = rowEnd(pending, at)) {
        rows.push(parseRow(pending.toString('utf8', at, end)))
        offset += end + 1 - at
        at = end + 1
      }
      pending = pending.subarray(at)
      if (bytesRead === 0) break
    }
    return { rows, ...(offset < size && { next: offset }) }
  } finally {
    await file.close()
  }
}

const chunkBytes = 1024 * 1024
const quoteByte = 34
const newlineByte = 10

function rowEnd(bytes: Buffer, start: number): number {
  let quoted = false
  for (let i = start; i < bytes.length; i++) {
    if (bytes[i] === quoteByte) quoted = !quoted
    else if (bytes[i] === newlineByte && !quoted) return i
  }
  return -1
}

function parseRow(line: string): Cell[] {
  const cells: Cell[] = []
  let at = 0
  for (;;) {
    if (line[at] === '"') {
      let end = at + 1
      while (!(line[end] === '"' && line[end + 1] !== '"')) end += line[end] === '"' ? 2 : 1
      cells.push(line.slice(at + 1, end).replaceAll('""', '"'))
      at = end + 1
    } else cells.push(null)
    if (line[at] !== ',') return cells
    at++
  }
}
