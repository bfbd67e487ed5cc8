/** Runs a query over given events, with the engine alone: no server, no store. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CompileSettings, compileInsights, type SourcePlan } from '../../src/engines/insights/compiler.ts'
import { blockOf } from '../../src/engines/insights/eventBlocks.ts'
import { InsightsRun, type LookupTable } from '../../src/engines/insights/running.ts'
import { SpareDatabase } from '../../src/engines/sql/spareDatabase.ts'
import { SpillFolders } from '../../src/engines/sql/spillFolders.ts'

export const noon = Date.UTC(2025, 9, 20, 12)

export interface InsightsEvent {
  timestamp: number
  ingestionTime: number
  message: string
  stream: string
  group: string
  place: number
}

export type GivenEvent = string | Record<string, unknown> | Partial<InsightsEvent>

/** An event a second, from noon on; an object is its JSON. */
export function eventsOf(given: readonly GivenEvent[]): InsightsEvent[] {
  return given.map((one, index) => {
    const isEvent = typeof one === 'object' && ('message' in one || 'group' in one) && !('json' in one)
    const message = typeof one === 'string' ? one : JSON.stringify(one)
    const timestamp = noon + index * 1_000
    return {
      timestamp,
      ingestionTime: timestamp + 5,
      message,
      stream: 's',
      group: '/app',
      place: index,
      ...(isEvent && (one as Partial<InsightsEvent>)),
    }
  })
}

export interface Result {
  rows: Record<string, string>[]
  statistics: InsightsRun['statistics']
}

const noTable: LookupTable = { header: [], rows: [] }

export class Harness {
  readonly #folder = mkdtempSync(join(tmpdir(), 'insights-'))
  readonly #engines = new SpareDatabase(
    { memoryBytesMax: 512 * 2 ** 20, threads: 1 },
    new SpillFolders(join(this.#folder, 'spill')),
  )

  /** Rows without their pointers, and without what is missing in them, as GetQueryResults gives them. */
  async run(
    query: string,
    given: readonly GivenEvent[],
    settings: Partial<CompileSettings> = {},
    lookup: LookupTable = noTable,
  ): Promise<Result> {
    const events = eventsOf(given)
    const compiled = compileInsights(query, { account: '000000000000', region: 'us-east-1', now: noon, ...settings })
    const run = new InsightsRun(compiled, { read, pointerTo: (place) => `p${place}`, lookupTable: () => lookup })
    async function* read({ source }: SourcePlan, era: 0 | 1) {
      const names = source.clause?.names ?? []
      const inSource = events.filter(({ group }) => names.length === 0 || names.includes(group))
      const isNow = ({ timestamp }: InsightsEvent) => timestamp >= noon === (era === 0)
      for (const event of inSource.filter(isNow)) {
        yield { block: { ...blockOf([event]), ...event }, scanned: 1, bytes: Buffer.byteLength(event.message) }
      }
    }
    const rows: Record<string, string>[] = []
    for await (const some of run.rows(this.#engines)) {
      for (const row of some) {
        const found = compiled.fields.map((field, i) => [field, row[i]] as const)
        rows.push(Object.fromEntries(found.filter(([field, value]) => value !== null && field !== '@ptr')) as never)
      }
    }
    this.#engines.restock()
    return { rows, statistics: run.statistics }
  }

  async close(): Promise<void> {
    await this.#engines.close()
    rmSync(this.#folder, { recursive: true })
  }
}
