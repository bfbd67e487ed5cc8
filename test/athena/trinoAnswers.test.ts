/**
 * The edges of every scalar function, and queries of all kinds, with the answers that a real Trino 476 gave when it was
 * asked the same: values that are empty, NULL, not finite, at the bounds of their type, or not in ASCII.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { lakeOf } from './lake.ts'

interface Answers {
  /** An expression's text as Athena's result shows it. */
  expressions: Record<string, string>
  /** Of rows: their values joined by |, the rows by a semicolon. */
  queries: Record<string, string>
}

const { expressions, queries } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'trino_answers.json'), 'utf8'),
) as Answers

/** Expressions of one statement: a statement costs far more than an expression. */
const together = 15

test('functions answer at their edges as Trino does', { timeout: 300_000 }, async ({ igarape }) => {
  const ask = asker(igarape)
  const all = Object.entries(expressions)
  const different: string[] = []
  for (let at = 0; at < all.length; at += together) {
    const part = all.slice(at, at + together)
    const [values = []] = await (await ask)(`SELECT ${part.map(([expression]) => expression).join(', ')}`)
    for (const [column, [expression, answer]] of part.entries()) {
      if (values[column] !== answer) different.push(`${expression} gives ${values[column]}, Trino ${answer}`)
    }
  }
  expect(different).toEqual([])
  expect(all.length).toBeGreaterThan(900)
})

test('queries answer as Trino does', { timeout: 300_000 }, async ({ igarape }) => {
  const ask = await asker(igarape)
  const different: string[] = []
  for (const [sql, answer] of Object.entries(queries)) {
    const rows = (await ask(sql)).map((row) => row.join('|')).join(' ; ')
    if (rows !== answer) different.push(`${sql} gives ${rows}, Trino ${answer}`)
  }
  expect(different).toEqual([])
})

async function asker(igarape: Igarape): Promise<(sql: string) => Promise<string[][]>> {
  const lake = await lakeOf(igarape)
  return async (sql) => (await lake.rows(sql)).map((row) => row.map((value) => value ?? 'NULL'))
}
