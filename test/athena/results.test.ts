import { AthenaClient, GetQueryResultsCommand } from '@aws-sdk/client-athena'
import { expect } from 'vitest'
import { type Cell, csvLine, type ReadPart, readCsvRows, readLines } from '../../src/services/athena/resultFiles.ts'
import { test } from '../fixture.ts'
import { lakeOf } from './lake.ts'

/** An object's bytes, and how many of them were asked for. */
function objectOf(text: string): { read: ReadPart; asked: () => number } {
  const bytes = Buffer.from(text)
  let asked = 0
  return {
    read: async ({ start, bytesMax }) => {
      asked += bytesMax
      return { bytes: bytes.subarray(start, start + bytesMax), size: bytes.length }
    },
    asked: () => asked,
  }
}

async function paged(text: string, rowsMax: number, read = readCsvRows): Promise<Cell[][][]> {
  const pages: Cell[][][] = []
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const page = await read(objectOf(text).read, { offset, rowsMax })
    pages.push(page.rows)
    offset = page.next
  }
  return pages
}

test('whatever is in a cell, pages of any size give back the rows that were written', async () => {
  const odd = ['', '"', '""', ',', 'a\nb', '"\n"', 'çé', '🌊"', '\r', null]
  const rows = odd.map((cell, n): Cell[] => [cell, odd[(n + 3) % odd.length] ?? null, `${n}`])
  const text = rows.map(csvLine).join('')

  for (const rowsMax of [1, 2, 3, 7, 10, 11]) {
    const pages = await paged(text, rowsMax)

    expect(pages.flat()).toEqual(rows)
    expect(pages.slice(0, -1).every((page) => page.length === rowsMax)).toBe(true)
  }
})

test('a row may be longer than what is read at once', async () => {
  const rows = [1, 200_000, 70_000, 1].map((length): Cell[] => ['"é'.repeat(length), null])

  expect((await paged(rows.map(csvLine).join(''), 2)).flat()).toEqual(rows)
})

test('a page reads about as much as it gives, wherever it is in the object', async () => {
  const line = csvLine(['a cell', 'another'])
  const object = objectOf(line.repeat(1_000_000))

  const page = await readCsvRows(object.read, { offset: 900_000 * line.length, rowsMax: 1000 })

  expect(page).toMatchObject({ next: 901_000 * line.length })
  expect(page.rows).toHaveLength(1000)
  expect(object.asked()).toBeLessThan(200_000)
})

test('lines have no quotation marks, and the last may be without an end', async () => {
  expect(await paged('a"\nb\n\nc', 2, readLines)).toEqual([
    [['a"'], ['b']],
    [[''], ['c']],
  ])
})

test('a result that was too large to be held is given in pages, the same as its object', async ({ igarape }) => {
  const lake = await lakeOf(igarape)
  const athena = igarape.client(AthenaClient)
  const { id } = await lake.run(
    "SELECT n, 'linha \"' || CAST(n AS varchar) || '\"\né' AS texto FROM UNNEST(sequence(1, 5000)) AS t(n)",
  )

  const texts: (string | undefined)[] = []
  let pages = 0
  for (let NextToken: string | undefined, more = true; more; more = NextToken !== undefined) {
    const page = await athena.send(new GetQueryResultsCommand({ QueryExecutionId: id, NextToken }))
    for (const row of page.ResultSet?.Rows ?? []) texts.push(row.Data?.[1]?.VarCharValue)
    NextToken = page.NextToken
    pages += 1
  }

  expect(texts).toEqual(['texto', ...Array.from({ length: 5000 }, (_, n) => `linha "${n + 1}"\né`)])
  expect(pages).toBe(6)
  expect((await lake.text(`resultados/${id}.csv`)).startsWith('"n","texto"\n"1","linha ""1""\né"\n')).toBe(true)
})
