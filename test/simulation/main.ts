/**
 * `npm run sim -- --seed 7` replays one run and makes it small if it fails; `npm run sim -- --seeds 10000` runs many, on
 * every core; `npm run sim -- --plan FILE` runs a plan that was kept; `--boundaries` kills a seed's every write in turn.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { simulateArchives } from './archives.ts'
import { runBoundaries, runSeeds, type Tally } from './many.ts'
import type { Plan } from './plan.ts'
import { planFrom } from './randomPlan.ts'
import { simulateSchedules } from './schedules.ts'
import { drawPlan, shrink } from './shrink.ts'
import { simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    plan: { type: 'string' },
    boundaries: { type: 'boolean', default: false },
    /** One of several processes: it prints a tally a line. */
    part: { type: 'boolean', default: false },
  },
})

const failedShownMax = 5

process.exit((await run()) ? 0 : 1)

async function run(): Promise<boolean> {
  if (values.plan) return runPlan(JSON.parse(readFileSync(values.plan, 'utf8')))
  if (values.seed && values.boundaries) return tell([await runBoundaries(Number(values.seed))])
  if (values.seed) return (await runServices(Number(values.seed))) && runPlan(planFrom(Number(values.seed)))
  const [from, count] = [Number(values.from), Number(values.seeds)]
  if (values.part) {
    await runSeeds({ from, count, servicesEach: 10, onTally: (tally) => console.log(JSON.stringify(tally)) })
    return true
  }
  return runMany(from, count)
}

/** Shares the seeds between the cores, and shows how far they are. */
async function runMany(from: number, count: number): Promise<boolean> {
  const processes = Math.min(availableParallelism(), Math.ceil(count / 50))
  const share = Math.ceil(count / processes)
  const latest: Tally[] = []
  const begun = performance.now()
  let shownAt = 0
  const parts = Array.from({ length: processes }, async (_, at) => {
    const first = from + at * share
    const last = Math.min(from + count, first + share)
    const given = ['--import', 'tsx', fileURLToPath(import.meta.url), '--part']
    const range = ['--from', String(first), '--seeds', String(last - first)]
    const child = spawn(process.execPath, [...given, ...range], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    for await (const line of createInterface({ input: child.stdout })) {
      latest[at] = JSON.parse(line)
      if (performance.now() - shownAt < (process.stdout.isTTY ? 500 : 10_000)) continue
      shownAt = performance.now()
      const sum = latest.reduce((total, tally) => total + (tally?.seeds ?? 0), 0)
      console.log(`${sum} of ${count} seeds, ${((shownAt - begun) / 1000).toFixed(0)} s`)
    }
    const [code] = await ended
    if (code !== 0) throw new Error(`The process for seeds ${first} to ${last - 1} ended with ${code}.`)
  })
  await Promise.all(parts)
  return tell(latest, performance.now() - begun)
}

async function runServices(seed: number): Promise<boolean> {
  const schedules = await simulateSchedules(seed)
  const archives = await simulateArchives(seed)
  const wrong = [...schedules.wrong, ...archives.wrong]
  console.log(`schedules: ${schedules.due} due firings, ${schedules.kills} kills`)
  console.log(
    `archives: ${archives.archived} archived and ${archives.replayed} replayed events, ${archives.kills} kills`,
  )
  for (const one of wrong) console.log(`  wrong: ${one}`)
  return wrong.length === 0
}

async function runPlan(plan: Plan): Promise<boolean> {
  const { findings, acknowledged, kills } = await simulate(plan)
  if (findings.length === 0) {
    console.log(`${drawPlan(plan)}\n\n${acknowledged} acknowledged writes, ${kills} kills: all is as it must be.`)
    return true
  }
  const [first] = findings
  console.log(findings.map(({ kind, text }) => `${kind}: ${text}`).join('\n'))
  const small = first ? await shrink(plan, first) : plan
  const path = join(tmpdir(), `igarape-plan-${plan.seed}.json`)
  writeFileSync(path, JSON.stringify(small, null, 2))
  const { findings: left } = await simulate(small)
  console.log(
    `\nThe same, made small:\n${drawPlan(small)}\n\n${left.map(({ kind, text }) => `${kind}: ${text}`).join('\n')}`,
  )
  console.log(`\nReplay it with: npm run sim -- --plan ${path}`)
  return false
}

function tell(tallies: Tally[], milliseconds?: number): boolean {
  const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0)
  const failed = tallies.flatMap((tally) => tally.failed)
  for (const { seed, findings } of failed.slice(0, failedShownMax)) {
    console.log(`\nseed ${seed} (replay: npm run sim -- --seed ${seed})`)
    for (const { kind, text } of findings.slice(0, failedShownMax)) console.log(`  ${kind}: ${text}`)
  }
  const took = milliseconds === undefined ? '' : ` in ${(milliseconds / 1000).toFixed(0)} s`
  console.log(
    `\n${sum(({ seeds }) => seeds)} runs${took}: ${sum(({ kills }) => kills)} kills, ` +
      `${sum(({ acknowledged }) => acknowledged)} acknowledged writes, ${failed.length} runs with something wrong`,
  )
  return failed.length === 0
}
