/** The log's memory above the table: whatever is written and deleted in whatever order, a range is what a plain map says. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lmdbBackend } from '../../src/store/backend.ts'
import { encodeKey } from '../../src/store/keys.ts'
import type { LogFile } from '../../src/store/logFile.ts'
import { LoggedBackend } from '../../src/store/loggedBackend.ts'

/** A file that forgets: what lies in memory is what is tested. */
const nowhere: LogFile = {
  read: async () => Buffer.alloc(0),
  write: async () => undefined,
  cut: async () => undefined,
  close: async () => undefined,
}

const keyOf = (number: number) => encodeKey(['test/rows', number])
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('put' as const), key: fc.nat(40) }),
    fc.record({ kind: fc.constant('delete' as const), key: fc.nat(40) }),
    fc.record({ kind: fc.constant('range' as const), from: fc.nat(40), reverse: fc.boolean() }),
  ),
  { maxLength: 120 },
)

test('ranges over generations and table are those of a map', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-recent-'))
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const table = lmdbBackend(mkdtempSync(join(folder, 'run-')), { durable: false })
      // So little room that generations follow each other every few writes.
      const backend = await LoggedBackend.open(table, [nowhere, nowhere], { recentBytesMax: 2_000, fileBytesMax: 1e9 })
      const model = new Map<string, Uint8Array>()
      for (const step of plan) {
        if (step.kind === 'range') {
          const [from, to] = [keyOf(step.from), keyOf(100)]
          const found = [...backend.range({ from, to, reverse: step.reverse })].map(([key]) => key)
          const wanted = [...model.keys()].filter((key) => key >= from).sort()

          expect(found).toEqual(step.reverse ? wanted.reverse() : wanted)
          continue
        }
        const value = step.kind === 'put' ? Buffer.from('x') : undefined
        await backend.write([{ key: keyOf(step.key), value }])
        if (value) model.set(keyOf(step.key), value)
        else model.delete(keyOf(step.key))
      }
      await backend.close()
    }),
    { numRuns: 60 },
  )
  rmSync(folder, { recursive: true })
})
