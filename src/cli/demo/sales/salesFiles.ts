/**
 * The files that the demo drops, and what must come of each, read from the file itself and by other code than the
 * pipeline's, so that agreement means something.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { DemoFile } from '../example.ts'
import { bodyOf, generated } from '../fileBodies.ts'

export interface SalesFile extends DemoFile {
  /** Undefined for a file of the user's: then only agreement between the stores is checked. */
  expected?: { sales: number; cents: number } | { refusedFor: string }
}

const generatedRows = 200_000
const generatedSeed = 7

/** Three stores' files: with duplicates, large, and without a required column. */
export async function sampleFiles(exampleFolder: string): Promise<SalesFile[]> {
  const small = readFileSync(`${exampleFolder}/data/loja-123_2025-10-20.csv`)
  const invalid = readFileSync(`${exampleFolder}/data/loja-789_2025-10-20.csv`)
  const large = await generated(exampleFolder, ['456', '2025-10-20', String(generatedRows), String(generatedSeed)])
  return [
    valid('loja-123_2025-10-20.csv', small, 'accents and duplicates'),
    valid('loja-456_2025-10-20.csv', large, 'a large store'),
    {
      key: 'loja-789_2025-10-20.csv',
      name: 'loja-789',
      body: invalid,
      note: 'the column valor is missing',
      expected: { refusedFor: 'valor' },
    },
  ]
}

/** A file of the user's. The pipeline takes names like loja-STORE_DAY.csv, so others are given one. */
export function userFile(path: string): SalesFile {
  const body = bodyOf(path, 'a CSV file with the columns produto_id, valor and data')
  const stem = basename(path).replace(/\.csv$/i, '')
  const key = /^loja-[A-Za-z0-9-]+(_[A-Za-z0-9._-]+)?$/.test(stem)
    ? `${stem}.csv`
    : `loja-${
        stem
          .normalize('NFD')
          .replace(/[^A-Za-z0-9]+/g, '-')
          .replace(/^-+|-+$/g, '') || 'file'
      }.csv`
  return { key, name: key.replace(/[_.].*/, ''), body, note: path }
}

function valid(key: string, body: Buffer, note: string): SalesFile {
  return { key, name: key.slice(0, key.indexOf('_')), body, note, expected: distinctSales(body) }
}

/** Each venda_id once. The samples quote a field only where it holds a comma, and never valor or venda_id. */
export function distinctSales(body: Buffer): { sales: number; cents: number } {
  // 200,000 rows: read as bytes, without a string for each cell.
  const [header = '', rowsAt] = lineAt(body, 0)
  const columns = header.split(',')
  const saleAt = columns.indexOf('venda_id')
  const amountAt = columns.indexOf('valor')
  const sales = new Set<string>()
  let total = 0
  for (let at = rowsAt; at < body.length; ) {
    let sale = ''
    let amount = 0
    for (let column = 0; column < columns.length; column++) {
      const end = cellEnd(body, at)
      if (column === saleAt) sale = body.toString('latin1', at, end)
      else if (column === amountAt) amount = centsOf(body, at, end)
      at = end + 1
    }
    if (sales.has(sale)) continue
    sales.add(sale)
    total += amount
  }
  return { sales: sales.size, cents: total }
}

const [comma, newline, quote, zero] = [...',\n"0'].map((mark) => mark.charCodeAt(0)) as [number, number, number, number]

function lineAt(body: Buffer, at: number): [line: string, next: number] {
  const found = body.indexOf(newline, at)
  const end = found < 0 ? body.length : found
  return [body.toString('utf8', at, end), end + 1]
}

function cellEnd(body: Buffer, from: number): number {
  let at = from
  for (let isQuoted = false; at < body.length; at++) {
    const byte = body[at]
    if (byte === quote) isQuoted = !isQuoted
    else if (!isQuoted && (byte === comma || byte === newline)) break
  }
  return at
}

/** The samples give each amount with two decimals. */
function centsOf(body: Buffer, from: number, to: number): number {
  let cents = 0
  for (let at = from; at < to; at++) {
    const digit = (body[at] ?? 0) - zero
    if (digit >= 0 && digit <= 9) cents = cents * 10 + digit
  }
  return cents
}
